//! The books against each other: trace, sessions, records, outbox and journals, the counts of their rows, and the head that
//! is kept beside them.
//!
//! Each chain shows what was changed inside it; here is found what was taken from an end, from a whole table or from
//! several at once. Every difference is listed, not only the first. Honest stores hold at every moment, also after a crash:
//! the trace is written before an effect, a record before it is submitted, an attempt before it goes out. Not its business:
//! the chains themselves (`trace_store`, evidence).

use std::collections::{BTreeMap, HashMap, HashSet};

use countersign_evidence::{
    Payload, PayloadMode, Record, TraceEvent, TraceHead, canonical::from_canonical, record::evidence_of,
};
use countersign_signing::ports::{OutboxRow, OutboxState, StoreError};
use rusqlite::Connection;

use crate::{
    database::{Database, Refusal},
    head::{self, Head, Kept},
    tally,
    trace_store::MAX_ENTRY,
};

/// One difference between the books.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum BookFault {
    /// A table has other than the rows that it got.
    #[error("{table} has {found} rows of {kept}")]
    Count { table: &'static str, kept: u64, found: u64 },
    /// The count of a table is gone.
    #[error("the rows of {table} are not counted")]
    CountMissing { table: &'static str },
    /// A journal's entry holds what nobody submitted from here.
    #[error("entry {seq} of journal {journal} was submitted by no row of the outbox")]
    EntryUnsent { journal: String, seq: u64 },
    /// What a journal held is no longer in it.
    #[error("journal {endpoint} no longer holds what row {row} submitted")]
    EntryMissing { row: String, endpoint: String },
    /// The store has less than its head says, or another trace.
    #[error("the store is behind the head beside it: {kept} entries of the trace were there, {found} are")]
    Head { kept: u64, found: u64 },
    /// The head beside the store is gone.
    #[error("the head beside the store is missing or not readable")]
    HeadMissing,
    /// A row of the outbox submitted what its record does not say.
    #[error("row {row} submitted what record {record} does not say")]
    OutboxDiffers { row: String, record: String },
    /// A row of the outbox was edited.
    #[error("row {row} of the outbox is not as it was written")]
    OutboxEdited { row: String },
    /// A row of the outbox names a record that is not there.
    #[error("record {record} of row {row} is missing")]
    OutboxUnrecorded { row: String, record: String },
    /// A record is not what it was kept as.
    #[error("record {record} is not as it was written")]
    RecordEdited { record: String },
    /// A finished session has no record.
    #[error("the record of session {session} is missing")]
    RecordMissing { session: String },
    /// The trace does not lead to a record.
    #[error("the trace has no entry {count} that made record {record}")]
    RecordUntraced { record: String, count: u64 },
    /// A session was edited.
    #[error("session {session} is not as it was written")]
    SessionEdited { session: String },
    /// The trace of a session is shorter than when the session was saved, or another one.
    #[error("session {session} was saved at entry {count} of its trace, which is missing")]
    SessionUntraced { session: String, count: u64 },
}

impl BookFault {
    /// Stable code, kebab-case.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Count { .. } => "rows-missing",
            Self::CountMissing { .. } => "count-missing",
            Self::EntryUnsent { .. } => "entry-unsent",
            Self::EntryMissing { .. } => "entry-missing",
            Self::Head { .. } => "behind-head",
            Self::HeadMissing => "head-missing",
            Self::OutboxDiffers { .. } => "submission-differs",
            Self::OutboxEdited { .. } => "outbox-edited",
            Self::OutboxUnrecorded { .. } => "submission-unrecorded",
            Self::RecordEdited { .. } => "record-edited",
            Self::RecordMissing { .. } => "record-missing",
            Self::RecordUntraced { .. } => "record-untraced",
            Self::SessionEdited { .. } => "session-edited",
            Self::SessionUntraced { .. } => "session-untraced",
        }
    }

    /// The table that it was noticed in.
    #[must_use]
    pub const fn table(&self) -> &'static str {
        match self {
            Self::Count { table, .. } | Self::CountMissing { table } => table,
            Self::EntryUnsent { .. } | Self::EntryMissing { .. } => "journal",
            Self::Head { .. } | Self::HeadMissing => "trace",
            Self::OutboxDiffers { .. } | Self::OutboxEdited { .. } | Self::OutboxUnrecorded { .. } => "outbox",
            Self::RecordEdited { .. } | Self::RecordMissing { .. } | Self::RecordUntraced { .. } => "records",
            Self::SessionEdited { .. } | Self::SessionUntraced { .. } => "sessions",
        }
    }

    /// The row, where it is one.
    #[must_use]
    pub fn row(&self) -> String {
        match self {
            Self::EntryUnsent { journal, seq } => format!("{journal}/{seq}"),
            Self::EntryMissing { row, .. }
            | Self::OutboxDiffers { row, .. }
            | Self::OutboxEdited { row }
            | Self::OutboxUnrecorded { row, .. } => row.clone(),
            Self::RecordEdited { record } | Self::RecordUntraced { record, .. } => record.clone(),
            Self::RecordMissing { session }
            | Self::SessionEdited { session }
            | Self::SessionUntraced { session, .. } => session.clone(),
            Self::Count { .. } | Self::CountMissing { .. } | Self::Head { .. } | Self::HeadMissing => String::new(),
        }
    }
}

