//! The benchmark's order of turns. Its own program has no test harness.

use std::collections::BTreeSet;

#[path = "../../benches/compare/turns.rs"]
mod order;

use order::order;

#[test]
fn every_order_comes_once_before_any_comes_again() {
    for (competitors, orders) in [(1, 1), (2, 2), (3, 6), (4, 24), (5, 120)] {
        for start in [0, 1, orders] {
            let seen: BTreeSet<Vec<usize>> = (start..start + orders).map(|round| order(competitors, round)).collect();
            assert_eq!(seen.len(), orders, "{competitors} competitors");
        }
        let everybody: Vec<usize> = (0..competitors).collect();
        for round in 0..orders {
            let mut sorted = order(competitors, round);
            sorted.sort_unstable();
            assert_eq!(sorted, everybody);
        }
    }
}

#[test]
fn everybody_is_first_as_often_as_anybody() {
    for start in [0, 4, 8] {
        let first: BTreeSet<usize> = (start..start + 4).map(|round| order(4, round)[0]).collect();
        assert_eq!(first, BTreeSet::from([0, 1, 2, 3]));
    }
}
