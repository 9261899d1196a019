//! What earlier signatures still allow: DocMDP (ISO 32000-2 12.8.2.2), FieldMDP (12.8.2.4) and the locks of their fields.
//!
//! What cannot be read is taken at its strictest. Not its business: whether those signatures are valid.

use hayro_syntax::object::{Array, Dict, Name, Number};

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
            .form_fields()
            .iter()
            .filter(|field| field.is_signature && field.signed)
        {
            restrictions.signatures += 1;
            let Some(object) = field.object else { continue };
            let dict = self.object(object)?;
            if let Some(signature) = self.checked(&dict, "V")? {
                restrictions.take_references(&signature, &field.name);
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
        if let Some(permissions) = catalog.get::<Dict<'_>>("Perms")
            && permissions.contains_key("DocMDP")
            && let Some(signature) = self.checked(&permissions, "DocMDP")?
        {
            restrictions.take_references(&signature, "");
            // A certification without readable parameters has the default (table 257).
            let permission = restrictions.permission.unwrap_or(DocMdp::FormFilling);
            restrictions.tighten(permission);
        }
        Ok(restrictions)
    }

    /// The dictionary under a key; if it is an object of its own, it must stand where our chain says.
    pub(crate) fn checked<'a>(&'a self, dict: &Dict<'a>, key: &str) -> Result<Option<Dict<'a>>, Misplaced> {
        match dict.get_ref(key) {
            Some(reference)
                if self
                    .xref()
                    .lookup(reference.obj_number)
                    .is_some_and(|entry| entry != crate::Entry::Free) =>
            {
                self.object(reference.obj_number).map(Some)
            }
            Some(_) => Ok(None),
            None => Ok(dict.get::<Dict<'_>>(key)),
        }
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

    fn take_references(&mut self, signature: &Dict<'_>, by: &str) {
        let Some(references) = signature.get::<Array<'_>>("Reference") else {
            return;
        };
        for reference in references.iter::<Dict<'_>>().take(MAX_REFERENCES) {
            let parameters = reference.get::<Dict<'_>>("TransformParams").unwrap_or_default();
            match reference.get::<Name<'_>>("TransformMethod").as_deref() {
                Some(b"DocMDP") => self.tighten(match parameters.get::<Number>("P") {
                    Some(permission) => DocMdp::try_from(permission.as_i64()).unwrap_or(DocMdp::NoChanges),
                    None => DocMdp::FormFilling,
                }),
                Some(b"FieldMDP") => self.take_lock(&parameters, by),
                _ => {}
            }
        }
    }
}

/// A signature has a handful of reference dictionaries at most.
const MAX_REFERENCES: usize = 64;
