//! Typefaces for what a document does not contain.
//!
//! The fourteen standard ones are built in (ISO 32000-2 9.6.2.2). For composite fonts (9.7) a typeface of this machine that
//! has Chinese, Japanese and Korean is looked for by its file's name, once, before any document is read; from then on only
//! descriptors that are open already are used. On a machine without one the program's own typeface is taken, which lacks
//! Korean. Not its business: whether a document should embed its fonts (crate pdf).

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_interpret::font::{FallbackFontQuery, FontData, FontQuery, StandardFont};
use hayro::hayro_interpret::hayro_cmap::CidFamily;

use super::map;
use super::notes::Notes;
use crate::picture::{FallbackFont, Warning};

/// Where typefaces lie, beside what stands in the home.
const FOLDERS: [&str; 3] = ["/usr/share/fonts", "/usr/local/share/fonts", "/usr/share/texmf/fonts"];
const FOLDERS_AT_HOME: [&str; 2] = [".local/share/fonts", ".fonts"];
/// No more folders and files than this are looked at, no deeper.
const MOST_ENTRIES: usize = 20_000;
const MOST_DEPTH: usize = 6;
/// No typeface is larger.
const MOST_OCTETS: u64 = 128 << 20;
/// A name out of a document, in characters.
const MOST_NAME: usize = 60;

/// A file that is known to have the characters, and where in it the styles of the regions stand.
struct Known {
    file: &'static str,
    serif: bool,
    bold: bool,
    simplified: u32,
    traditional: u32,
    japanese: u32,
    korean: u32,
}

/// The better ones first.
const KNOWN: &[Known] = &[
    noto("NotoSansCJK-Regular.ttc", false, false),
    noto("NotoSerifCJK-Regular.ttc", true, false),
    noto("NotoSansCJK-Bold.ttc", false, true),
    noto("NotoSerifCJK-Bold.ttc", true, true),
    noto("SourceHanSans.ttc", false, false),
    noto("SourceHanSerif.ttc", true, false),
    single("NotoSansCJKsc-Regular.otf", false),
    single("NotoSerifCJKsc-Regular.otf", true),
    single("NotoSansSC-Regular.otf", false),
    single("NotoSerifSC-Regular.otf", true),
    single("SourceHanSansSC-Regular.otf", false),
    single("SourceHanSansCN-Regular.otf", false),
    single("SourceHanSerifSC-Regular.otf", true),
    single("SourceHanSerifCN-Regular.otf", true),
    single("wqy-microhei.ttc", false),
    single("wqy-zenhei.ttc", false),
    single("uming.ttc", true),
    single("DroidSansFallbackFull.ttf", false),
    single("DroidSansFallback.ttf", false),
];

/// Collections of one design, in the order in which Adobe and Google ship them.
const fn noto(file: &'static str, serif: bool, bold: bool) -> Known {
    Known {
        file,
        serif,
        bold,
        simplified: 2,
        traditional: 3,
        japanese: 0,
        korean: 1,
    }
}

const fn single(file: &'static str, serif: bool) -> Known {
    Known {
        file,
        serif,
        bold: false,
        simplified: 0,
        traditional: 0,
        japanese: 0,
        korean: 0,
    }
}

/// Parts of names of typefaces with strokes that end in serifs.
const SERIF: [&str; 13] = [
    "song", "sun", "ming", "mincho", "serif", "batang", "myungjo", "kai", "fang", "宋", "明", "仿", "楷",
];
const BOLD: [&str; 6] = ["bold", "black", "heavy", "xiaobiao", "粗", "小标"];

/// The typefaces that were found on this machine.
#[derive(Default)]
pub(super) struct Fonts {
    found: Vec<Found>,
}

struct Found {
    known: &'static Known,
    file: File,
    data: OnceLock<Option<FontData>>,
}

impl Fonts {
    /// Looks for the files that are known, and opens them.
    pub(super) fn find() -> Self {
        let home = std::env::var_os("HOME")
            .map(PathBuf::from)
            .filter(|home| home.is_absolute());
        let at_home = home
            .iter()
            .flat_map(|home| FOLDERS_AT_HOME.map(|folder| home.join(folder)));
        Self::find_in(FOLDERS.map(PathBuf::from).into_iter().chain(at_home))
    }

    fn find_in(folders: impl Iterator<Item = PathBuf>) -> Self {
        let mut found: Vec<Found> = Vec::new();
        let mut left = MOST_ENTRIES;
        for folder in folders {
            walk(&folder, MOST_DEPTH, &mut left, &mut |path| {
                let name = path.file_name().and_then(|name| name.to_str());
                let known = KNOWN.iter().find(|known| Some(known.file) == name);
                if let Some(known) = known.filter(|known| found.iter().all(|other| other.known.file != known.file))
                    && let Ok(file) = File::open(path)
                {
                    found.push(Found {
                        known,
                        file,
                        data: OnceLock::new(),
                    });
                }
            });
        }
        Self { found }
    }

