//! Looking a function up by name and version, through whichever hash table the
//! image has.
#![forbid(unsafe_code)]

use super::elf;
use super::error::{Fault, ImageError, LookupError};
use super::hash;
use super::image::Image;
use super::symbol::{Binding, Entry, SymbolKind};
use super::table::{Table, entry};

/// A function of an image, ready to be called at its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Function<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its version; `None` where the image or the symbol has none.
    pub version: Option<&'a str>,
    /// Where it begins in memory, counted from the ELF header: its address is
    /// the image's address plus this.
    ///
    /// On 32-bit Arm, bit 0 says that the code is Thumb, and a call must keep
    /// it.
    pub offset: usize,
    /// Its instructions; empty where the image does not say its size.
    pub code: &'a [u8],
}

impl<'a> Image<'a> {
    /// Looks a function up by its name and, if given, its version.
    ///
    /// Without a version, finds the name's default one. In an image without
    /// versions, any version matches. Symbols of type `NOTYPE` count as
    /// functions where they lie in an executable segment, as PowerPC's vDSO
    /// has them. (Its symbols are code even on big-endian 64-bit PowerPC, where
    /// every other library's are function descriptors; those lie in data, and
    /// are refused.)
    ///
    /// # Errors
    ///
    /// Fails if the image does not define the name, has it under other
    /// versions only, or has it as something that cannot be called; and if a
    /// table that the search needs is broken. See [`LookupError`].
    ///
    /// # Example
    ///
    /// ```
    /// use instanter_clock::vdso::names::Names;
    /// use instanter_clock::vdso::{Image, LookupError};
    ///
    /// fn address<'a>(base: usize, image: &Image<'a>, names: &Names) -> Result<usize, LookupError<'a>> {
    ///     let clock_gettime = image.function(names.clock_gettime, Some(names.version))?;
    ///     Ok(base + clock_gettime.offset)
    /// }
    /// ```
    pub fn function<'e>(
        &self,
        name: &'e str,
        version: Option<&'e str>,
    ) -> Result<Function<'a>, LookupError<'e>>
    where
        'a: 'e,
    {
        let mut other = None;
        for index in self.candidates(name)? {
            let index = index?;
            let symbol = Entry::read(&self.symtab, index)?;
            if symbol.section == elf::SHN_UNDEF
                || symbol.binding() == Binding::Local
                || !self.strtab.string_is(symbol.name, name)?
            {
                continue;
            }
            let found = self.version_of(index)?;
            let matches = match version {
                Some(version) => self.versions.is_none() || found.name == Some(version),
                None => !found.hidden,
            };
            if matches {
                return self.callable(&symbol, name, found.name);
            }
            other.get_or_insert(found.name);
        }
        Err(match other {
            None => LookupError::Absent { name },
            Some(had) => LookupError::OtherVersion { name, wanted: version, had },
        })
    }

    fn callable<'e>(
        &self,
        symbol: &Entry,
        name: &'e str,
        version: Option<&'a str>,
    ) -> Result<Function<'a>, LookupError<'e>> {
        let kind = symbol.kind();
        let is_function = matches!(kind, SymbolKind::Function | SymbolKind::NoType);
        if !is_function || !symbol.has_place() {
            return Err(LookupError::NotFunction { name, kind, section: symbol.section });
        }
        let (value, size) = (symbol.value, symbol.size);
        let thumb = if self.header.machine == elf::EM_ARM { value & 1 } else { 0 };
        let outside = LookupError::Outside { name, value, size };
        Ok(Function {
            name: self.strtab.string(symbol.name)?,
            version,
            offset: self.offset_of(value & !thumb, size).ok_or(outside)? | thumb as usize,
            code: self.code(value & !thumb, size).ok_or(outside)?,
        })
    }

    /// Gives the symbols that may have the name: those that share its hash, or
    /// all where there is no hash table.
    #[inline]
    fn candidates(&self, name: &str) -> Result<Candidates<'a>, ImageError> {
        if let Some(table) = self.gnu_hash {
            return table.candidates(hash::gnu(name));
        }
        if let Some(table) = self.sysv_hash {
            return table.candidates(hash::sysv(name));
        }
        Ok(Candidates::All(1..self.symbol_count()?))
    }
}

