//! Where everything stands: sessions, records and rows as plain facts, for lists.
//!
//! Not its business: going on with any of it (courier), what a contract is (shells).

use std::path::PathBuf;

use countersign_evidence::{Payload, TraceEvent};
use countersign_signing::{
    Level, SessionState, Stage,
    ports::{Outbox as _, OutboxRow, SessionRow, Sessions as _},
};
use jiff::Timestamp;
use serde_json::Value;

use crate::{Engine, fault::Fault};

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionStage {
    /// Nothing is signed.
    Prepared,
    /// The signature value exists.
    Signed,
    /// The finished file is known, and perhaps in its place.
    Sealed,
    /// The file is out and has a record.
    Recorded,
}

/// An unfinished session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    /// Its id; the trace knows it by this.
    pub id: String,
    /// SHA-256 of the approved file, hex.
    pub source_sha256: String,
    /// Where the result goes.
    pub output: PathBuf,
    /// Last change.
    pub updated: Timestamp,
    /// How far it is.
    pub stage: SessionStage,
    /// Level that was asked for.
    pub wanted: Level,
    /// Level that the file has, once there is one.
    pub level: Option<Level>,
    /// Endpoint that the record goes to, or empty.
    pub endpoint: String,
    /// The record, once there is one.
    pub record_id: Option<String>,
}

impl SessionFacts {
    /// Everything but the stamp is done.
    #[must_use]
    pub fn waits_for_stamp(&self) -> bool {
        self.stage == SessionStage::Recorded && self.level.is_none_or(|level| level < self.wanted)
    }
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFacts {
    /// Its id.
    pub id: String,
    /// The key under which anybody finds it, hex.
    pub evidence: String,
    /// Where the file was put.
    pub output: PathBuf,
    /// SHA-256 of the approved file, hex.
    pub before_sha256: String,
    /// SHA-256 of the finished file, hex.
    pub sha256: String,
    /// Level of the signature.
    pub level: String,
    /// Object identifier of the signature algorithm.
    pub algorithm: String,
    /// SHA-256 of the signer's certificate, hex.
    pub certificate_sha256: String,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// genTime of the stamp, or empty.
    pub gen_time: String,
    /// Evidence of the record before it, or empty.
    pub prev: String,
}

/// Everything.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Unfinished sessions, oldest first.
    pub sessions: Vec<SessionFacts>,
    /// Records, oldest first.
    pub records: Vec<RecordFacts>,
    /// The outbox, oldest first.
    pub rows: Vec<OutboxRow>,
}

impl Engine {
    /// Reads everything.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn standing(&mut self) -> Result<Standing, Fault> {
        let of = |error| Fault::store(Stage::Open, &error);
        let book = self.database()?;
        let sessions = book.unfinished().map_err(of)?;
        let records = book.records.all().map_err(of)?;
        let rows = book.rows().map_err(of)?;
        let records = records.into_iter().map(|stored| {
            let private: Value = serde_json::from_str(&stored.private).unwrap_or_default();
            let text = |key: &str| private.get(key).and_then(Value::as_str).unwrap_or_default();
            let record = stored.record;
            RecordFacts {
                evidence: hex::encode(stored.evidence),
                output: PathBuf::from(text("output")),
                certificate: hex::decode(text("certificate")).unwrap_or_default(),
                id: record.record_id,
                before_sha256: record.document.before_sha256,
                sha256: record.document.sha256,
                level: record.signature.level,
                algorithm: record.signature.sig_oid,
                certificate_sha256: record.signer.cert_sha256,
                gen_time: record.timestamp.gen_time,
                prev: record.prev,
            }
        });
        Ok(Standing {
            sessions: sessions.iter().filter_map(session_facts).collect(),
            records: records.collect(),
            rows,
        })
    }

    /// Changes when anybody else has written to the store since this engine looked.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn standing_version(&mut self) -> Result<i64, Fault> {
        let database = &self.database()?.database;
        database
            .data_version()
            .map_err(|error| Fault::store(Stage::Open, &error))
    }

    /// What the trace tells of a session or of a row, oldest first.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn trace_of(&mut self, session: &str) -> Result<Vec<TraceEvent>, Fault> {
        let entries = self
            .database()?
            .trace
            .show(session)
            .map_err(|error| Fault::store(Stage::Record, &error))?;
        Ok(entries.into_iter().map(|(event, _)| event).collect())
    }

    /// What a record would give an endpoint that receives so much.
    ///
    /// # Errors
    /// `record-unknown`.
    pub fn payload_of(&mut self, record_id: &str, mode: crate::PayloadMode) -> Result<Payload, Fault> {
        let stored = self.stored(record_id)?;
        stored
            .record
            .payload(mode)
            .map_err(|error| Fault::new(Stage::Submit, "record-unusable").because(&error))
    }
}

/// `None` for a body that cannot be read: the session is told of where it is resumed.
pub(crate) fn session_facts(row: &SessionRow) -> Option<SessionFacts> {
    let state: SessionState = serde_json::from_str(&row.body).ok()?;
    let (stage, level, record_id) = match &state {
        SessionState::Prepared(_) => (SessionStage::Prepared, None, None),
        SessionState::Signed(_) => (SessionStage::Signed, None, None),
        SessionState::Sealed(sealed) => (SessionStage::Sealed, Some(sealed.level), None),
        SessionState::Recorded(recorded) => (
            SessionStage::Recorded,
            Some(recorded.sealed.level),
            Some(recorded.record_id.clone()),
        ),
    };
    Some(SessionFacts {
        id: row.id.clone(),
        source_sha256: row.source_sha256.clone(),
        output: PathBuf::from(&row.output),
        updated: row.updated,
        stage,
        wanted: state.prepared().level,
        level,
        endpoint: state.prepared().intent.endpoint.clone(),
        record_id,
    })
}
