//! A bound on what object streams unpack to, checked before the reader unpacks any: a small file must not ask for all memory.
//!
//! Not its business: what is in them. Other filters than Flate are rare here, and are not measured.

use std::collections::BTreeSet;
use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_syntax::Filter;
use hayro_syntax::object::{FromBytes, Stream};

use crate::error::OpenError;
use crate::lexer::Cursor;
use crate::xref::{Entry, XrefChain};

/// Refuses a file whose object streams together unpack to more than the limit.
pub(crate) fn check(bytes: &[u8], xref: &XrefChain) -> Result<(), OpenError> {
    let entries = xref.sections().iter().flat_map(|section| section.entries());
    let containers: BTreeSet<u32> = entries
        .filter_map(|(_, entry)| match entry {
            Entry::InStream { stream, .. } => Some(*stream),
            _ => None,
        })
        .collect();
    let streams = || containers.iter().filter_map(|number| stream(bytes, xref, *number));
    // Deflate makes at most 1032 bytes of one: most files need no closer look.
    let packed: u64 = streams().map(|stream| stream.raw_data().len() as u64).sum();
    if packed.saturating_mul(DEFLATE_RATIO) <= LIMIT {
        return Ok(());
    }
    let mut size = 0_u64;
    for stream in streams() {
        size = size.saturating_add(unpacked(&stream, LIMIT));
        if size > LIMIT {
            return Err(OpenError::TooLarge { size, limit: LIMIT });
        }
    }
    Ok(())
}

/// The unpacked size of a stream, counted up to just beyond the limit.
pub(crate) fn unpacked(stream: &Stream<'_>, limit: u64) -> u64 {
    let raw = stream.raw_data();
    if !matches!(stream.filters().first(), Some(Filter::FlateDecode)) {
        return raw.len() as u64;
    }
    let mut decoder = ZlibDecoder::new(raw.as_ref()).take(limit.saturating_add(1));
    let (mut size, mut chunk) = (0_u64, [0; 16_384]);
    // What ends in an error has been counted so far; the reader meets the same error.
    while let Ok(read @ 1..) = decoder.read(&mut chunk) {
        size = size.saturating_add(read as u64);
    }
    size
}

fn stream<'a>(bytes: &'a [u8], xref: &XrefChain, number: u32) -> Option<Stream<'a>> {
    let Some(Entry::At { offset, .. }) = xref.lookup(number) else {
        return None;
    };
    let mut cursor = Cursor::new(bytes, usize::try_from(offset).ok()?);
    cursor.skip_white();
    cursor.object_header()?;
    cursor.skip_blank();
    Stream::from_bytes(cursor.rest())
}

/// What deflate can make of one byte.
const DEFLATE_RATIO: u64 = 1032;
/// More than any contract holds, and less than a machine has.
const LIMIT: u64 = 1 << 30;

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_bomb_is_counted_no_further_than_the_limit() {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
        let packed = encoder.finish().unwrap();
        let mut source = format!("<< /Filter /FlateDecode /Length {} >>\nstream\n", packed.len()).into_bytes();
        source.extend(packed);
        source.extend_from_slice(b"\nendstream");
        let stream = Stream::from_bytes(&source).unwrap();
        assert_eq!(unpacked(&stream, u64::MAX - 1), 1 << 20);
        assert_eq!(unpacked(&stream, 1000), 1001);
    }
}
