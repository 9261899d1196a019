//! Evidence records, the journal and the trace, as documents.
//!
//! Not its business: making records (signing), keeping them (store).

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use countersign_evidence::{PayloadMode, Record};
use countersign_signing::{
    Recorded, Stage,
    ports::{Clock as _, Outbox as _, OutboxRow, Submission},
};
use countersign_store::{Durability, StoredRecord, books, journal_entries, journal_names, journal_verify};
use serde_json::{Value, json};

use crate::{
    Engine,
    clock::random_hex,
    fault::{Fault, exit},
    interaction::Interaction,
};

/// A record with what belongs to it.
pub(crate) struct Kept {
    pub(crate) record: Record,
    /// Where the file was put.
    pub(crate) output: Option<PathBuf>,
    /// What endpoints were given for it.
    pub(crate) rows: Vec<OutboxRow>,
}

impl Engine {
    /// Keeps a record for ever, with what must not be in it beside it.
    pub(crate) fn keep_record(&mut self, recorded: &Recorded, output: &Path) -> Result<(), Fault> {
        let private = json!({
            "output": output.display().to_string(), "name": recorded.sealed.signed.prepared.source.name,
            "org_opening": hex::encode(recorded.org_opening),
            "certificate": hex::encode(&recorded.sealed.signed.prepared.certificate),
        });
        let records = &self.database()?.records;
        records
            .put(recorded.canonical.as_bytes(), &private.to_string(), Durability::Process)
            .map(|_| ())
            .map_err(|error| Fault::store(Stage::Record, &error))
    }

    /// Every record, with where its file was put and what endpoints were given for it.
    pub(crate) fn kept(&mut self) -> Result<Vec<Kept>, Fault> {
        if !self.home().exists() {
            return Ok(Vec::new());
        }
        let of = |error| Fault::store(Stage::Verify, &error);
        let book = self.database()?;
        let records = book.records.all().map_err(of)?;
        let rows = book.rows().map_err(of)?;
        let output = |private: &str| {
            let private: Value = serde_json::from_str(private).unwrap_or_default();
            private.get("output").and_then(Value::as_str).map(PathBuf::from)
        };
        Ok(records
            .into_iter()
            .map(|stored| Kept {
                output: output(&stored.private),
                rows: rows
                    .iter()
                    .filter(|row| row.submission.record_id == stored.record.record_id)
                    .cloned()
                    .collect(),
                record: stored.record,
            })
            .collect())
    }

    pub(crate) fn stored(&mut self, id: &str) -> Result<StoredRecord, Fault> {
        let of = |error| Fault::store(Stage::Record, &error);
        let records = &self.database()?.records;
        if let Some(found) = records.find(id).map_err(of)? {
            return Ok(found);
        }
        let mut evidence = [0_u8; 32];
        let by_evidence = match hex::decode_to_slice(id, &mut evidence) {
            Ok(()) => records.find_evidence(&evidence).map_err(of)?,
            Err(_) => None,
        };
        by_evidence.ok_or_else(|| Fault::new(Stage::Record, "record-unknown").with("id", id))
    }

    /// One record, its digest, and where it was submitted.
    ///
    /// # Errors
    /// `record-unknown`.
    pub fn evidence_show(&mut self, id: &str) -> Result<Value, Fault> {
        let stored = self.stored(id)?;
        let rows = self
            .database()?
            .rows()
            .map_err(|error| Fault::store(Stage::Record, &error))?;
        let submissions: Vec<Value> = rows
            .iter()
            .filter(|row| row.submission.record_id == stored.record.record_id)
            .map(|row| {
                json!({"endpoint": row.endpoint, "state": row.state, "payload": row.submission.payload,
                       "transactions": row.attempts.iter().map(|attempt| &attempt.id).collect::<Vec<_>>(),
                       "block_number": row.block_number, "block_hash": row.block_hash})
            })
            .collect();
        let canonical = stored
            .record
            .canonical()
            .map(|octets| String::from_utf8_lossy(&octets).into_owned());
        Ok(
            json!({"schema": "countersign.evidence-show/1", "record": stored.record, "evidence": hex::encode(stored.evidence),
                  "canonical": canonical.unwrap_or_default(), "submissions": submissions}),
        )
    }

