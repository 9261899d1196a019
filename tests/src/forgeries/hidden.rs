//! Signed files that are made to look unsigned: the signature stays in the octets, and what is named does not lead to it.
//!
//! None is called unsigned. Beside them stand files that only look as if they held a signature, and are unsigned indeed.
//! Not its business: fields and forms that a later section changes (`later`).

use super::{
    Add, Expect, Signed,
    file::{Update, byte_range, find, find_last, number_after},
    ranges::dictionary,
};

/// A number that no contract of ours uses.
const FREE: usize = 400;

pub(super) fn all(signed: &Signed, add: &mut Add<'_>) {
    let (file, contract) = (&signed.stamped, &signed.contract);
    let unseen = Expect::open("not-in-current-revision").intact();
    let (old, new) = (number_after(contract, "startxref"), number_after(file, "startxref"));
    let behind = |text: String| [file.as_slice(), text.as_bytes()].concat();
    add(
        "an older startxref behind the file",
        behind(format!("startxref\n{old}\n%%EOF\n")),
        unseen,
    );
    let size = FREE + 10;
    let table = |file: &[u8], entries: &str, prev: usize| {
        let at = file.len();
        let tail =
            format!("xref\n{entries}trailer\n<< /Size {size} /Root 1 0 R /Prev {prev} >>\nstartxref\n{at}\n%%EOF\n");
        [file, tail.as_bytes()].concat()
    };
    let nothing = "0 1\n0000000000 65535 f \n";
    add(
        "a section that skips the signature's",
        table(file, nothing, old),
        unseen,
    );
    let (value, text) = dictionary(file);
    add(
        "the signature's object freed",
        table(file, &format!("{value} 1\n0000000000 00001 f \n"), new),
        Expect::broken("only-in-earlier-revision"),
    );
    let octet = find(file, b"stream").expect("a stream of the contract") + 20;
    let mut changed = behind(format!("startxref\n{old}\n%%EOF\n"));
    changed[octet] ^= 1;
    add("an older startxref, and the octets changed", changed, Expect::never());
    let mut cut = file[..find_last(file, b"xref").expect("its cross-reference")].to_vec();
    cut.extend(format!("\nstartxref\n{old}\n%%EOF\n").bytes());
    // The signed octets end behind what is left.
    add("cut behind the signature", cut, Expect::never());
    let [_, a, _, _] = byte_range(file);
    let mut torn = file[..a + 100].to_vec();
    torn.extend(format!("\nstartxref\n{old}\n%%EOF\n").bytes());
    add("cut inside the signature", torn, Expect::never());
    add(
        "the dictionary as an object of the contract that nothing names",
        Update::default().put(FREE, text.clone()).after(contract),
        Expect::never(),
    );
    looks_signed(signed, &text, add);
    if signed.kind == "classic" {
        attached(signed, add);
    }
}

/// Nothing here was signed as what it is.
fn looks_signed(signed: &Signed, dictionary: &str, add: &mut Add<'_>) {
    let contract = &signed.contract;
    let talk = format!(
        "<< /Title (what /ByteRange [0 1 2 3] means) /Subject ({}) >>",
        "/ByteRange [0 1 2 3]"
    );
    add(
        "a text that speaks of ByteRange",
        Update::default().put(FREE, talk).after(contract),
        Expect::unsigned(),
    );
    let no_signature = "<< /ByteRange [0 10 20 30] /Kind /Other >>";
    add(
        "another dictionary with a ByteRange",
        Update::default().put(FREE, no_signature).after(contract),
        Expect::unsigned(),
    );
    let stream = format!("<< /Length {} >>\nstream\n{dictionary}\nendstream", dictionary.len());
    add(
        "the dictionary as the data of a stream",
        Update::default().put(FREE, stream).after(contract),
        Expect::unsigned(),
    );
}

/// A signed file as it is, inside a stream: what it signed is that file and not this one.
fn attached(signed: &Signed, add: &mut Add<'_>) {
    let (file, contract) = (&signed.stamped, &signed.contract);
    let length = file.len();
    let mut attached = Update::default()
        .put(
            FREE,
            format!("<< /Type /EmbeddedFile /Length {length} >>\nstream\nHERE\nendstream"),
        )
        .after(contract);
    // The octets of the file are no text: they are put in place of a word, with the cross-reference moved behind them.
    let at = find(&attached, b"HERE").expect("the place");
    let shift = length - 4;
    let _replaced: Vec<u8> = attached.splice(at..at + 4, file.iter().copied()).collect();
    let old = number_after(&attached, "startxref");
    let moved = format!("startxref\n{}", old + shift);
    let place = find_last(&attached, b"startxref").expect("startxref");
    attached.truncate(place);
    attached.extend(moved.bytes());
    attached.extend_from_slice(b"\n%%EOF\n");
    add(
        "a signed file as an attachment of an unsigned one",
        attached,
        Expect::unsigned(),
    );
}