/// The symbols that a search has to look at.
enum Candidates<'a> {
    Gnu {
        table: GnuHash<'a>,
        hash: u32,
        /// The next symbol; 0 at the end.
        next: u32,
    },
    Sysv {
        table: SysvHash<'a>,
        next: u32,
        /// How many more symbols the chain may have without running in a
        /// circle.
        left: u32,
    },
    All(core::ops::Range<u32>),
}

impl Iterator for Candidates<'_> {
    type Item = Result<u32, ImageError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Candidates::Gnu { table, hash, next } => loop {
                let index = *next;
                if index == 0 {
                    return None;
                }
                // A chain ends at the latest where the table's bytes do.
                let entry = match table.chain(index) {
                    Ok(entry) => entry,
                    Err(error) => {
                        *next = 0;
                        return Some(Err(error));
                    }
                };
                let last = entry & 1 != 0;
                *next = if last { 0 } else { index.wrapping_add(1) };
                if entry | 1 == *hash | 1 {
                    return Some(Ok(index));
                }
            },
            Candidates::Sysv { table, next, left } => {
                let index = *next;
                if index == 0 {
                    return None;
                }
                let after = match left.checked_sub(1) {
                    None => Err(table.table.error(0, Fault::Loop)),
                    Some(fewer) => {
                        *left = fewer;
                        table.chain(index)
                    }
                };
                *next = after.unwrap_or(0);
                Some(after.map(|_| index))
            }
            Candidates::All(range) => range.next().map(Ok),
        }
    }
}

/// The GNU hash table: a Bloom filter, then buckets, then, symbol by symbol,
/// their hashes, with bit 0 marking the last of a bucket.
#[derive(Clone, Copy)]
pub(super) struct GnuHash<'a> {
    table: Table<'a>,
    bucket_count: u32,
    /// The first symbol that is hashed; undefined ones come before.
    first: u32,
    bloom_words: u32,
    bloom_shift: u32,
    buckets: usize,
    chains: usize,
}

impl<'a> GnuHash<'a> {
    /// The filter's start, after a header of four words.
    const BLOOM: usize = 16;

    pub(super) fn read(table: Table<'a>) -> Result<Self, ImageError> {
        let (bucket_count, first) = (table.u32(0)?, table.u32(4)?);
        let (bloom_words, bloom_shift) = (table.u32(8)?, table.u32(12)?);
        if bucket_count == 0 {
            return Err(table.error(0, Fault::NoBuckets));
        }
        if !bloom_words.is_power_of_two() {
            return Err(table.error(8, Fault::BloomSize(bloom_words)));
        }
        let word = if table.layout.wide { 8 } else { 4 };
        let buckets = Self::BLOOM as u64 + u64::from(bloom_words) * word;
        let chains = buckets + u64::from(bucket_count) * 4;
        table.need(chains)?;
        Ok(GnuHash {
            table,
            bucket_count,
            first,
            bloom_words,
            bloom_shift,
            buckets: buckets as usize,
            chains: chains as usize,
        })
    }

    /// Tells how many entries the symbol table has: one more than the last
    /// symbol of the bucket that starts last.
    pub(super) fn symbols(&self) -> Result<u32, ImageError> {
        let mut last = 0;
        for bucket in 0..self.bucket_count {
            last = last.max(self.bucket(bucket)?);
        }
        if last == 0 {
            return Ok(self.first);
        }
        loop {
            let is_last = self.chain(last)? & 1 != 0;
            last = last.checked_add(1).ok_or_else(|| self.table.error(0, Fault::Loop))?;
            if is_last {
                return Ok(last);
            }
        }
    }

