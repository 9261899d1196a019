//! Judging files: the signed one of a contract, and any other.
//!
//! What is judged and what is shown are the same octets: the report names a private copy, and is thrown away when the file
//! changed in between. Not its business: the judgement (engine).

use std::{
    collections::VecDeque,
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use countersign_engine::{VerifyFile, files};

use crate::{
    Desk, report,
    running::locked,
    shelf::{REPORTS, name_of},
    view::{FaultShown, VerifyView},
};

/// Reports that are kept until the desk is closed.
const KEPT: usize = 8;

/// A report with the copy that it is about.
pub(crate) struct KeptReport {
    view: VerifyView,
    file: PathBuf,
}

impl Desk {
    /// Judges any file. Only endpoints on this very machine are asked.
    ///
    /// # Errors
    /// When nothing could be examined.
    pub fn verify_file(&self, path: &Path) -> Result<VerifyView, FaultShown> {
        self.judge(path, false)
    }

    /// A report that was made before.
    ///
    /// # Errors
    /// `contract-unknown` when it is not kept any more.
    pub fn verify_shown(&self, report: &str) -> Result<VerifyView, FaultShown> {
        let reports = locked(&self.reports);
        let found = reports
            .iter()
            .find(|kept| kept.view.id == report)
            .map(|kept| kept.view.clone());
        found.ok_or_else(|| FaultShown::new("contract-unknown", "verify").with("report", report))
    }

    pub(crate) fn judge(&self, path: &Path, online: bool) -> Result<VerifyView, FaultShown> {
        self.still_open()?;
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let id = files::fresh_id();
        let folder = self.shelf_folder().join(REPORTS).join(&id);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
        made.map_err(|error| FaultShown::new("store-unusable", "verify").because(&error))?;
        let judged = self.judge_copy(&path, online, &id, &folder);
        if judged.is_err() {
            let _ = std::fs::remove_dir_all(&folder);
        }
        judged
    }

    fn judge_copy(&self, path: &Path, online: bool, id: &str, folder: &Path) -> Result<VerifyView, FaultShown> {
        let (file, taken) = files::take_copy(path, folder, &mut |done, all| {
            self.tell_progress("", "copy", done, all);
            self.still_open().is_ok()
        })?;
        // The place of the file is a fact of its own: a record may say that another file belongs there.
        let request = VerifyFile {
            file: path.to_owned(),
            online,
            ..VerifyFile::default()
        };
        let (found, _) = self.reading.run(|| true, move |engine| engine.verify(&request))??;
        if found.file.sha256 != hex::encode(taken.sha256) {
            return Err(FaultShown::new("changed-since-review", "verify").with("reviewed", found.file.sha256));
        }
        let pages = self.pages_of(id, &found.file.sha256, &file);
        let view = report::view(id, &name_of(path), &found, pages, self.practice);
        let mut reports = locked(&self.reports);
        reports.push_back(KeptReport {
            view: view.clone(),
            file,
        });
        while reports.len() > KEPT {
            forget(&mut reports);
        }
        Ok(view)
    }

    /// SHA-256 and copy of a report that is kept.
    pub(crate) fn report_file(&self, id: &str) -> Option<(String, PathBuf)> {
        let reports = locked(&self.reports);
        let kept = reports.iter().find(|kept| kept.view.id == id)?;
        Some((kept.view.sha256.clone(), kept.file.clone()))
    }
}

fn forget(reports: &mut VecDeque<KeptReport>) {
    if let Some(folder) = reports.pop_front().as_ref().and_then(|kept| kept.file.parent()) {
        let _ = std::fs::remove_dir_all(folder);
    }
}
