//! What can be chosen for a signature, and where its result goes.
//!
//! The person sees names; paths stay here. Not its business: signing (signing).

use std::path::{Path, PathBuf};

use countersign_engine::{Level, config::EndpointTarget, files};

use crate::{
    Desk,
    entry::Entry,
    payload,
    running::locked,
    shelf::name_of,
    view::{ContractState, EndpointChoice, FaultShown, PayloadView, SignChoices, SignOptions, TsaChoice},
};

/// Reasons offered again.
const REASONS: usize = 10;
/// Names of configured practice services: nothing real can have such a name (RFC 6761 §6.4).
const PRACTICE_HOST: &str = "http://practice.invalid/";

pub(crate) fn is_practice_url(url: &str) -> bool {
    url.starts_with(PRACTICE_HOST)
}

/// The host of a URL, with its port.
pub(crate) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
}

impl Desk {
    /// What can be chosen.
    ///
    /// # Errors
    /// As for [`Desk::review_open`].
    pub fn sign_options(&self, contract: &str) -> Result<SignOptions, FaultShown> {
        let entry = self.entry(contract)?;
        let facts = self.facts_in_turn(&entry)?;
        let output = self.output_for(&entry)?;
        let (levels, tsas, endpoints) = {
            let views = locked(&self.views);
            let config = views.engine.config();
            let levels = match config.signing.level {
                Level::BB => ["B-B", "B-T"],
                _ => ["B-T", "B-B"],
            };
            let tsas = config.tsa.iter().enumerate().map(|(index, tsa)| TsaChoice {
                index: u32::try_from(index).unwrap_or(u32::MAX),
                host: host(&tsa.url),
                practice: is_practice_url(&tsa.url),
            });
            let endpoints = config.endpoints.iter().map(|(name, endpoint)| EndpointChoice {
                name: name.clone(),
                kind: payload::kind(&endpoint.target).to_owned(),
                payload: payload::mode_name(endpoint.payload).to_owned(),
                host: match &endpoint.target {
                    EndpointTarget::Evm { url, .. } => host(url),
                    EndpointTarget::Journal => String::new(),
                },
                practice: endpoint.practice,
            });
            (levels.map(str::to_owned).to_vec(), tsas.collect(), endpoints.collect())
        };
        let approved = entry.approval.as_ref();
        let last = crate::window::read(&self.home).last_credential;
        Ok(SignOptions {
            contract: contract.to_owned(),
            fields: facts.fields().into_iter().filter(|field| !field.signed).collect(),
            may_place: facts.signable(),
            levels,
            tsas,
            endpoints,
            output_name: name_of(&output),
            output_folder: output.parent().map(name_of).unwrap_or_default(),
            last_credential: last.filter(|last| self.knows_credential(last)),
            reasons: self.reasons(),
            draft: self.draft_of(&entry),
            accepted: approved
                .map(|approval| approval.choices.accepted.clone())
                .unwrap_or_default(),
        })
    }

    /// Reasons used before, the last ones first.
    fn reasons(&self) -> Vec<String> {
        let shelf = locked(&self.shelf);
        let mut approvals: Vec<_> = shelf.values().filter_map(|entry| entry.approval.as_ref()).collect();
        approvals.sort_by_key(|approval| std::cmp::Reverse(approval.at));
        let mut reasons: Vec<String> = Vec::new();
        for reason in approvals.into_iter().map(|approval| approval.choices.reason.trim()) {
            if !reason.is_empty() && !reasons.iter().any(|known| known == reason) && reasons.len() < REASONS {
                reasons.push(reason.to_owned());
            }
        }
        reasons
    }

