//! UTCTime and GeneralizedTime (X.680 §46-47), with fractions of seconds, which time-stamping authorities use.
//!
//! A time without a zone is refused: it cannot be compared.

use jiff::Timestamp;

use crate::asn1::{Asn1Error, GENERALIZED_TIME, Tlv, UTC_TIME};

/// The instant of a UTCTime or GeneralizedTime element.
pub(crate) fn instant(element: &Tlv<'_>) -> Result<Timestamp, Asn1Error> {
    let refused = Asn1Error::Value { tag: element.tag };
    let text = str::from_utf8(element.value).map_err(|_| refused)?;
    let parsed = match element.tag {
        UTC_TIME => utc_time(text),
        GENERALIZED_TIME => generalized_time(text),
        _ => None,
    };
    parsed.ok_or(refused)
}

/// GeneralizedTime in UTC with as many digits of fraction as there are, none of them a trailing zero (RFC 3161 §2.4.2).
pub(crate) fn generalized(at: Timestamp) -> Vec<u8> {
    let (year, month, day) = civil(at.as_second().div_euclid(DAY));
    let second = at.as_second().rem_euclid(DAY);
    let mut nanosecond = at.subsec_nanosecond();
    // jiff counts the fraction with the sign of the instant.
    let mut whole = second;
    if nanosecond < 0 {
        nanosecond += 1_000_000_000;
        whole -= 1;
    }
    let mut text = format!(
        "{year:04}{month:02}{day:02}{:02}{:02}{:02}",
        whole / 3600,
        whole / 60 % 60,
        whole % 60
    );
    if nanosecond != 0 {
        let fraction = format!("{nanosecond:09}");
        text.push('.');
        text.push_str(fraction.trim_end_matches('0'));
    }
    text.push('Z');
    crate::asn1::tlv(GENERALIZED_TIME, text.as_bytes())
}

const DAY: i64 = 86_400;

fn utc_time(text: &str) -> Option<Timestamp> {
    let (year, rest) = digits(text, 2)?;
    // RFC 5280 §4.1.2.5.1.
    after_year(if year < 50 { 2000 + year } else { 1900 + year }, rest)
}

fn generalized_time(text: &str) -> Option<Timestamp> {
    let (year, rest) = digits(text, 4)?;
    after_year(year, rest)
}

fn after_year(year: i64, text: &str) -> Option<Timestamp> {
    let (month, text) = digits(text, 2)?;
    let (day, text) = digits(text, 2)?;
    let (hour, text) = digits(text, 2)?;
    let (minute, text) = digits(text, 2)?;
    let (second, text) = if text.starts_with(|first: char| first.is_ascii_digit()) {
        digits(text, 2)?
    } else {
        (0, text)
    };
    let (nanosecond, text) = fraction(text)?;
    let offset = zone(text)?;
    let fits = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !fits {
        return None;
    }
    let seconds = days(year, month, day) * DAY + hour * 3600 + minute * 60 + second.min(59) - offset;
    // 99991231235959Z says "no end" (RFC 5280 §4.1.2.5) and lies beyond what the type holds.
    if seconds > Timestamp::MAX.as_second() {
        return Some(Timestamp::MAX);
    }
    Timestamp::new(seconds, nanosecond).ok()
}

fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let (number, rest) = text.split_at_checked(count)?;
    if !number.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    Some((number.parse().ok()?, rest))
}

fn fraction(text: &str) -> Option<(i32, &str)> {
    let Some(rest) = text.strip_prefix(['.', ',']) else {
        return Some((0, text));
    };
    let end = rest
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(rest.len());
    let (number, rest) = rest.split_at_checked(end)?;
    if number.is_empty() || number.len() > 32 {
        return None;
    }
    let nanosecond: String = number.chars().chain(std::iter::repeat('0')).take(9).collect();
    Some((nanosecond.parse().ok()?, rest))
}

/// Seconds east of UTC.
fn zone(text: &str) -> Option<i64> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("Z", "") => return Some(0),
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hour, rest) = digits(rest, 2)?;
    let (minute, rest) = if rest.is_empty() { (0, rest) } else { digits(rest, 2)? };
    (rest.is_empty() && hour < 24 && minute < 60).then_some(sign * (hour * 3600 + minute * 60))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar; years begin in March while counting.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a count of days since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::{single, tlv};

    fn read(tag: u8, text: &str) -> Option<String> {
        let octets = tlv(tag, text.as_bytes());
        instant(&single(&octets, tag).unwrap()).ok().map(|at| at.to_string())
    }

    #[test]
    fn accepted() {
        let cases = [
            (UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z"),
            (UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"),
            (UTC_TIME, "2401020304Z", "2024-01-02T03:04:00Z"),
            (UTC_TIME, "240102030405+0800", "2024-01-01T19:04:05Z"),
            (GENERALIZED_TIME, "20240229235959.125Z", "2024-02-29T23:59:59.125Z"),
            (
                GENERALIZED_TIME,
                "20240229235959.1234567891Z",
                "2024-02-29T23:59:59.123456789Z",
            ),
            (GENERALIZED_TIME, "99991231235959Z", ""),
            (GENERALIZED_TIME, "19700101000000Z", "1970-01-01T00:00:00Z"),
        ];
        for (tag, text, expected) in cases {
            let found = read(tag, text);
            if expected.is_empty() {
                assert!(found.is_some(), "{text}");
            } else {
                assert_eq!(found.as_deref(), Some(expected), "{text}");
            }
        }
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "2024",
            "20240230000000Z",
            "20241301000000Z",
            "20240101240000Z",
            "20240101000000",
            "2024010100000.Z",
        ] {
            assert_eq!(read(GENERALIZED_TIME, text), None, "{text}");
        }
        for text in [
            "20240101000000.Z",
            "20240101000000Z0",
            "20240101000000+0",
            "2024é0101000000Z",
            "+0240101000000Z",
        ] {
            assert_eq!(read(GENERALIZED_TIME, text), None, "{text}");
        }
    }

    #[test]
    fn written_and_read() {
        for (second, nanosecond) in [
            (0, 0),
            (1_732_445_678, 500_000_000),
            (951_782_400, 1),
            (4_102_444_799, 999_000_000),
        ] {
            let at = Timestamp::new(second, nanosecond).unwrap();
            let octets = generalized(at);
            assert_eq!(instant(&single(&octets, GENERALIZED_TIME).unwrap()), Ok(at));
        }
    }
}
