//! What a signature that is to be prepared should be like. Plain data. Not its business: whether the file allows it.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::fields::FieldLock;

/// A signature to prepare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignatureRequest {
    /// An existing, empty signature field by its fully qualified name; none makes a new field.
    pub field: Option<String>,
    /// The name of a new field; none takes the first free `Signature1`, `Signature2`, …
    #[serde(default)]
    pub new_field_name: Option<String>,
    /// How /Contents is encoded.
    pub sub_filter: SubFilter,
    /// Makes this a certification signature with the given permission (ISO 32000-2 12.8.2.2).
    pub certify: Option<DocMdp>,
    /// Fields that this signature locks (12.8.2.4).
    pub lock: Option<FieldLock>,
    /// What is to be seen on the page; none makes no appearance.
    pub visible: Option<Appearance>,
    /// /Reason.
    pub reason: Option<String>,
    /// /Location.
    pub location: Option<String>,
    /// /Name.
    pub name: Option<String>,
    /// /ContactInfo.
    pub contact: Option<String>,
    /// /M: the time that the signer's machine claims.
    pub claimed_time: Timestamp,
    /// The room for the CMS in bytes of DER; the hexadecimal string is twice as long.
    pub contents_capacity: usize,
}

/// How the signature in /Contents is encoded (/SubFilter).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubFilter {
    /// CMS as PDF 1.6 knows it.
    #[serde(rename = "adbe.pkcs7.detached")]
    AdbePkcs7Detached,
    /// CAdES as PAdES demands it.
    #[serde(rename = "ETSI.CAdES.detached")]
    EtsiCadesDetached,
    /// A document timestamp.
    #[serde(rename = "ETSI.RFC3161")]
    EtsiRfc3161,
}

impl SubFilter {
    /// The name in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AdbePkcs7Detached => "adbe.pkcs7.detached",
            Self::EtsiCadesDetached => "ETSI.CAdES.detached",
            Self::EtsiRfc3161 => "ETSI.RFC3161",
        }
    }
}

/// What may still be changed after a certification (ISO 32000-2 table 257, /P), the strictest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "i64")]
pub enum DocMdp {
    /// Nothing.
    NoChanges = 1,
    /// Filling in forms and signing.
    FormFilling = 2,
    /// That, and annotations.
    Annotations = 3,
}

impl From<DocMdp> for u8 {
    fn from(permission: DocMdp) -> Self {
        match permission {
            DocMdp::NoChanges => 1,
            DocMdp::FormFilling => 2,
            DocMdp::Annotations => 3,
        }
    }
}

impl TryFrom<i64> for DocMdp {
    type Error = UnknownPermission;

    fn try_from(value: i64) -> Result<Self, UnknownPermission> {
        match value {
            1 => Ok(Self::NoChanges),
            2 => Ok(Self::FormFilling),
            3 => Ok(Self::Annotations),
            _ => Err(UnknownPermission { value }),
        }
    }
}

/// A DocMDP permission is 1, 2 or 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{value} is not a DocMDP permission")]
pub struct UnknownPermission {
    /// What was given.
    pub value: i64,
}

/// What is to be seen of a signature on the page.
///
/// A field that already exists keeps its own page and rectangle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Appearance {
    /// The page, the first is 1.
    pub page: u32,
    /// x, y, width, height in points.
    pub rect: [f64; 4],
    /// What these numbers mean.
    #[serde(default)]
    pub measured: Measured,
    /// A picture of a seal or a hand-written signature.
    #[serde(default, with = "optional_hex")]
    pub png: Option<Vec<u8>>,
    /// Lines of text, drawn as outlines.
    pub lines: Vec<String>,
    /// The typefaces (TrueType, OpenType or a collection) that the lines are drawn with, the preferred one first.
    #[serde(skip)]
    pub fonts: Vec<Cow<'static, [u8]>>,
}

/// Two ways to name a place on a page (ISO 32000-2 7.7.3.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// As a person sees the page: rotated as it is shown, from the lower left corner of what is visible.
    #[default]
    AsSeen,
    /// In the page's own coordinates, before /Rotate, as a field's /Rect is written.
    OnPage,
}

mod optional_hex {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Bytes(#[serde(with = "hex::serde")] Vec<u8>);

    pub(super) fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.as_ref().map(|bytes| Bytes(bytes.clone())).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<Bytes>::deserialize(deserializer)?.map(|bytes| bytes.0))
    }
}
