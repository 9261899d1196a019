//! One signature on one token: the certificate compared, the PIN asked, the key used once, the output verified.
//!
//! Not its business: finding the token (`tokens`), what the signature is for (countersign-signing).
//! DOMAIN A2, A3, C6. Nothing is signed to find something out: the output of the approved signature is interpreted.

use std::sync::Arc;

use countersign_cms::{PublicKey, SignatureAlgorithm};
use countersign_signing::ports::{
    Credential, KeyFacts, KeyKind, PinPurpose, PinRefusal, Prompt, ToSign, TokenError, TokenFacts,
};
use cryptoki::context::Function;
use cryptoki::error::{Error, RvError};
use cryptoki::object::ObjectHandle;
use cryptoki::session::{Session, UserType};
use cryptoki::slot::TokenInfo;

use crate::certificate::{CertificateFacts, read};
use crate::inventory::{Inventory, certificate_value, inventory, private_keys};
use crate::login::{Given, Question, ask, is_logged_in, pin_flags, send};
use crate::mechanism::{Menu, Plan, plan};
use crate::pairing::{Pair, pair};
use crate::raw::{RawRefusal, sign_once};
use crate::refusal::{refused, rv, rv_name};
use crate::slots::{Seen, title};
use crate::supplement::{self, supplement};
use crate::tokens::{key_facts, names_object};
use crate::uri::Uri;

/// A token with a session that is kept.
#[derive(Debug)]
pub(crate) struct Open {
    seen: Seen,
    session: Session,
    menu: Menu,
    /// Keys that were admitted on this session: certificate compared, login done.
    signers: Vec<Arc<Signer>>,
}

/// A key that may be used: its certificate is the prepared one, and the login has happened.
#[derive(Debug, Clone)]
struct Signer {
    certificate: Vec<u8>,
    /// None for a certificate that came from a file.
    certificate_handle: Option<ObjectHandle>,
    handle: ObjectHandle,
    kind: KeyKind,
    key: PublicKey,
    menu: Menu,
    facts: KeyFacts,
    always_authenticate: bool,
}

/// Why C_Sign gave nothing.
enum Failure {
    /// CKR_USER_NOT_LOGGED_IN, although a login is on record.
    NotLoggedIn(&'static str),
    Final(TokenError),
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::Final(error)
    }
}

