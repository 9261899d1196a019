//! Whether the content of every page can be decoded (ISO 32000-2 7.4, 7.8.2). Of what breaks off in the middle some
//! readers draw a part, some nothing. Not its business: what the content draws.

use std::collections::HashSet;

use flate2::{Decompress, FlushDecompress, Status};
use hayro_syntax::object::{ObjectIdentifier, Stream};

use super::super::{FindingCode, Findings, Severity};
use crate::review::source::{DictView, Found, Resolved, Source};
use crate::review::syntax::{Lexer, Token, Value, elements, value};

/// What is said of a content stream.
type Verdict = (Severity, &'static str);

pub(super) fn judge(source: Source<'_>, findings: &mut Findings) {
    let mut seen = HashSet::new();
    let mut budget = MAX_DECODED;
    for (page, number) in (1_u32..).zip(source.document().pages()) {
        let Some((dict, _)) = source.dict(*number) else {
            continue;
        };
        for (object, verdict) in of_page(&dict, &mut seen, &mut budget) {
            let (severity, what) = verdict;
            let detail = format!("object {object}: {what}");
            findings.add(FindingCode::ContentUndecodable, severity, Some(page), detail);
        }
    }
    if budget == 0 {
        let detail = "the content of the pages was not decoded to its end";
        findings.add(FindingCode::BudgetExhausted, Severity::Warn, None, detail);
    }
}

fn of_page(dict: &DictView<'_, '_>, seen: &mut HashSet<u32>, budget: &mut u64) -> Vec<(u32, Verdict)> {
    let source = dict.source;
    let parts = match dict.raw(b"Contents") {
        None | Some(Value::Word(b"null")) => return Vec::new(),
        Some(Value::Reference(id)) if !source.document().exists(id.into()) => {
            return vec![(dict.number, (Severity::Warn, "/Contents is a reference to nothing"))];
        }
        Some(Value::Reference(id)) if !is_array(source, id.obj_number) => {
            return part(source, id.obj_number, seen, budget).into_iter().collect();
        }
        Some(_) => match dict.resolved(b"Contents") {
            Resolved::Array(text) => elements(text, MAX_PARTS),
            _ => None,
        },
    };
    let Some(parts) = parts else {
        return vec![(
            dict.number,
            (Severity::Block, "/Contents is neither a stream nor a list of streams"),
        )];
    };
    let judged = parts.into_iter().filter_map(|element| match element {
        // Poppler then draws nothing of the page, others the rest.
        Value::Word(b"null") => Some((dict.number, (Severity::Warn, "one of /Contents is null"))),
        Value::Reference(id) if !source.document().exists(id.into()) => Some((
            dict.number,
            (Severity::Warn, "one of /Contents is a reference to nothing"),
        )),
        Value::Reference(id) => part(source, id.obj_number, seen, budget),
        _ => Some((dict.number, (Severity::Block, "one of /Contents is not a stream"))),
    });
    judged.collect()
}

fn is_array(source: Source<'_>, number: u32) -> bool {
    matches!(source.resolve_number(number), Resolved::Array(_))
}

/// Judges one stream, once.
fn part(source: Source<'_>, number: u32, seen: &mut HashSet<u32>, budget: &mut u64) -> Option<(u32, Verdict)> {
    if !seen.insert(number) {
        return None;
    }
    let verdict = if is_stream(source, number) {
        decode(source, number, budget)?
    } else {
        (Severity::Block, "the content is not a stream")
    };
    Some((number, verdict))
}

fn is_stream(source: Source<'_>, number: u32) -> bool {
    let Found::Plain(text) = source.find(number) else {
        return false;
    };
    let mut lexer = Lexer::new(text);
    matches!(value(&mut lexer, text), Some((Value::Dict(_), _)))
        && matches!(lexer.next(), Some((Token::Word(b"stream"), _)))
}

fn decode(source: Source<'_>, number: u32, budget: &mut u64) -> Option<Verdict> {
    let (dict, _) = source.dict(number)?;
    let filters = match filters(&dict) {
        Ok(filters) => filters,
        Err(what) => return Some((Severity::Block, what)),
    };
    // What stands below another filter is measured with it, not here.
    if filters.first().map(Vec::as_slice) != Some(b"FlateDecode") {
        return None;
    }
    let generation = match source.document().xref().lookup(number) {
        Some(crate::xref::Entry::At { generation, .. }) => i32::from(generation),
        _ => 0,
    };
    let id = ObjectIdentifier::new(number, generation);
    let Some(stream) = source.document().pdf().xref().get::<Stream<'_>>(id) else {
        return Some((Severity::Block, "the content cannot be read"));
    };
    let whole = inflates(stream.raw_data().as_ref(), budget);
    (!whole).then_some((Severity::Block, "the compressed content breaks off or is damaged"))
}

