//! Which changes of the settings a window may not make alone: whom evidence and digests are sent to, who is trusted, which
//! code is loaded, whether pages must be seen. A page that was taken over could otherwise do so unseen; the question is put
//! where it has no say.
//!
//! Anchors and modules that are added are chosen in a dialog of the system, which is such a question. Not its business: how
//! it looks (the shell).

use countersign_engine::{
    ConfigChange,
    config::{Config, EndpointTarget},
};

use crate::{choices::host, shelf::name_of};

/// What the person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeAsk {
    /// Which change.
    pub kind: ChangeKind,
    /// What it is about, by name, as the program will keep it.
    pub facts: Vec<(&'static str, String)>,
}

/// Changes that are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the changes")]
pub enum ChangeKind {
    AddTsa,
    RemoveTsa,
    AddEndpoint,
    RemoveEndpoint,
    RemoveAnchor,
    UseModule,
    PagesNeedNotBeSeen,
}

/// The question, if there is one.
pub(super) fn needed(change: &ConfigChange, config: &Config) -> Option<ChangeAsk> {
    let of = |kind, facts| Some(ChangeAsk { kind, facts });
    match change {
        ConfigChange::AddTsa { url } => of(ChangeKind::AddTsa, vec![("host", host(url)), ("url", url.clone())]),
        ConfigChange::RemoveTsa(index) => {
            let url = config.tsa.get(*index)?.url.clone();
            of(ChangeKind::RemoveTsa, vec![("host", host(&url)), ("url", url)])
        }
        ConfigChange::AddEvm(evm) => {
            let account = Some(evm.account.clone()).filter(|account| !account.is_empty());
            let mut facts = vec![
                ("name", evm.name.clone()),
                ("host", host(&evm.url)),
                ("url", evm.url.clone()),
                ("chain_id", evm.chain_id.to_string()),
                ("genesis", evm.genesis.clone()),
                ("contract", evm.contract.clone()),
                ("code_hash", evm.code_hash.clone()),
            ];
            facts.extend(account.map(|account| ("account", account)));
            of(ChangeKind::AddEndpoint, facts)
        }
        ConfigChange::RemoveEndpoint { name } => {
            let mut facts = vec![("name", name.clone())];
            if let EndpointTarget::Evm { url, .. } = &config.endpoints.get(name)?.target {
                facts.push(("host", host(url)));
            }
            of(ChangeKind::RemoveEndpoint, facts)
        }
        ConfigChange::RemoveAnchor { index, authorities } => {
            let list = match authorities {
                true => &config.trust.tsa_anchors,
                false => &config.trust.anchors,
            };
            of(ChangeKind::RemoveAnchor, vec![("file", name_of(list.get(*index)?))])
        }
        ConfigChange::AddModule { name, path } => of(
            ChangeKind::UseModule,
            vec![("name", name.clone()), ("file", path.display().to_string())],
        ),
        ConfigChange::RenderAllPages(false) => of(ChangeKind::PagesNeedNotBeSeen, Vec::new()),
        // A journal is a file of this home; the rest gives nobody more than they had.
        ConfigChange::AddJournal { .. }
        | ConfigChange::AddAnchor { .. }
        | ConfigChange::Level(_)
        | ConfigChange::PreferTsa(_)
        | ConfigChange::RemoveModule(_)
        | ConfigChange::RenderAllPages(true) => None,
    }
}
