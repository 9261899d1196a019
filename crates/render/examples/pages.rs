//! Draws every page of the files that are named and says what came of it, one line for each page: for trying whole folders
//! by hand. `pages [--width N] [--out FOLDER] [--first] FILE…`

#![expect(clippy::print_stdout, reason = "a program that reports to a terminal")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use countersign_render::{Renderer, WORKER_ARGUMENT, serve_worker};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments.peek().is_some_and(|first| first == WORKER_ARGUMENT) {
        return Ok(serve_worker());
    }
    let (mut width, mut out, mut first) = (1240, None, false);
    let mut renderer = Renderer::start(&std::env::current_exe()?)?;
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--width") => {
                width = arguments
                    .next()
                    .and_then(|n| n.to_str()?.parse().ok())
                    .ok_or("--width N")?;
            }
            Some("--out") => out = Some(PathBuf::from(arguments.next().ok_or("--out FOLDER")?)),
            Some("--first") => first = true,
            _ => file(&mut renderer, Path::new(&argument), width, out.as_deref(), first)?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn file(renderer: &mut Renderer, path: &Path, width: u32, out: Option<&Path>, first: bool) -> std::io::Result<()> {
    let name = path.display();
    let begun = Instant::now();
    let facts = match renderer.open(&File::open(path)?) {
        Ok(facts) => facts,
        Err(error) => {
            println!("{name}: NOT OPENED {error:?}");
            return Ok(());
        }
    };
    println!(
        "{name}: {} pages, {} octets, opened in {:?}",
        facts.pages(),
        facts.octets,
        begun.elapsed()
    );
    for page in 1..=if first { facts.pages().min(1) } else { facts.pages() } {
        let begun = Instant::now();
        match renderer.page(page, width) {
            Ok(png) => {
                let (took, worker) = (begun.elapsed(), renderer.worker());
                let text = renderer.text(page).map(|text| (text.text.chars().count(), text.untold));
                println!(
                    "{name}: {page}: {} x {}, {} octets in {took:?}, text {text:?}, {:?}, {:?}, worker {worker:?}",
                    png.width,
                    png.height,
                    png.octets.len(),
                    png.warnings,
                    png.fallback_fonts,
                );
                if let Some(folder) = out {
                    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                    std::fs::write(folder.join(format!("{stem}-{page}.png")), &png.octets)?;
                }
            }
            Err(error) => println!("{name}: {page}: FAILED {error:?} after {:?}", begun.elapsed()),
        }
    }
    Ok(())
}