    /// How the reader interprets a page with these typefaces, telling what it did to the notes.
    pub(super) fn settings(self: &Arc<Self>, notes: &Notes) -> InterpreterSettings {
        let (fonts, told, heard) = (Arc::clone(self), notes.clone(), notes.clone());
        InterpreterSettings {
            font_resolver: Arc::new(move |query| fonts.resolve(query, &told)),
            warning_sink: Arc::new(move |warning| heard.heard(warning)),
            ..InterpreterSettings::default()
        }
    }

    fn resolve(&self, query: &FontQuery, notes: &Notes) -> Option<(FontData, u32)> {
        let (wanted, standard) = match query {
            FontQuery::Standard(standard) => (None, *standard),
            FontQuery::Fallback(query) => {
                let wanted = wanted(query);
                if let Some((data, index, used)) = self.composite(query) {
                    notes.used(FallbackFont {
                        wanted,
                        used: used.to_owned(),
                    });
                    return Some((data, index));
                }
                notes.warn(Warning::NoCjkFont);
                (wanted, query.pick_standard_font())
            }
        };
        notes.used(FallbackFont {
            wanted,
            used: name(standard).to_owned(),
        });
        Some(standard.get_font_data())
    }

    /// The best typeface for a composite font: the one with the style that is asked for, else any.
    fn composite(&self, query: &FallbackFontQuery) -> Option<(FontData, u32, &'static str)> {
        let name = query.post_script_name.as_deref().unwrap_or_default().to_lowercase();
        let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
        let serif = query.is_serif || has(&SERIF);
        let bold = query.is_bold || query.font_weight >= 600 || has(&BOLD);
        let mut candidates: Vec<&Found> = self.found.iter().collect();
        candidates.sort_by_key(|found| {
            let place = KNOWN.iter().position(|known| known.file == found.known.file);
            (found.known.serif != serif, found.known.bold != bold, place)
        });
        let family = query.character_collection.as_ref().map(|collection| &collection.family);
        let own = || {
            let covered = !matches!(family, Some(CidFamily::AdobeKorea1));
            let data: FontData = Arc::new(countersign_typeface::REGULAR);
            covered.then_some((data, 0, countersign_typeface::NAME))
        };
        let on_machine = candidates.into_iter().find_map(|found| {
            let index = match family {
                Some(CidFamily::AdobeCNS1) => found.known.traditional,
                Some(CidFamily::AdobeJapan1) => found.known.japanese,
                Some(CidFamily::AdobeKorea1) => found.known.korean,
                _ => found.known.simplified,
            };
            Some((found.data()?, index, found.known.file))
        });
        on_machine.or_else(own)
    }
}

impl Found {
    /// Mapped at the first use. What cannot be mapped is as good as not there.
    fn data(&self) -> Option<FontData> {
        self.data
            .get_or_init(|| {
                let octets = self.file.metadata().ok()?.len();
                if octets == 0 || octets > MOST_OCTETS {
                    return None;
                }
                let data: FontData = Arc::new(map::map(&self.file, octets).ok()?);
                Some(data)
            })
            .clone()
    }
}

/// What the document calls the typeface, short enough to be shown.
fn wanted(query: &FallbackFontQuery) -> Option<String> {
    let name = query.post_script_name.as_deref()?;
    Some(countersign_plain_text::bounded(name, MOST_NAME))
}

fn walk(folder: &Path, depth: usize, left: &mut usize, look: &mut impl FnMut(&Path)) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let Some(fewer) = left.checked_sub(1) else {
            return;
        };
        *left = fewer;
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() {
            if let Some(depth) = depth.checked_sub(1) {
                walk(&entry.path(), depth, left, look);
            }
        } else {
            look(&entry.path());
        }
    }
}

fn name(standard: StandardFont) -> &'static str {
    match standard {
        StandardFont::Helvetica => "Helvetica",
        StandardFont::HelveticaBold => "Helvetica-Bold",
        StandardFont::HelveticaOblique => "Helvetica-Oblique",
        StandardFont::HelveticaBoldOblique => "Helvetica-BoldOblique",
        StandardFont::Courier => "Courier",
        StandardFont::CourierBold => "Courier-Bold",
        StandardFont::CourierOblique => "Courier-Oblique",
        StandardFont::CourierBoldOblique => "Courier-BoldOblique",
        StandardFont::TimesRoman => "Times-Roman",
        StandardFont::TimesBold => "Times-Bold",
        StandardFont::TimesItalic => "Times-Italic",
        StandardFont::TimesBoldItalic => "Times-BoldItalic",
        StandardFont::ZapfDingBats => "ZapfDingbats",
        StandardFont::Symbol => "Symbol",
    }
}

#[cfg(test)]
mod tests;
