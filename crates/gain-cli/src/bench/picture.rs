//! The picture of a solution as PNG: cold and warm colours from least to greatest, with lines of equal value.

use std::{fs::File, io::BufWriter, path::Path};

use crate::error::{Error, Result};

/// Pictures are at most this wide; greater grids are sampled.
const WIDEST: usize = 1000;

/// Small grids are drawn with several pixels a point.
const NARROWEST: usize = 600;

/// Distance of the lines of equal value, as a part of the range.
const LINES: f64 = 0.05;

/// Least, below the middle, middle, above the middle, greatest.
const COLOURS: [[f64; 3]; 5] = [
    [33.0, 66.0, 140.0],
    [111.0, 168.0, 214.0],
    [247.0, 245.0, 240.0],
    [237.0, 152.0, 109.0],
    [150.0, 24.0, 45.0],
];

/// Draws an n x n grid of values in C order; row 0 is on top.
///
/// # Errors
///
/// The file can't be written.
pub fn draw(path: &Path, values: &[f64], n: usize) -> Result<()> {
    let side = n.clamp(NARROWEST, WIDEST);
    let pixels = pixels(values, n, side);
    let file = File::create(path).map_err(|cause| Error::File {
        path: path.into(),
        cause,
    })?;
    let edge = u32::try_from(side).expect("the side is at most WIDEST");
    let mut encoder = png::Encoder::new(BufWriter::new(file), edge, edge);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&pixels)?;
        writer.finish()
    });
    written.map_err(|cause| Error::Picture {
        path: path.into(),
        cause,
    })
}

fn pixels(values: &[f64], n: usize, side: usize) -> Vec<u8> {
    let (low, high) = range(values);
    let span = if high > low { high - low } else { 1.0 };
    let height = |row: usize, column: usize| (between(values, n, side, row, column) - low) / span;
    let mut pixels = Vec::with_capacity(3 * side * side);
    for row in 0..side {
        for column in 0..side {
            let here = height(row, column);
            let band = |height: f64| (height / LINES).floor();
            let is_line = (row > 0 && band(height(row - 1, column)) != band(here))
                || (column > 0 && band(height(row, column - 1)) != band(here));
            let shade = if is_line { 0.6 } else { 1.0 };
            pixels.extend(colour(here).map(|part| (part * shade) as u8));
        }
    }
    pixels
}

/// The value at a pixel, linearly between the four grid points around it.
fn between(values: &[f64], n: usize, side: usize, row: usize, column: usize) -> f64 {
    let scale = (n - 1) as f64 / (side - 1) as f64;
    let (y, x) = (row as f64 * scale, column as f64 * scale);
    let (i, j) = ((y as usize).min(n - 2), (x as usize).min(n - 2));
    let (down, right) = (y - i as f64, x - j as f64);
    let line = |i: usize| values[i * n + j] * (1.0 - right) + values[i * n + j + 1] * right;
    line(i) * (1.0 - down) + line(i + 1) * down
}

fn range(values: &[f64]) -> (f64, f64) {
    let finite = values.iter().filter(|value| value.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(*value), high.max(*value))
    })
}

fn colour(height: f64) -> [f64; 3] {
    let place = height.clamp(0.0, 1.0) * (COLOURS.len() - 1) as f64;
    let below = (place as usize).min(COLOURS.len() - 2);
    let part = place - below as f64;
    std::array::from_fn(|k| COLOURS[below][k] * (1.0 - part) + COLOURS[below + 1][k] * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_the_extremes_at_their_places() {
        let n = 3;
        let values = [0.0, 0.5, 1.0, 0.0, 0.5, 1.0, 0.0, 0.5, 1.0];
        let pixels = pixels(&values, n, 600);
        assert_eq!(pixels.len(), 3 * 600 * 600);
        assert_eq!(pixels[..3], [33, 66, 140]);
        assert!(
            pixels[3 * 599] > pixels[3 * 599 + 2],
            "the greatest value is warm"
        );
    }

    #[test]
    fn a_constant_grid_is_no_division_by_zero() {
        assert!(pixels(&[1.0; 4], 2, 600).iter().any(|part| *part > 0));
    }
}
