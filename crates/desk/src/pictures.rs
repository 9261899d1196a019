//! Pages as the signing engine draws them, and octets of private copies for the window's own reader.
//!
//! Drawing happens in worker processes that can be killed (render). Small pictures are kept beside the contract. Not its
//! business: how a page is drawn.

use std::{
    fs::File,
    io::ErrorKind,
    os::unix::fs::FileExt,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use countersign_engine::files;
use countersign_render::{RenderError, Renderer};

use crate::{
    Desk,
    entry::Entry,
    running::locked,
    view::{FaultShown, PageSize},
};

/// Octets handed out at once.
const PART: u64 = 1024 * 1024;
/// Documents that are kept open.
const OPEN: usize = 3;
/// Pictures up to this width are kept on disk.
const SMALL: u32 = 320;

/// Octets of a private copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The octets asked for, at most 1 MiB; fewer at the end.
    pub octets: Vec<u8>,
    /// Octets of the whole copy.
    pub total: u64,
}

/// A page as the signing engine draws it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// PNG.
    pub png: Vec<u8>,
    /// What the picture may lack: codes.
    pub warnings: Vec<String>,
}

/// One document that is open.
pub(crate) struct OpenDocument {
    id: String,
    sha256: String,
    sizes: Vec<PageSize>,
    renderer: Arc<Mutex<Renderer>>,
}

/// A file that may be shown: a contract's copy or that of a report.
pub(crate) struct Shown {
    id: String,
    sha256: String,
    file: PathBuf,
    /// Where small pictures are kept.
    pictures: Option<PathBuf>,
}

fn fault(error: &RenderError) -> FaultShown {
    let code = match error {
        RenderError::TimedOut { .. } => "picture-timed-out",
        RenderError::TooLarge { .. } | RenderError::DocumentTooLarge { .. } | RenderError::TooManyPages { .. } => {
            "picture-too-large"
        }
        RenderError::PageMissing { .. } => "page-missing",
        _ => "picture-failed",
    };
    FaultShown::new(code, "review").because(error)
}

impl Desk {
    fn shown(&self, id: &str) -> Result<Shown, FaultShown> {
        if let Some((sha256, file)) = self.report_file(id) {
            return Ok(Shown {
                id: id.to_owned(),
                sha256,
                file,
                pictures: None,
            });
        }
        Ok(self.shown_entry(&self.entry(id)?))
    }

    fn shown_entry(&self, entry: &Entry) -> Shown {
        let shelf = self.shelf_folder();
        Shown {
            id: entry.id.clone(),
            sha256: entry.sha256.clone(),
            file: entry.file(&shelf),
            pictures: Some(entry.folder(&shelf).join("pages")),
        }
    }

    /// Octets of the private copy of a contract or of a verified file.
    ///
    /// # Errors
    /// `contract-unknown`; when it cannot be read.
    pub fn document_part(&self, id: &str, offset: u64, length: u64) -> Result<Part, FaultShown> {
        let unreadable = |error: std::io::Error| FaultShown::new("store-unusable", "open").because(&error);
        let file = File::open(self.shown(id)?.file).map_err(unreadable)?;
        let total = file.metadata().map_err(unreadable)?.len();
        let length = length.min(PART).min(total.saturating_sub(offset));
        let mut octets = vec![0; usize::try_from(length).unwrap_or_default()];
        file.read_exact_at(&mut octets, offset).map_err(unreadable)?;
        Ok(Part { octets, total })
    }

