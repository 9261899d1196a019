//! The octets of a file from where its offsets count (ISO 32000-2 7.5.2): from the header, also when a gateway put something
//! before it, unless its writer has counted that as well.
//!
//! Without this the reader searches the whole file for objects, and finds newer ones that no other reader shows. Not its
//! business: whether such a file is accepted (crate pdf).

/// Octets and where their offsets begin.
pub(super) struct Counted<T> {
    octets: T,
    base: usize,
}

impl<T: AsRef<[u8]>> Counted<T> {
    pub(super) fn over(octets: T) -> Self {
        let data = octets.as_ref();
        let header = find(data.get(..WINDOW).unwrap_or(data), b"%PDF-").unwrap_or(0);
        let from_header = header > 0 && newest_section(data).is_some_and(|start| leads_to_section(data, header, start));
        let base = if from_header { header } else { 0 };
        Self { octets, base }
    }
}

impl<T: AsRef<[u8]>> AsRef<[u8]> for Counted<T> {
    fn as_ref(&self) -> &[u8] {
        self.octets.as_ref().get(self.base..).unwrap_or_default()
    }
}

/// The number after the last `startxref`.
fn newest_section(data: &[u8]) -> Option<usize> {
    let tail = data.get(data.len().saturating_sub(WINDOW)..)?;
    let at = tail.windows(KEYWORD.len()).rposition(|word| word == KEYWORD)?;
    let rest = tail.get(at + KEYWORD.len()..)?.trim_ascii_start();
    let end = rest
        .iter()
        .position(|octet| !octet.is_ascii_digit())
        .unwrap_or(rest.len());
    std::str::from_utf8(rest.get(..end)?).ok()?.parse().ok()
}

/// A table, or an object, begins there, and none does without what stands before the header.
fn leads_to_section(data: &[u8], header: usize, start: usize) -> bool {
    let begins = |at: usize| {
        let rest = data.get(at..).unwrap_or_default().trim_ascii_start();
        let number = rest.iter().take_while(|octet| octet.is_ascii_digit()).count();
        rest.starts_with(b"xref") || (number > 0 && rest.get(number..).is_some_and(|rest| rest.starts_with(b" 0 obj")))
    };
    header.checked_add(start).is_some_and(begins)
}

fn find(data: &[u8], word: &[u8]) -> Option<usize> {
    data.windows(word.len()).position(|window| window == word)
}

const KEYWORD: &[u8] = b"startxref";
/// Readers look for header and end in so many octets.
const WINDOW: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_from_the_header_unless_the_writer_says_otherwise() {
        let table = "xref\n0 0\ntrailer\n<<>>\nstartxref\n";
        for (junk, start, section, base) in [
            ("", 9, table, 0),
            ("HTTP/1.1 200 OK\r\n", 9, table, 17),
            ("HTTP/1.1 200 OK\r\n", 26, table, 0),
            ("junk", 9, "7 0 obj\n<<>>\nstartxref\n", 4),
            ("junk", 9, "nothing\nstartxref\n", 0),
            ("junk", 99, table, 0),
        ] {
            let file = format!("{junk}%PDF-1.7\n{section}{start}\n%%EOF\n");
            let counted = Counted::over(file.into_bytes());
            assert_eq!(counted.base, base, "{junk:?} {start} {section:?}");
            assert!(base == 0 || counted.as_ref().starts_with(b"%PDF-"));
        }
        assert_eq!(Counted::over(b"%PDF".to_vec()).base, 0);
    }
}
