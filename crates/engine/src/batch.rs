//! The files of one run, one after the other: results in their order, and what ends a run ends it.
//!
//! Where there are several, a file that has its signature value is finished in a second thread while the token makes the
//! next one: stamp, embed, check, release, record. Nothing in there asks anybody anything, and what it starts from is in
//! the store already. Everything that asks or tells a person stays in the caller's thread, and so does the token. At most
//! one file is ahead of another, and never when the two could meet.
//!
//! Not its business: the steps (sign, finish), submitting (it waits for an endpoint far longer than any of this takes).

use std::{
    panic::resume_unwind,
    path::Path,
    sync::mpsc::{Receiver, Sender, channel},
    thread::{Builder, Scope, ScopedJoinHandle, scope},
};

use countersign_signing::{Stage, ports::Credential};

use crate::{
    Engine,
    book::Book,
    fault::Fault,
    finish::{PutOut, Unfinished},
    interaction::{Event, Interaction},
    sign::{Output, SignRequest, SignResult, ends_the_run, fill},
};

/// What came of the files so far.
struct Run {
    results: Vec<SignResult>,
    /// Why no further file is begun.
    stop: Option<Fault>,
}

impl Run {
    fn failed(&mut self, index: usize, fault: Fault) {
        if ends_the_run(&fault) && self.stop.is_none() {
            self.stop = Some(fault.clone());
        }
        if let Some(result) = self.results.get_mut(index) {
            result.error = Some(fault);
        }
    }
}

impl Engine {
    /// One result for each file. `stop` is what stands against the run before it has begun.
    pub(crate) fn each(
        &mut self,
        request: &SignRequest,
        credential: Option<&Credential>,
        stop: Option<Fault>,
        ui: &mut dyn Interaction,
    ) -> Vec<SignResult> {
        let mut run = Run {
            results: Vec::with_capacity(request.inputs.len()),
            stop,
        };
        let several = request.inputs.len() > 1
            && matches!(request.output, Output::Folder(_))
            && request.choices.intent.endpoint.is_empty()
            && run.stop.is_none();
        let second = if several { self.beside().ok() } else { None };
        scope(|scope| {
            let mut beside = second.and_then(|engine| Beside::start(scope, engine));
            for input in &request.inputs {
                if beside.as_ref().is_some_and(|beside| !beside.may_go_ahead(input)) {
                    self.collect(&mut beside, &mut run, ui);
                }
                self.one(input, request, credential, ui, &mut beside, &mut run);
            }
            self.collect(&mut beside, &mut run, ui);
        });
        run.results
    }

    fn one(
        &mut self,
        input: &Path,
        request: &SignRequest,
        credential: Option<&Credential>,
        ui: &mut dyn Interaction,
        beside: &mut Option<Beside<'_>>,
        run: &mut Run,
    ) {
        let mut result = SignResult {
            input: input.display().to_string(),
            submission: "none".to_owned(),
            ..SignResult::default()
        };
        let index = run.results.len();
        let begun = match (&run.stop, credential) {
            (None, Some(credential)) if !ui.cancelled() => {
                self.until_signed(input, request, credential, ui, &mut result)
            }
            (stop, _) => {
                result.error = Some(match stop {
                    None => Fault::new(Stage::Open, "cancelled"),
                    // A fault of the token or its PIN stops the whole run: a batch never burns tries.
                    Some(fault) if index == 0 => fault.clone(),
                    Some(fault) => Fault::new(fault.stage, "skipped")
                        .with("because", fault.code.as_str())
                        .exiting(fault.exit),
                });
                Ok(None)
            }
        };
        run.results.push(result);
        // The file before this one comes first, also in what ends the run. A signature that exists by now is finished all
        // the same.
        self.collect(beside, run, ui);
        match (begun, beside) {
            (Ok(None), _) => {}
            (Ok(Some(unfinished)), Some(beside)) => beside.give(unfinished, index),
            (Ok(Some(unfinished)), None) => {
                let put_out = self.put_out(unfinished, &mut |event| ui.tell(&event));
                self.finished(index, put_out, run, ui);
            }
            (Err(fault), _) => run.failed(index, fault),
        }
    }