/// The filters of a stream by name, or what is wrong with them. A filter that draws is none for text.
fn filters(dict: &DictView<'_, '_>) -> Result<Vec<Vec<u8>>, &'static str> {
    if !dict.has(b"Filter") {
        return Ok(Vec::new());
    }
    let named = match dict.resolved(b"Filter") {
        Resolved::Name(name) => vec![name],
        Resolved::Array(text) => {
            let list = elements(text, MAX_FILTERS).ok_or("the content has too many filters")?;
            let name = |value| match dict.source.resolve(value) {
                Resolved::Name(name) => Some(name),
                _ => None,
            };
            let names: Option<Vec<_>> = list.into_iter().map(name).collect();
            names.ok_or("a filter of the content is not a name")?
        }
        _ => return Err("the filter of the content is not a name"),
    };
    if named.iter().all(|name| FILTERS.contains(&name.as_slice())) {
        Ok(named)
    } else {
        Err("the content has a filter that readers do not know for it")
    }
}

/// Whether data in the format of zlib come to their end. The checksum behind it is not every reader's business.
fn inflates(data: &[u8], budget: &mut u64) -> bool {
    let (Some([method, flags]), Some(mut rest)) = (data.first_chunk::<2>(), data.get(2..)) else {
        return false;
    };
    let header = u16::from_be_bytes([*method, *flags]);
    if method & 0x0f != 8 || header % 31 != 0 || flags & 0x20 != 0 {
        return false;
    }
    let mut decoder = Decompress::new(false);
    let mut sink = vec![0; 64 << 10];
    while *budget > 0 {
        let (read, made) = (decoder.total_in(), decoder.total_out());
        let status = decoder.decompress(rest, &mut sink, FlushDecompress::None);
        let read = decoder.total_in() - read;
        let made = decoder.total_out() - made;
        *budget = budget.saturating_sub(made);
        rest = usize::try_from(read)
            .ok()
            .and_then(|read| rest.get(read..))
            .unwrap_or_default();
        match status {
            Ok(Status::StreamEnd) => return true,
            Ok(_) if read > 0 || made > 0 => {}
            Ok(_) | Err(_) => return false,
        }
    }
    true
}

/// The filters of table 6 that give text.
const FILTERS: [&[u8]; 6] = [
    b"ASCII85Decode",
    b"ASCIIHexDecode",
    b"Crypt",
    b"FlateDecode",
    b"LZWDecode",
    b"RunLengthDecode",
];
const MAX_FILTERS: usize = 8;
const MAX_PARTS: usize = 100_000;
/// What the contents of all pages may decode to.
const MAX_DECODED: u64 = 512 << 20;

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn compressed_data_come_to_their_end_or_not() {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&b"0 0 m 100 100 l S ".repeat(10_000)).unwrap();
        let whole = encoder.finish().unwrap();
        let end = whole.len();
        for (data, expected) in [
            (whole.clone(), true),
            (whole[..end - 4].to_vec(), true),
            ([&whole[..], b"\r\n"].concat(), true),
            (whole[..end / 2].to_vec(), false),
            (whole[2..].to_vec(), false),
            (b"q Q".to_vec(), false),
            (Vec::new(), false),
        ] {
            assert_eq!(
                inflates(&data, &mut MAX_DECODED.clone()),
                expected,
                "{} bytes",
                data.len()
            );
        }
        let mut budget = 1;
        assert!(inflates(&whole, &mut budget) && budget == 0);
    }
}
