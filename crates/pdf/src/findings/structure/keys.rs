//! Keys that stand in one dictionary twice (ISO 32000-2 7.3.7: keys are unique). Some readers take the first, some the
//! last. Escapes in a name (7.3.5) do not make it another one. Not its business: the dictionaries of content streams.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::{FindingCode, Findings, Severity};
use crate::lexer::Cursor;
use crate::review::source::{DictView, Source};
use crate::review::syntax::{Entry as Pair, Value, plain_name, readable_entries};
use crate::xref::Entry;

/// Judges one dictionary.
pub(crate) fn judge(dict: &DictView<'_, '_>, findings: &mut Findings) {
    let place = format_args!("object {}", dict.number).to_string();
    for (key, alike) in repeated(&dict.entries) {
        add(&key, alike, dict.page, &place, findings);
    }
}

/// Judges the trailers, and the dictionaries of object streams, which nothing refers to.
pub(super) fn judge_sections(source: Source<'_>, findings: &mut Findings) {
    let document = source.document();
    let text = |offset: u64| {
        usize::try_from(offset)
            .ok()
            .and_then(|offset| document.bytes().get(offset..))
    };
    let mut whole = |text: &[u8], place: &str| {
        for (key, alike) in repeated(&readable_entries(text).0) {
            add(&key, alike, None, place, findings);
        }
    };
    for section in document.xref().sections() {
        let place = section.trailer();
        let length = usize::try_from(place.end.saturating_sub(place.start)).unwrap_or(usize::MAX);
        if let Some(trailer) = text(place.start).and_then(|text| text.get(..length)) {
            whole(trailer, "trailer");
        }
    }
    let entries = document.xref().sections().iter().flat_map(|section| section.entries());
    let mut containers: Vec<u32> = entries
        .filter_map(|(_, entry)| match entry {
            Entry::InStream { stream, .. } => Some(*stream),
            _ => None,
        })
        .collect();
    containers.sort_unstable();
    containers.dedup();
    for number in containers {
        let Some(Entry::At { offset, .. }) = document.xref().lookup(number) else {
            continue;
        };
        let mut cursor = Cursor::new(text(offset).unwrap_or_default(), 0);
        cursor.skip_white();
        if cursor.object_header().is_some() {
            whole(cursor.rest(), &format!("object {number}"));
        }
    }
}

fn add(key: &[u8], alike: bool, page: Option<u32>, place: &str, findings: &mut Findings) {
    // Where both values are the same, it does not matter which is taken.
    let severity = if alike { Severity::Warn } else { Severity::Block };
    let detail = format!("{place}: /{} twice", String::from_utf8_lossy(key));
    findings.add(FindingCode::DuplicateKey, severity, page, detail);
}

/// Each key that occurs more than once, and whether all its values are written alike.
fn repeated(pairs: &[Pair<'_>]) -> Vec<(Vec<u8>, bool)> {
    if pairs.len() <= FEW && !pairs.iter().any(|pair| pair.key.contains(&b'#')) {
        let twice = |place: usize, pair: &Pair<'_>| pairs.iter().skip(place + 1).any(|other| other.key == pair.key);
        if !pairs.iter().enumerate().any(|(place, pair)| twice(place, pair)) {
            return Vec::new();
        }
    }
    let mut seen: HashMap<Cow<'_, [u8]>, (Value<'_>, usize, bool)> = HashMap::with_capacity(pairs.len());
    for pair in pairs {
        let known = seen.entry(plain_name(pair.key)).or_insert((pair.value, 0, true));
        known.1 += 1;
        known.2 &= known.0 == pair.value;
    }
    let mut found: Vec<_> = seen
        .into_iter()
        .filter(|(_, (_, count, _))| *count > 1)
        .map(|(key, (_, _, alike))| (key.into_owned(), alike))
        .collect();
    found.sort();
    found
}

/// Up to so many keys are compared with each other.
const FEW: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_stand_twice() {
        for (text, expected) in [
            ("<</A 1/B 2>>", vec![]),
            ("<</A 1/A 2>>", vec![("A", false)]),
            ("<</A 1/A 1>>", vec![("A", true)]),
            ("<</A 1/#41 2>>", vec![("A", false)]),
            ("<</A 1/B<</A 2>>>>", vec![]),
            ("<</A 1/B 2/A 1/B 3/A 1>>", vec![("A", true), ("B", false)]),
        ] {
            let found = repeated(&readable_entries(text.as_bytes()).0);
            let expected: Vec<_> = expected
                .into_iter()
                .map(|(key, alike)| (key.as_bytes().to_vec(), alike))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
        let many: String = (0..40).map(|number| format!("/K{number} 0")).collect();
        let found = repeated(&readable_entries(format!("<<{many}/K7 1>>").as_bytes()).0);
        assert_eq!(found, [(b"K7".to_vec(), false)]);
    }
}
