//! The signature dictionary (ISO 32000-2 table 255) with its hole, and the /ByteRange written after the layout.

use crate::append::Laid;
use crate::appendix::Appendix;
use crate::document::Document;
use crate::fields::FieldLock;
use crate::refusal::Refusal;
use crate::request::{SignatureRequest, SubFilter};
use crate::text::text_string;

/// The dictionary with zeros for its /Contents and room for its /ByteRange.
pub(super) fn placeholder(document: &Document, request: &SignatureRequest, lock: Option<&FieldLock>) -> Vec<u8> {
    let timestamp = request.sub_filter == SubFilter::EtsiRfc3161;
    let kind = if timestamp { "DocTimeStamp" } else { "Sig" };
    let mut body = format!(
        "<<\n/Type /{kind}\n/Filter /Adobe.PPKLite\n/SubFilter /{}\n",
        request.sub_filter.name()
    )
    .into_bytes();
    body.extend_from_slice(BYTE_RANGE);
    body.extend(std::iter::repeat_n(b' ', BYTE_RANGE_ROOM));
    body.extend_from_slice(b"]\n");
    body.extend_from_slice(CONTENTS);
    body.extend(std::iter::repeat_n(b'0', request.contents_capacity.saturating_mul(2)));
    body.extend_from_slice(b">\n");
    if !timestamp {
        let time = request.claimed_time.strftime("D:%Y%m%d%H%M%S+00'00'").to_string();
        let entries = [
            ("M", Some(&time)),
            ("Name", request.name.as_ref()),
            ("Reason", request.reason.as_ref()),
            ("Location", request.location.as_ref()),
            ("ContactInfo", request.contact.as_ref()),
        ];
        for (key, value) in entries {
            if let Some(value) = value {
                body.extend(format!("/{key} ").bytes());
                body.extend(text_string(value));
                body.push(b'\n');
            }
        }
        body.extend(references(document, request, lock));
    }
    body.extend_from_slice(b">>");
    body
}

/// Writes the /ByteRange and says where the hole is.
pub(super) fn close(
    document: &Document,
    request: &SignatureRequest,
    name: &str,
    signature: u32,
    laid: &mut Laid,
) -> Result<Appendix, Refusal> {
    let prefix_len = document.size();
    let lost = Refusal::DamagedXref { object: signature };
    let start = laid
        .offset(signature)
        .and_then(|offset| offset.checked_sub(prefix_len))
        .ok_or(lost.clone())?;
    let start = usize::try_from(start).map_err(|_| lost.clone())?;
    let object = laid.tail.get(start..).unwrap_or_default();
    // The first of each: everything that a requester can write comes after them.
    let range_at = start + crate::lexer::find(object, BYTE_RANGE).ok_or(lost.clone())? + BYTE_RANGE.len();
    let hole_at = start + crate::lexer::find(object, CONTENTS).ok_or(lost.clone())? + CONTENTS.len();
    let digits = request.contents_capacity.saturating_mul(2);
    let hole = prefix_len + hole_at as u64..prefix_len + (hole_at + digits) as u64;
    let size = prefix_len + laid.tail.len() as u64;
    let byte_range = [0, hole.start - 1, hole.end + 1, size - hole.end - 1];
    let text = byte_range.map(|number| number.to_string()).join(" ");
    let room = laid
        .tail
        .get_mut(range_at..range_at + text.len())
        .filter(|_| text.len() <= BYTE_RANGE_ROOM)
        .ok_or(lost)?;
    room.copy_from_slice(text.as_bytes());
    Ok(Appendix {
        tail: std::mem::take(&mut laid.tail),
        prefix_len,
        byte_range,
        field: name.to_owned(),
        contents_hex: hole,
    })
}

/// A lock as a dictionary's entries, for /Lock and for FieldMDP parameters.
pub(super) fn lock_entries(lock: &FieldLock) -> Vec<u8> {
    let (action, names) = match lock {
        FieldLock::All => ("All", None),
        FieldLock::Exclude(names) => ("Exclude", Some(names)),
        FieldLock::Include(names) => ("Include", Some(names)),
    };
    let mut entries = format!("/Action /{action}").into_bytes();
    if let Some(names) = names {
        entries.extend_from_slice(b" /Fields [");
        for name in names {
            entries.extend(text_string(name));
        }
        entries.push(b']');
    }
    entries
}

/// /Reference (table 256): what this signature allows and locks.
fn references(document: &Document, request: &SignatureRequest, lock: Option<&FieldLock>) -> Vec<u8> {
    let mut references = Vec::new();
    if let Some(permission) = request.certify {
        references.extend(
            format!(
                "<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P {} /V /1.2 >> >>",
                u8::from(permission)
            )
            .bytes(),
        );
    }
    if let Some(lock) = lock {
        let (catalog, generation) = document.xref().root().unwrap_or_default();
        references.extend_from_slice(b"<< /Type /SigRef /TransformMethod /FieldMDP");
        references.extend(
            format!(" /Data {catalog} {generation} R /TransformParams << /Type /TransformParams /V /1.2 ").bytes(),
        );
        references.extend(lock_entries(lock));
        references.extend_from_slice(b" >> >>");
    }
    if references.is_empty() {
        references
    } else {
        [b"/Reference [".as_slice(), &references, b"]\n"].concat()
    }
}

const BYTE_RANGE: &[u8] = b"/ByteRange [";
const CONTENTS: &[u8] = b"/Contents <";
/// Four numbers of up to ten digits.
const BYTE_RANGE_ROOM: usize = 43;
