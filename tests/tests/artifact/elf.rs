//! Writes small executables, byte by byte as the ELF specification has them, with all that their judge looks at.

/// What the executable is. [`Elf::good`] is what Lambda can run.
#[derive(Debug, Clone)]
pub(crate) struct Elf {
    pub(crate) class: u8,
    pub(crate) order: u8,
    pub(crate) system: u8,
    pub(crate) machine: u16,
    pub(crate) kind: u16,
    pub(crate) interpreter: Option<&'static str>,
    pub(crate) dynamic: bool,
    pub(crate) program: bool,
    pub(crate) libraries: Vec<&'static str>,
    /// Versions, with their library and whether the loader may do without.
    pub(crate) versions: Vec<(&'static str, &'static str, bool)>,
    pub(crate) packed_relocations: bool,
    pub(crate) mark: String,
}

pub(crate) const X86_64: u16 = 62;
pub(crate) const ARM64: u16 = 183;
pub(crate) const LOADER_X86_64: &str = "/lib64/ld-linux-x86-64.so.2";
pub(crate) const LOADER_ARM64: &str = "/lib/ld-linux-aarch64.so.1";

/// The mark of the function, of a version and a kind of build.
pub(crate) fn mark(version: &str, build: &str) -> String {
    format!("<notebook-guard-evaluator {version} {build}>")
}

impl Elf {
    /// A position-independent executable for x86-64 that needs glibc 2.34.
    pub(crate) fn good() -> Self {
        Self {
            class: 2,
            order: 1,
            system: 0,
            machine: X86_64,
            kind: 3,
            interpreter: Some(LOADER_X86_64),
            dynamic: true,
            program: true,
            libraries: vec!["libgcc_s.so.1", "libc.so.6"],
            versions: vec![
                ("libgcc_s.so.1", "GCC_4.2.0", false),
                ("libc.so.6", "GLIBC_2.2.5", false),
                ("libc.so.6", "GLIBC_2.34", false),
            ],
            packed_relocations: false,
            mark: mark(env!("CARGO_PKG_VERSION"), "optimized"),
        }
    }

    /// The same for arm64.
    pub(crate) fn arm64() -> Self {
        Self { machine: ARM64, interpreter: Some(LOADER_ARM64), ..Self::good() }
    }

    /// The file: header, three program headers, texts, version needs, dynamic table, one section header at the end.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        const HEADERS: usize = 64 + 3 * 56;
        let mut names = Names::default();
        let versions = self.version_needs(&mut names);
        let libraries: Vec<u64> = self.libraries.iter().map(|name| names.add(name)).collect();
        let interpreter = self.interpreter.map(|path| format!("{path}\0").into_bytes()).unwrap_or_default();

        let mut body = Vec::new();
        let mut place = |bytes: &[u8]| {
            body.resize(body.len().next_multiple_of(8), 0);
            let at = HEADERS + body.len();
            body.extend_from_slice(bytes);
            at as u64
        };
        place(self.mark.as_bytes());
        let interpreter_at = place(&interpreter);
        let names_at = place(&names.bytes);
        let versions_at = place(&versions);
        let dynamic = self.dynamic_table(&libraries, names_at, versions_at);
        let dynamic_at = place(&dynamic);
        let sections_at = place(&[0; 64]);

        let whole = (HEADERS + body.len()) as u64;
        let mut file = self.header(sections_at);
        file.extend(segment(1, 0, whole));
        file.extend(segment(if self.interpreter.is_some() { 3 } else { 0 }, interpreter_at, interpreter.len() as u64));
        file.extend(segment(if self.dynamic { 2 } else { 0 }, dynamic_at, dynamic.len() as u64));
        file.extend(body);
        file
    }

    fn header(&self, sections_at: u64) -> Vec<u8> {
        let mut header = vec![0x7f, b'E', b'L', b'F', self.class, self.order, 1, self.system, 0, 0, 0, 0, 0, 0, 0, 0];
        for half in [self.kind, self.machine, 1, 0] {
            header.extend(half.to_le_bytes());
        }
        for long in [64_u64, 64, sections_at] {
            header.extend(long.to_le_bytes());
        }
        for half in [0_u16, 0, 64, 56, 3, 64, 1, 0] {
            header.extend(half.to_le_bytes());
        }
        header
    }

    fn dynamic_table(&self, libraries: &[u64], names_at: u64, versions_at: u64) -> Vec<u8> {
        let mut entries: Vec<(u64, u64)> = libraries.iter().map(|&name| (1, name)).collect();
        entries.push((5, names_at));
        if !self.versions.is_empty() {
            entries.extend([(0x6fff_fffe, versions_at), (0x6fff_ffff, self.versions.len() as u64)]);
        }
        if self.program {
            entries.push((0x6fff_fffb, 0x0800_0001));
        }
        if self.packed_relocations {
            entries.push((36, names_at));
        }
        entries.push((0, 0));
        entries.iter().flat_map(|(tag, value)| [tag.to_le_bytes(), value.to_le_bytes()].concat()).collect()
    }

    /// One record for each version, with the only version of that record after it.
    fn version_needs(&self, names: &mut Names) -> Vec<u8> {
        let mut needs = Vec::new();
        for (index, (library, version, weak)) in self.versions.iter().enumerate() {
            let next: u32 = if index + 1 == self.versions.len() { 0 } else { 32 };
            needs.extend([1_u16.to_le_bytes(), 1_u16.to_le_bytes()].concat());
            for word in [u32::try_from(names.add(library)).unwrap(), 16, next, 0] {
                needs.extend(word.to_le_bytes());
            }
            needs.extend([(u16::from(*weak) * 2).to_le_bytes(), 2_u16.to_le_bytes()].concat());
            for word in [u32::try_from(names.add(version)).unwrap(), 0] {
                needs.extend(word.to_le_bytes());
            }
        }
        needs
    }
}

fn segment(kind: u32, at: u64, size: u64) -> Vec<u8> {
    let mut segment = [kind.to_le_bytes(), 4_u32.to_le_bytes()].concat();
    for long in [at, at, at, size, size, 8] {
        segment.extend(long.to_le_bytes());
    }
    segment
}

/// A table of names that end in a zero byte, the first of them empty.
#[derive(Debug)]
struct Names {
    bytes: Vec<u8>,
}

impl Default for Names {
    fn default() -> Self {
        Self { bytes: vec![0] }
    }
}

impl Names {
    fn add(&mut self, name: &str) -> u64 {
        let at = self.bytes.len() as u64;
        self.bytes.extend(name.bytes().chain([0]));
        at
    }
}
