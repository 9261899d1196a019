//! The renderer with a real worker process: pictures, text, and every way in which a worker can fail.

#![expect(clippy::unwrap_used, reason = "a suite: what fails here fails the test")]

mod paper;

use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use countersign_render::{End, Limits, Png, RenderError, Renderer, Size, Warning};
use hayro::vello_cpu::Pixmap;
use paper::{Page, document, file, stream};
use rustix::process::{Pid, Signal, kill_process};

const WORKER: &str = env!("CARGO_BIN_EXE_render-worker");
const SMALL: &str = "/MediaBox [0 0 200 100]";

fn renderer() -> Renderer {
    Renderer::start(Path::new(WORKER)).unwrap()
}

fn hasty() -> Renderer {
    let limits = Limits {
        deadline: Duration::from_secs(1),
        ..Limits::default()
    };
    Renderer::start_within(Path::new(WORKER), limits).unwrap()
}

/// Pixels that are not white, within a part of the picture: left, top, right, bottom in parts of the whole.
fn ink(png: &Png, [left, top, right, bottom]: [f64; 4]) -> usize {
    let pixels = Pixmap::from_png(Cursor::new(&png.octets)).unwrap();
    let (width, height) = (f64::from(pixels.width()), f64::from(pixels.height()));
    assert_eq!((pixels.width().into(), pixels.height().into()), (png.width, png.height));
    let mut count = 0;
    for (at, pixel) in pixels.data().iter().enumerate() {
        let (x, y) = (at % usize::from(pixels.width()), at / usize::from(pixels.width()));
        let (x, y) = ((x as f64 + 0.5) / width, (y as f64 + 0.5) / height);
        let inside = left <= x && x < right && top <= y && y < bottom;
        count += usize::from(inside && (pixel.r, pixel.g, pixel.b) != (255, 255, 255));
    }
    count
}

const ALL: [f64; 4] = [0.0, 0.0, 1.0, 1.0];

fn kill(renderer: &Renderer) {
    let worker = Pid::from_raw(renderer.worker().unwrap().try_into().unwrap()).unwrap();
    kill_process(worker, Signal::KILL).unwrap();
}

#[test]
fn the_sample_contract_is_drawn_and_read() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample/contract.pdf");
    let mut renderer = renderer();
    let facts = renderer.open(&File::open(&sample).unwrap()).unwrap();
    assert_eq!(facts.octets, sample.metadata().unwrap().len());
    assert_eq!(facts.pages(), 5);
    for page in 1..=5 {
        let size = facts.sizes[page as usize - 1];
        assert_eq!((size.width.round(), size.height.round()), (595.0, 842.0));
        let png = renderer.page(page, 595).unwrap();
        assert_eq!((png.width, png.height), (595, 842));
        assert_eq!(
            (png.warnings.as_slice(), png.fallback_fonts.as_slice()),
            (&[][..], &[][..])
        );
        assert!(ink(&png, ALL) > 5_000, "page {page}");
        // The same page is the same picture.
        assert_eq!(renderer.page(page, 595).unwrap(), png);
    }
    let text = renderer.text(1).unwrap();
    assert!(text.text.starts_with("样本 SAMPLE"), "{}", text.text);
    assert!(
        text.text.contains("\n基金托管协议\nFund Custody Agreement\n"),
        "{}",
        text.text
    );
    assert_eq!((text.untold, text.cut), (0, false));
}

#[test]
fn the_crop_box_and_the_rotation_are_what_is_seen() {
    // A square in the lower left corner of what is seen.
    let corner = "0 0 0 rg 100 100 20 20 re f";
    let boxes = "/MediaBox [0 0 500 500] /CropBox [100 100 300 200]";
    let cases = [
        (0, (200.0, 100.0), [0.0, 0.5, 0.5, 1.0]),
        (90, (100.0, 200.0), [0.0, 0.0, 0.5, 0.5]),
        (180, (200.0, 100.0), [0.5, 0.0, 1.0, 0.5]),
        (270, (100.0, 200.0), [0.5, 0.5, 1.0, 1.0]),
        (-90, (100.0, 200.0), [0.5, 0.5, 1.0, 1.0]),
    ];
    let entries: Vec<String> = cases
        .iter()
        .map(|(turn, ..)| format!("{boxes} /Rotate {turn}"))
        .collect();
    let pages: Vec<Page<'_>> = entries.iter().map(|entries| Page(entries, corner)).collect();
    let mut renderer = renderer();
    let facts = renderer.open(&file(&document(&pages, &[]))).unwrap();
    for (page, (turn, (width, height), part)) in (1..).zip(cases) {
        assert_eq!(facts.sizes[page as usize - 1], Size { width, height }, "/Rotate {turn}");
        let png = renderer.page(page, width as u32 * 2).unwrap();
        assert_eq!((png.width, png.height), (width as u32 * 2, height as u32 * 2));
        assert_eq!((ink(&png, part), ink(&png, ALL)), (1600, 1600), "/Rotate {turn}");
    }
}

