//! The face for the shells: one document, one worker, restarted when it dies.
//!
//! Not its business: how a page is drawn (`worker`), and what a shell says about an error.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::error::{End, RenderError};
use crate::picture::{DocumentFacts, Limits, MOST_OCTETS, MOST_PAGES, PageText, Png};
use crate::process::{Worker, read_only};
use crate::wire::{Answer, Refusal, Request};

/// So many workers may die of one page; then its error stands.
const DEATHS: u8 = 3;

/// Draws the pages of one document at a time, in a worker process.
///
/// Calls wait for their answers, at most for the deadline: they belong on a thread of their own. For pages and thumbnails
/// at the same time, start two.
#[derive(Debug)]
pub struct Renderer {
    program: PathBuf,
    limits: Limits,
    document: Option<Opened>,
    worker: Option<Worker>,
    /// The page whose requests killed the last workers, and how many.
    deaths: Option<(u32, u8)>,
    /// Pages that are not tried any more.
    given_up: BTreeMap<u32, RenderError>,
}

#[derive(Debug)]
struct Opened {
    file: File,
    facts: DocumentFacts,
}

impl Renderer {
    /// Prepares to draw with this program as the worker: usually `std::env::current_exe()`.
    ///
    /// # Errors
    /// [`RenderError::Start`] when there is no such file. The process itself starts with a document.
    pub fn start(program: &Path) -> Result<Self, RenderError> {
        Self::start_within(program, Limits::default())
    }

    /// The same with other limits.
    ///
    /// # Errors
    /// As [`Renderer::start`].
    pub fn start_within(program: &Path, limits: Limits) -> Result<Self, RenderError> {
        let program = program.canonicalize().map_err(|error| start(&error))?;
        Ok(Self {
            program,
            limits,
            document: None,
            worker: None,
            deaths: None,
            given_up: BTreeMap::new(),
        })
    }

    /// Opens a document, in place of the one before. The octets that the file has now are the document, whatever is
    /// appended later. The file is read through a descriptor of its own that cannot write.
    ///
    /// # Errors
    /// [`RenderError::Unreadable`] or [`RenderError::Encrypted`] for a file that the reader cannot read, others for what
    /// happened to the worker.
    pub fn open(&mut self, file: &File) -> Result<DocumentFacts, RenderError> {
        self.close();
        let octets = file.metadata().map_err(|error| start(&error))?.len();
        if octets > MOST_OCTETS {
            return Err(RenderError::DocumentTooLarge {
                octets,
                most: MOST_OCTETS,
            });
        }
        let file = read_only(file).map_err(|error| start(&error))?;
        let (worker, facts) = self.open_in_worker(&file, octets, Instant::now())?;
        self.worker = Some(worker);
        self.document = Some(Opened {
            file,
            facts: facts.clone(),
        });
        Ok(facts)
    }

    /// Forgets the document and ends its worker.
    pub fn close(&mut self) {
        self.document = None;
        self.worker = None;
        self.deaths = None;
        self.given_up.clear();
    }

    /// A page as a picture of this width; the first page is 1.
    ///
    /// # Errors
    /// [`RenderError::TooLarge`] and [`RenderError::PageMissing`] without asking the worker; [`RenderError::Crashed`],
    /// [`RenderError::TimedOut`] and [`RenderError::Malformed`] when it failed. The next request starts a new one, until
    /// three in a row have died of the same page: then that error stands for the page.
    pub fn page(&mut self, page: u32, width: u32) -> Result<Png, RenderError> {
        let facts = &self.document.as_ref().ok_or(RenderError::NotOpen)?.facts;
        let (wide, high) = facts.size(page)?.pixels(width)?;
        let answer = self.ask(page, &Request::Page { page, width })?;
        match answer {
            Answer::Picture(png)
                if (png.width, png.height) == (wide.into(), high.into())
                    && has_size(&png.octets, png.width, png.height) =>
            {
                self.lived();
                Ok(png)
            }
            other => Err(self.failed(page, other)),
        }
    }

