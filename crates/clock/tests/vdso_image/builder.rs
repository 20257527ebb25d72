//! Builds small ELF images, with every table laid out by hand, so that a test
//! can say exactly what an image holds and then break it at a known place.
//!
//! It shares no code with the parser: constants and hashes come from the
//! `object` crate.

use object::elf;

/// What an image shall be. Start from [`Shape::vdso`] and change fields.
#[derive(Clone, Debug)]
pub struct Shape {
    /// ELF64, or else ELF32.
    pub wide: bool,
    /// Most significant byte first.
    pub big: bool,
    pub machine: u16,
    /// The address that the image is linked at.
    pub origin: u64,
    pub soname: &'static str,
    /// The names of versions 2, 3, …; 1 is the image's own name.
    pub versions: Vec<&'static str>,
    /// Whether the version tables are there.
    pub versioned: bool,
    /// The bytes of an entry of `DT_HASH`; none, no table.
    pub sysv_hash: Option<usize>,
    pub gnu_hash: bool,
    /// How much further on the text lies in memory than in the file.
    pub text_shift: usize,
    /// The address that a dynamic linker has relocated the image to.
    pub relocated_to: Option<u64>,
    pub symbols: Vec<Spec>,
}

/// One symbol that an image shall have.
#[derive(Clone, Debug)]
pub struct Spec {
    pub name: &'static str,
    /// The raw entry of the version table.
    pub version: u16,
    pub kind: elf::SymbolType,
    pub binding: elf::SymbolBind,
    pub section: u16,
    /// Its value; none, [`CODE_LEN`] bytes of the text to itself.
    pub value: Option<u64>,
}

/// The bytes of a function. Each has its own number as the value of every one.
pub const CODE_LEN: usize = 16;

const GNU_BUCKETS: u32 = 3;
const SYSV_BUCKETS: u32 = 2;
const BLOOM_SHIFT: u32 = 6;

/// A global function of version 2, the first one with a name.
pub fn function(name: &'static str) -> Spec {
    Spec {
        name,
        version: 2,
        kind: elf::STT_FUNC,
        binding: elf::STB_GLOBAL,
        section: 1,
        value: None,
    }
}

impl Shape {
    /// An image much like x86-64's.
    pub fn vdso() -> Self {
        Shape {
            wide: true,
            big: false,
            machine: 62,
            origin: 0,
            soname: "linux-vdso.so.1",
            versions: vec!["LINUX_2.6"],
            versioned: true,
            sysv_hash: Some(4),
            gnu_hash: true,
            text_shift: 0,
            relocated_to: None,
            symbols: vec![
                Spec { section: 0, ..function("imported") },
                Spec { binding: elf::STB_WEAK, ..function("clock_gettime") },
                function("__vdso_gettimeofday"),
                function("__vdso_clock_getres"),
                function("__vdso_time"),
                function("__vdso_clock_gettime"),
                Spec {
                    kind: elf::STT_OBJECT,
                    section: 0xfff1,
                    value: Some(0),
                    ..function("LINUX_2.6")
                },
                function("__vdso_getcpu"),
            ],
        }
    }

