//! Evidence records at rest: put once, never changed, never removed.
//!
//! Not its business: what is in a record (evidence). What belongs to a record but must not be in it (the random octets of
//! its commitments, where the file is) is kept beside it as `private`.

use countersign_evidence::{EvidenceError, Record, TraceHead, record::evidence_of};
use countersign_signing::ports::StoreError;
use rusqlite::{OptionalExtension, Row};

use crate::database::{Database, Durability, Refusal};

/// The records of a store.
pub struct RecordStore {
    database: Database,
}

/// A record at rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The record.
    pub record: Record,
    /// Its evidence.
    pub evidence: [u8; 32],
    /// What stays on this machine, JSON of the caller.
    pub private: String,
}

impl RecordStore {
    /// The records of an open store.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }

    /// Keeps a record, given by its canonical octets. The same one again is no change.
    ///
    /// # Errors
    /// `Damaged` when another record has its id, or the octets are no record in canonical form.
    pub fn put(&self, canonical: &[u8], private: &str, durability: Durability) -> Result<[u8; 32], StoreError> {
        let record = Record::parse(canonical).map_err(|error| StoreError::Damaged {
            what: format!("record to keep: {error}"),
        })?;
        let evidence = evidence_of(canonical);
        self.database.change_once("keep a record", durability, |transaction| {
            let sql = "SELECT canonical, private FROM records WHERE record_id = ?1";
            let kept: Option<(Vec<u8>, String)> = transaction
                .prepare_cached(sql)?
                .query_row([&record.record_id], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            match kept {
                Some((octets, beside)) if octets == canonical && beside == private => Ok(evidence),
                Some(_) => Err(Refusal::damaged(format!(
                    "record {} exists with other octets",
                    record.record_id
                ))),
                None => {
                    let sql = "INSERT INTO records (record_id, evidence, canonical, private) VALUES (?1, ?2, ?3, ?4)";
                    transaction
                        .prepare_cached(sql)?
                        .execute((&record.record_id, evidence, canonical, private))?;
                    Ok(evidence)
                }
            }
        })
    }

    /// By its id.
    ///
    /// # Errors
    /// When it cannot be read, or is not what was kept.
    pub fn find(&self, record_id: &str) -> Result<Option<StoredRecord>, StoreError> {
        self.database.read("read a record", |connection| {
            let sql = "SELECT canonical, evidence, private FROM records WHERE record_id = ?1";
            let found = connection
                .prepare_cached(sql)?
                .query_row([record_id], |row| Ok(read(row)))
                .optional()?;
            found.transpose()
        })
    }

    /// By its evidence.
    ///
    /// # Errors
    /// As for [`RecordStore::find`].
    pub fn find_evidence(&self, evidence: &[u8; 32]) -> Result<Option<StoredRecord>, StoreError> {
        self.database.read("read a record", |connection| {
            let sql = "SELECT canonical, evidence, private FROM records WHERE evidence = ?1";
            let found = connection
                .prepare_cached(sql)?
                .query_row([evidence], |row| Ok(read(row)))
                .optional()?;
            found.transpose()
        })
    }

    /// All records, oldest first.
    ///
    /// # Errors
    /// As for [`RecordStore::find`].
    pub fn all(&self) -> Result<Vec<StoredRecord>, StoreError> {
        self.database.read("read the records", |connection| {
            let mut statement = connection.prepare("SELECT canonical, evidence, private FROM records ORDER BY seq")?;
            let rows = statement.query_map([], |row| Ok(read(row)))?;
            rows.map(|row| row?).collect()
        })
    }

    /// The trace heads that the records hold, to verify the trace against.
    ///
    /// # Errors
    /// As for [`RecordStore::find`].
    pub fn trace_heads(&self) -> Result<Vec<TraceHead>, StoreError> {
        let heads = self.all()?.into_iter().map(|stored| {
            let mut hash = [0; 32];
            hex::decode_to_slice(&stored.record.trace.head, &mut hash).map_err(|_| StoreError::Damaged {
                what: format!("record {}", stored.record.record_id),
            })?;
            Ok(TraceHead {
                hash,
                count: stored.record.trace.count,
            })
        });
        heads.collect()
    }
}

/// What is read back must still be the record that was kept.
fn read(row: &Row<'_>) -> Result<StoredRecord, Refusal> {
    let canonical: Vec<u8> = row.get(0)?;
    let kept: [u8; 32] = row.get(1)?;
    let refused = |error: &EvidenceError| Refusal::damaged(format!("record {}: {error}", hex::encode(kept)));
    let record = Record::parse(&canonical).map_err(|error| refused(&error))?;
    let evidence = record.evidence().map_err(|error| refused(&error))?;
    if evidence != kept {
        return Err(Refusal::damaged(format!(
            "record {} has evidence {}",
            hex::encode(kept),
            hex::encode(evidence)
        )));
    }
    Ok(StoredRecord {
        record,
        evidence,
        private: row.get(2)?,
    })
}
