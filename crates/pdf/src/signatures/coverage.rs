//! What a signature's ByteRange covers (ISO 32000-2 12.8.1): everything up to the end of the signature's own revision
//! except its own /Contents, or it is told what is wrong. Being wrong here would be the worst fault of this crate, so
//! everything is compared with where the bytes really stand in the file.

use serde::Serialize;

use crate::review::syntax::{Entry, Value, elements, hex_digit, integer, is_name, is_space, readable_entries};

/// What a ByteRange covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Everything from the first byte to the end of the signature's revision, except exactly its own /Contents.
    pub whole_revision: bool,
    /// Why not. Empty exactly when `whole_revision` is true.
    pub problems: Vec<CoverageProblem>,
}

/// A fault of a ByteRange, or of the object that holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CoverageProblem {
    /// A range ends beyond the file, or a number is so great that the sum wraps.
    BeyondFile,
    /// There is more than one /ByteRange.
    ByteRangeDuplicated,
    /// /ByteRange, or a number in it, is a reference.
    ByteRangeIndirect,
    /// There is no /ByteRange.
    ByteRangeMissing,
    /// There is more than one /Contents.
    ContentsDuplicated,
    /// /Contents is a reference.
    ContentsIndirect,
    /// There is no /Contents.
    ContentsMissing,
    /// /Contents is not a hexadecimal string.
    ContentsNotHexadecimal,
    /// /Contents is larger than is looked at.
    ContentsTooLarge,
    /// The text of the signature dictionary is malformed.
    DictionaryMalformed,
    /// The first range does not start at the first byte.
    DoesNotStartAtZero,
    /// A range has no bytes.
    EmptyRange,
    /// The gap between the ranges is not where /Contents is.
    GapElsewhere,
    /// The gap leaves out only a part of /Contents.
    GapTooNarrow,
    /// The gap leaves out more than /Contents.
    GapTooWide,
    /// The signature dictionary is in an object stream, where no range can spare its /Contents.
    InObjectStream,
    /// A number is negative.
    Negative,
    /// The object is not what its own revision says.
    NotInItsRevision,
    /// /ByteRange is not an array of four whole numbers.
    NotFourNumbers,
    /// The ranges overlap or are out of order.
    Overlapping,
    /// The revision that the signature belongs to was not opened: the file has too many.
    RevisionSkipped,
    /// The revision that the signature belongs to cannot be opened on its own.
    RevisionUnreadable,
    /// Bytes before the end of the signature's revision are not covered.
    TailUncovered,
    /// The ranges go on beyond the end of the signature's revision.
    PastItsRevision,
}

/// What a signature dictionary says about its coverage.
pub(super) struct Judged {
    pub(super) problems: Vec<CoverageProblem>,
    pub(super) byte_range: Option<[u64; 4]>,
    pub(super) contents: Vec<u8>,
    /// Where the second range ends, if the numbers make sense.
    pub(super) end: Option<usize>,
}

