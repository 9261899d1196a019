//! Contracts whose cross-reference chain does not hold: what a signer must refuse instead of repairing.

use super::{Contract, classic, streams};

/// All of them.
#[must_use]
pub fn damaged() -> Vec<Contract> {
    let (table, stream) = (classic().bytes, streams().bytes);
    vec![
        Contract::new("offset-off-catalog", offset_off(&table, 1, 3)),
        Contract::new("offset-off-page", offset_off(&table, 3, -4)),
        Contract::new("offset-off-content", offset_off(&table, 6, 2)),
        Contract::new("offset-off-font", offset_off(&table, 8, 30)),
        Contract::new("startxref-off", startxref(&table, |at| at + 7)),
        Contract::new("startxref-beyond", startxref(&table, |at| at + 1_000_000)),
        Contract::new("startxref-off-xref-stream", startxref(&stream, |at| at - 3)),
        Contract::new("truncated", table[..table.len() * 7 / 10].to_vec()),
        Contract::new("truncated-xref-stream", stream[..stream.len() * 7 / 10].to_vec()),
        Contract::new("prev-loop", prev_loop(&table)),
        Contract::new("no-trailer", replaced(&table, b"trailer", b"tr iler")),
        Contract::new("empty-file-with-header", b"%PDF-1.7\n".to_vec()),
        Contract::new("no-pdf", b"Dear Sirs, please find attached the contract.\n".repeat(40)),
    ]
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = find_last(bytes, from);
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

/// The table's entry of an object names another place.
fn offset_off(bytes: &[u8], number: usize, by: isize) -> Vec<u8> {
    let at = find_last(bytes, b"\nxref\n0 ") + 6;
    let entries = at + bytes[at..].iter().position(|octet| *octet == b'\n').expect("a line") + 1;
    let entry = entries + 20 * number;
    let offset: usize = str::from_utf8(&bytes[entry..entry + 10])
        .expect("digits")
        .parse()
        .expect("a number");
    let other = offset.checked_add_signed(by).expect("a place within the file");
    [&bytes[..entry], format!("{other:010}").as_bytes(), &bytes[entry + 10..]].concat()
}

fn startxref(bytes: &[u8], change: impl Fn(usize) -> usize) -> Vec<u8> {
    let at = find_last(bytes, b"startxref\n") + b"startxref\n".len();
    let end = at + find_last(&bytes[at..], b"\n%%EOF");
    let offset: usize = str::from_utf8(&bytes[at..end])
        .expect("digits")
        .parse()
        .expect("a number");
    [&bytes[..at], change(offset).to_string().as_bytes(), &bytes[end..]].concat()
}

/// The only section names itself as the one before it.
fn prev_loop(bytes: &[u8]) -> Vec<u8> {
    let section = find_last(bytes, b"\nxref\n") + 1;
    replaced(
        bytes,
        b" >>\nstartxref",
        format!(" /Prev {section} >>\nstartxref").as_bytes(),
    )
}

fn find_last(bytes: &[u8], what: &[u8]) -> usize {
    bytes
        .windows(what.len())
        .rposition(|window| window == what)
        .expect("our own file has it")
}
