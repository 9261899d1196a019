//! The signatures that a document already carries, and what each of them covers (ISO 32000-2 12.8.1).
//!
//! Every signature is listed, also one that is not understood, that no field names any more, or whose form is faulty:
//! what is wrong stands beside it as a code. The signature object is the one that its own revision names, reached
//! through the cross-reference chain and never by searching bytes.
//!
//! Not the business of this module: whether the CMS verifies, whom to trust, and whether what was added later is
//! permitted (that is `unknown` here unless nothing was added).

use std::cell::Cell;
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;

mod coverage;
mod date;
pub(crate) mod fields;
mod revisions;
mod unreachable;

pub use coverage::{Coverage, CoverageProblem};

use self::fields::{Field, FieldTree, FieldValue};
use self::revisions::{Revision, State};
use crate::document::Document;
use crate::findings::bounded;
use crate::review::source::{DictView, Found, Resolved, Source};
use crate::review::syntax::{Value, is_space};
use crate::text::decode_text;

/// One signature or document time-stamp in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EmbeddedSignature {
    /// The full name of its field.
    pub field: String,
    /// The page of the field, counted from 1; none when it is on no page.
    pub page: Option<u32>,
    /// Signature or document time-stamp.
    pub kind: SignatureKind,
    /// /Filter, as far as it is a name.
    pub filter: String,
    /// /SubFilter, as far as it is a name.
    pub sub_filter: String,
    /// /Contents, decoded, with the zeros that fill it up.
    #[serde(skip)]
    pub contents: Vec<u8>,
    /// /ByteRange, if it is four numbers.
    pub byte_range: Option<[u64; 4]>,
    /// The revision that the signature belongs to, counted from 1; 0 when it belongs to none.
    pub revision: u32,
    /// Where that revision ends.
    pub revision_end: u64,
    /// What its ByteRange covers.
    pub coverage: Coverage,
    /// Whether nothing but white space follows what is covered.
    pub covers_whole_file: bool,
    /// /M: when the signer says to have signed.
    pub claimed_time: Option<Timestamp>,
    /// /Name.
    pub name: Option<String>,
    /// /Reason.
    pub reason: Option<String>,
    /// /Location.
    pub location: Option<String>,
    /// The DocMDP permission that it grants (12.8.2.2): 1, 2 or 3; another number is kept as it is.
    pub docmdp: Option<u8>,
    /// What is wrong with it apart from its coverage.
    pub problems: Vec<SignatureProblem>,
    /// The object that holds the signature dictionary.
    pub object: Option<u32>,
}

/// What a signature signs for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignatureKind {
    /// Somebody's signature.
    Signature,
    /// A time-stamp over the document (12.8.5).
    DocTimestamp,
}

/// Something odd about a signature, apart from its coverage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SignatureProblem {
    /// Its object today is not the one that its own revision has.
    DiffersInItsRevision,
    /// Its field is not a signature field.
    FieldTypeWrong,
    /// /Filter is not a name that is known.
    FilterUnknown,
    /// It lies in the octets, and nothing in the current document leads to it.
    NotInCurrentRevision,
    /// No field of its own revision has it as value.
    NotInItsRevision,
    /// No field names it any more: only an earlier revision does.
    OnlyInEarlierRevision,
    /// A page shows its field, and the form does not name it.
    NotInForm,
    /// Its field has another name in its own revision.
    Renamed,
    /// Its revision cannot be opened on its own.
    RevisionUnreadable,
    /// Its revision was not opened: the file has too many.
    RevisionSkipped,
    /// Another field has the same signature as value.
    Shared,
    /// /SubFilter is not a name that is known.
    SubFilterUnknown,
    /// The field has a value that is no dictionary.
    ValueNotADictionary,
    /// The field has a value that cannot be read.
    ValueUnreadable,
}

/// All that a file says about its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureSurvey {
    /// Those of the document, the oldest revision first.
    pub signatures: Vec<EmbeddedSignature>,
    /// Those that lie in the octets and that nothing in the document leads to.
    pub unreachable: Vec<EmbeddedSignature>,
    /// Why there may be more. Empty: there are no others.
    pub cuts: Vec<SurveyCut>,
}

/// Why there may be more signatures than a survey lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SurveyCut {
    /// The form could not be read to its end.
    FieldsNotRead,
    /// The octets were not searched to their end.
    OctetsNotSearched,
    /// More than are described.
    SignaturesNotListed,
}

