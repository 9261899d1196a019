//! One review: what `inspect` finds is what is shown before an approval, finding by finding, the second reader's included.

use std::{process::Output, time::Duration};

use countersign_tests::{
    ambiguous,
    desk::{Desk, Key, Pin},
    surroundings::{bare, ended, pin_from, sign},
};

use super::desk;

#[test]
fn what_inspect_finds_is_shown_before_the_approval() {
    let desk = desk();
    let (mut compared, mut wrong) = (0, Vec::new());
    for case in ambiguous::cases() {
        let _file = desk.put("case.pdf", &case.bytes);
        let inspect = desk.run(&["inspect", "case.pdf"], Pin::Never);
        // What cannot be opened is refused by both; the table of cases says how.
        let Some(findings) = inspect.json["findings"].as_array() else {
            continue;
        };
        let shown = asked(&desk);
        let shown = String::from_utf8_lossy(&shown.stderr);
        for finding in findings {
            let (code, detail) = (finding["code"].as_str().unwrap(), finding["detail"].as_str().unwrap());
            compared += 1;
            if !shown.lines().any(|line| line.contains(code) && line.contains(detail)) {
                wrong.push(format!("{}: {code} {detail} is not in {shown}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 20, "{compared}");
}

/// `sign` without an approval: it shows the review and ends.
fn asked(desk: &Desk) -> Output {
    let mut words = sign(
        desk,
        "case.pdf",
        "signed.pdf",
        Key::P256,
        &["--lang", "en", "--level", "B-B"],
    );
    words.retain(|word| word != "--yes");
    words.extend(["--pin-from".to_owned(), pin_from(desk)]);
    let child = bare(desk, &[], &words).spawn().unwrap();
    ended(child, Duration::from_secs(60))
}
