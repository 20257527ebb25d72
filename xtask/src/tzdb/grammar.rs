//! Shortening sequences by giving what comes often in them a symbol.
//!
//! # References
//! N. J. Larsson, A. Moffat, "Offline dictionary-based compression" (1999),
//! known as Re-Pair.

use std::collections::BTreeMap;

/// A pair costs four bytes and saves two each time, so it pays from three on.
const LEAST: usize = 3;

/// Replaces, again and again, the pair of symbols that comes most often by a new
/// symbol, the first of which is `next`. Returns the pairs.
pub fn shorten(sequences: &mut [Vec<u16>], mut next: u16) -> Vec<[u16; 2]> {
    let mut pairs = Vec::new();
    loop {
        let mut counts: BTreeMap<[u16; 2], usize> = BTreeMap::new();
        for sequence in &*sequences {
            // Of three in a row that are the same, two make one pair, not two.
            let mut overlaps = false;
            let mut last = None;
            for pair in sequence.windows(2) {
                let pair = [pair[0], pair[1]];
                overlaps = last == Some(pair) && !overlaps;
                if !overlaps {
                    *counts.entry(pair).or_default() += 1;
                }
                last = Some(pair);
            }
        }
        // Of those that come equally often, the first in order: the result is to
        // be the same every time.
        let best = counts.into_iter().max_by_key(|&(pair, count)| (count, std::cmp::Reverse(pair)));
        let Some((pair, _)) = best.filter(|&(_, count)| count >= LEAST) else { return pairs };
        for sequence in sequences.iter_mut() {
            let mut shorter = Vec::with_capacity(sequence.len());
            let mut rest = &sequence[..];
            while let [first, others @ ..] = rest {
                if rest.starts_with(&pair) {
                    shorter.push(next);
                    rest = &others[1..];
                } else {
                    shorter.push(*first);
                    rest = others;
                }
            }
            *sequence = shorter;
        }
        pairs.push(pair);
        next = next.checked_add(1).expect("fewer than 65536 symbols");
    }
}