/// What came after a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaterChanges {
    /// Nothing: the signature covers the whole file.
    None,
    /// Something, or it cannot be told. Whether it is permitted is not judged here.
    Unknown,
}

impl EmbeddedSignature {
    /// Whether all that stands against it is a bound of ours: it was not judged, and it is not broken.
    #[must_use]
    pub fn is_unjudged(&self) -> bool {
        let skipped = |problem: &SignatureProblem| *problem == SignatureProblem::RevisionSkipped;
        self.problems.iter().any(skipped)
            && self.problems.iter().all(skipped)
            && self.coverage.problems == [CoverageProblem::RevisionSkipped]
    }
}

impl Document {
    /// All signatures, the oldest revision first.
    #[must_use]
    pub fn signatures(&self) -> Vec<EmbeddedSignature> {
        signatures_of(self, &FieldTree::read(self))
    }

    /// The same, with the signatures that nothing leads to, and whether that is all. Reads all octets once.
    #[must_use]
    pub fn survey_signatures(&self) -> SignatureSurvey {
        let tree = FieldTree::read(self);
        let signatures = signatures_of(self, &tree);
        let searched = unreachable::search(self, &signatures);
        let mut cuts = Vec::new();
        // Where no octet speaks of a ByteRange, no field could have led to a signature.
        if !tree.cuts().is_empty() && (searched.any || !searched.complete) {
            cuts.push(SurveyCut::FieldsNotRead);
        }
        if !searched.complete {
            cuts.push(SurveyCut::OctetsNotSearched);
        }
        if signatures.len() >= MAX_SIGNATURES {
            cuts.push(SurveyCut::SignaturesNotListed);
        }
        SignatureSurvey {
            signatures,
            unreachable: searched.signatures,
            cuts,
        }
    }

    /// Whether anything came after a signature of this document.
    #[must_use]
    pub fn later_changes(&self, signature: &EmbeddedSignature) -> LaterChanges {
        let covered = signature
            .byte_range
            .and_then(|[_, _, start, length]| start.checked_add(length));
        let to_the_end = covered.is_some_and(|end| only_space_after(self.bytes(), end));
        if signature.coverage.whole_revision && signature.covers_whole_file && to_the_end {
            LaterChanges::None
        } else {
            LaterChanges::Unknown
        }
    }
}

/// The signatures, given the fields of today; at most [`MAX_SIGNATURES`].
pub(crate) fn signatures_of(document: &Document, tree: &FieldTree) -> Vec<EmbeddedSignature> {
    let read = Cell::new(0);
    let mut known = KnownTexts::default();
    let newest: Vec<Located<'_>> = locate(Source::new(document, &read), tree, &mut known);
    if newest.is_empty() && document.revisions_end().len() < 2 {
        return Vec::new();
    }
    let revisions = revisions::all(document);
    // Each revision may be read as far as the file itself; how many there are is bounded with them.
    let reads: Vec<Cell<u64>> = revisions.iter().map(|_| Cell::new(0)).collect();
    let views: Vec<View<'_>> = revisions
        .iter()
        .zip(&reads)
        .map(|(revision, read)| match &revision.state {
            State::Opened(earlier, tree) => View::new(locate(Source::new(earlier, read), tree, &mut known)),
            State::Newest | State::Skipped | State::Unreadable => View::new(Vec::new()),
        })
        .collect();
    let mut found: Vec<EmbeddedSignature> = Vec::new();
    let mut listed: HashMap<Identity, &str> = HashMap::new();
    let mut room = MAX_CONTENTS;
    let earlier = views.iter().rev().flat_map(|view| view.signatures.iter());
    let tagged = newest
        .iter()
        .map(|signature| (signature, false))
        .chain(earlier.map(|signature| (signature, true)));
    for (signature, is_earlier) in tagged {
        let problem = match listed.entry(signature.identity()) {
            Entry::Vacant(vacant) => {
                vacant.insert(&signature.field.name);
                is_earlier.then_some(SignatureProblem::OnlyInEarlierRevision)
            }
            Entry::Occupied(known) if is_earlier || *known.get() == signature.field.name => continue,
            Entry::Occupied(_) => Some(SignatureProblem::Shared),
        };
        if found.len() >= MAX_SIGNATURES {
            break;
        }
        let mut described = describe(signature, document, &revisions, &views, problem);
        if described.contents.len() > room {
            described.contents.clear();
            described.coverage.whole_revision = false;
            described.covers_whole_file = false;
            described.coverage.problems.push(CoverageProblem::ContentsTooLarge);
        }
        room -= described.contents.len();
        found.push(described);
    }
    found.sort_by_key(|signature| (signature.revision, signature.byte_range.map(|range| range[1])));
    found
}

