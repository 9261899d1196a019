//! A typeface of this machine that has Chinese and Latin letters, for the text of a visible signature.
//!
//! Not its business: drawing (pdf). Without one the field shows its frame and picture only.

use std::path::Path;

/// Where Debian and Ubuntu, then others, put typefaces with Chinese letters; the first that is there is taken.
const PLACES: &[&str] = &[
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
];

/// Octets at most: the largest collections have some 20 MiB.
const LIMIT: u64 = 64 * 1024 * 1024;

/// The typeface's file.
#[must_use]
pub fn appearance_font() -> Option<Vec<u8>> {
    PLACES
        .iter()
        .map(Path::new)
        .find(|path| std::fs::metadata(path).is_ok_and(|facts| facts.is_file() && facts.len() <= LIMIT))
        .and_then(|path| std::fs::read(path).ok())
}