    /// A page of it as the signing engine draws it; the first page is 1.
    ///
    /// # Errors
    /// `picture-failed`, `picture-timed-out`, `picture-too-large`, `page-missing`.
    pub fn document_page(&self, id: &str, page: u32, width: u32) -> Result<Picture, FaultShown> {
        self.still_open()?;
        let shown = self.shown(id)?;
        let kept = shown.pictures.as_ref().filter(|_| width <= SMALL).map(|folder| {
            let digest = shown.sha256.get(..16).unwrap_or_default();
            folder.join(format!("{}-{digest}-{page}-{width}", env!("CARGO_PKG_VERSION")))
        });
        if let Some(picture) = kept.as_ref().and_then(|stem| read_kept(stem)) {
            return Ok(picture);
        }
        let renderer = Arc::clone(&self.open_document(&shown)?.0);
        let drawn = locked(&renderer).page(page, width).map_err(|error| fault(&error))?;
        let picture = Picture {
            png: drawn.octets,
            warnings: drawn.warnings.iter().map(|warning| warning.code().to_owned()).collect(),
        };
        if let Some(stem) = kept {
            keep(&stem, &picture);
        }
        Ok(picture)
    }

    /// Sizes of all pages.
    pub(crate) fn picture_facts(&self, entry: &Entry) -> Result<Vec<PageSize>, FaultShown> {
        self.open_document(&self.shown_entry(entry)).map(|(_, sizes)| sizes)
    }

    /// How many pages a verified file has, where the reader can read it.
    pub(crate) fn pages_of(&self, id: &str, sha256: &str, file: &std::path::Path) -> Option<u32> {
        let shown = Shown {
            id: id.to_owned(),
            sha256: sha256.to_owned(),
            file: file.to_owned(),
            pictures: None,
        };
        let (_, sizes) = self.open_document(&shown).ok()?;
        u32::try_from(sizes.len()).ok()
    }

    fn open_document(&self, shown: &Shown) -> Result<(Arc<Mutex<Renderer>>, Vec<PageSize>), FaultShown> {
        let find = |open: &mut Vec<OpenDocument>| {
            let at = open
                .iter()
                .position(|open| open.id == shown.id && open.sha256 == shown.sha256)?;
            // The one that was used last stands last.
            let found = open.remove(at);
            let answer = (Arc::clone(&found.renderer), found.sizes.clone());
            open.push(found);
            Some(answer)
        };
        if let Some(found) = find(&mut locked(&self.pictures)) {
            return Ok(found);
        }
        let file = File::open(&shown.file).map_err(|error| fault(&RenderError::Start { kind: error.kind() }))?;
        let mut renderer = Renderer::start(&self.options.renderer_program).map_err(|error| fault(&error))?;
        let facts = renderer.open(&file).map_err(|error| fault(&error))?;
        let sizes: Vec<PageSize> = facts
            .sizes
            .iter()
            .map(|size| PageSize {
                width: size.width,
                height: size.height,
            })
            .collect();
        let renderer = Arc::new(Mutex::new(renderer));
        let mut open = locked(&self.pictures);
        // Another request may have opened it meanwhile.
        if let Some(found) = find(&mut open) {
            return Ok(found);
        }
        if open.len() >= OPEN {
            open.remove(0);
        }
        open.push(OpenDocument {
            id: shown.id.clone(),
            sha256: shown.sha256.clone(),
            sizes: sizes.clone(),
            renderer: Arc::clone(&renderer),
        });
        Ok((renderer, sizes))
    }

    /// Ends the worker of a document.
    pub(crate) fn pictures_forget(&self, id: &str) {
        locked(&self.pictures).retain(|open| open.id != id);
    }
}

fn read_kept(stem: &std::path::Path) -> Option<Picture> {
    let png = std::fs::read(stem.with_added_extension("png")).ok()?;
    let warnings = std::fs::read(stem.with_added_extension("json")).ok()?;
    Some(Picture {
        png,
        warnings: serde_json::from_slice(&warnings).ok()?,
    })
}

/// Only a shortcut: what cannot be kept is drawn again.
fn keep(stem: &std::path::Path, picture: &Picture) {
    let made = stem.parent().map(std::fs::create_dir);
    if made.is_some_and(|made| made.is_err_and(|error| error.kind() != ErrorKind::AlreadyExists)) {
        return;
    }
    let Ok(warnings) = serde_json::to_vec(&picture.warnings) else {
        return;
    };
    let kept = files::write_private(&stem.with_added_extension("json"), &warnings)
        .and_then(|()| files::write_private(&stem.with_added_extension("png"), &picture.png));
    let _ = kept;
}