    pub fn build(&self) -> Built {
        let symbols = self.ordered();
        let mut strings = vec![0_u8];
        let mut string = |name: &str| {
            let at = strings.len() as u32;
            strings.extend_from_slice(name.as_bytes());
            strings.push(0);
            at
        };
        let soname = string(self.soname);
        let version_names: Vec<u32> = self.versions.iter().map(|name| string(name)).collect();
        let names: Vec<u32> = symbols.iter().map(|symbol| string(symbol.name)).collect();

        let sysv_hash = self.sysv_hash_table(&symbols);
        let gnu_hash = self.gnu_hash_table(&symbols);
        let versym = self.versym_table(&symbols);
        let verdef = self.verdef_table(soname, &version_names);

        // Everything whose size is known gets its place; what needs the places
        // is written after.
        let word = if self.wide { 8 } else { 4 };
        let segment_len = if self.wide { 56 } else { 32 };
        let header_len = if self.wide { 64 } else { 52 };
        let mut end: usize = header_len + 3 * segment_len;
        let mut place = |len: usize| {
            let at = end.next_multiple_of(8);
            end = at + len;
            at
        };
        let symbol_len = if self.wide { 24 } else { 16 };
        let mut at = Places {
            segments: header_len,
            sysv_hash: place(sysv_hash.len()),
            gnu_hash: place(gnu_hash.len()),
            symtab: place((symbols.len() + 1) * symbol_len),
            strtab: place(strings.len()),
            versym: place(versym.len()),
            verdef: place(verdef.len()),
            dynamic: place(10 * 2 * word),
            text: place(symbols.len() * CODE_LEN).next_multiple_of(16),
        };
        let text_end = at.text + symbols.len() * CODE_LEN;

        let mut file = self.writer();
        file.header(&at);
        let dynamic_len = 10 * 2 * word;
        let text_at = at.text + self.text_shift;
        let text_len = text_end - at.text;
        if self.text_shift == 0 {
            file.segment(elf::PT_LOAD, 5, 0, self.origin, text_end);
            file.segment(elf::PT_NULL, 0, 0, 0, 0);
        } else {
            file.segment(elf::PT_LOAD, 4, 0, self.origin, at.text);
            let address = self.address(text_at);
            file.segment(elf::PT_LOAD, 5, at.text, address, text_len);
        }
        file.segment(elf::PT_DYNAMIC, 4, at.dynamic, self.address(at.dynamic), dynamic_len);

        let mut symtab = self.writer();
        symtab.pad(symbol_len);
        for (index, (symbol, name)) in symbols.iter().zip(&names).enumerate() {
            let undefined = symbol.section == 0;
            let own = self.address(text_at + index * CODE_LEN);
            let value = symbol.value.unwrap_or(if undefined { 0 } else { own });
            let size = if undefined || symbol.value.is_some() { 0 } else { CODE_LEN };
            symtab.symbol(symbol, *name, value, size);
        }

        let pointer = |at| {
            let shift = self.relocated_to.map_or(0, |base| base.wrapping_sub(self.origin));
            self.address(at).wrapping_add(shift)
        };
        let mut dynamic = self.writer();
        dynamic.entry(elf::DT_SONAME, u64::from(soname));
        dynamic.entry(elf::DT_STRTAB, pointer(at.strtab));
        dynamic.entry(elf::DT_SYMTAB, pointer(at.symtab));
        dynamic.entry(elf::DT_STRSZ, strings.len() as u64);
        dynamic.entry(elf::DT_SYMENT, symbol_len as u64);
        if self.sysv_hash.is_some() {
            dynamic.entry(elf::DT_HASH, pointer(at.sysv_hash));
        }
        if self.gnu_hash {
            dynamic.entry(elf::DT_GNU_HASH, pointer(at.gnu_hash));
        }
        if self.versioned {
            dynamic.entry(elf::DT_VERSYM, pointer(at.versym));
            dynamic.entry(elf::DT_VERDEF, pointer(at.verdef));
        }
        dynamic.entry(elf::DT_NULL, 0);

        let text: Vec<u8> = (1..).take(symbols.len()).flat_map(|n| [n; CODE_LEN]).collect();
        let blobs = [
            (at.sysv_hash, &sysv_hash),
            (at.gnu_hash, &gnu_hash),
            (at.symtab, &symtab.bytes),
            (at.strtab, &strings),
            (at.versym, &versym),
            (at.verdef, &verdef),
            (at.dynamic, &dynamic.bytes),
            (at.text, &text),
        ];
        for (place, blob) in blobs {
            file.pad(place);
            file.bytes.extend(blob);
        }

        let (front, text) = file.bytes.split_at(at.text);
        let memory = [front, &vec![0; self.text_shift], text].concat();
        at.text = text_at;
        Built { memory, file: file.bytes, at, symbols, wide: self.wide, big: self.big }
    }

    /// A GNU hash table wants its symbols sorted by bucket, after those that it
    /// does not hold.
    fn ordered(&self) -> Vec<Spec> {
        let mut symbols = self.symbols.clone();
        symbols.sort_by_key(|symbol| {
            let bucket = elf::gnu_hash(symbol.name.as_bytes()) % GNU_BUCKETS;
            if symbol.section == 0 { 0 } else { 1 + bucket }
        });
        symbols
    }

