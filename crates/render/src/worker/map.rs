//! A file as octets, without reading it into memory.
//!
//! The only place with `unsafe` in this crate. Not its business: which file.

use std::fs::File;
use std::io;

use memmap2::{Advice, Mmap, MmapOptions};

/// The document: only what a page needs is read from the disk, not the megabytes around each object.
pub(super) fn sparse(file: &File, octets: u64) -> io::Result<Mmap> {
    let map = map(file, octets)?;
    map.advise(Advice::Random)?;
    Ok(map)
}

/// Maps the first octets of a file for reading. A file that has fewer is refused.
pub(super) fn map(file: &File, octets: u64) -> io::Result<Mmap> {
    if file.metadata()?.len() < octets {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let length = usize::try_from(octets).map_err(io::Error::other)?;
    // Sound as long as nobody changes or shortens the mapped octets: they are a session's private copy, to which is only
    // appended behind them, or a typeface of this machine, which package managers replace and do not rewrite. Whoever
    // changes them all the same harms this process only: it holds nothing else, can write to no file, and its answers are
    // checked; a file that is cut ends in SIGBUS, which is one more way for a worker to die.
    #[expect(
        unsafe_code,
        reason = "private copy or typeface, in a process of its own that may die of it"
    )]
    unsafe {
        MmapOptions::new().len(length).map(file)
    }
}
