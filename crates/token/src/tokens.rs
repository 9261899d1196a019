//! The port `Token` over PKCS#11: listing, finding, and handing over to `sign` and `account`.
//!
//! Not its business: what may be signed (countersign-signing), validity of certificates (countersign-trust).
//! DOMAIN A1 to A4. Sessions of tokens that a login happened on are kept, so that a batch asks once; all others are
//! closed after the look.

use countersign_signing::ports::{Credential, KeyFacts, PinPurpose, Prompt, ToSign, Token, TokenError, TokenFacts};
use cryptoki::session::Session;

use crate::certificate::CertificateFacts;
use crate::inventory::{CertificateObject, inventory};
use crate::login::{Question, is_logged_in};
use crate::mechanism::{Menu, algorithms};
use crate::module::{ModuleConfig, load};
use crate::pairing::{Pair, Pairing, pair};
use crate::refusal::refused;
use crate::sign::Open;
use crate::slots::{Seen, look, slots, tokens};
use crate::supplement::{self, supplement};
use crate::survey::{CredentialSurvey, ModuleSurvey, Reason, SlotSurvey, Trouble, Unusable};
use crate::uri::{ObjectType, Uri, UriError};
use crate::{account, certificate};

/// Tokens behind PKCS#11 modules.
#[derive(Debug, Default)]
pub struct Pkcs11Tokens {
    modules: Vec<ModuleConfig>,
    /// Tokens with a session that is kept.
    pub(crate) open: Vec<Open>,
    /// Certificates from files, for keys that have none on the token.
    given: Vec<CertificateFacts>,
    named: bool,
}

/// What one token shows now.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) pairing: Pairing,
    pub(crate) logged_in: bool,
    pub(crate) menu: Menu,
    /// Certificates of persons, not of CAs, that the token shows.
    end_entities: usize,
    credentials: Vec<(Credential, Pair)>,
}

impl Pkcs11Tokens {
    /// Tokens behind these modules. Nothing is loaded yet.
    #[must_use]
    pub const fn new(modules: Vec<ModuleConfig>) -> Self {
        Self {
            modules,
            open: Vec::new(),
            given: Vec::new(),
            named: false,
        }
    }

    /// Gives certificates (DER) for keys that have none on the token. With `named` a person named one for the key; others may
    /// fit by chance (a chain).
    pub fn with_certificates(&mut self, certificates: &[Vec<u8>], named: bool) {
        self.given = supplement::read(certificates);
        self.named = named;
    }

    /// Everything there is, with what cannot be used and why. Asks for nothing, and a broken module does not hide the
    /// others.
    #[must_use]
    pub fn survey(&self) -> Vec<ModuleSurvey> {
        self.modules.iter().map(|config| self.survey_module(config)).collect()
    }

    /// What the token says of the key of a credential that was signed with in this run: a hidden key tells whether it is
    /// extractable only after the login.
    #[must_use]
    pub fn observed_key(&self, credential: &Credential) -> Option<KeyFacts> {
        self.open.iter().find_map(|open| open.observed_key(credential))
    }

    fn survey_module(&self, config: &ModuleConfig) -> ModuleSurvey {
        let mut survey = ModuleSurvey {
            name: config.name.clone(),
            path: config.path_text(),
            facts: None,
            error: None,
            slots: Vec::new(),
        };
        let listed = load(config).and_then(|module| {
            survey.facts = Some(module.facts.clone());
            Ok((slots(config, &module, false)?, module))
        });
        let (found, module) = match listed {
            Ok(listed) => listed,
            Err(error) => {
                survey.error = Some(Trouble::from(&error));
                return survey;
            }
        };
        for slot in found {
            let info = module.context.get_slot_info(slot).ok();
            let mut shown = SlotSurvey {
                id: slot.id(),
                description: info
                    .as_ref()
                    .map(|info| crate::module::clean(info.slot_description()))
                    .unwrap_or_default(),
                manufacturer: info
                    .as_ref()
                    .map(|info| crate::module::clean(info.manufacturer_id()))
                    .unwrap_or_default(),
                token_present: info.as_ref().is_none_or(|info| info.token_present()),
                initialized: false,
                token: None,
                logged_in: false,
                mechanisms: Vec::new(),
                credentials: Vec::new(),
                unusable: Vec::new(),
                error: None,
            };
            if shown.token_present {
                match look(config, &module, slot) {
                    Ok(seen) => self.survey_token(&seen, &mut shown),
                    Err(error) => shown.error = Some(Trouble::from(&error)),
                }
            }
            survey.slots.push(shown);
        }
        survey
    }