    /// Submits a record that exists; the same record to the same endpoint is the same submission.
    ///
    /// # Errors
    /// Unknown record or endpoint, store.
    pub fn evidence_submit(
        &mut self,
        id: &str,
        endpoint: &str,
        wait: Duration,
        ui: &mut dyn Interaction,
    ) -> Result<(Value, u8), Fault> {
        let stored = self.stored(id)?;
        let (endpoint, mode) = self.endpoint_choice(Some(endpoint), None::<PayloadMode>)?;
        let payload = stored
            .record
            .payload(mode)
            .map_err(|error| Fault::new(Stage::Submit, "record-unusable").because(&error))?;
        let held = !ui.preview(&endpoint, &json!(payload));
        let submission = Submission {
            record_id: stored.record.record_id.clone(),
            payload,
        };
        let mut row = OutboxRow::queued(random_hex::<8>(), endpoint, submission, self.clock.now());
        row.held = held;
        let row = self
            .database()?
            .enqueue(&row)
            .map_err(|error| Fault::store(Stage::Submit, &error))?;
        let row = if row.held && !held { self.released(row)? } else { row };
        let submission = if row.held {
            crate::outbox::Submission {
                row,
                fault: Some(Fault::new(Stage::Submit, "held")),
            }
        } else {
            self.drive_until_final(row, wait, ui)?
        };
        let mut document = json!({"schema": "countersign.submit/1", "record_id": stored.record.record_id,
            "evidence": hex::encode(stored.evidence), "submission": submission.word(), "transaction": submission.transaction()});
        let exit = match submission.unfinished() {
            None => exit::DONE,
            Some(fault) => {
                if let Some(document) = document.as_object_mut() {
                    document.insert("error".to_owned(), json!(fault));
                }
                fault.exit
            }
        };
        Ok((document, exit))
    }

    /// Whoever asks for a submission gives the word for it.
    fn released(&mut self, row: OutboxRow) -> Result<OutboxRow, Fault> {
        self.outbox_release(&row.id)?;
        self.outbox_row(&row.id)
    }

    /// The local journals' entries.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn journal_show(&mut self) -> Result<Value, Fault> {
        let of = |error| Fault::store(Stage::Submit, &error);
        let mut journals = Vec::new();
        for name in self.journals() {
            let entries = journal_entries(&self.database()?.database, &name).map_err(of)?;
            let entries: Vec<Value> = entries
                .into_iter()
                .map(|(entry, hash)| json!({"entry": entry, "hash": hex::encode(hash)}))
                .collect();
            journals.push(json!({"name": name, "entries": entries}));
        }
        Ok(json!({"schema": "countersign.journal/1", "journals": journals}))
    }

    /// Checks every hash of the journals and of the trace, and all books against each other.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn journal_verify(&mut self) -> Result<(Value, u8), Fault> {
        let mut journals = Vec::new();
        let mut intact = true;
        let mut names = self.journals();
        names.extend(journal_names(&self.database()?.database).map_err(|error| Fault::store(Stage::Submit, &error))?);
        names.sort();
        names.dedup();
        for name in names {
            let checked = journal_verify(&self.database()?.database, &name, None);
            intact &= checked.is_ok();
            journals.push(match checked {
                Ok(place) => json!({"name": name, "intact": true, "head": place.map(|(count, hash)| json!({"count": count, "hash": hex::encode(hash)}))}),
                Err(error) => json!({"name": name, "intact": false, "reason": error.to_string()}),
            });
        }
        let book = self.database()?;
        let faults = books::check(&book.database).map_err(|error| Fault::store(Stage::Record, &error))?;
        let faults: Vec<Value> = faults
            .iter()
            .map(|fault| json!({"table": fault.table(), "row": fault.row(), "code": fault.code(), "detail": fault.to_string()}))
            .collect();
        intact &= faults.is_empty();
        let books = json!({"intact": faults.is_empty(), "faults": faults});
        // A record that does not read back is named by the books; the others still say what the trace must hold.
        let known = book.records.trace_heads().unwrap_or_default();
        let trace = match book.trace.verify(&known) {
            Ok(check) => {
                json!({"intact": true, "entries": check.entries, "sessions": check.sessions, "head": hex::encode(check.store_head)})
            }
            Err(fault) => {
                intact = false;
                json!({"intact": false, "reason": fault.to_string()})
            }
        };
        let exit = if intact { exit::DONE } else { exit::FAILED };
        Ok((
            json!({"schema": "countersign.journal-verify/1", "intact": intact, "journals": journals, "trace": trace, "books": books}),
            exit,
        ))
    }

    fn journals(&self) -> Vec<String> {
        use countersign_store::config::EndpointTarget;
        let is_journal = |target: &EndpointTarget| matches!(target, EndpointTarget::Journal);
        self.config
            .endpoints
            .iter()
            .filter(|(_, config)| is_journal(&config.target))
            .map(|(name, _)| name.clone())
            .collect()
    }
}
