//! Private copies: what is refused, what is left behind, what survives a crash.

use std::{fs, os::unix::fs::PermissionsExt, process::Command, time::Instant};

use rustix::fs::CWD;
use sha2::{Digest, Sha256, Sha384, Sha512};
use tempfile::TempDir;

use super::*;

const BIG: usize = 9 * 1024 * 1024 + 17;

fn octets(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 31 + at / 251) as u8).collect()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn parts(folder: &Path) -> usize {
    fs::read_dir(folder)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".part"))
        .count()
}

#[test]
fn the_copy_becomes_the_output() {
    for size in [1, 5000, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, BIG] {
        let folder = folder();
        let (source, output) = (folder.path().join("a.pdf"), folder.path().join("b.pdf"));
        let octets = octets(size);
        fs::write(&source, &octets).unwrap();
        fs::set_permissions(&source, fs::Permissions::from_mode(0o640)).unwrap();
        let wanted = Wanted {
            sha384: true,
            sha512: true,
            sm3: true,
        };
        let mut snapshot = Snapshot::take(
            &source,
            &output,
            &Options {
                wanted,
                ..Options::default()
            },
        )
        .unwrap();
        assert_eq!((*snapshot.bytes()).as_ref(), octets);
        assert_eq!(snapshot.sha256(), <[u8; 32]>::from(Sha256::digest(&octets)));
        assert_eq!(
            snapshot.hashes().sha384.clone().unwrap().finalize(),
            Sha384::digest(&octets)
        );
        assert_eq!(
            snapshot.hashes().sha512.clone().unwrap().finalize(),
            Sha512::digest(&octets)
        );
        assert_eq!(
            snapshot.hashes().sm3().unwrap(),
            <[u8; 32]>::from(sm3::Sm3::digest(&octets))
        );
        let mode = fs::metadata(&snapshot.state().part).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);

        assert!(matches!(snapshot.result(), Err(SnapshotError::NotAppended { .. })));
        assert!(matches!(
            snapshot.finish(Overwrite::Never),
            Err(SnapshotError::NotAppended { .. })
        ));
        snapshot.append(&vec![b'x'; 40_000]).unwrap();
        snapshot.append(b"tail").unwrap();
        let whole = [octets.as_slice(), b"tail"].concat();
        assert_eq!((*snapshot.result().unwrap()).as_ref(), whole);
        let finished = snapshot.finish(Overwrite::Never).unwrap();
        assert_eq!(finished.sha256, <[u8; 32]>::from(Sha256::digest(&whole)));
        assert_eq!(finished.size, whole.len() as u64);
        drop(snapshot);
        assert_eq!(fs::read(&output).unwrap(), whole);
        assert_eq!(fs::read(&source).unwrap(), octets);
        assert_eq!(fs::metadata(&output).unwrap().permissions().mode() & 0o7777, 0o640);
        assert_eq!(parts(folder.path()), 0);
        assert!(placed(&output, &finished.sha256).unwrap());
        assert!(!placed(&output, &[0; 32]).unwrap());
        assert!(!placed(&source.with_extension("none"), &finished.sha256).unwrap());
    }
}

#[test]
fn unusable_sources_are_named_and_leave_nothing_behind() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let output = at("out.pdf");
    fs::write(at("empty"), b"").unwrap();
    fs::write(at("large"), octets(101)).unwrap();
    rustix::fs::mkfifoat(CWD, at("pipe"), 0o600.into()).unwrap();
    std::os::unix::fs::symlink(at("nowhere"), at("dangling")).unwrap();
    std::os::unix::fs::symlink(at("pipe"), at("to-pipe")).unwrap();
    let check = |name: &str, expect: fn(&SnapshotError) -> bool| {
        let begun = Instant::now();
        let options = Options {
            limit: 100,
            ..Options::default()
        };
        let error = Snapshot::take(&at(name), &output, &options)
            .err()
            .unwrap_or_else(|| panic!("{name} was taken"));
        assert!(expect(&error), "{name}: {error:?}");
        assert!(begun.elapsed().as_secs() < 5, "{name} waited");
        let error = View::take(&at(name), folder.path(), &options).err().unwrap();
        assert!(expect(&error), "{name}: {error:?}");
        assert_eq!(parts(folder.path()), 0, "{name}");
    };
    check("absent", |error| matches!(error, SnapshotError::SourceMissing { .. }));
    check("dangling", |error| matches!(error, SnapshotError::SourceMissing { .. }));
    check("empty", |error| matches!(error, SnapshotError::Empty { .. }));
    check("large", |error| {
        matches!(
            error,
            SnapshotError::TooLarge {
                size: 101,
                limit: 100,
                ..
            }
        )
    });
    check("pipe", |error| matches!(error, SnapshotError::NotRegular { .. }));
    check("to-pipe", |error| matches!(error, SnapshotError::NotRegular { .. }));
    check(".", |error| matches!(error, SnapshotError::NotRegular { .. }));
    check("large/under", |error| {
        matches!(error, SnapshotError::SourceUnreadable { .. })
    });
    fs::write(at("secret"), b"x").unwrap();
    fs::set_permissions(at("secret"), fs::Permissions::from_mode(0o000)).unwrap();
    if rustix::process::geteuid().is_root() {
        println!("SKIPPED: root may read everything, so an unreadable source cannot be made");
    } else {
        check("secret", |error| {
            matches!(error, SnapshotError::SourceUnreadable { .. })
        });
    }
}