    fn survey_token(&self, seen: &Seen, shown: &mut SlotSurvey) {
        shown.initialized = seen.info.token_initialized();
        shown.token = Some(seen.facts.clone());
        match self.view(seen) {
            Ok(Some(view)) => {
                shown.logged_in = view.logged_in;
                shown.mechanisms = view.menu.names();
                let credentials = view.credentials.into_iter();
                shown.credentials = credentials
                    .map(|(credential, pair)| survey_credential(credential, &pair))
                    .collect();
                shown.unusable = view.pairing.unusable;
            }
            Ok(None) => {}
            Err(error) => shown.error = Some(Trouble::from(&error)),
        }
    }

    /// The modules that a URI leaves: the one at its `module-path`, also when it is not configured.
    fn chosen(&self, uri: &Uri) -> Result<Vec<ModuleConfig>, TokenError> {
        let mut chosen: Vec<ModuleConfig> = match &uri.module_path {
            Some(path) => {
                let configured: Vec<_> = self
                    .modules
                    .iter()
                    .filter(|config| config.is_at(path))
                    .cloned()
                    .collect();
                if configured.is_empty() {
                    vec![ModuleConfig::from_path(path)]
                } else {
                    configured
                }
            }
            None => self.modules.clone(),
        };
        if let Some(name) = &uri.module_name {
            chosen.retain(|config| config.is_called(name));
            if chosen.is_empty() {
                let reason = "no module of this name is configured".to_owned();
                return Err(TokenError::ModuleLoad {
                    path: name.clone(),
                    reason,
                });
            }
        }
        Ok(chosen)
    }

