//! Exchanges, collectives, split teams and counters.
#![expect(unsafe_code, reason = "builds a strided source by hand")]

use gain_ga::{Incoming, Outgoing, Position, ReduceOp, StridedBytes, Team};

use super::Test;

pub const TESTS: &[Test] = &[
    ("exchange_all_to_all_in_list_order", exchange_all_to_all),
    ("exchange_strided_sources", exchange_strided),
    (
        "exchanges_overlap_and_finish_out_of_order",
        exchanges_overlap,
    ),
    ("a_dropped_exchange_leaves_the_next_whole", dropped_exchange),
    ("exchange_of_nothing", exchange_of_nothing),
    ("large_pieces_are_chunked_and_equal", large_pieces),
    ("all_gather_of_any_lengths", all_gather),
    ("broadcast_from_every_root", broadcast),
    ("all_reduce_joins_all_ranks_alike", all_reduce),
    ("barriers_and_positions", barriers),
    ("split_teams_are_teams", split),
    ("messages_are_counted", counters),
    ("usage_errors_are_found_before_sending", usage_errors),
    ("topology_is_consistent", topology),
];

fn bytes(from: usize, to: usize, len: usize) -> Vec<u8> {
    (0..len)
        .map(|i| (i * 7 + from * 31 + to * 101) as u8)
        .collect()
}

fn exchange_all_to_all(team: &Team) {
    let (n, me) = (team.n_ranks(), team.rank());
    for round in 0..20 {
        let len = |from: usize, to: usize, piece: usize| {
            (from * 13 + to * 5 + piece * 100 + round * 977) % 5000
        };
        let mut data = Vec::new();
        let mut receives = Vec::new();
        for piece in 0..3 {
            for other in 0..n {
                data.push((other, bytes(me, other + piece, len(me, other, piece))));
                receives.push(Incoming {
                    from: other,
                    bytes: len(other, me, piece),
                });
            }
        }
        let sends: Vec<Outgoing<'_>> = data
            .iter()
            .map(|(to, data)| Outgoing {
                to: *to,
                source: StridedBytes::contiguous(data),
            })
            .collect();
        let received = team.exchange(&sends, &receives).unwrap();
        for (i, incoming) in receives.iter().enumerate() {
            let piece = i / n;
            assert_eq!(
                received.piece(i),
                bytes(incoming.from, me + piece, incoming.bytes)
            );
            assert_eq!(received.piece(i).as_ptr().align_offset(64), 0);
        }
    }
}

fn exchange_strided(team: &Team) {
    let (n, me) = (team.n_ranks(), team.rank());
    let next = (me + 1) % n;
    let matrix: Vec<f64> = (0..40 * 30).map(|i| (i + 10_000 * me) as f64).collect();
    // SAFETY: rows 5..15 of columns 3, 5, .. 21 of a 40 x 30 matrix, backwards along the rows.
    let source = unsafe {
        StridedBytes::new(
            matrix.as_ptr().add(14 * 30 + 3).cast(),
            8,
            &[10, 10],
            &[-240, 16],
        )
    };
    let previous = (me + n - 1) % n;
    let received = team
        .exchange(
            &[Outgoing { to: next, source }],
            &[Incoming {
                from: previous,
                bytes: 800,
            }],
        )
        .unwrap();
    let values: Vec<f64> = received
        .piece(0)
        .chunks_exact(8)
        .map(|b| f64::from_ne_bytes(b.try_into().unwrap()))
        .collect();
    let expected: Vec<f64> = (0..10)
        .flat_map(|r| (0..10).map(move |c| ((14 - r) * 30 + 3 + 2 * c + 10_000 * previous) as f64))
        .collect();
    assert_eq!(values, expected);
}

fn exchanges_overlap(team: &Team) {
    let (n, me) = (team.n_ranks(), team.rank());
    let (next, previous) = ((me + 1) % n, (me + n - 1) % n);
    let start = |tag: usize| {
        let data = bytes(me, tag, 10_000 * tag);
        team.start(
            &[Outgoing {
                to: next,
                source: StridedBytes::contiguous(&data),
            }],
            &[Incoming {
                from: previous,
                bytes: 10_000 * tag,
            }],
        )
        .unwrap()
    };
    let (one, mut two, three) = (start(1), start(2), start(3));
    while !two.poll().unwrap() {}
    for (exchange, tag) in [(three, 3), (two, 2), (one, 1)] {
        assert_eq!(
            exchange.finish().unwrap().piece(0),
            bytes(previous, tag, 10_000 * tag)
        );
    }
}

