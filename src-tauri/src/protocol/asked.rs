//! What is asked for by an address of the `doc` protocol: ids and numbers, each with its bounds. Nothing here reads a file.

use std::ops::RangeInclusive;

/// Octets of one answer at most.
pub(super) const PART_MAX: u64 = 1024 * 1024;
/// Pixels that a page may be wide.
const WIDTHS: RangeInclusive<u32> = 16..=4096;
/// Pixels, when nothing is said.
const WIDTH_USUAL: u32 = 1000;
const ID_MAX: usize = 80;

/// One question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// Octets of a private copy.
    File { id: String },
    /// A page as the signing engine draws it.
    Page { id: String, page: u32, width: u32 },
}

/// Reads path and query.
pub(super) fn address(path: &str, query: Option<&str>) -> Option<Asked> {
    let mut parts = path.strip_prefix('/')?.split('/');
    let id = parts.next().filter(|id| is_id(id))?.to_owned();
    let asked = match (parts.next()?, parts.next()) {
        ("file", None) if query.is_none() => Asked::File { id },
        ("page", Some(page)) => Asked::Page {
            id,
            page: number(page)
                .and_then(|page| u32::try_from(page).ok())
                .filter(|page| *page > 0)?,
            width: width(query)?,
        },
        _ => return None,
    };
    parts.next().is_none().then_some(asked)
}

fn is_id(text: &str) -> bool {
    (1..=ID_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
}

fn width(query: Option<&str>) -> Option<u32> {
    let Some(query) = query else { return Some(WIDTH_USUAL) };
    let width = u32::try_from(number(query.strip_prefix("w=")?)?).ok()?;
    WIDTHS.contains(&width).then_some(width)
}

/// Digits and nothing else.
fn number(text: &str) -> Option<u64> {
    let digits = (1..=15).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Why a range is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RangeError {
    /// None, several, or not of the form `bytes=first-last`.
    Malformed,
    /// Longer than [`PART_MAX`].
    TooLong,
}

/// Offset and length of a `Range: bytes=first-last` (RFC 9110 §14.1.2); both ends must be said.
pub(super) fn range(header: Option<&str>) -> Result<(u64, u64), RangeError> {
    let (first, last) = header
        .and_then(|text| text.strip_prefix("bytes="))
        .and_then(|text| text.split_once('-'))
        .and_then(|(first, last)| number(first).zip(number(last)))
        .filter(|(first, last)| first <= last)
        .ok_or(RangeError::Malformed)?;
    let length = last - first + 1;
    if length > PART_MAX {
        return Err(RangeError::TooLong);
    }
    Ok((first, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_bounded_and_well_formed() {
        let cases = [
            (Some("bytes=0-0"), Ok((0, 1))),
            (Some("bytes=0-1048575"), Ok((0, PART_MAX))),
            (Some("bytes=262144-524287"), Ok((262_144, 262_144))),
            (
                Some("bytes=999999999999999-999999999999999"),
                Ok((999_999_999_999_999, 1)),
            ),
            (Some("bytes=0-1048576"), Err(RangeError::TooLong)),
            (Some("bytes=0-999999999999999"), Err(RangeError::TooLong)),
            (Some("bytes=0-18446744073709551615"), Err(RangeError::Malformed)),
            (Some("bytes=5-4"), Err(RangeError::Malformed)),
            (Some("bytes=0-"), Err(RangeError::Malformed)),
            (Some("bytes=-5"), Err(RangeError::Malformed)),
            (Some("bytes=0-1,3-4"), Err(RangeError::Malformed)),
            (Some("bytes=+0-1"), Err(RangeError::Malformed)),
            (Some("bytes= 0-1"), Err(RangeError::Malformed)),
            (Some("octets=0-1"), Err(RangeError::Malformed)),
            (Some(""), Err(RangeError::Malformed)),
            (None, Err(RangeError::Malformed)),
        ];
        for (header, expected) in cases {
            assert_eq!(range(header), expected, "{header:?}");
        }
    }

    #[test]
    fn addresses_are_ids_and_numbers() {
        let file = |id: &str| Some(Asked::File { id: id.to_owned() });
        let page = |id: &str, page, width| {
            let id = id.to_owned();
            Some(Asked::Page { id, page, width })
        };
        let long = format!("/{}/file", "a".repeat(81));
        let cases = [
            ("/a-1_B/file", None, file("a-1_B")),
            ("/a/page/3", None, page("a", 3, 1000)),
            ("/a/page/3", Some("w=800"), page("a", 3, 800)),
            ("/a/page/3", Some("w=15"), None),
            ("/a/page/3", Some("w=4097"), None),
            ("/a/page/3", Some("w=800&x=1"), None),
            ("/a/page/3", Some(""), None),
            ("/a/page/0", None, None),
            ("/a/page/-1", None, None),
            ("/a/page/4294967296", None, None),
            ("/a/page/3/4", None, None),
            ("/a/page", None, None),
            ("/a/file", Some("w=800"), None),
            ("/a/file/", None, None),
            ("/a", None, None),
            ("/", None, None),
            ("", None, None),
            ("//file", None, None),
            ("/../file", None, None),
            ("/%2e%2e/file", None, None),
            ("/etc/passwd", None, None),
            (long.as_str(), None, None),
        ];
        for (path, query, expected) in cases {
            assert_eq!(address(path, query), expected, "{path} {query:?}");
        }
    }
}