#[test]
fn a_source_behind_a_link_is_taken_and_stays_a_link() {
    let folder = folder();
    let (file, link) = (folder.path().join("a.pdf"), folder.path().join("link.pdf"));
    fs::write(&file, b"contract").unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    let mut snapshot = Snapshot::take(&link, &folder.path().join("b.pdf"), &Options::default()).unwrap();
    snapshot.append(b"!").unwrap();
    snapshot.finish(Overwrite::Never).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn the_source_is_never_replaced() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.pdf"), b"contract").unwrap();
    std::os::unix::fs::symlink(at("a.pdf"), at("soft.pdf")).unwrap();
    fs::hard_link(at("a.pdf"), at("hard.pdf")).unwrap();
    for output in ["a.pdf", "soft.pdf", "hard.pdf", "./a.pdf"] {
        let error = Snapshot::take(&at("a.pdf"), &at(output), &Options::default())
            .err()
            .unwrap();
        assert!(
            matches!(error, SnapshotError::OutputIsSource { .. }),
            "{output}: {error:?}"
        );
    }
    // Not at the start, but when it is put in place.
    let mut snapshot = Snapshot::take(&at("a.pdf"), &at("later.pdf"), &Options::default()).unwrap();
    snapshot.append(b"!").unwrap();
    fs::hard_link(at("a.pdf"), at("later.pdf")).unwrap();
    let refused = snapshot.finish(Overwrite::Replace);
    assert!(
        matches!(refused, Err(SnapshotError::OutputIsSource { .. })),
        "{refused:?}"
    );
    fs::remove_file(at("later.pdf")).unwrap();
    snapshot.finish(Overwrite::Replace).unwrap();
    assert_eq!(fs::read(at("a.pdf")).unwrap(), b"contract");
    assert_eq!(fs::read(at("later.pdf")).unwrap(), b"contract!");
}

#[test]
fn an_output_that_exists_stays_unless_it_may_go() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.pdf"), b"contract").unwrap();
    fs::write(at("b.pdf"), b"old").unwrap();
    let mut snapshot = Snapshot::take(&at("a.pdf"), &at("b.pdf"), &Options::default()).unwrap();
    snapshot.append(b"!").unwrap();
    assert!(matches!(
        snapshot.finish(Overwrite::Never),
        Err(SnapshotError::OutputExists { .. })
    ));
    assert_eq!(fs::read(at("b.pdf")).unwrap(), b"old");
    assert_eq!(parts(folder.path()), 1, "the result is not lost");
    snapshot.finish(Overwrite::Replace).unwrap();
    assert_eq!(fs::read(at("b.pdf")).unwrap(), b"contract!");
    // The rename itself refuses, too: a file that appears after every look.
    fs::write(at("part"), b"new").unwrap();
    assert!(matches!(
        finish::rename(&at("part"), &at("b.pdf"), Overwrite::Never),
        Err(SnapshotError::OutputExists { .. })
    ));
    assert_eq!(fs::read(at("b.pdf")).unwrap(), b"contract!");
}

#[test]
fn folders_that_cannot_be_written_to() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.pdf"), b"contract").unwrap();
    for output in ["none/b.pdf", "a.pdf/b.pdf", ".."] {
        let error = Snapshot::take(&at("a.pdf"), &at(output), &Options::default())
            .err()
            .unwrap();
        assert!(
            matches!(error, SnapshotError::OutputFolder { .. }),
            "{output}: {error:?}"
        );
    }
    // Read-only for everyone, root as well.
    let error = Snapshot::take(&at("a.pdf"), Path::new("/proc/self/b.pdf"), &Options::default())
        .err()
        .unwrap();
    assert!(matches!(error, SnapshotError::OutputFolder { .. }), "{error:?}");
}

