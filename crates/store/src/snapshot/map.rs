//! A file as octets, without reading it into memory.
//!
//! The only place with `unsafe` in this crate. Not its business: which file.

use std::{fs::File, io, sync::Arc};

use memmap2::MmapOptions;

/// Octets that several parts of the program read at the same time.
pub type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// Maps the first `len` octets of a private copy for reading.
pub(super) fn map(file: &File, len: u64) -> io::Result<Bytes> {
    let len = usize::try_from(len).map_err(io::Error::other)?;
    // Sound as long as nobody shortens or changes the mapped octets. The file was made by us with O_EXCL, mode 0600 and a
    // random name, and is locked; this crate writes to no octet that is mapped and lent, and never cuts below it (`append`
    // and `cut` refuse while it is lent). What remains is
    // a process of the same user that means harm: it could trace this process as well. Should it cut the file, the access
    // ends in SIGBUS, with the source untouched and the copy not put in place.
    #[expect(
        unsafe_code,
        reason = "private 0600 copy that this crate neither shortens nor changes while it is lent"
    )]
    let map = unsafe { MmapOptions::new().len(len).map(file) }?;
    Ok(Arc::new(map))
}