    fn sysv_hash_table(&self, symbols: &[Spec]) -> Vec<u8> {
        let count = symbols.len() + 1;
        let mut buckets = vec![0; SYSV_BUCKETS as usize];
        let mut chains = vec![0; count];
        for (index, symbol) in (1..).zip(symbols) {
            let bucket = elf::hash(symbol.name.as_bytes()) % SYSV_BUCKETS;
            chains[index] = core::mem::replace(&mut buckets[bucket as usize], index);
        }
        let mut table = self.writer();
        let head = [buckets.len(), chains.len()];
        for entry in head.iter().chain(&buckets).chain(&chains) {
            if self.sysv_hash == Some(8) {
                table.u64(*entry as u64);
            } else {
                table.u32(*entry as u32);
            }
        }
        table.bytes
    }

    fn gnu_hash_table(&self, symbols: &[Spec]) -> Vec<u8> {
        let first = 1 + symbols.iter().filter(|symbol| symbol.section == 0).count();
        let hashes: Vec<u32> = symbols[first - 1..]
            .iter()
            .map(|symbol| elf::gnu_hash(symbol.name.as_bytes()))
            .collect();
        let bits = if self.wide { 64 } else { 32 };
        let mut bloom = [0_u64; 2];
        let mut buckets = [0; GNU_BUCKETS as usize];
        let mut chains = Vec::new();
        for (position, &hash) in hashes.iter().enumerate() {
            let word = &mut bloom[(hash / bits % 2) as usize];
            *word |= 1 << (hash % bits) | 1 << ((hash >> BLOOM_SHIFT) % bits);
            let bucket = hash % GNU_BUCKETS;
            if buckets[bucket as usize] == 0 {
                buckets[bucket as usize] = (first + position) as u32;
            }
            let next = hashes.get(position + 1).map(|next| next % GNU_BUCKETS);
            chains.push(if next == Some(bucket) { hash & !1 } else { hash | 1 });
        }
        let mut table = self.writer();
        for entry in [GNU_BUCKETS, first as u32, bloom.len() as u32, BLOOM_SHIFT] {
            table.u32(entry);
        }
        bloom.iter().for_each(|&entry| table.word(entry));
        buckets.iter().chain(&chains).for_each(|&entry| table.u32(entry));
        table.bytes
    }

    fn versym_table(&self, symbols: &[Spec]) -> Vec<u8> {
        let mut table = self.writer();
        table.u16(0);
        symbols.iter().for_each(|symbol| table.u16(symbol.version));
        table.bytes
    }

    fn verdef_table(&self, soname: u32, version_names: &[u32]) -> Vec<u8> {
        let mut table = self.writer();
        let names = core::iter::once(&self.soname).chain(&self.versions);
        let places = core::iter::once(&soname).chain(version_names);
        for (index, (name, place)) in (1..).zip(names.zip(places)) {
            let is_last = index as usize == 1 + self.versions.len();
            table.u16(1);
            table.u16(if index == 1 { elf::VER_FLG_BASE.0 } else { 0 });
            table.u16(index);
            table.u16(1);
            table.u32(elf::hash(name.as_bytes()));
            table.u32(20);
            table.u32(if is_last { 0 } else { 28 });
            table.u32(*place);
            table.u32(0);
        }
        table.bytes
    }

    fn address(&self, at: usize) -> u64 {
        let address = self.origin.wrapping_add(at as u64);
        if self.wide { address } else { u64::from(address as u32) }
    }

    fn writer(&self) -> Writer {
        Writer { bytes: Vec::new(), wide: self.wide, big: self.big, machine: self.machine }
    }
}

/// Where the parts of a built image start, in memory.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    pub segments: usize,
    pub sysv_hash: usize,
    pub gnu_hash: usize,
    pub symtab: usize,
    pub strtab: usize,
    pub versym: usize,
    pub verdef: usize,
    pub dynamic: usize,
    pub text: usize,
}

/// A built image.
pub struct Built {
    /// As it lies in memory.
    pub memory: Vec<u8>,
    /// As it lies in a file.
    pub file: Vec<u8>,
    pub at: Places,
    /// The symbols in the order of the table, from its entry 1 on.
    pub symbols: Vec<Spec>,
    wide: bool,
    big: bool,
}

