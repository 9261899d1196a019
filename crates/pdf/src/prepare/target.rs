//! Which field is to be signed, and everything that speaks against it.

use crate::appearance::placement::{self, Placement};
use crate::document::Document;
use crate::fields::{FieldLock, FormField};
use crate::permissions::Restrictions;
use crate::refusal::Refusal;
use crate::request::{DocMdp, SignatureRequest, SubFilter};

/// A signature that nothing speaks against.
pub(super) struct Plan {
    pub(super) target: Target,
    /// No signature is there yet: flags and permissions of the document may be set.
    pub(super) first: bool,
}

pub(super) enum Target {
    Existing {
        name: String,
        object: u32,
        /// Where the field is seen.
        widgets: Vec<u32>,
        lock: Option<FieldLock>,
    },
    New {
        name: String,
        page: u32,
        place: Option<Placement>,
    },
}

pub(super) fn examine(document: &Document, request: &SignatureRequest) -> Result<Plan, Vec<Refusal>> {
    let mut refusals = Vec::new();
    if document.encrypted() {
        refusals.push(Refusal::Encrypted);
    }
    refusals.extend(unsupported(request));
    let restrictions = document.restrictions().unwrap_or_else(|misplaced| {
        refusals.push(misplaced.into());
        Restrictions::default()
    });
    let target = match target(document, request) {
        Ok(target) => Some(target),
        Err(refusal) => {
            refusals.push(refusal);
            None
        }
    };
    refusals.extend(forbidden(request, &restrictions, target.as_ref()));
    match target {
        Some(target) if refusals.is_empty() => Ok(Plan {
            target,
            first: restrictions.signatures == 0,
        }),
        _ => Err(refusals),
    }
}

fn unsupported(request: &SignatureRequest) -> Option<Refusal> {
    let timestamp = request.sub_filter == SubFilter::EtsiRfc3161;
    let what = if timestamp && (request.certify.is_some() || request.lock.is_some()) {
        "a document timestamp that certifies or locks"
    } else if request.contents_capacity == 0 || request.contents_capacity > MAX_CAPACITY {
        "a hole of this size"
    } else if request.certify == Some(DocMdp::NoChanges) && request.lock.is_some() {
        "a lock besides a certification that allows nothing"
    } else {
        return None;
    };
    Some(Refusal::Unsupported { what })
}

fn target(document: &Document, request: &SignatureRequest) -> Result<Target, Refusal> {
    let form = document.form_fields()?;
    match &request.field {
        Some(name) => existing(document, request, &form, name),
        None => new(document, request, &form),
    }
}

fn existing(
    document: &Document,
    request: &SignatureRequest,
    form: &[FormField],
    name: &str,
) -> Result<Target, Refusal> {
    let mut named = form.iter().filter(|field| field.name == name);
    let field = named
        .next()
        .ok_or_else(|| Refusal::FieldMissing { field: name.to_owned() })?;
    if named.next().is_some() {
        return Err(Refusal::DuplicateFieldName { field: name.to_owned() });
    }
    if !field.is_signature || field.branch {
        return Err(Refusal::FieldNotSignature { field: name.to_owned() });
    }
    if field.signed {
        return Err(Refusal::FieldAlreadySigned { field: name.to_owned() });
    }
    let object = field.object.ok_or(Refusal::Unsupported {
        what: "a field that is not an object of its own",
    })?;
    let dict = document.object(object)?;
    let asked = document.checked(&dict, "Lock")?.map(|lock| FieldLock::read(&lock));
    if request.lock.is_some() && asked.is_some() && request.lock != asked {
        return Err(Refusal::Unsupported {
            what: "another lock than the one that the field asks for",
        });
    }
    Ok(Target::Existing {
        name: name.to_owned(),
        object,
        widgets: field.widgets.clone(),
        lock: request.lock.clone().or(asked),
    })
}

fn new(document: &Document, request: &SignatureRequest, form: &[FormField]) -> Result<Target, Refusal> {
    let taken = |name: &str| form.iter().any(|field| field.name == name);
    let name = match &request.new_field_name {
        Some(name) if name.is_empty() || name.contains('.') => {
            return Err(Refusal::Unsupported {
                what: "a field name that is empty or has a period",
            });
        }
        Some(name) if taken(name) => return Err(Refusal::DuplicateFieldName { field: name.clone() }),
        Some(name) => name.clone(),
        None => (1_usize..)
            .map(|number| format!("Signature{number}"))
            .find(|name| !taken(name))
            .unwrap_or_default(),
    };
    let page = request.visible.as_ref().map_or(1, |appearance| appearance.page);
    let pages = document.page_count();
    if page == 0 || page > pages {
        return Err(Refusal::PageMissing { page, pages });
    }
    let place = request
        .visible
        .as_ref()
        .map(|appearance| placement::place(document, page, appearance.rect, appearance.measured))
        .transpose()?;
    Ok(Target::New { name, page, place })
}

/// What earlier signatures forbid. A document timestamp without an appearance changes nothing that they protect.
fn forbidden(request: &SignatureRequest, restrictions: &Restrictions, target: Option<&Target>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let harmless = request.sub_filter == SubFilter::EtsiRfc3161 && request.visible.is_none();
    if let Some(permission) = restrictions.permission {
        // A new field that can be seen changes the page; only filling in what was there is covered by P=2 and P=3.
        let new_and_visible = request.visible.is_some() && request.field.is_none();
        if (permission == DocMdp::NoChanges && !harmless) || new_and_visible {
            refusals.push(Refusal::DocmdpForbids { permission });
        }
        if request.certify.is_some() {
            refusals.push(Refusal::AlreadyCertified { permission });
        }
    } else if request.certify.is_some() && restrictions.signatures > 0 {
        refusals.push(Refusal::CertifyNotFirst {
            signatures: restrictions.signatures,
        });
    }
    let name = match target {
        Some(Target::Existing { name, .. } | Target::New { name, .. }) => Some(name.as_str()),
        None => request.field.as_deref(),
    };
    if let Some(name) = name.filter(|_| !harmless) {
        let locking = restrictions.locks.iter().filter(|(_, lock)| lock.locks(name));
        refusals.extend(locking.map(|(by, _)| Refusal::FieldLocked {
            field: name.to_owned(),
            by: by.clone(),
        }));
    }
    refusals
}

/// A CMS with a long chain, revocation data and a timestamp stays far below.
const MAX_CAPACITY: usize = 1 << 22;