/// Compares everything with everything. Empty: all books agree. Then the head beside the store is brought up to date.
///
/// # Errors
/// When the store cannot be read.
pub fn check(database: &Database) -> Result<Vec<BookFault>, StoreError> {
    database.read("compare the books", |connection| {
        let mut faults = Vec::new();
        // Before the rows: what the file says now, the store must have from now on.
        let kept = head::read(connection, database.home())?;
        {
            // One moment for all tables, whoever writes meanwhile.
            let moment = connection.unchecked_transaction()?;
            kept_head(&moment, kept, &mut faults)?;
            counts(&moment, &mut faults)?;
            let trace = Traced::read(&moment)?;
            let records = records(&moment, &trace, &mut faults)?;
            sessions(&moment, &trace, &records, &mut faults)?;
            let sent = outbox(&moment, &records, &mut faults)?;
            journals(&moment, &sent, &mut faults)?;
        }
        if faults.is_empty() {
            head::settle(connection, database.home())?;
        }
        Ok(faults)
    })
}

fn counts(connection: &Connection, faults: &mut Vec<BookFault>) -> Result<(), Refusal> {
    for table in tally::TABLES {
        match tally::counts(connection, table)? {
            (found, Some(kept)) if found != kept => faults.push(BookFault::Count { table, kept, found }),
            (_, Some(_)) => {}
            (_, None) => faults.push(BookFault::CountMissing { table }),
        }
    }
    Ok(())
}

fn kept_head(connection: &Connection, kept: Kept, faults: &mut Vec<BookFault>) -> Result<(), Refusal> {
    match kept {
        Kept::Never => {}
        Kept::Missing => faults.push(BookFault::HeadMissing),
        Kept::Head(kept) => {
            let now = Head::of(connection)?;
            if !kept.leads_to(&now, connection)? {
                faults.push(BookFault::Head {
                    kept: kept.count("trace"),
                    found: now.count("trace"),
                });
            }
        }
    }
    Ok(())
}

/// What the trace says, by the heads that it went through.
struct Traced {
    /// Session and place of each head.
    heads: HashMap<[u8; 32], (String, u64)>,
    /// The digest of the file that an entry recorded, by the head after that entry.
    recorded: HashMap<[u8; 32], String>,
    /// The last head of each session at which a file was recorded.
    last_recorded: HashMap<String, [u8; 32]>,
}

impl Traced {
    fn read(connection: &Connection) -> Result<Self, Refusal> {
        let mut traced = Self {
            heads: HashMap::new(),
            recorded: HashMap::new(),
            last_recorded: HashMap::new(),
        };
        let mut statement = connection.prepare("SELECT session, position, entry, head FROM trace ORDER BY seq")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (session, position, entry, head): (String, u64, Vec<u8>, [u8; 32]) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            // What cannot be read is a fault of the chain, which is walked elsewhere.
            if let Ok(event) = from_canonical::<TraceEvent>(&entry, MAX_ENTRY)
                && event.kind == "record"
            {
                let digest = event.detail.get("sha256").cloned().unwrap_or_default();
                traced.recorded.insert(head, digest);
                traced.last_recorded.insert(session.clone(), head);
            }
            traced.heads.insert(head, (session, position));
        }
        Ok(traced)
    }
}

/// The records by their id, and the heads of the trace that they name.
struct Recorded {
    by_id: HashMap<String, Record>,
    heads: HashSet<[u8; 32]>,
}

fn records(connection: &Connection, trace: &Traced, faults: &mut Vec<BookFault>) -> Result<Recorded, Refusal> {
    let mut records = Recorded {
        by_id: HashMap::new(),
        heads: HashSet::new(),
    };
    let mut statement = connection.prepare("SELECT record_id, evidence, canonical FROM records ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, evidence, canonical): (String, Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let record = match Record::parse(&canonical) {
            Ok(record) if record.record_id == id && evidence_of(&canonical).as_slice() == evidence => record,
            _ => {
                faults.push(BookFault::RecordEdited { record: id });
                continue;
            }
        };
        let mut head = [0; 32];
        let readable = hex::decode_to_slice(&record.trace.head, &mut head).is_ok();
        let place = trace
            .heads
            .get(&head)
            .is_some_and(|(_, position)| *position == record.trace.count);
        let same_file = trace.recorded.get(&head) == Some(&record.document.sha256);
        if !(readable && place && same_file) {
            faults.push(BookFault::RecordUntraced {
                record: id.clone(),
                count: record.trace.count,
            });
        }
        records.heads.insert(head);
        records.by_id.insert(id, record);
    }
    Ok(records)
}