impl Built {
    /// Gives the place of a symbol's entry.
    pub fn entry(&self, name: &str) -> usize {
        self.at.symtab + (1 + self.position(name)) * if self.wide { 24 } else { 16 }
    }

    /// Gives the place of a symbol's code, in memory.
    pub fn code(&self, name: &str) -> usize {
        self.at.text + self.position(name) * CODE_LEN
    }

    /// Gives the place of a value in the dynamic section.
    pub fn dynamic(&self, tag: elf::DynamicTag) -> usize {
        let word = if self.wide { 8 } else { 4 };
        let read = |at: usize| {
            let raw = &self.memory[at..at + word];
            let little: Vec<u8> =
                if self.big { raw.iter().rev().copied().collect() } else { raw.to_vec() };
            little.iter().rev().fold(0, |value, &byte| value << 8 | i64::from(byte))
        };
        let mut at = self.at.dynamic;
        while read(at) != tag.0 {
            at += 2 * word;
        }
        at + word
    }

    pub fn put16(&mut self, at: usize, value: u16) {
        let raw = if self.big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.memory[at..at + 2].copy_from_slice(&raw);
    }

    pub fn put32(&mut self, at: usize, value: u32) {
        let raw = if self.big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.memory[at..at + 4].copy_from_slice(&raw);
    }

    pub fn put64(&mut self, at: usize, value: u64) {
        let raw = if self.big { value.to_be_bytes() } else { value.to_le_bytes() };
        self.memory[at..at + 8].copy_from_slice(&raw);
    }

    fn position(&self, name: &str) -> usize {
        self.symbols.iter().position(|symbol| symbol.name == name).unwrap()
    }
}

/// Bytes being written in an image's class and order.
struct Writer {
    bytes: Vec<u8>,
    wide: bool,
    big: bool,
    machine: u16,
}

impl Writer {
    fn u16(&mut self, value: u16) {
        self.bytes.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn u64(&mut self, value: u64) {
        self.bytes.extend(if self.big { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    fn word(&mut self, value: u64) {
        if self.wide { self.u64(value) } else { self.u32(value as u32) }
    }

    fn pad(&mut self, to: usize) {
        assert!(self.bytes.len() <= to);
        self.bytes.resize(to, 0);
    }

    fn entry(&mut self, tag: elf::DynamicTag, value: u64) {
        self.word(u64::try_from(tag.0).unwrap());
        self.word(value);
    }

    fn header(&mut self, at: &Places) {
        self.bytes.extend(elf::ELFMAG);
        self.bytes.extend([if self.wide { 2 } else { 1 }, if self.big { 2 } else { 1 }, 1]);
        self.pad(16);
        self.u16(elf::ET_DYN.0);
        self.u16(self.machine);
        self.u32(1);
        self.word(0);
        self.word(at.segments as u64);
        self.word(0);
        self.u32(0);
        self.u16(at.segments as u16);
        self.u16(if self.wide { 56 } else { 32 });
        self.u16(3);
        self.u16(0);
        self.u16(0);
        self.u16(0);
    }

    fn segment(
        &mut self,
        kind: elf::ProgramType,
        flags: u32,
        offset: usize,
        address: u64,
        len: usize,
    ) {
        self.u32(kind.0);
        if self.wide {
            self.u32(flags);
        }
        self.word(offset as u64);
        self.word(address);
        self.word(address);
        self.word(len as u64);
        self.word(len as u64);
        if !self.wide {
            self.u32(flags);
        }
        // A 64 KiB page, as on Arm and PowerPC.
        self.word(0x10000);
    }

    fn symbol(&mut self, symbol: &Spec, name: u32, value: u64, size: usize) {
        let info = symbol.binding.0 << 4 | symbol.kind.0;
        self.u32(name);
        if self.wide {
            self.bytes.extend([info, 0]);
            self.u16(symbol.section);
            self.u64(value);
            self.u64(size as u64);
        } else {
            self.u32(value as u32);
            self.u32(size as u32);
            self.bytes.extend([info, 0]);
            self.u16(symbol.section);
        }
    }
}
