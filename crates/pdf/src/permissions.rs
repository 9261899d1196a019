//! What earlier signatures still allow: DocMDP (ISO 32000-2 12.8.2.2), FieldMDP (12.8.2.4) and the locks of their fields.
//!
//! What cannot be read is taken at its strictest. Not its business: whether those signatures are valid.

use hayro_syntax::object::{Dict, MaybeRef, Name, Number};

use crate::document::{Document, Misplaced};
use crate::fields::FieldLock;
use crate::request::DocMdp;

/// What the signatures of a document leave to those who come after.
#[derive(Debug, Clone, Default)]
pub(crate) struct Restrictions {
    /// The strictest permission that any signature or lock sets.
    pub(crate) permission: Option<DocMdp>,
    /// The locks, each with the field whose signature set it.
    pub(crate) locks: Vec<(String, FieldLock)>,
    /// How many fields hold a signature.
    pub(crate) signatures: usize,
}

impl Document {
    pub(crate) fn restrictions(&self) -> Result<Restrictions, Misplaced> {
        let mut restrictions = Restrictions::default();
        for field in self
            .form_fields()?
            .iter()
            .filter(|field| field.is_signature && field.signed)
        {
            restrictions.signatures += 1;
            let dict = self.object(field.object.ok_or(Misplaced { number: 0 })?)?;
            if let Some(signature) = self.checked(&dict, "V")? {
                restrictions.take_references(self, &signature, &field.name)?;
            }
            if let Some(lock) = self.checked(&dict, "Lock")? {
                restrictions.take_lock(&lock, &field.name);
                if let Some(permission) = lock.get::<Number>("P") {
                    restrictions.tighten(DocMdp::try_from(permission.as_i64()).unwrap_or(DocMdp::NoChanges));
                }
            }
        }
        let catalog = self.catalog()?;
        // Last: a certification that hangs on a field has been seen by now, under its name.
        if let Some(permissions) = self.checked(&catalog, "Perms")?
            && permissions.contains_key("DocMDP")
            && let Some(signature) = self.checked(&permissions, "DocMDP")?
        {
            restrictions.take_references(self, &signature, "")?;
            // A certification without readable parameters has the default (table 257).
            let permission = restrictions.permission.unwrap_or(DocMdp::FormFilling);
            restrictions.tighten(permission);
        }
        Ok(restrictions)
    }
}

impl Restrictions {
    fn tighten(&mut self, permission: DocMdp) {
        self.permission = Some(self.permission.map_or(permission, |before| before.min(permission)));
    }

    fn take_lock(&mut self, dict: &Dict<'_>, by: &str) {
        let lock = FieldLock::read(dict);
        if !self
            .locks
            .iter()
            .any(|(field, known)| (field == by || by.is_empty()) && *known == lock)
        {
            self.locks.push((by.to_owned(), lock));
        }
    }

    fn take_references<'a>(&mut self, document: &'a Document, signature: &Dict<'a>, by: &str) -> Result<(), Misplaced> {
        let Some(references) = document.checked_array(signature, "Reference")? else {
            return Ok(());
        };
        for (place, reference) in references.raw_iter().enumerate() {
            if place >= MAX_REFERENCES {
                self.tighten(DocMdp::NoChanges);
                break;
            }
            let reference = match reference {
                MaybeRef::Ref(reference) => document.referred(reference)?,
                MaybeRef::NotRef(object) => object.into_dict(),
            };
            let Some(reference) = reference else { continue };
            let parameters = document.checked(&reference, "TransformParams")?.unwrap_or_default();
            match reference.get::<Name<'_>>("TransformMethod").as_deref() {
                Some(b"DocMDP") => self.tighten(match parameters.get::<Number>("P") {
                    Some(permission) => DocMdp::try_from(permission.as_i64()).unwrap_or(DocMdp::NoChanges),
                    None => DocMdp::FormFilling,
                }),
                Some(b"FieldMDP") => self.take_lock(&parameters, by),
                _ => {}
            }
        }
        Ok(())
    }
}

/// A signature has a handful of reference dictionaries at most.
const MAX_REFERENCES: usize = 64;
