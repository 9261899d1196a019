//! The typeface that the program brings along: Chinese and Latin letters, on every machine the same.
//!
//! A subset of Noto Sans CJK SC with the repertoire of GBK (20,902 ideographs), made by `scripts/make-typeface.py`, under the
//! SIL Open Font License 1.1. Not its business: drawing, and typefaces of the machine.

/// The family's name, as it stands in the file.
pub const NAME: &str = "Countersign Sans SC";

/// The file (OpenType with CFF outlines). It is part of the program's image: pages that nobody reads take no memory.
pub const REGULAR: &[u8] = include_bytes!("../CountersignSansSC-Regular.otf");

/// The licence that goes with it.
pub const LICENCE: &str = include_str!("../OFL.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_an_opentype_font_and_its_licence_is_the_open_font_license() {
        assert!(REGULAR.starts_with(b"OTTO"));
        assert!(LICENCE.contains("SIL OPEN FONT LICENSE Version 1.1"));
        // The reserved name must not be the name of a derivative.
        assert!(!NAME.contains("Source"));
    }
}