fn dropped_exchange(team: &Team) {
    let (n, me) = (team.n_ranks(), team.rank());
    let (next, previous) = ((me + 1) % n, (me + n - 1) % n);
    for len in [100, 300_000] {
        let data = bytes(me, 0, len);
        let sends = [Outgoing {
            to: next,
            source: StridedBytes::contiguous(&data),
        }];
        let dropped = team
            .start(
                &sends,
                &[Incoming {
                    from: previous,
                    bytes: len,
                }],
            )
            .unwrap();
        drop(dropped);
        let received = team
            .exchange(
                &sends,
                &[Incoming {
                    from: previous,
                    bytes: len,
                }],
            )
            .unwrap();
        assert_eq!(received.piece(0), bytes(previous, 0, len));
    }
    team.barrier().unwrap();
}

fn exchange_of_nothing(team: &Team) {
    let me = team.rank();
    assert!(team.exchange(&[], &[]).unwrap().is_empty());
    let other = team.n_ranks() - 1 - me;
    let received = team
        .exchange(
            &[Outgoing {
                to: other,
                source: StridedBytes::contiguous(&[]),
            }],
            &[Incoming {
                from: other,
                bytes: 0,
            }],
        )
        .unwrap();
    assert_eq!(received.len(), 1);
    assert!(received.piece(0).is_empty());
}

fn large_pieces(team: &Team) {
    let (n, me) = (team.n_ranks(), team.rank());
    let (next, previous) = ((me + 1) % n, (me + n - 1) % n);
    let len = 40 << 20;
    let data: Vec<u64> = (0..len as u64 / 8).map(|i| i * 3 + me as u64).collect();
    let source = StridedBytes::contiguous(bytemuck::cast_slice(&data));
    let received = team
        .exchange(
            &[Outgoing { to: next, source }],
            &[Incoming {
                from: previous,
                bytes: len,
            }],
        )
        .unwrap();
    let values: &[u64] = bytemuck::cast_slice(received.piece(0));
    assert!(
        values
            .iter()
            .enumerate()
            .all(|(i, &value)| value == i as u64 * 3 + previous as u64)
    );
}

fn all_gather(team: &Team) {
    let me = team.rank();
    for scale in [0, 1, 1000, 100_000] {
        let all = team
            .all_gather(&bytes(me, 9, me * scale + scale / 2))
            .unwrap();
        assert_eq!(all.len(), team.n_ranks());
        for (rank, block) in all.iter().enumerate() {
            assert_eq!(*block, bytes(rank, 9, rank * scale + scale / 2));
        }
    }
}

fn broadcast(team: &Team) {
    for root in 0..team.n_ranks() {
        for len in [0, 10, 200_000] {
            let mut data = if team.rank() == root {
                bytes(root, 1, len)
            } else {
                vec![1, 2, 3]
            };
            team.broadcast(root, &mut data).unwrap();
            assert_eq!(data, bytes(root, 1, len));
        }
    }
}

fn all_reduce(team: &Team) {
    let (n, me) = (team.n_ranks() as i64, team.rank() as i64);
    let mut values = [me, -me, 1];
    team.all_reduce(ReduceOp::Sum, &mut values).unwrap();
    assert_eq!(values, [n * (n - 1) / 2, -n * (n - 1) / 2, n]);
    let mut values = [me as u64 + 5, 7];
    team.all_reduce(ReduceOp::Max, &mut values).unwrap();
    assert_eq!(values, [n as u64 + 4, 7]);
    let mut values = [me as f64, 0.5, if me == n - 1 { f64::NAN } else { 0.0 }];
    team.all_reduce(ReduceOp::Min, &mut values).unwrap();
    assert_eq!(values[..2], [0.0, 0.5]);
    assert!(values[2].is_nan());
    // All ranks get the same bits, however the sum is rounded.
    let mut values = [0.1 * (me + 1) as f64, 1e16 / (me + 1) as f64];
    team.all_reduce(ReduceOp::Sum, &mut values).unwrap();
    let all = team.all_gather(bytemuck::cast_slice(&values)).unwrap();
    assert!(all.iter().all(|other| *other == all[0]));
    team.all_reduce::<i64>(ReduceOp::Sum, &mut []).unwrap();
}

