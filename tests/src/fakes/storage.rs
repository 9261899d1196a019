//! A book in memory: trace, sessions, outbox. Every write is in the log, and any one of them can be made to fail.

use countersign_evidence::{TraceEvent, TraceHead};
use countersign_signing::ports::{Outbox, OutboxRow, SessionRow, Sessions, StoreError, Trace};

use super::Log;

/// The book.
#[derive(Debug)]
pub struct Book {
    log: Log,
    fails: Option<(String, StoreError)>,
    /// The trace.
    pub trace: Vec<(TraceEvent, TraceHead)>,
    /// The sessions, one row each.
    pub sessions: Vec<SessionRow>,
    /// The outbox.
    pub rows: Vec<OutboxRow>,
}

impl Book {
    /// Empty.
    #[must_use]
    pub const fn new(log: Log) -> Self {
        Self {
            log,
            fails: None,
            trace: Vec::new(),
            sessions: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// The next write with this line in the log fails; nothing of it is kept.
    pub fn fail(&mut self, line: &str, error: StoreError) {
        self.fails = Some((line.to_owned(), error));
    }

    /// Kinds of the trace's entries.
    #[must_use]
    pub fn kinds(&self) -> Vec<&str> {
        self.trace.iter().map(|(event, _)| event.kind.as_str()).collect()
    }

    fn write(&mut self, line: String) -> Result<(), StoreError> {
        let fails = self.fails.take_if(|(failing, _)| *failing == line);
        self.log.note(line);
        match fails {
            Some((_, error)) => Err(error),
            None => Ok(()),
        }
    }
}

impl Trace for Book {
    fn append(&mut self, event: &TraceEvent) -> Result<TraceHead, StoreError> {
        self.write(format!("trace {}", event.kind))?;
        let before = self.trace.last().map_or(TraceHead::START, |(_, head)| *head);
        let head = before.next(event).expect("an event of plain text");
        self.trace.push((event.clone(), head));
        Ok(head)
    }
}

impl Sessions for Book {
    fn save(&mut self, row: &SessionRow, _durable: bool) -> Result<(), StoreError> {
        self.write(format!("save {}", row.state))?;
        self.sessions.retain(|known| known.id != row.id);
        self.sessions.push(row.clone());
        Ok(())
    }

    fn unfinished(&mut self) -> Result<Vec<SessionRow>, StoreError> {
        let open = |row: &&SessionRow| row.state != "done" && row.state != "abandoned";
        Ok(self.sessions.iter().filter(open).cloned().collect())
    }
}

impl Outbox for Book {
    fn enqueue(&mut self, row: &OutboxRow) -> Result<OutboxRow, StoreError> {
        self.write("enqueue".to_owned())?;
        let same = |known: &&OutboxRow| {
            known.endpoint == row.endpoint && known.submission.payload.evidence() == row.submission.payload.evidence()
        };
        if let Some(known) = self.rows.iter().find(same) {
            return Ok(known.clone());
        }
        self.rows.push(row.clone());
        Ok(row.clone())
    }

    fn update(&mut self, row: &OutboxRow) -> Result<(), StoreError> {
        self.write(format!("update {:?}", row.state).to_lowercase())?;
        if let Some(known) = self.rows.iter_mut().find(|known| known.id == row.id) {
            *known = row.clone();
        }
        Ok(())
    }

    fn rows(&mut self) -> Result<Vec<OutboxRow>, StoreError> {
        Ok(self.rows.clone())
    }
}