    /// The text of a page in the order in which it is drawn; the first page is 1.
    ///
    /// # Errors
    /// As [`Renderer::page`].
    pub fn text(&mut self, page: u32) -> Result<PageText, RenderError> {
        self.document.as_ref().ok_or(RenderError::NotOpen)?.facts.size(page)?;
        match self.ask(page, &Request::Text { page })? {
            Answer::Text(text) => {
                self.lived();
                Ok(text)
            }
            other => Err(self.failed(page, other)),
        }
    }

    /// The worker's process number while there is one.
    #[must_use]
    pub fn worker(&self) -> Option<u32> {
        self.worker.as_ref().map(Worker::id)
    }

    fn open_in_worker(
        &self,
        file: &File,
        octets: u64,
        started: Instant,
    ) -> Result<(Worker, DocumentFacts), RenderError> {
        let document = file.try_clone().map_err(|error| start(&error))?;
        let mut worker = Worker::start(&self.program, document).map_err(|error| start(&error))?;
        let open = Request::Open {
            octets,
            seconds: self.limits.deadline.as_secs().max(1),
            memory: self.limits.memory,
        };
        match worker.ask(&open, started, self.limits.deadline)? {
            Answer::Facts { sizes, confined } => {
                let facts = DocumentFacts {
                    octets,
                    sizes,
                    confined,
                };
                Ok((worker, facts))
            }
            Answer::Refused(refusal) => Err(refused(refusal)),
            Answer::Picture(_) | Answer::Text(_) => Err(RenderError::Malformed),
        }
    }

    /// Asks about a page, of a new worker when the last one is gone.
    fn ask(&mut self, page: u32, request: &Request) -> Result<Answer, RenderError> {
        if let Some(error) = self.given_up.get(&page) {
            return Err(error.clone());
        }
        let started = Instant::now();
        // Not put back after a failure: it ends here.
        let alive = self
            .worker
            .take()
            .and_then(|mut worker| (!worker.is_gone()).then_some(worker));
        let worker = match alive {
            Some(worker) => Ok(worker),
            None => self.restart(started),
        };
        let answered = worker.and_then(|mut worker| {
            let answer = worker.ask(request, started, self.limits.deadline)?;
            Ok((worker, answer))
        });
        match answered {
            Ok((worker, answer)) => {
                self.worker = Some(worker);
                Ok(answer)
            }
            Err(error) => Err(self.died(page, error)),
        }
    }

    fn restart(&self, started: Instant) -> Result<Worker, RenderError> {
        let Opened { file, facts } = self.document.as_ref().ok_or(RenderError::NotOpen)?;
        let (worker, again) = self.open_in_worker(file, facts.octets, started)?;
        // The same octets are the same pages.
        if again == *facts {
            Ok(worker)
        } else {
            Err(RenderError::Malformed)
        }
    }

    /// An answer that does not fit what was asked.
    fn failed(&mut self, page: u32, answer: Answer) -> RenderError {
        let error = match answer {
            Answer::Refused(refusal) => refused(refusal),
            Answer::Facts { .. } | Answer::Picture(_) | Answer::Text(_) => RenderError::Malformed,
        };
        self.died(page, error)
    }

    fn died(&mut self, page: u32, error: RenderError) -> RenderError {
        if error.is_death() {
            self.worker = None;
            let count = match self.deaths {
                Some((same, count)) if same == page => count.saturating_add(1),
                Some(_) | None => 1,
            };
            self.deaths = Some((page, count));
            if count >= DEATHS {
                self.given_up.insert(page, error.clone());
            }
        }
        error
    }

    fn lived(&mut self) {
        self.deaths = None;
    }
}

fn refused(refusal: Refusal) -> RenderError {
    match refusal {
        Refusal::Encrypted => RenderError::Encrypted,
        Refusal::Panicked => RenderError::Crashed { end: End::Panicked },
        Refusal::TooManyPages { pages } => RenderError::TooManyPages {
            pages,
            most: MOST_PAGES,
        },
        Refusal::Unasked => RenderError::Malformed,
        Refusal::Unreadable => RenderError::Unreadable,
    }
}

fn start(error: &std::io::Error) -> RenderError {
    RenderError::Start { kind: error.kind() }
}

/// Whether these octets begin as a PNG of this size (ISO/IEC 15948 5.2, 11.2.2).
fn has_size(octets: &[u8], width: u32, height: u32) -> bool {
    let mut head = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    octets.starts_with(&head)
}
