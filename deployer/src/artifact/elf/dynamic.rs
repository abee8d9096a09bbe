//! The table that the loader reads.

use object::elf::{self, Vernaux, Verneed};
use object::pod;
use object::read::elf::{Dyn as _, ProgramHeader as _};

use super::{LE, Segment, Unfit, malformed, one};

/// More versions than any program asks for; a table that goes in circles would be endless.
const MANY: usize = 10_000;

/// A library, and a version that it has to have.
type Needed<'file> = (&'file [u8], &'file [u8]);

/// A program's dynamic table, as far as it matters.
#[derive(Debug, Default)]
pub(super) struct Dynamic<'file> {
    /// The libraries that it needs.
    pub(super) libraries: Vec<&'file [u8]>,
    /// The versions of them that it needs.
    pub(super) versions: Vec<Needed<'file>>,
    /// Whether it is a program and not a library.
    is_program: bool,
    /// Whether its addresses are relocated in the form that glibc knows since 2.36.
    pub(super) packed_relocations: bool,
}

/// The entries that lead to others.
#[derive(Default)]
struct Tables {
    names: Option<u64>,
    versions: Option<u64>,
    version_count: u64,
    needed: Vec<u64>,
}

impl<'file> Dynamic<'file> {
    /// Reads the table, if there is one.
    pub(super) fn read(file: &'file [u8], segments: &'file [Segment]) -> Result<Option<Self>, Unfit> {
        let Some(entries) = one(segments, |segment| segment.dynamic(LE, file))? else { return Ok(None) };
        let mut found = Self::default();
        let mut tables = Tables::default();
        for entry in entries.iter().take_while(|entry| entry.tag(LE) != elf::DT_NULL) {
            match (entry.tag(LE), entry.val(LE)) {
                (elf::DT_NEEDED, name) => tables.needed.push(name),
                (elf::DT_STRTAB, address) => tables.names = Some(address),
                (elf::DT_VERNEED, address) => tables.versions = Some(address),
                (elf::DT_VERNEEDNUM, count) => tables.version_count = count,
                (elf::DT_FLAGS_1, flags) => found.is_program = flags & u64::from(elf::DF_1_PIE) != 0,
                (elf::DT_RELR, _) => found.packed_relocations = true,
                _ => {}
            }
        }
        let memory = |address: u64| loaded(file, segments, address).ok_or_else(malformed);
        let names = tables.names.map(memory).transpose()?.unwrap_or_default();
        for &at in &tables.needed {
            found.libraries.push(name(names, at)?);
        }
        if let Some(address) = tables.versions {
            found.versions = versions(memory(address)?, tables.version_count, names)?;
        }
        Ok(Some(found))
    }

    /// Whether it is a program that relocates itself and needs no loader.
    pub(super) fn stands_alone(&self) -> bool {
        self.is_program && self.libraries.is_empty() && self.versions.is_empty()
    }
}

/// What the file holds from an address on, to the end of its segment.
fn loaded<'file>(file: &'file [u8], segments: &'file [Segment], address: u64) -> Option<&'file [u8]> {
    segments.iter().filter(|segment| segment.p_type(LE) == elf::PT_LOAD).find_map(|segment| {
        let into = address.checked_sub(segment.p_vaddr(LE))?;
        segment.data(LE, file).ok()?.get(usize::try_from(into).ok()?..)
    })
}

fn versions<'file>(mut table: &'file [u8], count: u64, names: &'file [u8]) -> Result<Vec<Needed<'file>>, Unfit> {
    let mut found = Vec::new();
    for _ in 0..count {
        let (library, _) = pod::from_bytes::<Verneed<_>>(table).map_err(|()| malformed())?;
        let file = name(names, library.vn_file.get(LE).into())?;
        let mut own = skip(table, library.vn_aux.get(LE))?;
        for _ in 0..library.vn_cnt.get(LE) {
            let (version, _) = pod::from_bytes::<Vernaux<_>>(own).map_err(|()| malformed())?;
            // The loader goes on without a weak one.
            if version.vna_flags.get(LE) & elf::VER_FLG_WEAK == 0 {
                found.push((file, name(names, version.vna_name.get(LE).into())?));
            }
            if found.len() > MANY {
                return Err(malformed());
            }
            own = skip(own, version.vna_next.get(LE))?;
        }
        match library.vn_next.get(LE) {
            0 => break,
            next => table = skip(table, next)?,
        }
    }
    Ok(found)
}

fn skip(table: &[u8], bytes: u32) -> Result<&[u8], Unfit> {
    usize::try_from(bytes).ok().and_then(|bytes| table.get(bytes..)).ok_or_else(malformed)
}

fn name(names: &[u8], at: u64) -> Result<&[u8], Unfit> {
    let rest = usize::try_from(at).ok().and_then(|at| names.get(at..)).ok_or_else(malformed)?;
    let end = memchr::memchr(0, rest).ok_or_else(malformed)?;
    rest.get(..end).ok_or_else(malformed)
}