#[test]
fn a_changed_source_is_found() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.pdf"), b"contract").unwrap();
    let mut approved: [u8; 32] = Sha256::digest(b"contract").into();
    let options = |approved| Options {
        approved: Some(approved),
        ..Options::default()
    };
    assert!(Snapshot::take(&at("a.pdf"), &at("b.pdf"), &options(approved)).is_ok());
    approved[0] ^= 1;
    let error = Snapshot::take(&at("a.pdf"), &at("b.pdf"), &options(approved))
        .err()
        .unwrap();
    assert!(matches!(error, SnapshotError::SourceChanged { .. }));

    // While it is copied: longer, shorter, or touched than what was seen before.
    for (size, announced) in [(100, 99), (100, 101), (BIG, BIG - 1), (BIG, BIG + 1)] {
        fs::write(at("c.pdf"), octets(size)).unwrap();
        let (from, to) = (File::open(at("c.pdf")).unwrap(), tempfile::tempfile().unwrap());
        let plan = copy::Plan {
            size: announced as u64,
            wanted: Wanted::default(),
            settle: Some(&at("c.pdf")),
        };
        assert!(
            matches!(copy::copy(&from, &to, &plan), Err(copy::CopyError::Size)),
            "{size} for {announced}"
        );
    }
    let (from, before) = open_source(&at("a.pdf"), 100).unwrap();
    File::options()
        .write(true)
        .open(at("a.pdf"))
        .unwrap()
        .set_modified(std::time::UNIX_EPOCH)
        .unwrap();
    let to = tempfile::tempfile().unwrap();
    let result = fill(
        &from,
        &to,
        &before,
        &at("a.pdf"),
        &at("part"),
        &Options::default(),
        Settle::Never,
    );
    assert!(matches!(result, Err(SnapshotError::SourceChanged { .. })));

    // After it was copied, it may change as it likes.
    fs::write(at("a.pdf"), b"contract").unwrap();
    let mut snapshot = Snapshot::take(&at("a.pdf"), &at("b.pdf"), &Options::default()).unwrap();
    fs::write(at("a.pdf"), b"another contract").unwrap();
    assert_eq!((*snapshot.bytes()).as_ref(), b"contract");
    snapshot.append(b"!").unwrap();
    snapshot.finish(Overwrite::Never).unwrap();
    assert_eq!(fs::read(at("b.pdf")).unwrap(), b"contract!");
}

#[test]
fn a_kept_copy_is_resumed_and_another_one_is_not() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.pdf"), octets(3_000_000)).unwrap();
    let mut snapshot = Snapshot::take(&at("a.pdf"), &at("b.pdf"), &Options::default()).unwrap();
    let text = serde_json::to_string(snapshot.state()).unwrap();
    assert!(matches!(
        Snapshot::resume(snapshot.state()),
        Err(SnapshotError::Busy { .. })
    ));
    snapshot.append(b"half of a ta").unwrap();
    snapshot.keep();
    drop(snapshot);
    fs::remove_file(at("a.pdf")).unwrap();

    let state: SnapshotState = serde_json::from_str(&text).unwrap();
    let mut again = Snapshot::resume(&state).unwrap();
    assert_eq!((*again.bytes()).as_ref(), octets(3_000_000));
    again.append(b"tail").unwrap();
    drop(again);
    // Restored from a backup: another inode, the same octets.
    fs::copy(&state.part, at("copy")).unwrap();
    fs::rename(at("copy"), &state.part).unwrap();
    let again = Snapshot::resume(&state).unwrap();
    assert_ne!(again.state().identity, state.identity);
    drop(again);
    type Break = fn(&Path);
    let breaks: [(&str, Break); 4] = [
        ("other octets", |part| {
            let mut all = fs::read(part).unwrap();
            all[1000] ^= 1;
            fs::remove_file(part).unwrap();
            fs::write(part, all).unwrap();
        }),
        ("short", |part| {
            File::options()
                .write(true)
                .open(part)
                .unwrap()
                .set_len(2_999_999)
                .unwrap();
        }),
        ("a link", |part| {
            fs::rename(part, part.with_extension("moved")).unwrap();
            std::os::unix::fs::symlink(part.with_extension("moved"), part).unwrap();
        }),
        ("missing", |part| fs::remove_file(part).unwrap()),
    ];
    for (name, damage) in breaks {
        damage(&state.part);
        assert!(Snapshot::resume(&state).is_err(), "{name}");
    }
}