fn barriers(team: &Team) {
    for sequence in 1..200 {
        team.set_position(Position {
            sequence,
            fingerprint: sequence * 17,
            text: "a loop of barriers",
        });
        team.barrier().unwrap();
    }
    let (state, text) = team.status_of(team.rank()).unwrap();
    assert_eq!(
        (state, text.as_str()),
        (gain_ga::RankState::Running, "a loop of barriers")
    );
    team.set_position(Position::default());
}

fn split(team: &Team) {
    let (n, me) = (team.n_ranks(), team.rank());
    // Odd and even ranks, in reverse order.
    let half = team.split(me % 2, n - me).unwrap();
    let members: Vec<usize> = (0..n).rev().filter(|rank| rank % 2 == me % 2).collect();
    assert_eq!(half.n_ranks(), members.len());
    assert_eq!(members[half.rank()], me);
    let all = half.all_gather(&[me as u8]).unwrap();
    assert_eq!(
        all.concat(),
        members.iter().map(|&m| m as u8).collect::<Vec<_>>()
    );
    let copy = team.duplicate().unwrap();
    assert_eq!((copy.rank(), copy.n_ranks()), (me, n));
    // Messages of one team do not meet those of the other.
    let sent = copy.start(
        &[Outgoing {
            to: n - 1 - me,
            source: StridedBytes::contiguous(&[1]),
        }],
        &[Incoming {
            from: n - 1 - me,
            bytes: 1,
        }],
    );
    let also = team.exchange(
        &[Outgoing {
            to: n - 1 - me,
            source: StridedBytes::contiguous(&[2]),
        }],
        &[Incoming {
            from: n - 1 - me,
            bytes: 1,
        }],
    );
    assert_eq!(also.unwrap().piece(0), [2]);
    assert_eq!(sent.unwrap().finish().unwrap().piece(0), [1]);
    half.barrier().unwrap();
    let alone = half.split(half.rank(), 0).unwrap();
    assert_eq!(alone.n_ranks(), 1);
    alone.barrier().unwrap();
}

fn counters(team: &Team) {
    let (n, me) = (team.n_ranks(), team.rank());
    team.barrier().unwrap();
    team.reset_counters();
    let data = [0u8; 100];
    let piece = |to| Outgoing {
        to,
        source: StridedBytes::contiguous(&data),
    };
    let next = (me + 1) % n;
    let previous = (me + n - 1) % n;
    team.exchange(
        &[piece(next), piece(me), piece(next)],
        &[
            Incoming {
                from: previous,
                bytes: 100,
            },
            Incoming {
                from: me,
                bytes: 100,
            },
            Incoming {
                from: previous,
                bytes: 100,
            },
        ],
    )
    .unwrap();
    let counters = team.counters();
    let (messages, bytes) = if n == 1 { (0, 0) } else { (1, 200) };
    assert_eq!(
        (counters.messages_sent, counters.bytes_sent),
        (messages, bytes)
    );
    assert_eq!(
        (counters.messages_received, counters.bytes_received),
        (messages, bytes)
    );
}

fn usage_errors(team: &Team) {
    let (n, me) = (team.n_ranks(), team.rank());
    let source = StridedBytes::contiguous(&[1, 2]);
    assert!(
        team.start(
            &[Outgoing {
                to: n,
                source: source.clone()
            }],
            &[]
        )
        .is_err()
    );
    assert!(
        team.start(
            &[],
            &[Incoming {
                from: n + 7,
                bytes: 1
            }]
        )
        .is_err()
    );
    assert!(
        team.start(
            &[Outgoing {
                to: me,
                source: source.clone()
            }],
            &[]
        )
        .is_err()
    );
    assert!(team.start(&[], &[Incoming { from: me, bytes: 2 }]).is_err());
    assert!(team.broadcast(n, &mut Vec::new()).is_err());
    team.barrier().unwrap();
}

fn topology(team: &Team) {
    let mine = team.ranks_on_my_node();
    assert!(mine.contains(&team.rank()));
    for rank in 0..team.n_ranks() {
        assert!(team.node_of(rank) < team.n_nodes());
        assert_eq!(
            mine.contains(&rank),
            team.node_of(rank) == team.node_of(team.rank())
        );
    }
    assert!(team.memory_limit() > 1 << 20);
    let all = team.all_gather(&team.memory_limit().to_le_bytes()).unwrap();
    assert!(all.iter().all(|other| *other == all[0]));
}
