//! Which rank has which panel of a matrix, and what travels while the panels are worked off: decided without ranks.
//!
//! # Rationale
//! Panels in turn keep all ranks busy until the last panel (ScaLAPACK's block-cyclic columns), and every rank knows every owner by
//! a division.

use std::fmt;

use gain_core::IndexBox;

/// Columns of a panel.
pub(crate) const WIDTH: usize = 64;

/// The columns of a matrix in panels of [`WIDTH`], dealt to the ranks in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deal {
    pub columns: usize,
    pub n_ranks: usize,
}

impl Deal {
    /// How many panels there are.
    pub fn count(self) -> usize {
        self.columns.div_ceil(WIDTH)
    }

    /// Where a panel's columns begin and end.
    pub fn span(self, panel: usize) -> (usize, usize) {
        (panel * WIDTH, ((panel + 1) * WIDTH).min(self.columns))
    }

    /// How many columns a panel has.
    pub fn width(self, panel: usize) -> usize {
        let (lo, hi) = self.span(panel);
        hi - lo
    }

    /// Who has a panel.
    pub fn owner(self, panel: usize) -> usize {
        panel % self.n_ranks
    }

    /// Which of its owner's panels a panel is.
    pub fn place(self, panel: usize) -> usize {
        panel / self.n_ranks
    }

    /// A rank's panels, ascending.
    pub fn panels_of(self, rank: usize) -> impl Iterator<Item = usize> + Clone {
        (rank..self.count()).step_by(self.n_ranks)
    }

    /// The most panels that a rank has.
    pub fn rounds(self) -> usize {
        self.count().div_ceil(self.n_ranks)
    }

    /// What a rank gets in a round of dealing a matrix of so many rows.
    pub fn share(self, round: usize, rank: usize, rows: usize) -> IndexBox {
        let panel = round * self.n_ranks + rank;
        if panel >= self.count() || rows == 0 {
            return IndexBox::nothing(2);
        }
        let (lo, hi) = self.span(panel);
        IndexBox::new([0, lo], [rows, hi])
    }

    /// The panels beside one another, those of a rank together.
    pub fn gathered(self) -> Vec<usize> {
        (0..self.n_ranks)
            .flat_map(|rank| self.panels_of(rank))
            .collect()
    }

    /// Where each rank's columns begin if its panels lie together, and the end.
    pub fn cuts(self) -> Vec<usize> {
        let mut cuts = vec![0];
        for rank in 0..self.n_ranks {
            let own: usize = self.panels_of(rank).map(|panel| self.width(panel)).sum();
            cuts.push(cuts[rank] + own);
        }
        cuts
    }

    /// A panel's message to all other ranks.
    pub fn travel(self, panel: usize, rows: usize, numbers: usize) -> Travel {
        Travel {
            owner: self.owner(panel),
            to: self.n_ranks - 1,
            rows,
            columns: self.width(panel),
            numbers,
        }
    }
}

impl fmt::Display for Deal {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, n_ranks) = (self.count(), self.n_ranks);
        write!(
            to,
            "{} columns in {count} panels of {WIDTH} dealt to {n_ranks} ranks, {} or {} each",
            self.columns,
            count / n_ranks,
            self.rounds(),
        )
    }
}

/// What the owner of a panel sends each other rank: elements, and numbers of a fixed count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Travel {
    pub owner: usize,
    /// How many ranks receive it.
    pub to: usize,
    pub rows: usize,
    pub columns: usize,
    pub numbers: usize,
}

impl Travel {
    /// Elements of the message.
    pub fn elements(self) -> usize {
        self.rows * self.columns
    }
}

impl fmt::Display for Travel {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            to,
            "rank {} sends {} x {} elements and {} numbers to {} ranks",
            self.owner, self.rows, self.columns, self.numbers, self.to
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything about a dealing that must hold for any.
    fn check(columns: usize, n_ranks: usize) {
        let deal = Deal { columns, n_ranks };
        let mut seen = vec![false; deal.count()];
        for rank in 0..n_ranks {
            for (place, panel) in deal.panels_of(rank).enumerate() {
                assert_eq!(
                    (deal.owner(panel), deal.place(panel)),
                    (rank, place),
                    "{deal}"
                );
                assert!(!std::mem::replace(&mut seen[panel], true), "{deal}");
            }
        }
        assert!(seen.into_iter().all(|had| had), "{deal}");
        let (cuts, gathered) = (deal.cuts(), deal.gathered());
        assert_eq!(cuts[n_ranks], columns, "{deal}");
        let mut at = 0;
        for &panel in &gathered {
            let owner = deal.owner(panel);
            assert!(cuts[owner] <= at && at < cuts[owner + 1], "{deal}");
            at += deal.width(panel);
        }
        // The rounds hand out every column once, to the panel's owner.
        let mut dealt = 0;
        for round in 0..deal.rounds() {
            for rank in 0..n_ranks {
                let share = deal.share(round, rank, 3);
                assert_eq!(share.len() % 3, 0, "{deal}");
                dealt += share.len() / 3;
                if !share.is_empty() {
                    assert_eq!(deal.owner(share.lo[1] / WIDTH), rank, "{deal}");
                }
            }
        }
        assert_eq!(dealt, columns, "{deal}");
    }

    #[test]
    fn every_panel_has_one_owner() {
        for columns in [0, 1, 63, 64, 65, 1000, 4096] {
            for n_ranks in [1, 2, 3, 7, 64, 100] {
                check(columns, n_ranks);
            }
        }
    }

    #[test]
    fn on_4096_ranks_all_work_until_the_last_round() {
        let deal = Deal {
            columns: (1 << 20) + 5,
            n_ranks: 4096,
        };
        check(deal.columns, deal.n_ranks);
        assert_eq!(
            deal.to_string(),
            "1048581 columns in 16385 panels of 64 dealt to 4096 ranks, 4 or 5 each"
        );
        // Whichever panel the factorisation has come to, the panels that are left are even over the ranks.
        for next in [0, 1, 5000, 8191, 12288, 16384] {
            let left = |rank| deal.panels_of(rank).filter(|&panel| panel >= next).count();
            let even = (deal.count() - next) / deal.n_ranks;
            assert!(
                (0..deal.n_ranks).all(|rank| (even..=even + 1).contains(&left(rank))),
                "{next}"
            );
        }
    }

    #[test]
    fn a_factorisation_on_4096_ranks_brings_each_half_the_matrix() {
        let n: usize = 1 << 20;
        let deal = Deal {
            columns: n,
            n_ranks: 4096,
        };
        // Cholesky and LU: the rows from the diagonal on.
        let travels = || (0..deal.count()).map(|k| deal.travel(k, n - k * WIDTH, 1));
        let received: usize = travels().map(Travel::elements).sum();
        assert_eq!(received, n * (n + WIDTH) / 2);
        // No rank sends more than twice as much as another.
        let sent = |rank| -> usize { deal.panels_of(rank).map(|k| n - k * WIDTH).sum() };
        assert!(sent(0) <= 2 * sent(deal.n_ranks - 1));
        let last = travels().next_back().expect("there are panels");
        assert_eq!(
            last.to_string(),
            "rank 4095 sends 64 x 64 elements and 1 numbers to 4095 ranks"
        );
    }
}
