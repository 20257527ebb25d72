//! The register of tables that live as long as the program.
//!
//! A table once entered is never changed, moved or taken out, so its number is
//! enough to find it, and finding it takes two loads. The first numbers have
//! their slots in the program's own zeroed memory; every further 2048 get a block.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::error::Kind;
use crate::register::Record;
use crate::still::take;
use crate::{Error, Table, zone::Origin};

const BLOCK: usize = 2_048;
const BLOCKS: usize = 31;

struct Slot {
    table: &'static Table,
    record: &'static Record,
}

type Slots = [OnceLock<Slot>; BLOCK];

static FIRST: Slots = [const { OnceLock::new() }; BLOCK];
static MORE: [OnceLock<Box<Slots>>; BLOCKS] = [const { OnceLock::new() }; BLOCKS];
static INDEX: Mutex<Index> = Mutex::new(Index { count: 0, entries: BTreeMap::new() });

static KEPT: Mutex<Kept> = Mutex::new(BTreeSet::new());

pub(crate) type Kept = BTreeSet<&'static str>;

pub(crate) struct Index {
    count: u32,
    /// Numbers by a hash of table, name and origin.
    entries: BTreeMap<u64, Vec<u32>>,
}

#[inline]
fn slot(number: u32) -> Option<&'static Slot> {
    match FIRST.get(number as usize) {
        Some(slot) => slot.get(),
        None => {
            let number = number as usize - BLOCK;
            MORE.get(number / BLOCK)?.get()?.get(number % BLOCK)?.get()
        }
    }
}

#[inline]
pub(crate) fn table(number: u32) -> Option<&'static Table> {
    Some(slot(number)?.table)
}

pub(crate) fn record(number: u32) -> Option<&'static Record> {
    Some(slot(number)?.record)
}

/// The locks of the register.
pub(crate) type Held = (MutexGuard<'static, Index>, MutexGuard<'static, Kept>);

pub(crate) fn hold() -> Option<Held> {
    Some((take(&INDEX)?, take(&KEPT)?))
}

/// Enters a table and returns its number: that of the entry that is the same, if
/// there is one. So reading a zone again and again takes no more memory.
pub(crate) fn enter(table: Table, name: Option<&str>, origin: Origin) -> Result<u32, Error> {
    let mut hasher = DefaultHasher::new();
    table.hash_briefly(&mut hasher);
    (name, origin).hash(&mut hasher);
    let hash = hasher.finish();
    let mut index = INDEX.lock().unwrap_or_else(PoisonError::into_inner);
    let same_table = |&number: &u32| {
        let slot = slot(number)?;
        let same = *slot.table == table && (slot.record.name, slot.record.origin) == (name, origin);
        same.then_some(number)
    };
    if let Some(number) = index.entries.get(&hash).and_then(|all| all.iter().find_map(same_table)) {
        return Ok(number);
    }
    let number = index.count;
    let entry = match FIRST.get(number as usize) {
        Some(entry) => Some(entry),
        None => {
            let place = number as usize - BLOCK;
            let block = MORE.get(place / BLOCK);
            let new = || Box::new([const { OnceLock::new() }; BLOCK]);
            block.and_then(|block| block.get_or_init(new).get(place % BLOCK))
        }
    };
    let entry = entry.ok_or(Kind::Full)?;
    let table: &'static Table = Box::leak(Box::new(table));
    let name = name.map(keep);
    let record: &'static Record = Box::leak(Box::new(Record { name, origin }));
    entry.get_or_init(|| Slot { table, record });
    index.count += 1;
    index.entries.entry(hash).or_default().push(number);
    Ok(number)
}

/// Returns a copy of a text that lives as long as the program: the same for the
/// same text.
pub(crate) fn keep(text: &str) -> &'static str {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = kept.get(text) {
        return text;
    }
    let text: &'static str = String::leak(text.into());
    kept.insert(text);
    text
}