fn sessions(
    connection: &Connection,
    trace: &Traced,
    records: &Recorded,
    faults: &mut Vec<BookFault>,
) -> Result<(), Refusal> {
    let mut statement = connection.prepare(
        "SELECT id, state, source_sha256, output, part, body, updated, trace_count, trace_head, seal FROM sessions
            ORDER BY seq",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut texts: [String; 7] = Default::default();
        for (column, text) in texts.iter_mut().enumerate() {
            *text = row.get(column)?;
        }
        let (count, head, seal): (u64, Vec<u8>, Vec<u8>) = (row.get(7)?, row.get(8)?, row.get(9)?);
        let [id, state, ..] = &texts;
        let id = id.clone();
        let head = <[u8; 32]>::try_from(head.as_slice()).unwrap_or_default();
        let saved = TraceHead { hash: head, count };
        if tally::session_seal(&texts.each_ref().map(String::as_str), &saved).as_slice() != seal {
            faults.push(BookFault::SessionEdited { session: id.clone() });
        }
        let known = trace
            .heads
            .get(&head)
            .is_some_and(|place| *place == (id.clone(), count));
        if saved != TraceHead::START && !known {
            faults.push(BookFault::SessionUntraced {
                session: id.clone(),
                count,
            });
        }
        let unrecorded = trace
            .last_recorded
            .get(&id)
            .is_some_and(|head| !records.heads.contains(head));
        if state == "done" && unrecorded {
            faults.push(BookFault::RecordMissing { session: id });
        }
    }
    Ok(())
}

/// What the outbox submitted: endpoint and evidence of each row, with the row's id and whether the endpoint took it.
type Sent = BTreeMap<(String, [u8; 32]), (String, [u8; 32], bool)>;

fn outbox(connection: &Connection, records: &Recorded, faults: &mut Vec<BookFault>) -> Result<Sent, Refusal> {
    let mut sent = Sent::new();
    let mut statement = connection.prepare("SELECT id, evidence, endpoint, body, seal FROM outbox ORDER BY seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, evidence, endpoint): (String, Vec<u8>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let (body, seal): (String, Vec<u8>) = (row.get(3)?, row.get(4)?);
        let parsed = serde_json::from_str::<OutboxRow>(&body).ok();
        let same = parsed.as_ref().is_some_and(|parsed| {
            parsed.id == id
                && parsed.endpoint == endpoint
                && parsed.submission.payload.evidence().as_slice() == evidence
        });
        if !same || tally::outbox_seal(&id, &endpoint, &body).as_slice() != seal {
            faults.push(BookFault::OutboxEdited { row: id.clone() });
        }
        let Some(parsed) = parsed else { continue };
        let payload = &parsed.submission.payload;
        let record = parsed.submission.record_id.clone();
        match records.by_id.get(&record) {
            None => faults.push(BookFault::OutboxUnrecorded {
                row: id.clone(),
                record,
            }),
            Some(kept) if !kept.payload(mode_of(payload)).is_ok_and(|own| own == *payload) => {
                faults.push(BookFault::OutboxDiffers {
                    row: id.clone(),
                    record,
                });
            }
            Some(_) => {}
        }
        let taken = matches!(
            parsed.state,
            OutboxState::Included | OutboxState::Final | OutboxState::Adopted
        );
        sent.insert((endpoint, *payload.evidence()), (id, payload.parts(), taken));
    }
    Ok(sent)
}

fn journals(connection: &Connection, sent: &Sent, faults: &mut Vec<BookFault>) -> Result<(), Refusal> {
    let names: HashSet<String> = connection
        .prepare("SELECT name FROM journals")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut held: HashSet<(String, [u8; 32], [u8; 32])> = HashSet::new();
    let mut statement = connection.prepare("SELECT name, seq, evidence, parts FROM journal ORDER BY name, seq")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (name, seq): (String, u64) = (row.get(0)?, row.get(1)?);
        let evidence = <[u8; 32]>::try_from(row.get::<_, Vec<u8>>(2)?.as_slice()).unwrap_or_default();
        let parts = <[u8; 32]>::try_from(row.get::<_, Vec<u8>>(3)?.as_slice()).unwrap_or_default();
        if !sent.contains_key(&(name.clone(), evidence)) {
            faults.push(BookFault::EntryUnsent {
                journal: name.clone(),
                seq,
            });
        }
        held.insert((name, evidence, parts));
    }
    for ((endpoint, evidence), (row, parts, taken)) in sent {
        // A journal that was taken away whole shows by the count of its table.
        if *taken && names.contains(endpoint) && !held.contains(&(endpoint.clone(), *evidence, *parts)) {
            faults.push(BookFault::EntryMissing {
                row: row.clone(),
                endpoint: endpoint.clone(),
            });
        }
    }
    Ok(())
}

const fn mode_of(payload: &Payload) -> PayloadMode {
    match payload {
        Payload::Full { .. } => PayloadMode::Full,
        Payload::Digests { .. } => PayloadMode::Digests,
        Payload::Commit { .. } => PayloadMode::Commit,
    }
}