    /// The tokens that fit a URI. A module that fails matters only when no other has a token that fits.
    pub(crate) fn seen(&self, text: &str, uri: &Uri) -> Result<Vec<Seen>, TokenError> {
        let mut found = Vec::new();
        let mut failure = None;
        for config in self.chosen(uri)? {
            match tokens(&config) {
                Ok(seen) => found.extend(seen.into_iter().filter(|seen| seen.fits(uri))),
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        match (found.is_empty(), failure) {
            (false, _) => Ok(found),
            (true, Some(failure)) => Err(failure),
            (true, None) => Err(TokenError::Absent { uri: text.to_owned() }),
        }
    }

    /// Runs with the session that is kept for this token, or one that is closed afterwards. `None` when the slot holds
    /// a token that was never initialised.
    pub(crate) fn with_session<T>(
        &self,
        seen: &Seen,
        run: impl FnOnce(&Session) -> Result<T, TokenError>,
    ) -> Result<Option<T>, TokenError> {
        let kept = self.open.iter().find(|open| open.is_at(seen) && open.is_alive());
        if let Some(open) = kept {
            return run(open.session()).map(Some);
        }
        match seen.module.context.open_ro_session(seen.slot) {
            Ok(session) => run(&session).map(Some),
            Err(_) if !seen.info.token_initialized() => Ok(None),
            Err(error) => Err(refused(&error, "C_OpenSession")),
        }
    }

    pub(crate) fn view(&self, seen: &Seen) -> Result<Option<View>, TokenError> {
        self.with_session(seen, |session| view(seen, session, &self.given))
    }

    /// Looks for what a URI names among the tokens; `Ok(None)` when there is no trace of it.
    fn search(&self, text: &str, uri: &Uri, tokens: &[Seen]) -> Result<(Option<Credential>, Vec<Seen>), TokenError> {
        let mut hits = Vec::new();
        let mut dark = Vec::new();
        let mut refusal = None;
        let mut any = false;
        for seen in tokens {
            let view = match self.view(seen) {
                Ok(Some(view)) => view,
                Ok(None) => continue,
                Err(error) if tokens.len() == 1 => return Err(error),
                Err(_) => continue,
            };
            any = true;
            let named = view.pairing.pairs.iter().filter(|pair| names(uri, pair)).count();
            // What is named and must not sign is refused by its reason: "missing" would send people looking for it.
            let is_meant = |found: &CertificateObject| names_object(uri, &found.id, std::slice::from_ref(&found.label));
            if view.pairing.mismatched.iter().any(is_meant) {
                refusal = refusal.or(Some(TokenError::KeyMismatch { uri: text.to_owned() }));
            }
            let bare = view.pairing.bare.iter();
            if (uri.id.is_some() || uri.object.is_some())
                && bare
                    .clone()
                    .any(|(id, label)| names_object(uri, id, std::slice::from_ref(label)))
            {
                // A certificate that was given belongs to another key.
                refusal = refusal.or(Some(if self.named {
                    TokenError::KeyMismatch { uri: text.to_owned() }
                } else {
                    TokenError::NoCertificate { uri: text.to_owned() }
                }));
            }
            if view.pairing.not_for_signing.iter().any(is_meant) {
                refusal = refusal.or(Some(TokenError::NotForSigning { uri: text.to_owned() }));
            }
            let usable: Vec<_> = view
                .credentials
                .into_iter()
                .filter(|(_, pair)| names(uri, pair))
                .collect();
            if usable.is_empty() && named > 0 {
                let wanted = "any signature algorithm".to_owned();
                refusal = refusal.or(Some(TokenError::MechanismMissing {
                    wanted,
                    offered: view.menu.names(),
                }));
            }
            let login = seen.facts.pin.login_required && !view.logged_in;
            if named == 0 && login && view.end_entities == 0 {
                dark.push(seen.clone());
            }
            hits.extend(usable.into_iter().map(|(credential, _)| credential));
        }
        match (hits.len(), refusal) {
            (1, _) => Ok((hits.pop(), Vec::new())),
            (0, Some(refusal)) => Err(refusal),
            // Slots that wait for a token to be initialised are no token.
            (0, None) if !any => Err(TokenError::Absent { uri: text.to_owned() }),
            (0, None) => Ok((None, dark)),
            (count, _) => Err(TokenError::Ambiguous {
                uri: text.to_owned(),
                count,
            }),
        }
    }

    /// The session of a token, kept from before or new, taken out of the list of kept ones.
    pub(crate) fn take(&mut self, seen: &Seen) -> Result<Open, TokenError> {
        if let Some(at) = self.open.iter().position(|open| open.is(&seen.facts)) {
            let open = self.open.swap_remove(at);
            if open.is_at(seen) && open.is_alive() {
                return Ok(open);
            }
        }
        Open::new(seen)
    }

    /// Puts a session back, unless the token is gone.
    pub(crate) fn keep<T>(&mut self, open: Open, result: Result<T, TokenError>) -> Result<T, TokenError> {
        if !matches!(result, Err(TokenError::Removed)) {
            self.open.push(open);
        }
        result
    }

    /// The token of a credential, under whichever slot it is now.
    fn locate(&self, facts: &TokenFacts, uri: &str) -> Result<Seen, TokenError> {
        let wanted = Uri {
            module_path: Some(facts.module_path.clone()),
            ..Uri::default()
        };
        let mut found = Vec::new();
        for config in self.chosen(&wanted)? {
            found.extend(tokens(&config)?.into_iter().filter(|seen| seen.is(facts)));
        }
        // One module may be configured twice.
        found.dedup_by_key(|seen| seen.slot);
        match found.len() {
            0 | 1 => found.pop().ok_or_else(|| TokenError::Absent { uri: uri.to_owned() }),
            count => Err(TokenError::Ambiguous {
                uri: uri.to_owned(),
                count,
            }),
        }
    }

    /// A session that is kept and still answers: the whole cost of finding the token in a batch is one
    /// C_GetSessionInfo.
    fn take_kept(&mut self, facts: &TokenFacts) -> Option<Open> {
        let at = self.open.iter().position(|open| open.is(facts))?;
        let open = self.open.swap_remove(at);
        open.is_alive().then_some(open)
    }
}

impl Token for Pkcs11Tokens {
    fn credentials(&mut self) -> Result<Vec<Credential>, TokenError> {
        let mut found = Vec::new();
        let mut failure = None;
        let mut usable = self.modules.is_empty();
        for config in &self.modules {
            let seen = match tokens(config) {
                Ok(seen) => seen,
                Err(error) => {
                    failure = failure.or(Some(error));
                    continue;
                }
            };
            usable = true;
            for view in seen.iter().filter_map(|seen| self.view(seen).ok().flatten()) {
                found.extend(view.credentials.into_iter().map(|(credential, _)| credential));
            }
        }
        match failure {
            Some(failure) if !usable => Err(failure),
            _ => Ok(found),
        }
    }

    fn find(&mut self, uri: &str, prompt: &mut dyn Prompt) -> Result<Credential, TokenError> {
        let wanted = parse(uri)?;
        // A new look at the token is a new run: the next signature reads the certificate again.
        self.open.iter_mut().for_each(Open::forget);
        let tokens = self.seen(uri, &wanted)?;
        let missing = || TokenError::CredentialMissing { uri: uri.to_owned() };
        let dark = match self.search(uri, &wanted, &tokens)? {
            (Some(credential), _) => return Ok(credential),
            (None, dark) => dark,
        };
        // Even the certificate is hidden: only then, and only where the token is certain, is a PIN asked for.
        let [seen] = dark.as_slice() else { return Err(missing()) };
        let open = self.take(seen)?;
        let question = Question {
            token: &seen.title(),
            credential: uri,
            document: "",
            purpose: PinPurpose::Login,
        };
        let result = open.login(question, prompt);
        self.keep(open, result)?;
        self.search(uri, &wanted, std::slice::from_ref(seen))?
            .0
            .ok_or_else(missing)
    }

    fn sign(&mut self, credential: &Credential, what: &ToSign, prompt: &mut dyn Prompt) -> Result<Vec<u8>, TokenError> {
        let was_open = self.open.iter().any(|open| open.is(&credential.token));
        let mut open = match self.take_kept(&credential.token) {
            Some(open) => open,
            None => {
                // Pulled and put in again, perhaps elsewhere: found by its serial. Pulled and gone: that is the answer.
                let seen = self
                    .locate(&credential.token, &credential.uri)
                    .map_err(|error| match error {
                        TokenError::Absent { .. } if was_open => TokenError::Removed,
                        other => other,
                    })?;
                self.take(&seen)?
            }
        };
        let result = open.sign(credential, what, prompt);
        self.keep(open, result)
    }

    fn sign_hash_secp256k1(
        &mut self,
        uri: &str,
        hash: &[u8; 32],
        prompt: &mut dyn Prompt,
    ) -> Result<([u8; 64], [u8; 65]), TokenError> {
        let wanted = parse(uri)?;
        account::sign_hash(self, uri, &wanted, hash, prompt)
    }
}

fn parse(text: &str) -> Result<Uri, TokenError> {
    let uri = Uri::parse(text).map_err(|error: UriError| TokenError::Uri {
        reason: error.to_string(),
    })?;
    if matches!(uri.object_type, Some(ObjectType::Data | ObjectType::SecretKey)) {
        return Err(TokenError::Uri {
            reason: "type is neither a key pair nor a certificate".to_owned(),
        });
    }
    Ok(uri)
}

/// Reads a token and makes credentials of what belongs together.
fn view(seen: &Seen, session: &Session, given: &[CertificateFacts]) -> Result<View, TokenError> {
    let logged_in = is_logged_in(session).map_err(|error| refused(&error, "C_GetSessionInfo"))?;
    let mut inventory = inventory(session).map_err(|error| refused(&error, "C_GetAttributeValue"))?;
    supplement(&mut inventory, given);
    let mut pairing = pair(&inventory, seen.facts.pin.login_required && !logged_in);
    let menu = Menu::read(&seen.module.context, seen.slot);
    let certificates = inventory.certificates.iter().map(|one| &one.facts.certificate);
    let end_entities = certificates.clone().filter(|certificate| !certificate.is_ca()).count();
    for found in pairing
        .unusable
        .iter_mut()
        .filter(|found| found.reason == Reason::AccountKey)
    {
        found.uri = account::uri_of(seen, &inventory, &found.what);
    }
    let mut credentials = Vec::new();
    for found in &pairing.pairs {
        let only = found.private.as_ref().and_then(|key| key.allowed.as_deref());
        let facts = &found.certificate.facts;
        let algorithms = algorithms(&menu.allowed(only), facts.kind(), &facts.key);
        if algorithms.is_empty() {
            let what = crate::pairing::describe("certificate", &found.certificate.label, &found.certificate.id);
            pairing
                .unusable
                .push(Unusable::new(what, Reason::NoMechanism, menu.names().join(" ")));
            continue;
        }
        let credential = Credential {
            uri: credential_uri(seen, found, &pairing.pairs),
            certificate: facts.certificate.der().to_vec(),
            chain: certificate::chain(&facts.certificate, certificates.clone()),
            key: key_facts(found),
            token: seen.facts.clone(),
            certificate_from_file: found.certificate.handle.is_none(),
            algorithms,
        };
        credentials.push((credential, found.clone()));
    }
    Ok(View {
        pairing,
        logged_in,
        menu,
        end_entities,
        credentials,
    })
}

/// What is known of the key; a hidden one is described by its certificate.
pub(crate) fn key_facts(pair: &Pair) -> KeyFacts {
    KeyFacts {
        kind: pair.certificate.facts.kind(),
        id: hex::encode(&pair.id),
        label: pair.label.clone(),
        extractable: pair.private.as_ref().is_some_and(|key| key.extractable),
        always_authenticate: pair.private.as_ref().is_some_and(|key| key.always_authenticate),
    }
}

fn credential_uri(seen: &Seen, pair: &Pair, all: &[Pair]) -> String {
    let twins = all
        .iter()
        .filter(|other| other.id == pair.id && other.label == pair.label)
        .count();
    let uri = Uri {
        token: Some(seen.facts.label.clone()),
        serial: Some(seen.facts.serial.clone()),
        id: Some(pair.id.clone()).filter(|id| !id.is_empty()),
        object: Some(pair.label.clone()).filter(|label| !label.is_empty()),
        object_type: Some(ObjectType::Private),
        module_path: Some(seen.facts.module_path.clone()),
        certificate_sha256: (twins > 1).then(|| pair.certificate.facts.sha256()),
        ..Uri::default()
    };
    uri.to_string()
}

fn names(uri: &Uri, pair: &Pair) -> bool {
    let certificate = uri.certificate_sha256.as_ref();
    let id = uri.id.as_ref();
    id.is_none_or(|wanted| *wanted == pair.id || *wanted == pair.certificate.id)
        && uri.object.as_ref().is_none_or(|wanted| pair.labels.contains(wanted))
        && certificate.is_none_or(|wanted| *wanted == pair.certificate.facts.sha256())
}

/// Whether `id` and `object` of a URI fit.
pub(crate) fn names_object(uri: &Uri, id: &[u8], labels: &[String]) -> bool {
    uri.id.as_ref().is_none_or(|wanted| wanted == id)
        && uri.object.as_ref().is_none_or(|wanted| labels.contains(wanted))
}

fn survey_credential(credential: Credential, pair: &Pair) -> CredentialSurvey {
    let certificate = &pair.certificate.facts.certificate;
    CredentialSurvey {
        uri: credential.uri,
        subject: certificate.subject(),
        issuer: certificate.issuer(),
        certificate_sha256: pair.certificate.facts.sha256(),
        key: credential.key.kind,
        algorithms: credential.algorithms,
        key_hidden: pair.private.is_none(),
        unproven: pair.unproven,
        extractable: credential.key.extractable,
        always_authenticate: credential.key.always_authenticate,
        certificate: credential.certificate,
    }
}

/// The engine moves it into its worker thread.
const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<Pkcs11Tokens>();
};
