//! The words of a judgement: indication and sub-indication of EN 319 102-1 §5.1.3.
//!
//! Not its business: how a judgement is reached, or how it is called in other languages.

use serde::{Deserialize, Serialize};

/// The three possible results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Indication {
    /// Every check was made and passed.
    #[serde(rename = "TOTAL-PASSED")]
    TotalPassed,
    /// What is at hand does not suffice to say passed or failed.
    #[serde(rename = "INDETERMINATE")]
    Indeterminate,
    /// A check failed for good.
    #[serde(rename = "TOTAL-FAILED")]
    TotalFailed,
}

impl Indication {
    /// The word of the standard.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TotalPassed => "TOTAL-PASSED",
            Self::Indeterminate => "INDETERMINATE",
            Self::TotalFailed => "TOTAL-FAILED",
        }
    }
}

impl std::fmt::Display for Indication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Declares the sub-indications once, mildest first: the order of the list is the rank.
macro_rules! sub_indications {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// Why a result is not TOTAL-PASSED. Ordered: a later one is graver.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum SubIndication {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl SubIndication {
            /// All of them, mildest first.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word of the standard.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

sub_indications! {
    /// Asking again later may give an answer.
    TryLater = "TRY_LATER",
    /// Revocation data is not fresh enough and there is no proof of existence.
    RevocationOutOfBoundsNoPoe = "REVOCATION_OUT_OF_BOUNDS_NO_POE",
    /// No proof that an object existed before something happened.
    NoPoe = "NO_POE",
    /// Out of the validity period, but known to be not revoked.
    OutOfBoundsNotRevoked = "OUT_OF_BOUNDS_NOT_REVOKED",
    /// Out of the validity period, and no proof that the signature existed within it.
    OutOfBoundsNoPoe = "OUT_OF_BOUNDS_NO_POE",
    /// The time lies after a certificate's notAfter.
    Expired = "EXPIRED",
    /// The time lies before a certificate's notBefore.
    NotYetValid = "NOT_YET_VALID",
    /// The signer's certificate is revoked, and no proof that the signature is older.
    RevokedNoPoe = "REVOKED_NO_POE",
    /// A CA's certificate is revoked, and no proof that what it signed is older.
    RevokedCaNoPoe = "REVOKED_CA_NO_POE",
    /// An algorithm or key size is not acceptable, and no proof of an earlier existence.
    CryptoConstraintsFailureNoPoe = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    /// An algorithm or key size is not acceptable.
    CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE",
    /// The timestamps contradict each other or the time of signing.
    TimestampOrderFailure = "TIMESTAMP_ORDER_FAILURE",
    /// The signature policy is not at hand.
    SignaturePolicyNotAvailable = "SIGNATURE_POLICY_NOT_AVAILABLE",
    /// The signature policy could not be processed.
    PolicyProcessingError = "POLICY_PROCESSING_ERROR",
    /// No certificate path to an anchor was found.
    NoCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND",
    /// The path breaks a rule of the validation policy.
    ChainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE",
    /// The path is not valid by RFC 5280.
    CertificateChainGeneralFailure = "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    /// The signer's certificate is not there.
    NoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND",
    /// The signed data is not there.
    SignedDataNotFound = "SIGNED_DATA_NOT_FOUND",
    /// The signature breaks a rule of the validation policy.
    SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE",
    /// Any other reason.
    Generic = "GENERIC",
    /// The signature was made after the certificate was revoked.
    Revoked = "REVOKED",
    /// The signature is not in a format that can be processed.
    FormatFailure = "FORMAT_FAILURE",
    /// The signature value does not verify with the public key.
    SigCryptoFailure = "SIG_CRYPTO_FAILURE",
    /// The signed digest is not the digest of the data.
    HashFailure = "HASH_FAILURE",
}

impl SubIndication {
    /// How grave it is. Among several findings on one object the gravest is the headline; among several paths the one
    /// with the mildest headline was the closest to success and is the one to report.
    #[must_use]
    pub fn rank(self) -> u8 {
        // Fewer than 256 variants, so the cast keeps the value.
        self as u8
    }

    /// The indication that it stands under when nothing else is known. NOT_YET_VALID exists under both; a path that is
    /// judged too early is indeterminate.
    #[must_use]
    pub fn indication(self) -> Indication {
        match self {
            Self::Revoked | Self::FormatFailure | Self::SigCryptoFailure | Self::HashFailure => Indication::TotalFailed,
            _ => Indication::Indeterminate,
        }
    }

    /// The word to use when the time of judgement is merely the present, or claimed, and not proven.
    #[must_use]
    pub fn without_proof_of_existence(self) -> Self {
        match self {
            Self::Expired => Self::OutOfBoundsNoPoe,
            Self::Revoked => Self::RevokedNoPoe,
            Self::CryptoConstraintsFailure => Self::CryptoConstraintsFailureNoPoe,
            other => other,
        }
    }
}

impl std::fmt::Display for SubIndication {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The one result to show for many: failed before indeterminate before passed, then the gravest sub-indication.
/// Nothing at all is indeterminate, never passed.
#[must_use]
pub fn headline(
    results: impl IntoIterator<Item = (Indication, Option<SubIndication>)>,
) -> (Indication, Option<SubIndication>) {
    results
        .into_iter()
        .max()
        .unwrap_or((Indication::Indeterminate, Some(SubIndication::Generic)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serialized_words_are_those_of_the_standard() {
        // The serde names and `name` come from the same literal; this pins a few against typing errors in the list.
        for (sub, word) in [
            (SubIndication::HashFailure, "HASH_FAILURE"),
            (SubIndication::RevokedCaNoPoe, "REVOKED_CA_NO_POE"),
            (
                SubIndication::RevocationOutOfBoundsNoPoe,
                "REVOCATION_OUT_OF_BOUNDS_NO_POE",
            ),
            (SubIndication::NoCertificateChainFound, "NO_CERTIFICATE_CHAIN_FOUND"),
        ] {
            assert_eq!(sub.name(), word);
        }
        // DOMAIN names 25 distinct ones; NOT_YET_VALID stands under two indications.
        assert_eq!(SubIndication::ALL.len(), 25);
        for sub in SubIndication::ALL {
            assert!(
                sub.name()
                    .bytes()
                    .all(|octet| octet.is_ascii_uppercase() || octet == b'_'),
                "{sub}"
            );
        }
    }

    #[test]
    fn the_gravest_is_the_headline() {
        use Indication::{Indeterminate, TotalFailed, TotalPassed};
        let cases = [
            (vec![], (Indeterminate, Some(SubIndication::Generic))),
            (vec![(TotalPassed, None)], (TotalPassed, None)),
            (
                vec![(TotalPassed, None), (Indeterminate, Some(SubIndication::Expired))],
                (Indeterminate, Some(SubIndication::Expired)),
            ),
            (
                vec![
                    (Indeterminate, Some(SubIndication::NoCertificateChainFound)),
                    (Indeterminate, Some(SubIndication::Expired)),
                ],
                (Indeterminate, Some(SubIndication::NoCertificateChainFound)),
            ),
            (
                vec![
                    (TotalFailed, Some(SubIndication::NotYetValid)),
                    (Indeterminate, Some(SubIndication::Generic)),
                ],
                (TotalFailed, Some(SubIndication::NotYetValid)),
            ),
            (
                vec![
                    (TotalFailed, Some(SubIndication::SigCryptoFailure)),
                    (TotalFailed, Some(SubIndication::HashFailure)),
                ],
                (TotalFailed, Some(SubIndication::HashFailure)),
            ),
        ];
        for (results, expected) in cases {
            assert_eq!(headline(results.clone()), expected, "{results:?}");
        }
    }
}
