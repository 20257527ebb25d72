//! Pages that no system wrote.

use std::sync::atomic::{AtomicU64, Ordering};

use instanter_page::Unreadable;
use proptest::prelude::*;

use crate::harness::{System, Truth, truths};

fn check<S: System>(page: &S, counter: u64) {
    match page.read_at(counter) {
        Ok(reading) => assert!(reading.monotonic.abs() < i128::MAX / 2),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Random bytes; and a page that is right but for a few words, which gets further.
pub fn whatever_is_on_the_page_there_is_an_answer<S: System>() {
    let words = S::length().div_ceil(8);
    let wild = prop_oneof![
        any::<u64>(),
        Just(0),
        Just(u64::MAX),
        Just(1 << 63),
        Just(u64::from(u32::MAX)),
        Just(1),
        (0..64u32).prop_map(|bit| 1 << bit),
    ];
    let config = ProptestConfig::with_cases(200);
    proptest!(config, |(
        bytes in proptest::collection::vec(any::<u64>(), words..=words),
        truth in truths::<S>(),
        spoilt in proptest::collection::vec((0..words, wild), 1..4),
        counter in any::<u64>(),
    )| {
        let random = S::on(bytes.into_iter().map(AtomicU64::new).collect());
        check(&random, counter);
        let mut page = S::new();
        page.publish(|| truth);
        for (word, value) in spoilt {
            page.memory()[word].store(value, Ordering::Relaxed);
            for counter in [counter, truth.origin, truth.origin + 1_000, 0, u64::MAX] {
                check(&page, counter);
            }
        }
        // And kept on from there.
        let truth = Truth { sec: truth.sec + 1, ..truth };
        page.publish(|| truth);
        let _: Result<_, Unreadable> = page.read_at(truth.origin);
    });
}
