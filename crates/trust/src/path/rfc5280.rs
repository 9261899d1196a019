//! RFC 5280 §6.1 on one given path: names, name constraints, path lengths, policies, critical extensions.
//!
//! certval does these; this module is the only one that speaks to it, so that it can be replaced. Not its business:
//! dates, signatures, key sizes and usages of the leaf, which are ours (`judge`). certval's checks are called one by one
//! and not through its `validate_path`: that stops at the first failure, and its signature step would need its own
//! algorithm table next to the one of countersign-cms.

use certval::{
    CertificationPath, CertificationPathResults, CertificationPathSettings, Error, PDVCertificate,
    PDVTrustAnchorChoice, PR_FAILURE_INDEX, PathValidationStatus, PkiEnvironment, ValidatePath,
    check_basic_constraints, check_critical_extensions, check_extended_key_usage, check_key_usage, check_names,
    compare_names, enforce_trust_anchor_constraints, validator::policy_graph::check_certificate_policies_graph,
};

use super::finding::Rfc5280Rule;

/// A certificate in certval's form.
#[derive(Clone)]
pub(crate) struct Decoded(PDVCertificate);

impl Decoded {
    /// Strict DER decoding; `None` where certval cannot read it.
    pub(crate) fn new(der: &[u8]) -> Option<Self> {
        PDVCertificate::try_from(der).ok().map(Self)
    }

    /// The issuer name equals the other's subject (RFC 5280 §7.1: case and inner white space do not count).
    pub(crate) fn names_as_issuer(&self, other: &Self) -> bool {
        compare_names(
            self.0.decoded().tbs_certificate().issuer(),
            other.0.decoded().tbs_certificate().subject(),
        )
    }

    /// What RFC 5280 §4.1.1.2 and §4.2 ask of every certificate and certval does not look at in all places.
    fn well_formed(&self) -> Result<(), Rfc5280Rule> {
        let decoded = self.0.decoded();
        if decoded.tbs_certificate().signature() != decoded.signature_algorithm() {
            return Err(Rfc5280Rule::AlgorithmMismatch);
        }
        let extensions = decoded
            .tbs_certificate()
            .extensions()
            .map_or(&[][..], |list| list.as_slice());
        // Twice the same extension would let two readers see two certificates.
        let mut identifiers: Vec<_> = extensions.iter().map(|extension| extension.extn_id).collect();
        let before = identifiers.len();
        identifiers.sort_unstable();
        identifiers.dedup();
        if identifiers.len() == before {
            Ok(())
        } else {
            Err(Rfc5280Rule::Encoding)
        }
    }
}

/// Checks a path given leaf first, anchor last. Returns the rules that are broken, each with the position in the path.
pub(crate) fn broken_rules(path: &[&Decoded]) -> Vec<(usize, Rfc5280Rule)> {
    let mut broken: Vec<_> = path
        .iter()
        .enumerate()
        .filter_map(|(position, certificate)| certificate.well_formed().err().map(|rule| (position, rule)))
        .collect();
    let last = path.len().saturating_sub(1);
    let [leaf, above @ ..] = path else { return broken };
    let (between, anchor) = match above {
        [between @ .., anchor] => (between, *anchor),
        // An anchor that is itself asked about: only its own extensions are left to check.
        [] => (&[][..], *leaf),
    };
    let settings = match anchor_settings(anchor, !above.is_empty()) {
        Ok(settings) => settings,
        Err(rule) => {
            broken.push((last, rule));
            return broken;
        }
    };
    let Ok(trust_anchor) = PDVTrustAnchorChoice::try_from(anchor.0.as_bytes()) else {
        broken.push((last, Rfc5280Rule::Encoding));
        return broken;
    };
    let candidate = CertificationPath::new(
        trust_anchor,
        between.iter().rev().map(|certificate| certificate.0.clone()).collect(),
        leaf.0.clone(),
    );
    // Without callbacks: none of these checks verifies a signature or fetches anything.
    let environment = PkiEnvironment::new();
    let mut results = CertificationPathResults::new();
    let checks: [ValidatePath; 4] = [
        check_basic_constraints,
        check_names,
        check_certificate_policies_graph,
        check_key_usage,
    ];
    let mut run = |check: ValidatePath| {
        results.0.remove(PR_FAILURE_INDEX);
        let error = check(&environment, &settings, &candidate, &mut results).err()?;
        // certval counts from the anchor (0) to the leaf.
        let from_anchor = results
            .get_failure_index()
            .and_then(|index| usize::try_from(index).ok())
            .unwrap_or(last);
        Some((last.saturating_sub(from_anchor), rule_of(error)))
    };
    for check in checks {
        let found = run(check);
        // The name checks of an anchor against itself mean nothing unless it is self-signed.
        broken.extend(found.filter(|_| !above.is_empty()));
    }
    // It asks what the others have processed, so it says something only when they ran to their end.
    if broken.is_empty() {
        // Marks extKeyUsage as processed; the rule for it is in `judge`.
        run(check_extended_key_usage);
        broken.extend(run(check_critical_extensions));
    }
    broken
}

/// RFC 5937: the constraints in an anchor's own certificate bind as well when it is an issuer.
fn anchor_settings(anchor: &Decoded, is_issuer: bool) -> Result<CertificationPathSettings, Rfc5280Rule> {
    let mut settings = CertificationPathSettings::new();
    if !is_issuer {
        return Ok(settings);
    }
    settings.set_enforce_trust_anchor_constraints(true);
    let trust_anchor =
        PDVTrustAnchorChoice::try_from(anchor.0.as_bytes()).map_err(|_unreadable| Rfc5280Rule::Encoding)?;
    enforce_trust_anchor_constraints(&settings, &trust_anchor).map_err(|error| match error {
        Error::Unrecognized => Rfc5280Rule::CriticalExtension,
        other => rule_of(other),
    })
}

fn rule_of(error: Error) -> Rfc5280Rule {
    let Error::PathValidation(status) = error else {
        return match error {
            Error::Asn1Error(_) | Error::ParseError | Error::LengthError => Rfc5280Rule::Encoding,
            _ => Rfc5280Rule::Other,
        };
    };
    match status {
        PathValidationStatus::NameChainingFailure => Rfc5280Rule::NameChaining,
        PathValidationStatus::MissingBasicConstraints => Rfc5280Rule::BasicConstraintsMissing,
        PathValidationStatus::InvalidBasicConstraints => Rfc5280Rule::NotCa,
        PathValidationStatus::InvalidPathLength => Rfc5280Rule::PathLength,
        PathValidationStatus::InvalidKeyUsage => Rfc5280Rule::KeyCertSign,
        PathValidationStatus::NullPolicySet | PathValidationStatus::InvalidPolicyMapping => Rfc5280Rule::Policies,
        PathValidationStatus::NameConstraintsViolation => Rfc5280Rule::NameConstraints,
        PathValidationStatus::UnprocessedCriticalExtension => Rfc5280Rule::CriticalExtension,
        PathValidationStatus::EncodingError => Rfc5280Rule::Encoding,
        PathValidationStatus::ProcessingLimitExceeded => Rfc5280Rule::Limit,
        _ => Rfc5280Rule::Other,
    }
}