    /// Waits for the file that is being finished, if there is one.
    fn collect(&mut self, beside: &mut Option<Beside<'_>>, run: &mut Run, ui: &mut dyn Interaction) {
        let Some((index, put_out)) = beside.as_mut().and_then(|beside| beside.wait(ui)) else {
            return;
        };
        self.finished(index, put_out, run, ui);
    }

    fn finished(&mut self, index: usize, put_out: Result<PutOut, Fault>, run: &mut Run, ui: &mut dyn Interaction) {
        let concluded = put_out.and_then(|put_out| self.conclude(put_out, ui));
        let filled = match (concluded, run.results.get_mut(index)) {
            (Ok((outcome, timings)), Some(result)) => fill(result, outcome, timings),
            (Ok(_), None) => Ok(()),
            (Err(fault), _) => Err(fault),
        };
        if let Err(fault) = filled {
            run.failed(index, fault);
        }
    }

    /// A second engine over the same store, for another thread. It has no tokens.
    fn beside(&mut self) -> Result<Self, Fault> {
        let database = self.database()?.database.clone();
        Ok(Self {
            book: Some(Book::over(database)),
            ..self.companion()
        })
    }
}

/// The second thread.
struct Beside<'scope> {
    work: Option<Sender<Box<Unfinished>>>,
    words: Receiver<Word>,
    thread: Option<ScopedJoinHandle<'scope, ()>>,
    /// What it works on: the file's place among the results, and its name.
    at: Option<(usize, String)>,
    /// Whether a file has come back. The first one goes alone: what it tells (how large a stamp is, that the authority is
    /// away) holds for the others.
    proved: bool,
}

/// What the second thread says.
enum Word {
    Tell(Event),
    Done(Box<Result<PutOut, Fault>>),
}

impl<'scope> Beside<'scope> {
    /// `None` where the system has no thread left: then one thing is done after the other.
    fn start<'env>(scope: &'scope Scope<'scope, 'env>, mut engine: Engine) -> Option<Self> {
        let (work, given) = channel::<Box<Unfinished>>();
        let (say, words) = channel();
        let thread = Builder::new().name("finish".to_owned()).spawn_scoped(scope, move || {
            for unfinished in given {
                // Nobody listens any more: then it ends with its work done.
                let put_out = engine.put_out(*unfinished, &mut |event| drop(say.send(Word::Tell(event))));
                let _ = say.send(Word::Done(Box::new(put_out)));
            }
        });
        Some(Self {
            work: Some(work),
            words,
            thread: Some(thread.ok()?),
            at: None,
            proved: false,
        })
    }

    /// Whether a file may be begun while another one is being finished. Two of one name have one place to go to.
    fn may_go_ahead(&self, input: &Path) -> bool {
        let name = input.file_name().map(|name| name.to_string_lossy().to_lowercase());
        self.proved && self.at.as_ref().is_none_or(|(_, at)| Some(at) != name.as_ref())
    }

    fn give(&mut self, unfinished: Unfinished, index: usize) {
        let name = unfinished.finish.name.to_lowercase();
        // When the thread has ended, waiting for it tells why.
        let _ = self.work.as_ref().map(|work| work.send(Box::new(unfinished)));
        self.at = Some((index, name));
    }

    fn wait(&mut self, ui: &mut dyn Interaction) -> Option<(usize, Result<PutOut, Fault>)> {
        let (index, _) = self.at.take()?;
        loop {
            match self.words.recv() {
                Ok(Word::Tell(event)) => ui.tell(&event),
                Ok(Word::Done(put_out)) => {
                    self.proved = true;
                    return Some((index, *put_out));
                }
                Err(_) => {
                    // It panicked. That is nobody's to hide.
                    self.work = None;
                    if let Some(Err(panic)) = self.thread.take().map(ScopedJoinHandle::join) {
                        resume_unwind(panic);
                    }
                    return None;
                }
            }
        }
    }
}