/// How many signatures are described; a file that reaches this has the review say so.
pub(crate) const MAX_SIGNATURES: usize = 1000;
/// Bytes of all /Contents together.
const MAX_CONTENTS: usize = 64 << 20;

/// The signatures of an earlier revision as it saw them.
struct View<'a> {
    signatures: Vec<Located<'a>>,
    places: HashMap<Identity, Vec<usize>>,
    objects: HashSet<u32>,
}

impl<'a> View<'a> {
    fn new(signatures: Vec<Located<'a>>) -> Self {
        let mut places: HashMap<Identity, Vec<usize>> = HashMap::new();
        for (place, signature) in signatures.iter().enumerate() {
            places.entry(signature.identity()).or_default().push(place);
        }
        let objects = signatures.iter().map(|signature| signature.object).collect();
        Self {
            signatures,
            places,
            objects,
        }
    }
}

/// Two signatures are the same when they are the same bytes of the file, or the same compressed object.
type Identity = (u32, Option<u64>);

/// A signature's value, found from a field.
struct Located<'a> {
    field: &'a Field,
    source: Source<'a>,
    object: u32,
    /// The text of the signature dictionary; none when there is something else.
    text: Option<&'a [u8]>,
    /// Where that text stands in the file; none in an object stream.
    at: Option<u64>,
    problem: Option<SignatureProblem>,
}

impl Located<'_> {
    fn identity(&self) -> Identity {
        match self.at {
            Some(at) => (0, Some(at)),
            None => (self.object, None),
        }
    }

    /// Where the signature stands in the file, if need be by the object stream around it.
    fn position(&self) -> Option<u64> {
        use crate::xref::Entry;
        let chain = self.source.document().xref();
        match (self.at, chain.lookup(self.object)) {
            (Some(at), _) => Some(at),
            (None, Some(Entry::At { offset, .. })) => Some(offset),
            (None, Some(Entry::InStream { stream, .. })) => match chain.lookup(stream) {
                Some(Entry::At { offset, .. }) => Some(offset),
                _ => None,
            },
            (None, _) => None,
        }
    }
}

/// Where signature dictionaries end, by their object and the offset of its entry: most revisions repeat those before,
/// and a dictionary with its /Contents is long.
type KnownTexts = HashMap<(u32, u64), Range<usize>>;

/// The dictionary that is an object, read once for all revisions.
fn dictionary<'a>(source: Source<'a>, number: u32, known: &mut KnownTexts) -> Resolved<'a> {
    use crate::xref::Entry as Place;
    let document = source.document();
    let Some(Place::At { offset, .. }) = document.xref().lookup(number) else {
        return source.resolve_number(number);
    };
    let place = known.get(&(number, offset)).cloned();
    if let Some(text) = place.and_then(|place| document.bytes().get(place)) {
        return Resolved::Dict(text);
    }
    let found = source.resolve_number(number);
    if let Resolved::Dict(text) = found
        && let Some(start) = document.offset_of(text).and_then(|start| usize::try_from(start).ok())
    {
        known.insert((number, offset), start..start.saturating_add(text.len()));
    }
    found
}

