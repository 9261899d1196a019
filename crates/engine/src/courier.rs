//! Going on with one thing at a time, for a program that stays open: one unfinished session, one row of the outbox.
//!
//! Not its business: when (the shell's courier), the steps (resume, outbox).

use std::{path::PathBuf, time::Duration};

use countersign_signing::{
    Level, Stage,
    ports::{OutboxRow, Sessions as _},
};

use crate::{
    Engine,
    fault::Fault,
    finish::Finish,
    interaction::Interaction,
    resume::{Resumed, name_of},
    standing::{SessionFacts, session_facts},
};

/// What going on with a session came to.
#[derive(Debug, Clone)]
pub struct Resumption {
    /// Level that the file has now.
    pub level: Level,
    /// Its record.
    pub record_id: String,
    /// Why it did not go on to the end.
    pub fault: Option<Fault>,
}

/// How a row stands after one pass.
#[derive(Debug, Clone)]
pub struct RowOutcome {
    /// The row now.
    pub row: OutboxRow,
    /// Why it did not get further.
    pub fault: Option<Fault>,
}

impl Engine {
    /// What is not at its end: sessions, and rows that neither wait for a word nor are settled.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn waiting(&mut self) -> Result<(Vec<SessionFacts>, Vec<OutboxRow>), Fault> {
        if !self.home().exists() {
            return Ok((Vec::new(), Vec::new()));
        }
        let sessions = self
            .database()?
            .unfinished()
            .map_err(|error| Fault::store(Stage::Open, &error))?;
        let sessions = sessions.iter().filter_map(session_facts).collect();
        let rows = self
            .outbox_rows()?
            .into_iter()
            .filter(|row| !row.is_settled())
            .collect();
        Ok((sessions, rows))
    }

    /// Goes on with one session, with the authorities at these URLs, or all configured ones where none is given. `None`: nothing was signed in it (it is closed), it is at its end,
    /// or another process is at it.
    ///
    /// # Errors
    /// When it cannot go on now; nothing is lost.
    pub fn session_resume(
        &mut self,
        session: &SessionFacts,
        tsa: &[String],
        ui: &mut dyn Interaction,
    ) -> Result<Option<Resumption>, Fault> {
        let output = session.output.display().to_string();
        let finish = Finish {
            session: session.id.clone(),
            name: name_of(&output),
            output: PathBuf::from(&output),
            overwrite: false,
            tsa: tsa.to_vec(),
            trust: Vec::new(),
            offline: false,
            wait: Duration::ZERO,
        };
        match self.resume(&session.id, &finish, &mut None, ui)? {
            Resumed::Nothing | Resumed::Busy => Ok(None),
            Resumed::Done(outcome) => Ok(Some(Resumption {
                level: outcome.level,
                record_id: outcome.record_id.clone(),
                fault: outcome.fault.clone(),
            })),
        }
    }

    /// One pass over one row, as it stands in the store now. A held row is left alone.
    ///
    /// # Errors
    /// When the store cannot be used, or another process is at the outbox.
    pub fn row_turn(&mut self, id: &str, ui: &mut dyn Interaction) -> Result<RowOutcome, Fault> {
        let row = self.outbox_row(id)?;
        if row.held || row.is_settled() {
            return Ok(RowOutcome { row, fault: None });
        }
        let driven = self.drive_until_final(row, Duration::ZERO, ui)?;
        Ok(RowOutcome {
            row: driven.row,
            fault: driven.fault,
        })
    }
}
