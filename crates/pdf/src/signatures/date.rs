//! Dates as PDF writes them (ISO 32000-2 7.9.4): `D:YYYYMMDDHHmmSSOHH'mm'`, any tail missing.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// The moment of a date; a date without an offset counts as universal time. `None` when it is no date.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    let mut rest = text.strip_prefix("D:").unwrap_or(text);
    let mut part = |digits: usize, missing: i64| -> Option<i64> {
        match rest.get(..digits) {
            Some(head) if head.bytes().all(|byte| byte.is_ascii_digit()) => {
                rest = rest.get(digits..)?;
                head.parse().ok()
            }
            _ if rest.is_empty() || rest.starts_with(['+', '-', 'Z']) => Some(missing),
            _ => None,
        }
    };
    let year = part(4, -1).filter(|&year| year >= 0)?;
    let parts = [part(2, 1)?, part(2, 1)?, part(2, 0)?, part(2, 0)?, part(2, 0)?];
    let offset = offset(rest)?;
    let [month, day, hour, minute, second] = parts.map(|part| i8::try_from(part).ok());
    let civil = DateTime::new(i16::try_from(year).ok()?, month?, day?, hour?, minute?, second?, 0).ok()?;
    offset.to_timestamp(civil).ok()
}

/// `Z`, `+08'00'`, `+08'00`, `+0800`, `+08:00`, `+08`, or nothing.
fn offset(text: &str) -> Option<Offset> {
    let sign = match text.chars().next() {
        None => return Some(Offset::UTC),
        Some('Z') => {
            let only_zeros = text.chars().skip(1).all(|c| c == '0' || c == '\'' || c == ':');
            return only_zeros.then_some(Offset::UTC);
        }
        Some('+') => 1,
        Some('-') => -1,
        Some(_) => return None,
    };
    let digits: String = text.chars().skip(1).filter(|&c| c != '\'' && c != ':').collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(digits.len(), 2 | 4) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits
        .get(2..)
        .filter(|minutes| !minutes.is_empty())
        .map_or(Ok(0), str::parse)
        .ok()?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let cases = [
            ("D:20260124105647+08'00'", Some("2026-01-24T02:56:47Z")),
            ("D:20260124105647+08'00", Some("2026-01-24T02:56:47Z")),
            ("D:20260124105647-0530", Some("2026-01-24T16:26:47Z")),
            ("D:20260124105647+08:00", Some("2026-01-24T02:56:47Z")),
            ("20260124105647+08", Some("2026-01-24T02:56:47Z")),
            ("D:20260124105647Z", Some("2026-01-24T10:56:47Z")),
            ("D:20260124105647Z00'00'", Some("2026-01-24T10:56:47Z")),
            ("D:20260124105647", Some("2026-01-24T10:56:47Z")),
            ("D:202601241056", Some("2026-01-24T10:56:00Z")),
            ("D:2026", Some("2026-01-01T00:00:00Z")),
            ("D:2026Z", Some("2026-01-01T00:00:00Z")),
            ("D:", None),
            ("", None),
            ("D:20261324", None),
            ("D:20260230", None),
            ("D:2026012410564", None),
            ("D:20260124105647+99'00'", None),
            ("D:20260124105647 UTC", None),
            ("Thu Jan 1", None),
            ("D:2026é1", None),
        ];
        for (text, expected) in cases {
            assert_eq!(
                moment(text).map(|moment| moment.to_string()),
                expected.map(str::to_owned),
                "{text}"
            );
        }
    }
}
