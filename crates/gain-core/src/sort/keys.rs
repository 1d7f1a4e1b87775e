//! Keys: unsigned numbers whose order is NumPy's order of the elements, NaN last.

use bytemuck::Pod;
use half::f16;

use super::radix::Leading;

/// An unsigned key for one element, and the element for a key.
pub(super) trait Element: Pod {
    /// The key.
    type Key: Leading;
    /// The key of an element; equal elements may differ in it (the zeros), NaNs are all one.
    fn key(self) -> Self::Key;
    /// An element with that key.
    fn element(key: Self::Key) -> Self;
    /// A key, equal for equal elements, with an index behind it.
    type Item: Leading;
    /// The item of an element.
    fn item(self, index: u64) -> Self::Item;
    /// The index of an item.
    fn index(item: &Self::Item) -> u64;
}

macro_rules! unsigned {
    ($($t:ty),*) => {$(
        impl Element for $t {
            type Key = $t;
            fn key(self) -> $t {
                self
            }
            fn element(key: $t) -> $t {
                key
            }
            type Item = [u64; 2];
            fn item(self, index: u64) -> [u64; 2] {
                [u64::from(self), index]
            }
            fn index(item: &[u64; 2]) -> u64 {
                item[1]
            }
        }
    )*};
}
unsigned!(u8, u16, u32, u64);

macro_rules! signed {
    ($($t:ty, $u:ty);*) => {$(
        impl Element for $t {
            type Key = $u;
            fn key(self) -> $u {
                (self as $u) ^ (1 << (<$u>::BITS - 1))
            }
            fn element(key: $u) -> $t {
                (key ^ (1 << (<$u>::BITS - 1))) as $t
            }
            type Item = [u64; 2];
            fn item(self, index: u64) -> [u64; 2] {
                [u64::from(self.key()), index]
            }
            fn index(item: &[u64; 2]) -> u64 {
                item[1]
            }
        }
    )*};
}
signed!(i8, u8; i16, u16; i32, u32; i64, u64);

macro_rules! float {
    ($t:ty, $u:ty) => {
        impl Element for $t {
            type Key = $u;
            fn key(self) -> $u {
                const SIGN: $u = 1 << (<$u>::BITS - 1);
                if self.is_nan() {
                    return <$u>::MAX;
                }
                let bits = self.to_bits();
                if bits & SIGN == 0 { bits | SIGN } else { !bits }
            }
            fn element(key: $u) -> $t {
                const SIGN: $u = 1 << (<$u>::BITS - 1);
                if key == <$u>::MAX {
                    return <$t>::NAN;
                }
                <$t>::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
            }
            type Item = [u64; 2];
            fn item(self, index: u64) -> [u64; 2] {
                let zero = <$t>::default();
                let positive = if self == zero { zero } else { self };
                [u64::from(positive.key()), index]
            }
            fn index(item: &[u64; 2]) -> u64 {
                item[1]
            }
        }
    };
}
float!(f16, u16);
float!(f32, u32);
float!(f64, u64);

/// NumPy's order of complex numbers: those without NaN, with one in the imaginary part, in the real part, in both; by real and imaginary
/// parts within each.
macro_rules! complex {
    ($t:ty, $u:ty) => {
        impl Element for [$t; 2] {
            type Key = [$u; 4];
            fn key(self) -> [$u; 4] {
                let [re, im] = self;
                let class = 2 * <$u>::from(re.is_nan()) + <$u>::from(im.is_nan());
                // The zeros are equal; which they were comes last.
                let is_negative_zero =
                    |part: $t| <$u>::from(part == 0.0 && part.is_sign_negative());
                let signs = 2 * is_negative_zero(re) + is_negative_zero(im);
                let [re, im] = self.map(|part| if part == 0.0 { 0.0 } else { part });
                [class, re.key(), im.key(), signs]
            }
            fn element([_, re, im, signs]: [$u; 4]) -> [$t; 2] {
                let part = |key: $u, is_negative: bool| {
                    if is_negative {
                        -0.0
                    } else {
                        <$t>::element(key)
                    }
                };
                [part(re, signs & 2 != 0), part(im, signs & 1 != 0)]
            }
            type Item = [u64; 4];
            fn item(self, index: u64) -> [u64; 4] {
                let [class, re, im, _] = self.key().map(u64::from);
                [class, re, im, index]
            }
            fn index(item: &[u64; 4]) -> u64 {
                item[3]
            }
        }
    };
}
complex!(f32, u32);
complex!(f64, u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_numpys_order() {
        let ascending = [
            f64::NEG_INFINITY,
            -2.5,
            -0.0,
            0.0,
            1e-310,
            3.0,
            f64::INFINITY,
            f64::NAN,
        ];
        assert!(ascending.map(f64::key).is_sorted());
        assert_eq!(f64::element((-2.5f64).key()), -2.5);
        assert!([i8::MIN, -1, 0, 5].map(i8::key).is_sorted());
        assert_eq!((-0.0f64).item(3), 0.0f64.item(3));
        let halves = [-2.5, -0.0, 0.0, 6e-8, f32::INFINITY, f32::NAN].map(f16::from_f32);
        assert!(halves.map(f16::key).is_sorted());
        let complex = [
            [1.0, f64::INFINITY],
            [2.0, 0.0],
            [0.0, f64::NAN],
            [f64::NAN, -1.0],
            [f64::NAN, f64::NAN],
        ];
        assert!(complex.map(Element::key).is_sorted());
    }
}
