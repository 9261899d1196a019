//! From a request to the bytes that are appended: every reason against it first, then one section with one hole.
//!
//! Not its business: digests, the CMS, and judging whether earlier signatures are valid.

mod form;
mod signature;
mod target;

use crate::append::Section;
use crate::appendix::Appendix;
use crate::document::Document;
use crate::refusal::Refusal;
use crate::request::SignatureRequest;
use target::{Plan, Target};

impl Document {
    /// Every reason why this signature must not, or cannot, be made. Empty means that [`Document::prepare`] succeeds.
    #[must_use]
    pub fn refusals(&self, request: &SignatureRequest) -> Vec<Refusal> {
        match target::examine(self, request) {
            Ok(plan) => self.compose(request, &plan).err().into_iter().collect(),
            Err(refusals) => refusals,
        }
    }

    /// The bytes to append to the file so that it carries the signature, with a hole for the CMS.
    ///
    /// # Errors
    /// The first of [`Document::refusals`].
    pub fn prepare(&self, request: &SignatureRequest) -> Result<Appendix, Refusal> {
        match target::examine(self, request) {
            Ok(plan) => self.compose(request, &plan),
            Err(refusals) => Err(refusals
                .into_iter()
                .next()
                .unwrap_or(Refusal::Unsupported { what: "this request" })),
        }
    }

    fn compose(&self, request: &SignatureRequest, plan: &Plan) -> Result<Appendix, Refusal> {
        let mut section = Section::new(self);
        let signature = section.reserve();
        let name = match &plan.target {
            Target::Existing {
                name,
                object,
                widgets,
                lock,
            } => {
                form::fill_field(&mut section, *object, signature)?;
                if let Some(appearance) = &request.visible {
                    form::dress_widgets(&mut section, widgets, appearance)?;
                }
                form::register(&mut section, None, plan.first)?;
                section.put(signature, signature::placeholder(self, request, lock.as_ref()));
                name
            }
            Target::New { name, page, place } => {
                let field = form::new_field(&mut section, request, name, *page, place, signature)?;
                form::register(&mut section, Some(field), plan.first)?;
                section.put(signature, signature::placeholder(self, request, request.lock.as_ref()));
                name
            }
        };
        if request.certify.is_some() {
            form::certify(&mut section, signature)?;
        }
        let mut laid = section.lay_out()?;
        signature::close(self, request, name, signature, &mut laid)
    }
}

#[cfg(test)]
mod seen;
#[cfg(test)]
mod tests;