    /// Where the signed file goes, as chosen in a dialog of the system.
    ///
    /// # Errors
    /// `output-exists`, `output-not-writable`, `not-now`.
    pub fn sign_choose_output(&self, contract: &str, path: &Path) -> Result<SignOptions, FaultShown> {
        let (entry, running) = self.undecided(contract)?;
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let named = |code: &str| FaultShown::new(code, "open").with("output", name_of(&path));
        if path == entry.source {
            return Err(named("output-is-source"));
        }
        if path.symlink_metadata().is_ok() {
            return Err(named("output-exists"));
        }
        if !path.parent().is_some_and(files::takes_files) {
            return Err(named("output-not-writable"));
        }
        self.change(contract, |entry| entry.chosen_output = Some(path))?;
        drop(running);
        self.sign_options(contract)
    }

    /// The chosen place, else a free name beside the source, else one in the home.
    pub(crate) fn output_for(&self, entry: &Entry) -> Result<PathBuf, FaultShown> {
        if let Some(chosen) = &entry.chosen_output {
            return Ok(chosen.clone());
        }
        if let Some(approval) = entry.approval.as_ref().filter(|approval| !approval.output.exists()) {
            return Ok(approval.output.clone());
        }
        let beside = entry.source.parent().filter(|folder| files::takes_files(folder));
        let folder = match beside {
            Some(folder) => folder.to_owned(),
            None => {
                let folder = self.home.join("signed");
                std::fs::create_dir_all(&folder)
                    .map_err(|error| FaultShown::new("output-not-writable", "open").because(&error))?;
                folder
            }
        };
        let taken: Vec<PathBuf> = {
            let shelf = locked(&self.shelf);
            let others = shelf.values().filter(|other| other.id != entry.id);
            others
                .filter_map(|other| Some(other.approval.as_ref()?.output.clone()))
                .collect()
        };
        let free = |path: &PathBuf| path.symlink_metadata().is_err() && !taken.contains(path);
        let found = candidates(&folder, &entry.source).find(free);
        found.ok_or_else(|| FaultShown::new("output-exists", "open").with("folder", name_of(&folder)))
    }

    /// What would go to the endpoint; `None` when nothing does.
    ///
    /// # Errors
    /// `endpoint-unknown`.
    pub fn sign_preview(&self, choices: &SignChoices) -> Result<Option<PayloadView>, FaultShown> {
        let Some(name) = &choices.endpoint else { return Ok(None) };
        let entry = self.entry(&choices.contract)?;
        let stand = self.stand(&entry)?;
        if let Some(row) = &stand.row {
            return self
                .payload_view(&row.endpoint, Some(&row.submission.payload))
                .map(Some);
        }
        self.payload_view(name, None).map(Some)
    }

    /// Whether the contract may still be decided on.
    pub(crate) fn is_open(&self, entry: &Entry) -> Result<bool, FaultShown> {
        let stand = self.stand(entry)?;
        let state = self.state_of(entry, &stand);
        Ok(matches!(
            state,
            ContractState::ToReview | ContractState::WaitingForToken
        ))
    }
}

/// `NAME-signed.pdf`, `NAME-signed-2.pdf` and so on.
fn candidates(folder: &Path, source: &Path) -> impl Iterator<Item = PathBuf> {
    let stem = source.file_stem().unwrap_or_default().to_owned();
    let folder = folder.to_owned();
    (1..10_000).map(move |number| {
        let mut name = stem.clone();
        name.push("-signed");
        if number > 1 {
            name.push(format!("-{number}"));
        }
        name.push(".pdf");
        folder.join(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_results() {
        let names: Vec<_> = candidates(Path::new("/a"), Path::new("/b/合同.v2.pdf"))
            .take(2)
            .collect();
        assert_eq!(
            names,
            [Path::new("/a/合同.v2-signed.pdf"), Path::new("/a/合同.v2-signed-2.pdf")]
        );
    }

    #[test]
    fn hosts() {
        for (url, expected) in [
            ("https://tsa.example:8443/path?x", "tsa.example:8443"),
            ("http://practice.invalid/tsa", "practice.invalid"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(host(url), expected);
        }
    }
}