#[test]
fn chinese_in_a_font_that_is_not_embedded_has_ink_or_a_warning() {
    let font = [
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [11 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 \
         /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor 12 0 R >>",
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [0 -200 1000 900] /ItalicAngle 0 \
         /Ascent 900 /Descent -200 /CapHeight 700 /StemV 80 >>",
    ]
    .map(str::to_owned);
    let entries = format!("{SMALL} /Resources << /Font << /F 10 0 R >> >>");
    // 会签, then below it 合同.
    let content = "BT /F 40 Tf 20 55 Td <4F1A7B7E> Tj 0 -45 Td <5408540C> Tj ET";
    let pages = [Page(&entries, content), Page(SMALL, "")];
    let mut renderer = renderer();
    renderer.open(&file(&document(&pages, &font))).unwrap();
    let png = renderer.page(1, 400).unwrap();
    assert_eq!(renderer.text(1).unwrap().text, "会签\n合同");
    let [fallback] = png.fallback_fonts.as_slice() else {
        panic!("{:?}", png.fallback_fonts);
    };
    assert_eq!(fallback.wanted.as_deref(), Some("STSong-Light"));
    if png.warnings.contains(&Warning::NoCjkFont) {
        eprintln!("SKIPPED: no typeface for Chinese on this machine, its absence is told");
        assert!(
            png.warnings.contains(&Warning::GlyphsMissing { count: 4 }),
            "{:?}",
            png.warnings
        );
    } else {
        assert_eq!(png.warnings, []);
        assert!(fallback.used.contains('.'), "{fallback:?}");
        for part in [
            [0.0, 0.0, 0.3, 0.5],
            [0.3, 0.0, 0.6, 0.5],
            [0.0, 0.5, 0.3, 1.0],
            [0.3, 0.5, 0.6, 1.0],
        ] {
            assert!(ink(&png, part) > 200, "{part:?}: {}", ink(&png, part));
        }
    }
    // What is said of one page is not said of the next, and is said again of the first.
    let blank = renderer.page(2, 400).unwrap();
    assert_eq!(
        (blank.warnings.len(), blank.fallback_fonts.len(), ink(&blank, ALL)),
        (0, 0, 0)
    );
    assert_eq!(renderer.page(1, 400).unwrap(), png);
}

#[test]
fn what_may_be_missing_is_said() {
    let nameless = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica \
                    /Encoding << /Type /Encoding /Differences [65 /xyzzy] >> >>";
    let undecodable = stream(
        "/Type /XObject /Subtype /Image /Width 9 /Height 9 /BitsPerComponent 8 \
                              /ColorSpace /DeviceRGB /Filter /DCTDecode",
        "no picture",
    );
    let objects = [
        nameless.to_owned(),
        undecodable,
        "<< /Type /Font /Subtype /Type0 >>".to_owned(),
    ];
    let annotated = format!("{SMALL} /Annots [<< /Type /Annot /Subtype /Stamp /Rect [0 0 9 9] /AP << /N 99 0 R >> >>]");
    let with = |resources: &str| format!("{SMALL} /Resources << {resources} >>");
    let helvetica = with("/Font << /F 10 0 R >>");
    let cases = [
        (
            helvetica.as_str(),
            "BT /F 20 Tf 20 50 Td (AAB) Tj ET",
            Warning::GlyphsMissing { count: 2 },
        ),
        (
            &with("/XObject << /X 11 0 R >>"),
            "50 0 0 50 0 0 cm /X Do",
            Warning::ImageUndecodable,
        ),
        (
            &with("/Font << /F 12 0 R >>"),
            "BT /F 20 Tf 20 50 Td (A) Tj ET",
            Warning::FontUnsupported,
        ),
        (&annotated, "", Warning::AnnotationNotDrawn),
    ];
    let pages: Vec<Page<'_>> = cases
        .iter()
        .map(|(entries, content, _)| Page(entries, content))
        .collect();
    let mut renderer = renderer();
    renderer.open(&file(&document(&pages, &objects))).unwrap();
    for (page, (.., expected)) in (1..).zip(cases) {
        assert_eq!(renderer.page(page, 200).unwrap().warnings, [expected]);
    }
}

#[test]
fn annotations_that_show_something_have_an_appearance_or_a_warning() {
    let cases = [
        ("/Subtype /FreeText /Contents (seen elsewhere)", true),
        ("/Subtype /FreeText /Contents (hidden) /F 2", false),
        ("/Subtype /Link", false),
        ("/Subtype /Popup", false),
        ("/Subtype /Widget /FT /Tx /V (100,000)", true),
        ("/Subtype /Widget /FT /Tx /V ()", false),
        ("/Subtype /Widget /FT /Tx", false),
        // The value stands in the field above.
        ("/Subtype /Widget /Parent 10 0 R", true),
        ("/Subtype /Widget /FT /Btn /V /Off", false),
        ("/Subtype /Widget /FT /Btn /V /Yes", true),
        ("/Subtype /Widget /FT /Sig", false),
        ("/Subtype /Widget /FT /Sig /V << /Type /Sig >>", false),
        // Its own parent.
        ("/Subtype /Widget /FT /Tx /Parent 11 0 R", false),
    ];
    let objects = ["<< /FT /Tx /V (100,000) >>", "<< /T (round) /Parent 11 0 R >>"].map(str::to_owned);
    let entries =
        cases.map(|(entries, _)| format!("{SMALL} /Annots [<< /Type /Annot /Rect [10 10 90 30] {entries} >>]"));
    let pages: Vec<Page<'_>> = entries.iter().map(|entries| Page(entries, "")).collect();
    let mut renderer = renderer();
    renderer.open(&file(&document(&pages, &objects))).unwrap();
    for (page, (entries, lost)) in (1..).zip(cases) {
        let expected: &[Warning] = if lost { &[Warning::AnnotationNotDrawn] } else { &[] };
        assert_eq!(renderer.page(page, 200).unwrap().warnings, expected, "{entries}");
    }
}

#[test]
fn content_that_cannot_be_read_is_said() {
    let objects = [
        stream("", "0 0 50 50 re f"),
        stream("/Filter /ASCIIHexDecode", "no digits"),
        "(text)".to_owned(),
    ];
    let cases = [
        ("10 0 R", true),
        ("10 0 R 11 0 R", false),
        ("12 0 R 10 0 R", false),
        ("10 0 R 99 0 R", false),
    ];
    let entries = cases.map(|(parts, _)| format!("{SMALL} /Contents [{parts}]"));
    let pages: Vec<Page<'_>> = entries.iter().map(|entries| Page(entries, "")).collect();
    let mut renderer = renderer();
    renderer.open(&file(&document(&pages, &objects))).unwrap();
    for (page, (parts, whole)) in (1..).zip(cases) {
        let png = renderer.page(page, 200).unwrap();
        let expected: &[Warning] = if whole { &[] } else { &[Warning::ContentUnreadable] };
        assert_eq!(png.warnings, expected, "{parts}");
        assert_eq!(ink(&png, ALL), 2500, "{parts}");
    }
}

#[test]
fn the_worker_has_taken_from_itself_what_it_does_not_need() {
    let mut renderer = renderer();
    let facts = renderer.open(&file(&document(&[Page(SMALL, "")], &[]))).unwrap();
    let folder = format!("/proc/{}", renderer.worker().unwrap());
    let status = std::fs::read_to_string(format!("{folder}/status")).unwrap();
    let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    assert_eq!(line("NoNewPrivs:"), Some("1"));
    // A kernel without the filter is told, never assumed.
    assert_eq!(line("Seccomp:"), Some(if facts.confined { "2" } else { "0" }));
    let limits = std::fs::read_to_string(format!("{folder}/limits")).unwrap();
    for (name, most) in [
        ("Max core file size", 0),
        ("Max file size", 0),
        ("Max address space", 3 << 30),
        ("Max cpu time", 60),
    ] {
        let limit = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let soft: u64 = limit.split_whitespace().next().unwrap().parse().unwrap();
        assert!(soft <= most, "{name}: {soft}");
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let encrypted = String::from_utf8(document(&[Page(SMALL, "")], &[])).unwrap().replace(
        "/Root 1 0 R",
        &format!(
            "/Root 1 0 R /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{0}> /U <{0}> >>",
            "5A".repeat(32)
        ),
    );
    let cases: [(&[u8], RenderError); 4] = [
        (b"", RenderError::Unreadable),
        (b"%PDF-1.7\nnothing of the kind\n%%EOF\n", RenderError::Unreadable),
        (&[0x5a; 4096], RenderError::Unreadable),
        (encrypted.as_bytes(), RenderError::Encrypted),
    ];
    let mut renderer = renderer();
    for (octets, expected) in cases {
        assert_eq!(renderer.open(&file(octets)).unwrap_err(), expected);
        assert_eq!(renderer.page(1, 100).unwrap_err(), RenderError::NotOpen);
        assert_eq!(renderer.worker(), None);
    }
    let large = tempfile::tempfile().unwrap();
    large.set_len(1 << 31).unwrap();
    let refused = renderer.open(&large).unwrap_err();
    assert!(
        matches!(
            refused,
            RenderError::DocumentTooLarge {
                octets: 0x8000_0000,
                ..
            }
        ),
        "{refused:?}"
    );
    // The next document is not touched by that.
    renderer.open(&file(&document(&[Page(SMALL, "")], &[]))).unwrap();
    assert!(renderer.page(1, 100).is_ok());
}

#[test]
fn what_should_not_be_asked_does_not_reach_the_worker() {
    let mut renderer = renderer();
    renderer.open(&file(&document(&[Page(SMALL, "")], &[]))).unwrap();
    let worker = renderer.worker();
    for page in [0, 2, u32::MAX] {
        let missing = RenderError::PageMissing { page, pages: 1 };
        assert_eq!(renderer.page(page, 100).unwrap_err(), missing);
        assert_eq!(renderer.text(page).unwrap_err(), missing);
    }
    for width in [0, 4097, u32::MAX] {
        let refused = renderer.page(1, width).unwrap_err();
        assert!(matches!(refused, RenderError::TooLarge { .. }), "{width}: {refused:?}");
    }
    assert_eq!(renderer.page(1, 4096).unwrap().height, 2048);
    assert_eq!(renderer.worker(), worker);
}

#[test]
fn a_killed_worker_is_replaced_and_keeps_to_the_octets_of_the_opening() {
    let mut paper = file(&document(&[Page(SMALL, "0 0 50 50 re f")], &[]));
    let mut renderer = renderer();
    let facts = renderer.open(&paper).unwrap();
    let first = renderer.page(1, 200).unwrap();
    // A revision that is appended later, as a signature is: its page is empty.
    paper.write_all(&document(&[Page(SMALL, "")], &[])).unwrap();
    let killed = renderer.worker().unwrap();
    kill(&renderer);
    let again = match renderer.page(1, 200) {
        // The request was there before the signal.
        Err(error) => {
            assert_eq!(error, RenderError::Crashed { end: End::Signal(9) });
            renderer.page(1, 200).unwrap()
        }
        Ok(png) => png,
    };
    assert_eq!(again, first);
    assert_ne!(renderer.worker().unwrap(), killed);
    // A file that is shorter than it was has not the same pages.
    kill(&renderer);
    paper.set_len(facts.octets - 1).unwrap();
    let results = [renderer.page(1, 200), renderer.page(1, 200)];
    assert_eq!(results[1], Err(RenderError::Unreadable));
}

/// Forms that draw ten forms each, which end in a path: more work than anybody waits for.
fn endless() -> Vec<String> {
    (0..9)
        .map(|depth| {
            let entries = format!(
                "/Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /XObject << /X {} 0 R >> >>",
                11 + depth
            );
            stream(&entries, &"/X Do ".repeat(10))
        })
        .chain([stream(
            "/Type /XObject /Subtype /Form /BBox [0 0 200 100]",
            "0 0 5 5 re f",
        )])
        .collect()
}

#[test]
fn a_worker_that_hangs_is_killed_at_the_deadline_and_the_page_given_up_after_three() {
    let entries = format!("{SMALL} /Resources << /XObject << /X 10 0 R >> >>");
    let pages = [Page(SMALL, "0 0 50 50 re f"), Page(&entries, "/X Do")];
    let mut renderer = hasty();
    renderer.open(&file(&document(&pages, &endless()))).unwrap();
    let late = RenderError::TimedOut { seconds: 1 };
    for _ in 0..3 {
        let begun = Instant::now();
        assert_eq!(renderer.page(2, 200).unwrap_err(), late);
        let took = begun.elapsed();
        assert!(
            took >= Duration::from_millis(990) && took < Duration::from_secs(3),
            "{took:?}"
        );
        assert_eq!(renderer.worker(), None);
    }
    // Remembered: no worker is started for it any more. The other page is as good as ever.
    let begun = Instant::now();
    assert_eq!(renderer.page(2, 100).unwrap_err(), late);
    assert_eq!(renderer.text(2).unwrap_err(), late);
    assert!(begun.elapsed() < Duration::from_millis(500));
    assert_eq!(renderer.worker(), None);
    assert!(ink(&renderer.page(1, 200).unwrap(), ALL) > 0);
    // Opened anew it is tried anew.
    renderer.open(&file(&document(&pages[..1], &[]))).unwrap();
    assert!(renderer.page(1, 200).is_ok());
}

#[test]
fn a_worker_that_is_killed_at_work_is_a_crash() {
    let entries = format!("{SMALL} /Resources << /XObject << /X 10 0 R >> >>");
    let mut renderer = renderer();
    renderer
        .open(&file(&document(&[Page(&entries, "/X Do")], &endless())))
        .unwrap();
    let worker = Pid::from_raw(renderer.worker().unwrap().try_into().unwrap()).unwrap();
    let used = move || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", worker.as_raw_nonzero())).unwrap();
        stat.rsplit(") ")
            .next()
            .unwrap()
            .split(' ')
            .nth(11)
            .unwrap()
            .parse::<u64>()
            .unwrap()
    };
    let idle = used();
    let killer = std::thread::spawn(move || {
        let until = Instant::now() + Duration::from_secs(8);
        // A quarter of a second of work.
        while used() < idle + 25 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        kill_process(worker, Signal::KILL).unwrap();
    });
    assert_eq!(
        renderer.page(1, 200).unwrap_err(),
        RenderError::Crashed { end: End::Signal(9) }
    );
    killer.join().unwrap();
}

#[test]
fn memory_ends_for_the_worker_before_it_ends_for_the_machine() {
    // A line of twenty million dashes.
    let pages = [
        Page(SMALL, "0 0 50 50 re f"),
        Page(SMALL, "[0.00001 0.00001] 0 d 0 50 m 200 50 l S"),
    ];
    let limits = Limits {
        memory: 400 << 20,
        ..Limits::default()
    };
    let mut renderer = Renderer::start_within(Path::new(WORKER), limits).unwrap();
    renderer.open(&file(&document(&pages, &[]))).unwrap();
    assert_eq!(
        renderer.page(2, 200).unwrap_err(),
        RenderError::Crashed { end: End::Signal(6) }
    );
    assert!(ink(&renderer.page(1, 200).unwrap(), ALL) > 0);
}

#[test]
fn programs_that_are_no_worker() {
    let ended = |status| RenderError::Crashed {
        end: End::Status(status),
    };
    let cases = [
        // Says its argument back, which is no answer, and ends: before or after it is asked.
        ("/bin/echo", vec![RenderError::Malformed, ended(0)]),
        ("/bin/true", vec![ended(0)]),
        ("/bin/false", vec![ended(1)]),
    ];
    let paper = file(&document(&[Page(SMALL, "")], &[]));
    for (program, expected) in cases {
        let mut renderer = Renderer::start(Path::new(program)).unwrap();
        let found = renderer.open(&paper).unwrap_err();
        assert!(expected.contains(&found), "{program}: {found:?}");
    }
    let none = Renderer::start(Path::new("/nonexistent/program")).unwrap_err();
    assert_eq!(
        none,
        RenderError::Start {
            kind: std::io::ErrorKind::NotFound
        }
    );
    // The worker by hand ends at once.
    let status = std::process::Command::new(WORKER)
        .arg(countersign_render::WORKER_ARGUMENT)
        .stdin(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(1));
}
