//! Whether Amazon Linux 2023, as Lambda has it, can start an executable.
//!
//! Only what the loader itself reads counts: program headers and what they point to. Sections may be stripped.

mod dynamic;
mod foreign;
mod needs;

use std::fmt;

use object::LittleEndian;
use object::elf::{self, FileHeader64, ProgramHeader64};
use object::read::elf::{FileHeader as _, ProgramHeader as _};

use super::Architecture;
use dynamic::Dynamic;
pub use needs::Glibc;

/// What an executable is, if Lambda can start it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Executable {
    /// The processor.
    pub(super) architecture: Architecture,
    /// What it needs of the system.
    pub(super) linkage: Linkage,
}

/// What an executable needs of the system that it runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// Nothing but the kernel.
    Static,
    /// glibc, of this version at least; none if it asks for no version.
    Dynamic(Option<Glibc>),
}

impl Linkage {
    /// The oldest glibc that will do.
    #[must_use]
    pub const fn glibc(self) -> Option<Glibc> {
        match self {
            Self::Static => None,
            Self::Dynamic(glibc) => glibc,
        }
    }
}

impl fmt::Display for Linkage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Static => f.write_str("not needed"),
            Self::Dynamic(None) => f.write_str("any"),
            Self::Dynamic(Some(glibc)) => write!(f, "{glibc} or newer"),
        }
    }
}

/// Why Lambda cannot start a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is something else, or cut off, or contradicts itself: what it is.
    Is(String),
    /// It is for one of Lambda's processors, but needs what Lambda's system lacks: what it needs.
    Needs(Architecture, String),
}

type Header = FileHeader64<LittleEndian>;
type Segment = ProgramHeader64<LittleEndian>;
const LE: LittleEndian = LittleEndian;

/// Judges a file.
pub(super) fn judge(file: &[u8]) -> Result<Executable, Unfit> {
    if !file.starts_with(&elf::ELFMAG) {
        return Err(Unfit::Is(foreign::kind(file).to_owned()));
    }
    let architecture = architecture(file)?;
    let header = Header::parse(file).map_err(|_| truncated())?;
    let segments = header.program_headers(LE, file).map_err(|_| truncated())?;
    whole(file, header, segments)?;
    let interpreter = one(segments, |segment| segment.interpreter(LE, file))?;
    let dynamic = Dynamic::read(file, segments)?;
    let linkage = match (header.e_type(LE), interpreter, dynamic) {
        (elf::ET_EXEC | elf::ET_DYN, Some(interpreter), Some(dynamic)) => {
            needs::loader(interpreter, architecture)?;
            Linkage::Dynamic(needs::glibc(&dynamic, architecture)?)
        }
        (elf::ET_EXEC, None, None) => Linkage::Static,
        (elf::ET_EXEC | elf::ET_DYN, None, Some(dynamic)) if dynamic.stands_alone() => Linkage::Static,
        (elf::ET_DYN, ..) => return Err(Unfit::Is("a shared library for Linux".to_owned())),
        (elf::ET_REL, ..) => return Err(Unfit::Is("an object file for Linux, not linked".to_owned())),
        (elf::ET_CORE, ..) => return Err(Unfit::Is("the memory of a process that crashed".to_owned())),
        _ => return Err(malformed()),
    };
    Ok(Executable { architecture, linkage })
}

/// Reads only the first bytes, which are the same in all classes and orders of bytes.
fn architecture(file: &[u8]) -> Result<Architecture, Unfit> {
    let byte = |at: usize| file.get(at).copied().ok_or_else(truncated);
    if byte(4)? != elf::ELFCLASS64 {
        return Err(Unfit::Is("an executable for 32-bit Linux".to_owned()));
    }
    if byte(5)? != elf::ELFDATA2LSB {
        return Err(Unfit::Is("an executable for a big-endian processor".to_owned()));
    }
    // FreeBSD and others mark theirs here; Linux leaves it at zero, unless GNU extensions are used.
    if ![elf::ELFOSABI_SYSV, elf::ELFOSABI_GNU].contains(&byte(7)?) {
        return Err(Unfit::Is("an executable for an operating system that is not Linux".to_owned()));
    }
    match u16::from_le_bytes([byte(18)?, byte(19)?]) {
        elf::EM_X86_64 => Ok(Architecture::X86_64),
        elf::EM_AARCH64 => Ok(Architecture::Arm64),
        elf::EM_RISCV => Err(Unfit::Is("an executable for RISC-V".to_owned())),
        machine => Err(Unfit::Is(format!("an executable for a processor that Lambda lacks (ELF machine {machine})"))),
    }
}

/// Whether all that the headers speak of is there. Section headers are last in a file, so they tell a cut-off one.
fn whole(file: &[u8], header: &Header, segments: &[Segment]) -> Result<(), Unfit> {
    header.section_headers(LE, file).map_err(|_| truncated())?;
    let mut loaded = false;
    for segment in segments {
        // What takes no room in the file may point anywhere.
        if segment.p_filesz(LE) != 0 {
            segment.data(LE, file).map_err(|()| truncated())?;
        }
        loaded |= segment.p_type(LE) == elf::PT_LOAD;
    }
    if loaded || header.e_type(LE) == elf::ET_REL { Ok(()) } else { Err(malformed()) }
}

/// What the only segment of its kind says; several would leave open which one the loader takes.
fn one<'file, T>(
    segments: &'file [Segment],
    read: impl Fn(&'file Segment) -> object::read::Result<Option<T>>,
) -> Result<Option<T>, Unfit> {
    let mut found = None;
    for segment in segments {
        if let Some(read) = read(segment).map_err(|_| malformed())?
            && found.replace(read).is_some()
        {
            return Err(malformed());
        }
    }
    Ok(found)
}

fn truncated() -> Unfit {
    Unfit::Is("an executable for Linux that is cut off, as by a download that did not end".to_owned())
}

fn malformed() -> Unfit {
    Unfit::Is("an executable for Linux that contradicts itself".to_owned())
}