impl Open {
    /// Opens a session.
    pub(crate) fn new(seen: &Seen) -> Result<Self, TokenError> {
        let context = &seen.module.context;
        let session = context
            .open_ro_session(seen.slot)
            .map_err(|error| refused(&error, "C_OpenSession"))?;
        let menu = Menu::read(context, seen.slot);
        Ok(Self {
            seen: seen.clone(),
            session,
            menu,
            signers: Vec::new(),
        })
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn slot_has(&self, mechanism: &str) -> bool {
        self.menu.names().iter().any(|name| name == mechanism)
    }

    pub(crate) fn offered(&self) -> Vec<String> {
        self.menu.names()
    }

    /// Whether this is the token that these facts were read from.
    pub(crate) fn is(&self, facts: &TokenFacts) -> bool {
        self.seen.config.is_at(&facts.module_path) && self.seen.is(facts)
    }

    /// Whether it is that token in that slot.
    pub(crate) fn is_at(&self, seen: &Seen) -> bool {
        self.is(&seen.facts) && self.seen.slot == seen.slot
    }

    /// Whether the session still answers: it does not when the token was pulled, also when it came back.
    pub(crate) fn is_alive(&self) -> bool {
        self.session.get_session_info().is_ok()
    }

    /// Forgets which certificates were compared; the login stays.
    pub(crate) fn forget(&mut self) {
        self.signers.clear();
    }

    pub(crate) fn observed_key(&self, credential: &Credential) -> Option<KeyFacts> {
        let same = |signer: &&Arc<Signer>| signer.certificate == credential.certificate;
        self.signers
            .iter()
            .find(same)
            .filter(|_| self.is(&credential.token))
            .map(|signer| signer.facts.clone())
    }

    pub(crate) fn token_info(&self) -> Result<TokenInfo, TokenError> {
        self.seen
            .module
            .context
            .get_token_info(self.seen.slot)
            .map_err(|error| refused(&error, "C_GetTokenInfo"))
    }

    pub(crate) fn title(&self) -> String {
        title(&self.seen.facts)
    }

    /// Asks once and sends once, when the token wants a login and there is none.
    pub(crate) fn login(&self, question: Question<'_>, prompt: &mut dyn Prompt) -> Result<(), TokenError> {
        if is_logged_in(&self.session).map_err(|error| refused(&error, "C_GetSessionInfo"))? {
            return Ok(());
        }
        let info = self.token_info()?;
        if !info.login_required() {
            return Ok(());
        }
        let given = ask(&info, question, prompt)?;
        self.send(UserType::User, given, prompt)
    }

    fn send(&self, user: UserType, given: Given, prompt: &mut dyn Prompt) -> Result<(), TokenError> {
        let on_device = matches!(given, Given::OnDevice);
        send(&self.session, user, given, || {
            self.token_info().map(|info| pin_flags(&info)).unwrap_or_default()
        })?;
        if on_device && prompt.withdrawn() {
            if matches!(user, UserType::User) {
                // The login was not wanted any more. Where it stays all the same, nothing was signed with it.
                let _ = self.session.logout();
            }
            return Err(TokenError::PinRefused(PinRefusal::Cancelled));
        }
        Ok(())
    }

    /// One signature, verified.
    pub(crate) fn sign(
        &mut self,
        credential: &Credential,
        what: &ToSign,
        prompt: &mut dyn Prompt,
    ) -> Result<Vec<u8>, TokenError> {
        let mut signer = self.signer(credential, what, prompt)?;
        let output = match self.produce(&signer, what, prompt) {
            Ok(output) => output,
            Err(Failure::Final(error)) => return Err(self.renewed(error)),
            // Nothing was signed. Either the login is gone (reset card), or the key wants one for each signature and
            // does not say so: in both cases the person is asked, once.
            Err(Failure::NotLoggedIn(function)) => {
                let error = TokenError::ModuleRefused {
                    function: function.to_owned(),
                    rv: rv_name(&RvError::UserNotLoggedIn),
                };
                let error = self.renewed(error);
                let logged_in = is_logged_in(&self.session).unwrap_or(false);
                if signer.always_authenticate && logged_in {
                    return Err(error);
                }
                signer = self.signer(credential, what, prompt)?;
                if logged_in {
                    signer = Arc::new(Signer {
                        always_authenticate: true,
                        ..(*signer).clone()
                    });
                    self.signers.retain(|other| other.certificate != signer.certificate);
                    self.signers.push(Arc::clone(&signer));
                }
                match self.produce(&signer, what, prompt) {
                    Ok(output) => output,
                    Err(Failure::Final(error)) => return Err(self.renewed(error)),
                    Err(Failure::NotLoggedIn(_)) => return Err(self.renewed(error)),
                }
            }
        };
        verified(&signer, what, &output)
    }

    /// The key of a credential, compared and logged in: from before on this session, or now.
    fn signer(
        &mut self,
        credential: &Credential,
        what: &ToSign,
        prompt: &mut dyn Prompt,
    ) -> Result<Arc<Signer>, TokenError> {
        let known = self
            .signers
            .iter()
            .find(|signer| signer.certificate == credential.certificate);
        if let Some(known) = known {
            let known = Arc::clone(known);
            self.unchanged(known.certificate_handle, credential)?;
            return Ok(known);
        }
        let admitted = Arc::new(self.admit(credential, what, prompt)?);
        self.signers.push(Arc::clone(&admitted));
        Ok(admitted)
    }

    /// Compares the certificate, then asks for the PIN, then takes the key.
    fn admit(&self, credential: &Credential, what: &ToSign, prompt: &mut dyn Prompt) -> Result<Signer, TokenError> {
        let info = self.token_info()?;
        let logged_in = is_logged_in(&self.session).map_err(|error| refused(&error, "C_GetSessionInfo"))?;
        let login = info.login_required() && !logged_in;
        let mut seen = self.inventory(credential)?;
        let found = pair_of(&seen, credential, login)?;
        if let Some(found) = &found {
            // Everything that can be known to fail is known before the PIN is asked for.
            self.plan(found.certificate.facts.kind(), &self.menu, what.algorithm)?;
        }
        if !login {
            let found = found.ok_or_else(|| missing(credential))?;
            return self.signer_of(found, credential, what.algorithm);
        }
        let question = Question {
            token: &self.title(),
            credential: &what.credential,
            document: &what.document,
            purpose: PinPurpose::Login,
        };
        self.login(question, prompt)?;
        if let Some(found) = &found {
            // While the PIN was typed somebody may have put in another token, or written another certificate.
            self.unchanged(found.certificate.handle, credential)?;
            private_keys(&self.session, &mut seen).map_err(|error| refused(&error, "C_GetAttributeValue"))?;
        } else {
            seen = self.inventory(credential)?;
        }
        let found = pair_of(&seen, credential, false)?.ok_or_else(|| missing(credential))?;
        self.signer_of(found, credential, what.algorithm)
    }

    fn inventory(&self, credential: &Credential) -> Result<Inventory, TokenError> {
        let mut found = inventory(&self.session).map_err(|error| refused(&error, "C_GetAttributeValue"))?;
        if credential.certificate_from_file {
            supplement(
                &mut found,
                &supplement::read(std::slice::from_ref(&credential.certificate)),
            );
        }
        Ok(found)
    }

    /// The certificate object still has the prepared certificate as its value.
    fn unchanged(&self, handle: Option<ObjectHandle>, credential: &Credential) -> Result<(), TokenError> {
        let Some(handle) = handle else { return Ok(()) };
        let value = certificate_value(&self.session, handle).map_err(|error| refused(&error, "C_GetAttributeValue"))?;
        if value.as_ref() == Some(&credential.certificate) {
            return Ok(());
        }
        // A whole look tells what stands there now.
        pair_of(&self.inventory(credential)?, credential, false)?;
        Err(TokenError::CertificateChanged {
            prepared: sha256_of(&credential.certificate),
            found: value.as_deref().map(sha256_of).unwrap_or_default(),
        })
    }

    fn signer_of(&self, pair: Pair, credential: &Credential, wanted: SignatureAlgorithm) -> Result<Signer, TokenError> {
        let facts = key_facts(&pair);
        let key = pair.private.ok_or_else(|| missing(credential))?;
        let menu = self.menu.allowed(key.allowed.as_deref());
        let kind = pair.certificate.facts.kind();
        self.plan(kind, &menu, wanted)?;
        Ok(Signer {
            certificate: credential.certificate.clone(),
            certificate_handle: pair.certificate.handle,
            handle: key.handle,
            kind,
            key: pair.certificate.facts.key,
            menu,
            facts,
            always_authenticate: key.always_authenticate,
        })
    }

    fn plan(&self, kind: KeyKind, menu: &Menu, wanted: SignatureAlgorithm) -> Result<Plan, TokenError> {
        let missing = || TokenError::MechanismMissing {
            wanted: wanted.name(),
            offered: self.menu.names(),
        };
        plan(menu, kind, wanted).ok_or_else(missing)
    }

    /// C_Sign, once.
    fn produce(&self, signer: &Signer, what: &ToSign, prompt: &mut dyn Prompt) -> Result<Vec<u8>, Failure> {
        let plan = self.plan(signer.kind, &signer.menu, what.algorithm)?;
        let input = plan.input(&what.message);
        let output = if signer.always_authenticate {
            self.sign_with_own_login(signer, &plan, &input, what, prompt)?
        } else {
            let answer = self.session.sign(&plan.mechanism, signer.handle, &input);
            answer.map_err(|error| failure(&error, "C_Sign"))?
        };
        // An empty signature comes back as success from some modules.
        if output.is_empty() {
            return Err(TokenError::SignatureNotVerified {
                algorithm: what.algorithm.name(),
            }
            .into());
        }
        Ok(output)
    }

    /// CKA_ALWAYS_AUTHENTICATE: C_SignInit, C_Login(CKU_CONTEXT_SPECIFIC), C_Sign on one session.
    fn sign_with_own_login(
        &self,
        signer: &Signer,
        plan: &Plan,
        input: &[u8],
        what: &ToSign,
        prompt: &mut dyn Prompt,
    ) -> Result<Vec<u8>, Failure> {
        let question = Question {
            token: &self.title(),
            credential: &what.credential,
            document: &what.document,
            purpose: PinPurpose::EachSignature,
        };
        // Asked first, so that a refusal leaves no operation behind.
        let given = ask(&self.token_info()?, question, prompt)?;
        let begun = self.session.sign_init(&plan.mechanism, signer.handle);
        begun.map_err(|error| failure(&error, "C_SignInit"))?;
        self.send(UserType::ContextSpecific, given, prompt)?;
        if plan.in_parts() {
            let fed = self.session.sign_update(input);
            let output = fed.and_then(|()| self.session.sign_final());
            return output.map_err(|error| failure(&error, "C_SignFinal"));
        }
        let absent = |name: &str| -> Failure {
            let rv = "not offered by the module".to_owned();
            TokenError::ModuleRefused {
                function: name.to_owned(),
                rv,
            }
            .into()
        };
        let library = self.seen.module.library.as_ref().ok_or_else(|| absent("dlopen"))?;
        sign_once(library, self.session.handle(), input).map_err(|refusal| match refusal {
            RawRefusal::Answer(value) => failure(&Error::Pkcs11(value, Function::Sign), "C_Sign"),
            RawRefusal::NoFunction(name) => absent(name),
        })
    }

    /// After a failure in the middle of an operation only a new session helps. It is opened before the old one is
    /// closed, so that the login survives. Some modules say CKR_DEVICE_ERROR when the token was pulled: looked up here.
    pub(crate) fn renewed(&mut self, error: TokenError) -> TokenError {
        self.signers.clear();
        if matches!(error, TokenError::ModuleRefused { .. }) && matches!(self.token_info(), Err(TokenError::Removed)) {
            return TokenError::Removed;
        }
        if error != TokenError::Removed
            && let Ok(session) = self.seen.module.context.open_ro_session(self.seen.slot)
        {
            self.session = session;
        }
        error
    }
}

/// The value of the SignerInfo out of what the token gave, if it verifies with the certificate's key.
fn verified(signer: &Signer, what: &ToSign, output: &[u8]) -> Result<Vec<u8>, TokenError> {
    let mut padded = Vec::new();
    if let KeyKind::Rsa(_) = signer.kind {
        // A token that takes the value for a number drops leading zeros.
        padded.resize(signer.key.signature_len().saturating_sub(output.len()), 0);
    }
    padded.extend_from_slice(output);
    let value = signer.key.interpret_output(what.algorithm, &what.message, &padded);
    value.map_err(|_| TokenError::SignatureNotVerified {
        algorithm: what.algorithm.name(),
    })
}

fn failure(error: &Error, function: &'static str) -> Failure {
    match rv(error) {
        Some(RvError::UserNotLoggedIn) => Failure::NotLoggedIn(function),
        _ => Failure::Final(refused(error, function)),
    }
}

/// The pair that holds the prepared certificate. `None` when it may be hidden until a login.
fn pair_of(inventory: &Inventory, credential: &Credential, hidden: bool) -> Result<Option<Pair>, TokenError> {
    let is_prepared = |facts: &CertificateFacts| facts.certificate.der() == credential.certificate;
    let pairing = pair(inventory, hidden);
    if let Some(found) = pairing
        .pairs
        .into_iter()
        .find(|found| is_prepared(&found.certificate.facts))
    {
        return Ok(Some(found));
    }
    if pairing.mismatched.iter().any(|found| is_prepared(&found.facts)) {
        return Err(TokenError::KeyMismatch {
            uri: credential.uri.clone(),
        });
    }
    if inventory.certificates.iter().any(|found| is_prepared(&found.facts)) {
        return Err(missing(credential));
    }
    // Another certificate stands where the prepared one was.
    let uri = Uri::parse(&credential.uri).unwrap_or_default();
    let labels = |label: &String| std::slice::from_ref(label).to_vec();
    let named = |id: &[u8], label: &String| names_object(&uri, id, &labels(label));
    let by_id = |id: &[u8]| uri.id.as_deref().is_some_and(|wanted| wanted == id);
    let prepared = read(&credential.certificate).ok();
    let of_that_key = |found: &CertificateFacts| {
        prepared
            .as_ref()
            .is_some_and(|prepared| prepared.material.same(&found.material))
    };
    let other = inventory
        .certificates
        .iter()
        .find(|found| named(&found.id, &found.label) || by_id(&found.id) || of_that_key(&found.facts));
    match other {
        Some(other) => Err(TokenError::CertificateChanged {
            prepared: sha256_of(&credential.certificate),
            found: other.facts.sha256(),
        }),
        None if hidden => Ok(None),
        None => Err(missing(credential)),
    }
}

fn missing(credential: &Credential) -> TokenError {
    TokenError::CredentialMissing {
        uri: credential.uri.clone(),
    }
}

fn sha256_of(certificate: &[u8]) -> String {
    hex::encode(countersign_cms::DigestAlgorithm::Sha256.hash(certificate))
}