fn locate<'a>(source: Source<'a>, tree: &'a FieldTree, known: &mut KnownTexts) -> Vec<Located<'a>> {
    let mut found = Vec::new();
    for field in tree.fields() {
        let Some(value) = field.value else { continue };
        let is_signature_field = field.kind.as_deref() == Some(b"Sig");
        let (object, text, problem) = match value {
            FieldValue::Object(number) => match source.find(number) {
                Found::Nothing | Found::Deleted => continue,
                Found::Unreadable => (number, None, Some(SignatureProblem::ValueUnreadable)),
                Found::Plain(_) | Found::Packed(_) | Found::Decrypted(_) => match dictionary(source, number, known) {
                    Resolved::Dict(text) => (number, Some(text), None),
                    Resolved::Other if is_null(source, number) => continue,
                    Resolved::Other => (number, None, Some(SignatureProblem::ValueUnreadable)),
                    _ => (number, None, Some(SignatureProblem::ValueNotADictionary)),
                },
            },
            FieldValue::Inside(number) => match source.dict(number).map(|(dict, _)| dict.resolved(b"V")) {
                Some(Resolved::Dict(text)) => (number, Some(text), None),
                _ => (number, None, Some(SignatureProblem::ValueNotADictionary)),
            },
            FieldValue::Adrift => (0, None, Some(SignatureProblem::ValueUnreadable)),
        };
        // A dictionary with a ByteRange is a signature whatever its field says; other fields have other values.
        let problem = match (is_signature_field, text) {
            (true, _) => problem,
            (false, Some(text)) if source.view(text, object, None).has(b"ByteRange") => {
                Some(SignatureProblem::FieldTypeWrong)
            }
            (false, _) => continue,
        };
        let at = text.and_then(|text| source.document().offset_of(text));
        found.push(Located {
            field,
            source,
            object,
            text,
            at,
            problem,
        });
    }
    found
}

fn is_null(source: Source<'_>, number: u32) -> bool {
    use crate::review::syntax::{Lexer, Token};
    match source.find(number) {
        Found::Plain(text) | Found::Packed(text) => {
            matches!(Lexer::new(text).next(), Some((Token::Word(b"null" | b"endobj"), _)))
        }
        Found::Decrypted(object) => matches!(object, hayro_syntax::object::Object::Null(_)),
        Found::Nothing | Found::Deleted => true,
        Found::Unreadable => false,
    }
}

/// Everything about one signature. `today` is the whole file, whatever revision the signature was found in.
fn describe(
    signature: &Located<'_>,
    today: &Document,
    revisions: &[Revision],
    views: &[View<'_>],
    extra: Option<SignatureProblem>,
) -> EmbeddedSignature {
    let file = today.bytes();
    let position = signature.position().and_then(|position| usize::try_from(position).ok());
    let place = position.and_then(|position| revisions.iter().position(|revision| revision.end > position));
    let revision = place.and_then(|place| revisions.get(place));
    let revision_end = revision.map_or(0, |revision| revision.end);
    let source = signature.source;
    let at = signature.at.and_then(|at| usize::try_from(at).ok());
    let text = signature.text.unwrap_or_default();
    let indirect = |reference: Value<'_>| match source.resolve(unbound(reference)?) {
        Resolved::Array(text) => coverage::numbers(text).ok(),
        _ => None,
    };
    let mut judged = coverage::judge(file, text, at, revision_end, indirect);
    let mut problems: Vec<SignatureProblem> = signature.problem.into_iter().chain(extra).collect();
    if !signature.field.in_form {
        problems.push(SignatureProblem::NotInForm);
    }
    match revision.map(|revision| &revision.state) {
        Some(State::Newest) if std::ptr::eq(source.document(), today) => {}
        Some(State::Opened(..)) => {
            problems.extend(in_its_revision(signature, place.and_then(|place| views.get(place))));
        }
        Some(State::Skipped) => problems.push(SignatureProblem::RevisionSkipped),
        Some(State::Unreadable) | None => problems.push(SignatureProblem::RevisionUnreadable),
        // Found in an earlier revision, though it stands behind that revision's end.
        Some(State::Newest) => problems.push(SignatureProblem::NotInItsRevision),
    }
    for problem in &problems {
        judged.problems.extend(match problem {
            SignatureProblem::DiffersInItsRevision | SignatureProblem::NotInItsRevision => {
                Some(CoverageProblem::NotInItsRevision)
            }
            SignatureProblem::RevisionSkipped => Some(CoverageProblem::RevisionSkipped),
            SignatureProblem::RevisionUnreadable => Some(CoverageProblem::RevisionUnreadable),
            _ => None,
        });
    }
    judged.problems.sort_unstable();
    judged.problems.dedup();
    let dict = source.view(text, signature.object, None);
    let filter = name(&dict, b"Filter");
    let sub_filter = name(&dict, b"SubFilter");
    if signature.text.is_some() {
        if !KNOWN_FILTERS.contains(&filter.as_str()) {
            problems.push(SignatureProblem::FilterUnknown);
        }
        if !KNOWN_SUB_FILTERS.contains(&sub_filter.as_str()) {
            problems.push(SignatureProblem::SubFilterUnknown);
        }
    }
    problems.sort_unstable();
    problems.dedup();
    let whole_revision = judged.problems.is_empty();
    let to_the_end = judged.end.is_some_and(|end| only_space_after(file, end as u64));
    let time_stamp = dict.says(b"Type", b"DocTimeStamp") || sub_filter == "ETSI.RFC3161";
    EmbeddedSignature {
        field: signature.field.name.clone(),
        page: signature.field.page,
        kind: if time_stamp {
            SignatureKind::DocTimestamp
        } else {
            SignatureKind::Signature
        },
        filter,
        sub_filter,
        contents: judged.contents,
        byte_range: judged.byte_range,
        revision: place.and_then(|place| u32::try_from(place + 1).ok()).unwrap_or(0),
        revision_end: revision_end as u64,
        covers_whole_file: whole_revision && to_the_end,
        coverage: Coverage {
            whole_revision,
            problems: judged.problems,
        },
        claimed_time: text_of(&dict, b"M").and_then(|text| date::moment(&text)),
        name: text_of(&dict, b"Name"),
        reason: text_of(&dict, b"Reason"),
        location: text_of(&dict, b"Location"),
        docmdp: docmdp(&dict),
        problems,
        object: (signature.object != 0).then_some(signature.object),
    }
}