/// Judges a signature dictionary.
///
/// `at` is where its text stands in the file (none: in an object stream), `revision_end` the end of its revision.
/// `indirect` gives the numbers of a /ByteRange that is a reference: they are told, but never accepted.
pub(super) fn judge(
    file: &[u8],
    text: &[u8],
    at: Option<usize>,
    revision_end: usize,
    indirect: impl FnOnce(Value<'_>) -> Option<[u64; 4]>,
) -> Judged {
    let (entries, clean) = readable_entries(text);
    let mut problems = Vec::new();
    if !clean {
        problems.push(CoverageProblem::DictionaryMalformed);
    }
    if at.is_none() {
        problems.push(CoverageProblem::InObjectStream);
    }
    let (contents, gap) = contents(&entries, &mut problems);
    let byte_range = byte_range(&entries, &mut problems, indirect);
    let mut end = None;
    if let Some(range) = byte_range {
        match ranges(range, file.len()) {
            Err(problem) => problems.push(problem),
            Ok((first_end, second_start, second_end)) => {
                end = Some(second_end);
                if range.first() != Some(&0) {
                    problems.push(CoverageProblem::DoesNotStartAtZero);
                }
                if let (Some(at), Some(gap)) = (at, gap) {
                    problems.extend(gap_problem(first_end, second_start, at + gap.start, at + gap.end));
                }
                problems.extend(end_problem(file, second_end, revision_end));
            }
        }
    }
    problems.sort_unstable();
    problems.dedup();
    Judged {
        problems,
        byte_range,
        contents,
        end,
    }
}

/// The decoded /Contents and where it stands in the dictionary's text, with its delimiters.
fn contents(entries: &[Entry<'_>], problems: &mut Vec<CoverageProblem>) -> (Vec<u8>, Option<std::ops::Range<usize>>) {
    let mut all = entries.iter().filter(|entry| is_name(entry.key, b"Contents"));
    let Some(entry) = all.next_back() else {
        problems.push(CoverageProblem::ContentsMissing);
        return (Vec::new(), None);
    };
    if all.next().is_some() {
        problems.push(CoverageProblem::ContentsDuplicated);
    }
    match entry.value {
        Value::Text([b'<', hex @ .., b'>']) => {
            if hex.len() > MAX_HEX {
                problems.push(CoverageProblem::ContentsTooLarge);
                return (Vec::new(), Some(entry.at.clone()));
            }
            (decode_hex(hex), Some(entry.at.clone()))
        }
        Value::Text(raw) => {
            use hayro_syntax::object::{FromBytes, String as PdfString};
            problems.push(CoverageProblem::ContentsNotHexadecimal);
            let bytes = if raw.len() <= MAX_HEX {
                PdfString::from_bytes(raw)
            } else {
                None
            };
            (bytes.map(|bytes| bytes.as_bytes().to_vec()).unwrap_or_default(), None)
        }
        Value::Reference(_) => {
            problems.push(CoverageProblem::ContentsIndirect);
            (Vec::new(), None)
        }
        _ => {
            problems.push(CoverageProblem::ContentsNotHexadecimal);
            (Vec::new(), None)
        }
    }
}

/// White space between digits is skipped, a missing last digit is zero (7.3.4.3). The tokenizer let nothing else in.
fn decode_hex(hex: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(hex.len() / 2 + 1);
    let mut high = None;
    for digit in hex.iter().filter_map(|&byte| hex_digit(byte)) {
        match high.take() {
            None => high = Some(digit << 4),
            Some(high) => bytes.push(high | digit),
        }
    }
    bytes.extend(high);
    bytes
}

fn byte_range(
    entries: &[Entry<'_>],
    problems: &mut Vec<CoverageProblem>,
    indirect: impl FnOnce(Value<'_>) -> Option<[u64; 4]>,
) -> Option<[u64; 4]> {
    let mut all = entries.iter().filter(|entry| is_name(entry.key, b"ByteRange"));
    let Some(entry) = all.next_back() else {
        problems.push(CoverageProblem::ByteRangeMissing);
        return None;
    };
    if all.next().is_some() {
        problems.push(CoverageProblem::ByteRangeDuplicated);
    }
    match entry.value {
        Value::Array(text) => match numbers(text) {
            Ok(range) => Some(range),
            Err(problem) => {
                problems.push(problem);
                None
            }
        },
        reference @ Value::Reference(_) => {
            problems.push(CoverageProblem::ByteRangeIndirect);
            indirect(reference)
        }
        _ => {
            problems.push(CoverageProblem::NotFourNumbers);
            None
        }
    }
}

/// Exactly four whole numbers, written plainly.
pub(super) fn numbers(array: &[u8]) -> Result<[u64; 4], CoverageProblem> {
    let values = elements(array, 4).ok_or(CoverageProblem::NotFourNumbers)?;
    let mut range = [0; 4];
    if values.len() != range.len() {
        return Err(CoverageProblem::NotFourNumbers);
    }
    for (slot, value) in range.iter_mut().zip(values) {
        *slot = match value {
            Value::Reference(_) => return Err(CoverageProblem::ByteRangeIndirect),
            Value::Word(word) if word.iter().all(u8::is_ascii_digit) => std::str::from_utf8(word)
                .ok()
                .and_then(|word| word.parse().ok())
                .ok_or(CoverageProblem::BeyondFile)?,
            Value::Word(word) if integer(word).is_some_and(|number| number < 0) => {
                return Err(CoverageProblem::Negative);
            }
            _ => return Err(CoverageProblem::NotFourNumbers),
        };
    }
    Ok(range)
}

/// End of the first range, start and end of the second, all inside the file and in order.
fn ranges(range: [u64; 4], size: usize) -> Result<(usize, usize, usize), CoverageProblem> {
    let [first, first_length, second, second_length] =
        range.map(|number| usize::try_from(number).ok().filter(|&number| number <= size));
    let beyond = CoverageProblem::BeyondFile;
    let (first, first_length) = first.zip(first_length).ok_or(beyond)?;
    let (second, second_length) = second.zip(second_length).ok_or(beyond)?;
    let first_end = first
        .checked_add(first_length)
        .filter(|&end| end <= size)
        .ok_or(beyond)?;
    let second_end = second
        .checked_add(second_length)
        .filter(|&end| end <= size)
        .ok_or(beyond)?;
    if first_length == 0 || second_length == 0 {
        return Err(CoverageProblem::EmptyRange);
    }
    if second < first_end {
        return Err(CoverageProblem::Overlapping);
    }
    Ok((first_end, second, second_end))
}

fn gap_problem(start: usize, end: usize, contents_start: usize, contents_end: usize) -> Option<CoverageProblem> {
    if start == contents_start && end == contents_end {
        None
    } else if start <= contents_start && end >= contents_end {
        Some(CoverageProblem::GapTooWide)
    } else if start >= contents_start && end <= contents_end {
        Some(CoverageProblem::GapTooNarrow)
    } else {
        Some(CoverageProblem::GapElsewhere)
    }
}

/// The second range must end with the `%%EOF` of the signature's revision, with or without what ends that line.
fn end_problem(file: &[u8], end: usize, revision_end: usize) -> Option<CoverageProblem> {
    let revision = file.get(..revision_end)?;
    let line = revision.strip_suffix(b"\n").unwrap_or(revision);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if end < line.len() || !line.ends_with(b"%%EOF") {
        return Some(CoverageProblem::TailUncovered);
    }
    let rest = file.get(revision_end.min(end)..end)?;
    rest.iter()
        .any(|&byte| !is_space(byte))
        .then_some(CoverageProblem::PastItsRevision)
}

/// 4 MiB of signature in hexadecimal, with room for line breaks.
const MAX_HEX: usize = (8 << 20) + (1 << 18);
