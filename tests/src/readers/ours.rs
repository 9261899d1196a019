//! Our own reader: the process that draws for the window.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use countersign_render::{RenderError, Renderer};

use super::{MOST_PAGES, PageView, Shown, View};
use crate::{desk, skip::skip};

/// The program that draws; none, said loudly, when it is not built.
pub(super) fn worker() -> Option<PathBuf> {
    let worker = desk::program().with_file_name("render-worker");
    if !worker.is_file() {
        let worker = worker.display();
        skip(&format!("{worker} is not built; our own pictures are missing"));
        return None;
    }
    Some(worker)
}

pub(super) fn view(worker: &Path, file: &Path) -> Shown {
    drawn(worker, file).map_err(|error| error.to_string())
}

fn drawn(worker: &Path, file: &Path) -> Result<View, RenderError> {
    let mut renderer = Renderer::start(worker)?;
    let facts = renderer.open(&File::open(file).expect("a file that was written"))?;
    let mut pages = Vec::new();
    for (number, size) in (1..).zip(&facts.sizes).take(MOST_PAGES) {
        // The sizes of pages are positive and small.
        let picture = renderer.page(number, (size.width.round() as u32).max(1))?;
        let text = renderer.text(number)?.text;
        let (width, height, grey) = grey(&picture.octets);
        pages.push(PageView {
            width,
            height,
            grey,
            text,
        });
    }
    Ok(View {
        count: facts.sizes.len(),
        pages,
    })
}

/// A PNG file as grey pixels.
fn grey(octets: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(octets));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().expect("a picture");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a small picture")];
    let info = reader.next_frame(&mut pixels).expect("a whole picture");
    let samples = info.color_type.samples();
    let grey = pixels.chunks_exact(samples).map(|pixel| match pixel {
        [red, green, blue, ..] => {
            let weighted = 299 * u32::from(*red) + 587 * u32::from(*green) + 114 * u32::from(*blue);
            u8::try_from(weighted / 1000).expect("an octet")
        }
        _ => pixel[0],
    });
    (info.width as usize, info.height as usize, grey.collect())
}