/// Compares a signature with what its own revision says.
fn in_its_revision(signature: &Located<'_>, view: Option<&View<'_>>) -> Option<SignatureProblem> {
    let view = view?;
    let places = view
        .places
        .get(&signature.identity())
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut same = places
        .iter()
        .take(MAX_SIGNATURES)
        .filter_map(|&place| view.signatures.get(place))
        .filter(|then| then.text == signature.text)
        .peekable();
    if same.peek().is_none() {
        return Some(if view.objects.contains(&signature.object) {
            SignatureProblem::DiffersInItsRevision
        } else {
            SignatureProblem::NotInItsRevision
        });
    }
    let named_alike = same.any(|then| then.field.name == signature.field.name);
    (!named_alike).then_some(SignatureProblem::Renamed)
}

fn only_space_after(file: &[u8], end: u64) -> bool {
    let rest = usize::try_from(end).ok().and_then(|end| file.get(end..));
    rest.is_some_and(|rest| rest.iter().all(|&byte| is_space(byte)))
}

fn unbound(value: Value<'_>) -> Option<Value<'static>> {
    match value {
        Value::Reference(id) => Some(Value::Reference(id)),
        _ => None,
    }
}

fn name(dict: &DictView<'_, '_>, key: &[u8]) -> String {
    let name = dict.name(key).unwrap_or_default();
    bounded(String::from_utf8_lossy(&name).into_owned())
}

/// A text string of the signature dictionary, decrypted where the file is encrypted.
fn text_of(dict: &DictView<'_, '_>, key: &[u8]) -> Option<String> {
    let document = dict.source.document();
    if document.encrypted() {
        let decrypted = document.object(dict.number).ok()?;
        let text = decrypted.get::<hayro_syntax::object::String<'_>>(key)?;
        return Some(bounded(decode_text(text.as_bytes())));
    }
    dict.text(key).map(bounded)
}

/// The permission of a certification signature (12.8.2.2.2): 2 where /P is missing.
fn docmdp(dict: &DictView<'_, '_>) -> Option<u8> {
    let references = dict.array(b"Reference", 64)?;
    references.into_iter().find_map(|reference| {
        let Resolved::Dict(text) = dict.source.resolve(reference) else {
            return None;
        };
        let reference = dict.view(text);
        if !reference.says(b"TransformMethod", b"DocMDP") {
            return None;
        }
        let permission = reference
            .dict(b"TransformParams")
            .and_then(|params| params.integer(b"P"));
        Some(permission.map_or(2, |permission| u8::try_from(permission).unwrap_or(0)))
    })
}

const KNOWN_FILTERS: [&str; 5] = [
    "Adobe.PPKLite",
    "Adobe.PPKMS",
    "CICI.SignIt",
    "Entrust.PPKEF",
    "VeriSign.PPKVS",
];
const KNOWN_SUB_FILTERS: [&str; 5] = [
    "ETSI.CAdES.detached",
    "ETSI.RFC3161",
    "adbe.pkcs7.detached",
    "adbe.pkcs7.sha1",
    "adbe.x509.rsa_sha1",
];

#[cfg(test)]
mod tests;
