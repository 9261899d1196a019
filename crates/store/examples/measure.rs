//! Figures of the store on this machine: `cargo run -p countersign-store --example measure -- FOLDER [MEBIBYTES]`.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use countersign_evidence::TraceEvent;
use countersign_signing::ports::{SessionRow, Sessions, Trace};
use countersign_store::{
    Database, SessionStore, TraceStore,
    snapshot::{Options, Overwrite, Snapshot, Wanted},
};
use jiff::Timestamp;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("a folder is needed")?;
    let mebibytes: usize = arguments.next().map_or(Ok(100), |text| text.parse())?;
    let folder = Path::new(&folder);
    database(folder)?;
    for (name, size, runs) in [("5 KB", 5_000, 200), ("large", mebibytes * 1024 * 1024, 5)] {
        for (digests, wanted) in [
            ("sha256", Wanted::default()),
            (
                "sha256+sm3",
                Wanted {
                    sm3: true,
                    ..Wanted::default()
                },
            ),
            (
                "sha256+sha512",
                Wanted {
                    sha512: true,
                    ..Wanted::default()
                },
            ),
        ] {
            snapshot(folder, (name, size, runs), digests, wanted)?;
        }
    }
    let status = fs::read_to_string("/proc/self/status")?;
    for line in status
        .lines()
        .filter(|line| line.starts_with("RssAnon") || line.starts_with("VmHWM"))
    {
        println!("{line}");
    }
    Ok(())
}

fn snapshot(
    folder: &Path,
    (name, size, runs): (&str, usize, usize),
    digests: &str,
    wanted: Wanted,
) -> Result<(), Box<dyn Error>> {
    let (source, output) = (folder.join("measure-a"), folder.join("measure-b"));
    let mut file = fs::File::create(&source)?;
    let block: Vec<u8> = (0..1_000_000_u32)
        .map(|at| at.wrapping_mul(2_654_435_761).to_le_bytes()[3])
        .collect();
    let mut left = size;
    while left > 0 {
        let count = left.min(block.len());
        file.write_all(block.get(..count).unwrap_or_default())?;
        left -= count;
    }
    file.sync_all()?;
    drop(block);
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..runs {
        let begun = Instant::now();
        let mut snapshot = Snapshot::take(
            &source,
            &output,
            &Options {
                wanted,
                ..Options::default()
            },
        )?;
        times[0].push(begun.elapsed());
        let begun = Instant::now();
        snapshot.append(&[b'x'; 30_000])?;
        times[1].push(begun.elapsed());
        let begun = Instant::now();
        let finished = snapshot.finish(Overwrite::Replace)?;
        times[2].push(begun.elapsed());
        times[3].push(finished.synced);
    }
    fs::remove_file(&source)?;
    fs::remove_file(&output)?;
    let [take, append, finish, synced] = times.map(median);
    println!("{name:6} {digests:14} take {take:?} append {append:?} finish {finish:?} of which sync {synced:?}");
    Ok(())
}

fn database(folder: &Path) -> Result<(), Box<dyn Error>> {
    let home = folder.join("measure-home");
    let begun = Instant::now();
    drop(Database::open(&home)?);
    println!("open, first time {:?}", begun.elapsed());
    let mut opened = Vec::new();
    for _ in 0..50 {
        let begun = Instant::now();
        let database = Database::open(&home)?;
        opened.push(begun.elapsed());
        TraceStore::new(database).append(&event())?;
    }
    println!("open {:?}", median(opened));
    let database = Database::open(&home)?;
    let (mut trace, mut sessions) = (TraceStore::new(database.clone()), SessionStore::new(database));
    let mut times: [Vec<Duration>; 3] = Default::default();
    for number in 0..500 {
        let row = SessionRow {
            id: number.to_string(),
            state: "prepared".to_owned(),
            source_sha256: "0".repeat(64),
            output: "/out".to_owned(),
            part: "/part".to_owned(),
            body: "x".repeat(2000),
            updated: Timestamp::UNIX_EPOCH,
        };
        let begun = Instant::now();
        trace.append(&event())?;
        times[0].push(begun.elapsed());
        let begun = Instant::now();
        sessions.save(&row, false)?;
        times[1].push(begun.elapsed());
        if number % 5 == 0 {
            let begun = Instant::now();
            sessions.save(&row, true)?;
            times[2].push(begun.elapsed());
        }
    }
    let [append, normal, full] = times.map(median);
    println!("trace append {append:?}, session save {normal:?}, durable {full:?}");
    drop((trace, sessions));
    let mut opened = Vec::new();
    for _ in 0..50 {
        let begun = Instant::now();
        Database::open(&home)?;
        opened.push(begun.elapsed());
    }
    let log = fs::metadata(home.join("countersign.db-wal"))?.len();
    println!("open with a log of {log} octets {:?}", median(opened));
    fs::remove_dir_all(&home)?;
    Ok(())
}

fn event() -> TraceEvent {
    let detail = BTreeMap::from([("sha256".to_owned(), "0".repeat(64))]);
    TraceEvent {
        session: "s".to_owned(),
        kind: "open".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        detail,
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
