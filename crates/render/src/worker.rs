//! The process that draws: it has one document, answers one request after the other, and has no other way to the outside.
//!
//! Not its business: deadlines and restarts (`renderer`). A panic of the reader is answered, and ends the process: what the
//! reader left behind is not trusted again.

mod confine;
mod counted;
mod fonts;
mod map;
mod notes;
mod page;
mod read;
mod unseen;

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use hayro::hayro_syntax::{LoadPdfError, Pdf};

use crate::picture::{MOST_OCTETS, MOST_PAGES, Size};
use crate::wire::{Answer, Refusal, Request};
use counted::Counted;
use fonts::Fonts;
use notes::Notes;

/// Forms in forms in forms take stack.
const STACK: usize = 64 << 20;

/// The worker's whole main: to be called before anything else when the first argument is
/// [`WORKER_ARGUMENT`](crate::WORKER_ARGUMENT).
///
/// It ends when the other end closes; started by hand, at once.
#[must_use]
pub fn serve_worker() -> ExitCode {
    match begin() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn begin() -> io::Result<()> {
    let channel = UnixStream::from(io::stdout().as_fd().try_clone_to_owned()?);
    let document = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    // A word that somebody prints must not become an answer.
    rustix::stdio::dup2_stdout(io::stderr())?;
    // What a panic says may quote the document.
    std::panic::set_hook(Box::new(|_| {}));
    confine::for_good()?;
    let fonts = Arc::new(Fonts::find());
    thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || serve(&channel, &document, &fonts))?
        .join()
        .unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))
}

fn serve(mut channel: &UnixStream, document: &File, fonts: &Arc<Fonts>) -> io::Result<()> {
    let confined = confine::system_calls();
    let Some(request) = Request::receive(&mut channel)? else {
        return Ok(());
    };
    let Request::Open {
        octets,
        seconds,
        memory,
    } = request
    else {
        return Answer::Refused(Refusal::Unasked).send(&mut channel);
    };
    confine::memory(memory.saturating_add(octets))?;
    confine::processor(seconds)?;
    let opened = caught(|| open(document, octets));
    let (pdf, sizes) = match opened {
        Ok(opened) => opened,
        Err(refusal) => return Answer::Refused(refusal).send(&mut channel),
    };
    Answer::Facts { sizes, confined }.send(&mut channel)?;
    while let Some(request) = Request::receive(&mut channel)? {
        confine::processor(seconds)?;
        let answer = caught(|| answer(&pdf, fonts, &request)).unwrap_or_else(Answer::Refused);
        answer.send(&mut channel)?;
        if answer == Answer::Refused(Refusal::Panicked) {
            return Err(io::ErrorKind::Other.into());
        }
    }
    Ok(())
}

fn open(document: &File, octets: u64) -> Result<(Pdf, Vec<Size>), Refusal> {
    if octets == 0 || octets > MOST_OCTETS {
        return Err(Refusal::Unreadable);
    }
    let data = map::sparse(document, octets).map_err(|_| Refusal::Unreadable)?;
    let pdf = Pdf::new(Arc::new(Counted::over(data))).map_err(|error| match error {
        LoadPdfError::Decryption(_) => Refusal::Encrypted,
        LoadPdfError::Invalid => Refusal::Unreadable,
    })?;
    let pages = u32::try_from(pdf.pages().len()).unwrap_or(u32::MAX);
    if pages == 0 {
        return Err(Refusal::Unreadable);
    }
    if pages > MOST_PAGES {
        return Err(Refusal::TooManyPages { pages });
    }
    let sizes: Vec<Size> = pdf
        .pages()
        .iter()
        .map(|page| {
            let (width, height) = page.render_dimensions();
            Size { width, height }
        })
        .collect();
    if !sizes.iter().all(|size| size.is_finite()) {
        return Err(Refusal::Unreadable);
    }
    Ok((pdf, sizes))
}

fn answer(pdf: &Pdf, fonts: &Arc<Fonts>, request: &Request) -> Result<Answer, Refusal> {
    let page = |number: u32| {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        pdf.pages().get(index)
    };
    match *request {
        Request::Open { .. } => Err(Refusal::Unasked),
        Request::Page { page: number, width } => {
            let page = page(number).ok_or(Refusal::Unasked)?;
            page::draw(page, width, fonts).map(Answer::Picture)
        }
        Request::Text { page: number } => {
            let page = page(number).ok_or(Refusal::Unasked)?;
            Ok(Answer::Text(read::read(page, fonts, &Notes::default()).text))
        }
    }
}

/// The value, or that the reader panicked over it.
fn caught<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    // Nothing that was touched is used again after a panic: the process ends.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(Refusal::Panicked))
}
