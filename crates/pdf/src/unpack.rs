//! A bound on what object streams unpack to, checked before the reader unpacks any: a small file must not ask for all memory.
//!
//! Every filter of a chain counts, not only the first (ISO 32000-2 7.4): what one makes is what the next one gets. Where a
//! level would have to be decoded to be counted exactly, the most that its filter can make is taken instead. Not its business:
//! what is in the streams.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;
use hayro_syntax::Filter;
use hayro_syntax::object::{FromBytes, Stream};

use crate::error::OpenError;
use crate::lexer::Cursor;
use crate::xref::{Entry, XrefChain};

/// Refuses a file whose object streams together unpack to more than the limit, or stand at one place under several numbers:
/// each would be unpacked anew.
pub(crate) fn check(bytes: &[u8], xref: &XrefChain) -> Result<(), OpenError> {
    let entries = xref.sections().iter().flat_map(|section| section.entries());
    let mut places: BTreeMap<u64, u32> = BTreeMap::new();
    for (_, entry) in entries {
        let Entry::InStream { stream, .. } = entry else {
            continue;
        };
        let Some(Entry::At { offset, .. }) = xref.lookup(*stream) else {
            continue;
        };
        if places.insert(offset, *stream).is_some_and(|other| other != *stream) {
            return Err(OpenError::DamagedXref {
                what: "two object streams at one place",
                offset,
            });
        }
    }
    let streams = || places.keys().filter_map(|offset| stream(bytes, *offset));
    let bound = streams().map(|stream| most(&stream)).fold(0, u64::saturating_add);
    if bound <= LIMIT {
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

/// The unpacked size of a stream, counted up to just beyond the limit; where it is not a single Flate, its upper bound.
pub(crate) fn unpacked(stream: &Stream<'_>, limit: u64) -> u64 {
    if !is_counted(stream) {
        return most(stream);
    }
    let raw = stream.raw_data();
    let mut decoder = ZlibDecoder::new(raw.as_ref()).take(limit.saturating_add(1));
    let (mut size, mut chunk) = (0_u64, [0; 16_384]);
    // What ends in an error has been counted so far; the reader meets the same error.
    while let Ok(read @ 1..) = decoder.read(&mut chunk) {
        size = size.saturating_add(read as u64);
    }
    size
}

/// Whether [`unpacked`] counts, and does not only give an upper bound.
pub(crate) fn is_counted(stream: &Stream<'_>) -> bool {
    matches!(stream.filters().as_slice(), [Filter::FlateDecode])
}

/// The most that all filters of a stream together can make of it, and every level before the last as well.
fn most(stream: &Stream<'_>) -> u64 {
    let raw = stream.raw_data();
    let mut size = raw.len() as u64;
    let mut largest = size;
    for (level, filter) in stream.filters().iter().enumerate() {
        size = match filter {
            Filter::AsciiHexDecode => size.div_ceil(2),
            // Five characters stand for four bytes; `z` alone for four zeros.
            Filter::Ascii85Decode if level == 0 => {
                let zeros = raw.iter().filter(|&&byte| byte == b'z').count() as u64;
                zeros
                    .saturating_mul(4)
                    .saturating_add((size - zeros).div_ceil(5).saturating_mul(4))
            }
            Filter::Ascii85Decode => size.saturating_mul(4),
            Filter::RunLengthDecode => size.saturating_mul(RUN_LENGTH_RATIO),
            Filter::LzwDecode => size.saturating_mul(LZW_RATIO),
            Filter::FlateDecode => size.saturating_mul(DEFLATE_RATIO),
            // Pictures have no place in an object or cross-reference stream.
            Filter::CcittFaxDecode | Filter::Jbig2Decode | Filter::DctDecode | Filter::JpxDecode => u64::MAX,
            Filter::Crypt => size,
        };
        largest = largest.max(size);
    }
    largest
}

fn stream(bytes: &[u8], offset: u64) -> Option<Stream<'_>> {
    let mut cursor = Cursor::new(bytes, usize::try_from(offset).ok()?);
    cursor.skip_white();
    cursor.object_header()?;
    cursor.skip_blank();
    Stream::from_bytes(cursor.rest())
}

/// What deflate can make of one byte.
const DEFLATE_RATIO: u64 = 1032;
/// Two bytes stand for 128 at most (7.4.5).
const RUN_LENGTH_RATIO: u64 = 64;
/// A code of nine bits or more stands for 4,096 bytes at most (7.4.4).
const LZW_RATIO: u64 = 3641;
/// More than any contract holds, and half of what a whole run may take.
const LIMIT: u64 = 256 << 20;

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn deflated(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn source(filter: &str, data: &[u8]) -> Vec<u8> {
        let head = format!("<< /Filter {filter} /Length {} >>\nstream\n", data.len());
        [head.as_bytes(), data, b"\nendstream"].concat()
    }

    #[test]
    fn a_bomb_is_counted_no_further_than_the_limit() {
        let source = source("/FlateDecode", &deflated(&vec![0; 1 << 20]));
        let stream = Stream::from_bytes(&source).unwrap();
        assert_eq!(unpacked(&stream, u64::MAX - 1), 1 << 20);
        assert_eq!(unpacked(&stream, 1000), 1001);
    }

    #[test]
    fn every_level_of_a_chain_counts() {
        let zeros = vec![0; 8 << 20];
        let twice = deflated(&deflated(&zeros));
        let hex = hex::encode(deflated(&zeros)).into_bytes();
        for (filter, data, at_least) in [
            ("[/FlateDecode /FlateDecode]", twice.as_slice(), 8 << 20),
            ("[/ASCIIHexDecode /FlateDecode]", hex.as_slice(), 8 << 20),
            ("[/RunLengthDecode /FlateDecode]", twice.as_slice(), 1 << 20),
            ("[/LZWDecode]", b"\x80\x0b\x60\x50", 4096),
            ("[/ASCII85Decode]", b"zzzz~>", 16),
            ("[/JBIG2Decode]", b"x", u64::MAX),
        ] {
            let source = source(filter, data);
            let stream = Stream::from_bytes(&source).unwrap();
            assert!(unpacked(&stream, u64::MAX - 1) >= at_least, "{filter}");
        }
    }
}