    #[inline]
    fn candidates(self, hash: u32) -> Result<Candidates<'a>, ImageError> {
        let next = if self.may_have(hash)? { self.bucket(hash % self.bucket_count)? } else { 0 };
        Ok(Candidates::Gnu { table: self, hash, next })
    }

    /// Asks the Bloom filter, which spares most fruitless searches the rest.
    #[inline]
    fn may_have(&self, hash: u32) -> Result<bool, ImageError> {
        let (bits, bytes) = if self.table.layout.wide { (64, 8) } else { (32, 4) };
        let index = (hash / bits) & (self.bloom_words - 1);
        let word = self.table.word(Self::BLOOM + entry(u64::from(index), bytes))?;
        let second = hash.checked_shr(self.bloom_shift).unwrap_or(0);
        Ok((word >> (hash % bits)) & (word >> (second % bits)) & 1 != 0)
    }

    #[inline]
    fn bucket(&self, bucket: u32) -> Result<u32, ImageError> {
        self.table.u32(self.buckets + entry(u64::from(bucket), 4))
    }

    #[inline]
    fn chain(&self, index: u32) -> Result<u32, ImageError> {
        match index.checked_sub(self.first) {
            Some(position) => {
                let at = entry(u64::from(position), 4);
                self.table.u32(self.chains.saturating_add(at))
            }
            None => {
                let first = self.first;
                Err(self.table.error(self.buckets, Fault::SymbolBefore { index, first }))
            }
        }
    }
}

/// The System V hash table: buckets, then, symbol by symbol, the next symbol of
/// the same bucket.
#[derive(Clone, Copy)]
pub(super) struct SysvHash<'a> {
    table: Table<'a>,
    bucket_count: u32,
    chain_count: u32,
    /// The bytes of an entry, 4 or 8.
    step: usize,
}

impl<'a> SysvHash<'a> {
    pub(super) fn read(table: Table<'a>, machine: u16) -> Result<Self, ImageError> {
        let step = Self::step(&table, machine)?;
        let count = |index| {
            let at = entry(index, step);
            if step == 8 { table.u64(at) } else { table.u32(at).map(u64::from) }
        };
        let (buckets, chains) = (count(0)?, count(1)?);
        if buckets == 0 {
            return Err(table.error(0, Fault::NoBuckets));
        }
        let entries = buckets.saturating_add(chains).saturating_add(2);
        table.need(entries.saturating_mul(step as u64))?;
        // The table's bytes bound both counts now, but a file may have 16 GiB.
        let narrow = |count| {
            u32::try_from(count).map_err(|_| {
                let most = u64::from(u32::MAX);
                table.error(0, Fault::TooMany { count, most })
            })
        };
        Ok(SysvHash { table, bucket_count: narrow(buckets)?, chain_count: narrow(chains)?, step })
    }

    /// Tells whether the entries take 4 bytes, as the gABI has it, or 8, as on
    /// 64-bit s390 and Alpha under the GNU linker; LLVM's gives those 4 too.
    ///
    /// The section header would say it, but is not in memory. The two counts
    /// do: neither may be zero, and half of an 8-byte count is.
    fn step(table: &Table<'_>, machine: u16) -> Result<usize, ImageError> {
        let may_be_wide = table.layout.wide && matches!(machine, elf::EM_S390 | elf::EM_ALPHA);
        let wide = may_be_wide && (table.u32(0)? == 0 || table.u32(4)? == 0);
        Ok(if wide { 8 } else { 4 })
    }

    /// Tells how many entries the symbol table has: each has a chain entry.
    pub(super) fn symbols(&self) -> u32 {
        self.chain_count
    }

    #[inline]
    fn candidates(self, hash: u32) -> Result<Candidates<'a>, ImageError> {
        Ok(Candidates::Sysv {
            table: self,
            next: self.link(u64::from(hash % self.bucket_count))?,
            left: self.chain_count,
        })
    }

    #[inline]
    fn chain(&self, index: u32) -> Result<u32, ImageError> {
        self.link(u64::from(self.bucket_count) + u64::from(index))
    }

    /// Reads a bucket, or the chain entries after the buckets: the symbol that
    /// comes next, 0 for none.
    #[inline]
    fn link(&self, position: u64) -> Result<u32, ImageError> {
        let at = entry(position.saturating_add(2), self.step);
        let index =
            if self.step == 8 { self.table.u64(at)? } else { u64::from(self.table.u32(at)?) };
        let count = self.chain_count;
        if index >= u64::from(count) {
            return Err(self.table.error(at, Fault::SymbolPast { index, count }));
        }
        Ok(index as u32)
    }
}
