//! The object identifiers that are written or asked for by name, in dotted form.
//!
//! Those of algorithms are in the table of [`crate::algorithm`].

/// CMS data (RFC 5652 §4).
pub(crate) const DATA: &str = "1.2.840.113549.1.7.1";
/// CMS signed-data (RFC 5652 §5).
pub(crate) const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
/// signed-data of GB/T 35275, the same structure under a national identifier.
pub(crate) const GM_SIGNED_DATA: &str = "1.2.156.10197.6.1.4.2.2";
/// data of GB/T 35275.
pub(crate) const GM_DATA: &str = "1.2.156.10197.6.1.4.2.1";
/// TSTInfo (RFC 3161 §2.4.2).
pub(crate) const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";

/// content-type (RFC 5652 §11.1).
pub(crate) const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
/// message-digest (RFC 5652 §11.2).
pub(crate) const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
/// signing-time (RFC 5652 §11.3).
pub(crate) const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
/// CMSAlgorithmProtection (RFC 6211).
pub(crate) const ALGORITHM_PROTECTION: &str = "1.2.840.113549.1.9.52";
/// signing-certificate (RFC 2634 §5.4).
pub(crate) const SIGNING_CERTIFICATE: &str = "1.2.840.113549.1.9.16.2.12";
/// signing-certificate-v2 (RFC 5035).
pub(crate) const SIGNING_CERTIFICATE_V2: &str = "1.2.840.113549.1.9.16.2.47";
/// signatureTimeStampToken (RFC 3161 appendix A).
pub(crate) const SIGNATURE_TIME_STAMP: &str = "1.2.840.113549.1.9.16.2.14";

/// commonName.
pub(crate) const COMMON_NAME: &str = "2.5.4.3";
/// organizationName.
pub(crate) const ORGANIZATION: &str = "2.5.4.10";
/// subjectKeyIdentifier.
pub(crate) const SUBJECT_KEY_ID: &str = "2.5.29.14";
/// keyUsage.
pub(crate) const KEY_USAGE: &str = "2.5.29.15";
/// basicConstraints.
pub(crate) const BASIC_CONSTRAINTS: &str = "2.5.29.19";
/// authorityKeyIdentifier.
pub(crate) const AUTHORITY_KEY_ID: &str = "2.5.29.35";
/// extKeyUsage.
pub(crate) const EXTENDED_KEY_USAGE: &str = "2.5.29.37";
/// id-kp-timeStamping.
pub(crate) const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";

/// rsaEncryption.
pub(crate) const RSA: &str = "1.2.840.113549.1.1.1";
/// id-mgf1.
pub(crate) const MGF1: &str = "1.2.840.113549.1.1.8";
/// id-RSASSA-PSS.
pub(crate) const RSA_PSS: &str = "1.2.840.113549.1.1.10";
/// id-ecPublicKey.
pub(crate) const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
/// id-Ed25519.
pub(crate) const ED25519: &str = "1.3.101.112";
/// SM2 as a named curve.
pub(crate) const SM2: &str = "1.2.156.10197.1.301";
/// SM2 signature role, met as signature algorithm in messages of GM/T 0010.
pub(crate) const SM2_SIGN: &str = "1.2.156.10197.1.301.1";
/// SM3 without a key (GM/T 0006), met where the digest algorithm belongs.
pub(crate) const SM3_PLAIN: &str = "1.2.156.10197.1.401.1";
/// SM2 with SM3.
pub(crate) const SM2_SM3: &str = "1.2.156.10197.1.501";
/// NIST P-256.
pub(crate) const P256: &str = "1.2.840.10045.3.1.7";
/// NIST P-384.
pub(crate) const P384: &str = "1.3.132.0.34";
/// NIST P-521.
pub(crate) const P521: &str = "1.3.132.0.35";
/// The curve of chain accounts.
pub(crate) const SECP256K1: &str = "1.3.132.0.10";