#[test]
fn a_replaced_private_copy_is_not_put_in_place() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.pdf"), b"contract").unwrap();
    let mut snapshot = Snapshot::take(&at("a.pdf"), &at("b.pdf"), &Options::default()).unwrap();
    snapshot.append(b"!").unwrap();
    fs::write(at("evil"), b"contract!").unwrap();
    fs::rename(at("evil"), &snapshot.state().part).unwrap();
    assert!(matches!(
        snapshot.finish(Overwrite::Never),
        Err(SnapshotError::Damaged { .. })
    ));
    assert!(!at("b.pdf").exists());
}

#[test]
fn abandoned_and_dropped_copies_are_gone() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.pdf"), octets(BIG)).unwrap();
    drop(Snapshot::take(&at("a.pdf"), &at("b.pdf"), &Options::default()).unwrap());
    assert_eq!(parts(folder.path()), 0);
    let mut kept = Snapshot::take(&at("a.pdf"), &at("b.pdf"), &Options::default()).unwrap();
    kept.keep();
    assert_eq!(parts(folder.path()), 1);
    kept.abandon().unwrap();
    assert_eq!(parts(folder.path()), 0);
    let view = View::take(&at("a.pdf"), folder.path(), &Options::default()).unwrap();
    assert_eq!((*view.bytes).as_ref(), octets(BIG));
    assert_eq!(parts(folder.path()), 0);
}

#[test]
fn octets_that_are_lent_do_not_change() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.pdf"), octets(BIG)).unwrap();
    let options = Options {
        replace_source: true,
        wanted: Wanted {
            sm3: true,
            ..Wanted::default()
        },
        ..Options::default()
    };
    let mut snapshot = Snapshot::take(&at("a.pdf"), &at("a.pdf"), &options).unwrap();
    let bytes = snapshot.bytes();
    assert!(matches!(snapshot.cut(5000), Err(SnapshotError::Lent { .. })));
    drop(bytes);
    assert!(matches!(
        snapshot.cut(BIG as u64 + 1),
        Err(SnapshotError::Damaged { .. })
    ));
    snapshot.cut(5000).unwrap();
    assert_eq!((*snapshot.bytes()).as_ref(), &octets(BIG)[..5000]);
    snapshot.append(b"one").unwrap();
    let result = snapshot.result().unwrap();
    assert!(matches!(snapshot.append(b"two"), Err(SnapshotError::Lent { .. })));
    assert!((*result).as_ref().ends_with(b"one"));
    drop(result);
    snapshot.append(b"two").unwrap();
    let whole = [&octets(BIG)[..5000], b"two"].concat();
    let finished = snapshot.finish(Overwrite::Replace).unwrap();
    assert_eq!(finished.sha256, <[u8; 32]>::from(Sha256::digest(&whole)));
    assert_eq!(finished.sm3.unwrap(), <[u8; 32]>::from(sm3::Sm3::digest(&whole)));
    assert_eq!(fs::read(at("a.pdf")).unwrap(), whole);
}

#[test]
fn long_and_foreign_names() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.pdf"), b"contract").unwrap();
    for name in [
        "会签合同.pdf".to_owned(),
        format!("{}.pdf", "长".repeat(83)),
        "-rf --no".to_owned(),
    ] {
        let mut snapshot = Snapshot::take(&at("a.pdf"), &at(&name), &Options::default()).unwrap();
        snapshot.append(b"!").unwrap();
        snapshot.finish(Overwrite::Never).unwrap();
        assert_eq!(fs::read(at(&name)).unwrap(), b"contract!");
    }
}

#[test]
fn a_full_device_is_named() {
    let folder = folder();
    let mount = folder.path().join("small");
    fs::create_dir(&mount).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"])
        .arg(&mount)
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("SKIPPED: no small device could be mounted, a full one was not tried");
        return;
    }
    let source = folder.path().join("a.pdf");
    let mut outcomes = Vec::new();
    fs::write(&source, octets(BIG)).unwrap();
    outcomes.push(Snapshot::take(&source, &mount.join("b.pdf"), &Options::default()).err());
    fs::write(&source, octets(3 * 1024 * 1024)).unwrap();
    let mut snapshot = Snapshot::take(&source, &mount.join("b.pdf"), &Options::default()).unwrap();
    outcomes.push(snapshot.append(&octets(2 * 1024 * 1024)).err());
    let unfinished = snapshot.finish(Overwrite::Never).err();
    drop(snapshot);
    let left = parts(&mount);
    let _ = Command::new("umount").arg("-l").arg(&mount).output();
    for outcome in outcomes {
        assert!(matches!(outcome, Some(SnapshotError::DiskFull { .. })), "{outcome:?}");
    }
    assert!(matches!(unfinished, Some(SnapshotError::NotAppended { .. })));
    assert_eq!(left, 0);
}
