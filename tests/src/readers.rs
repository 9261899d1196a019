//! What a file looks like: our picture and text (crate render), and those of poppler, PDFium and pdf.js.
//!
//! Not its business: what has to agree (`suite/readers`), and signatures (`judge`).

mod ours;
mod poppler;

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::{Mutex, OnceLock},
};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::{
    judge::{find_python, process::Process},
    repository,
    skip::skip,
};

/// A page as a reader shows it, 72 pixels to the inch.
#[derive(Debug, Clone, Default)]
pub struct PageView {
    /// In pixels.
    pub width: usize,
    /// In pixels.
    pub height: usize,
    /// One octet a pixel, from black to white, row by row.
    pub grey: Vec<u8>,
    /// The text that can be copied from it.
    pub text: String,
}

/// A file as a reader shows it.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// How many pages there are.
    pub count: usize,
    /// The first of them.
    pub pages: Vec<PageView>,
}

/// Why a reader shows nothing.
pub type Shown = Result<View, String>;

/// The readers that are not ours, in the order of the tables.
pub const OTHERS: [&str; 3] = ["poppler", "PDFium", "pdf.js"];

/// So many pages of a file are looked at.
pub const MOST_PAGES: usize = 3;

/// The file in our own reader; none, said loudly, when the program that draws is not built.
#[must_use]
pub fn ours(file: &Path) -> Option<Shown> {
    ours::worker().map(|worker| ours::view(&worker, file))
}

/// The same with a drawing process that finds no typeface on this machine; none where that cannot be arranged.
#[must_use]
pub fn ours_without_typefaces(file: &Path, dir: &Path) -> Option<Shown> {
    let worker = crate::surroundings::without_typefaces(&ours::worker()?, dir)?;
    Some(ours::view(&worker, file))
}

/// The file in each of [`OTHERS`]; none, said loudly, for one that is not on this machine.
#[must_use]
pub fn others(file: &Path) -> [Option<Shown>; 3] {
    static PDFIUM: OnceLock<Stay> = OnceLock::new();
    static PDFJS: OnceLock<Stay> = OnceLock::new();
    let pdfium = PDFIUM.get_or_init(|| {
        let script = repository::root().join("tests/judge/readers.py");
        Stay::new("PDFium (make setup brings pypdfium2)", || {
            let mut command = Command::new(find_python("import pypdfium2")?);
            command.args(["-W", "ignore"]).arg(&script);
            Some(command)
        })
    });
    let pdfjs = PDFJS.get_or_init(|| {
        Stay::new("pdf.js (make setup brings node's packages)", || {
            let root = repository::root();
            root.join("node_modules/@napi-rs/canvas").is_dir().then_some(())?;
            let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
            node.is_ok_and(|status| status.success()).then_some(())?;
            let mut command = Command::new("node");
            command.arg(root.join("tests/judge/readers.mjs"));
            Some(command)
        })
    });
    std::thread::scope(|scope| {
        let [pdfium, pdfjs] = [pdfium, pdfjs].map(|reader| scope.spawn(move || reader.view(file)));
        let poppler = poppler::view(file);
        let joined =
            |shown: std::thread::ScopedJoinHandle<'_, Option<Shown>>| shown.join().expect("no reader panicked");
        [poppler, joined(pdfium), joined(pdfjs)]
    })
}

/// A reader in a process that stays; started anew when a file has killed it.
struct Stay {
    command: Option<Mutex<(Command, Option<Process>)>>,
}

impl Stay {
    fn new(name: &str, command: impl Fn() -> Option<Command>) -> Self {
        let command = command();
        if command.is_none() {
            skip(&format!("{name} is missing; pages are not compared with it"));
        }
        Self {
            command: command.map(|command| Mutex::new((command, None))),
        }
    }

    fn view(&self, file: &Path) -> Option<Shown> {
        let mut kept = self.command.as_ref()?.lock().expect("no reader panicked");
        let (command, process) = &mut *kept;
        let answer = process
            .get_or_insert_with(|| Process::start(command))
            .ask(&json!({"file": file, "most": MOST_PAGES}));
        if answer.is_none() {
            *process = None;
        }
        Some(read(&answer.unwrap_or_else(|| json!({"error": "the reader ended"}))))
    }
}

fn read(answer: &Value) -> Shown {
    if let Some(error) = answer["error"].as_str() {
        return Err(error.to_owned());
    }
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("a small number");
    // A negative number of pages is what pdf.js reads in a file that says so.
    let counted = answer["count"].as_u64().and_then(|count| usize::try_from(count).ok());
    let count = counted.ok_or_else(|| format!("{} pages", answer["count"]))?;
    let pages = answer["pages"].as_array().expect("pages");
    Ok(View {
        count,
        pages: pages
            .iter()
            .map(|page| PageView {
                width: number(&page["width"]),
                height: number(&page["height"]),
                grey: base64::engine::general_purpose::STANDARD
                    .decode(page["grey"].as_str().expect("a picture"))
                    .expect("base64"),
                text: page["text"].as_str().expect("a text").to_owned(),
            })
            .collect(),
    })
}
