//! PKCS#11 URIs: parsing, writing and matching by attribute.
//!
//! Not its business: which modules exist (`module`), which objects a token holds (`inventory`).
//! RFC 7512. A PIN is never taken from a URI: `pin-value` and `pin-source` are refused (RFC 7512 section 7).

use std::fmt;

use crate::module::clean;

/// What kind of object a URI names (`type`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectType {
    /// `cert`
    Certificate,
    /// `data`
    Data,
    /// `private`
    Private,
    /// `public`
    Public,
    /// `secret-key`
    SecretKey,
}

/// The attributes of a PKCS#11 URI. What is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uri {
    /// CK_TOKEN_INFO.label.
    pub token: Option<String>,
    /// CK_TOKEN_INFO.serialNumber.
    pub serial: Option<String>,
    /// CK_TOKEN_INFO.manufacturerID.
    pub manufacturer: Option<String>,
    /// CK_TOKEN_INFO.model.
    pub model: Option<String>,
    /// CKA_LABEL.
    pub object: Option<String>,
    /// CKA_ID.
    pub id: Option<Vec<u8>>,
    /// CKA_CLASS.
    pub object_type: Option<ObjectType>,
    /// The slot's number.
    pub slot_id: Option<u64>,
    /// CK_SLOT_INFO.slotDescription.
    pub slot_description: Option<String>,
    /// CK_SLOT_INFO.manufacturerID.
    pub slot_manufacturer: Option<String>,
    /// CK_INFO.manufacturerID.
    pub library_manufacturer: Option<String>,
    /// CK_INFO.libraryDescription.
    pub library_description: Option<String>,
    /// CK_INFO.libraryVersion, `major[.minor]`.
    pub library_version: Option<String>,
    /// Absolute path of the module.
    pub module_path: Option<String>,
    /// Name of a module.
    pub module_name: Option<String>,
    /// SHA-256 of the certificate, hex. Our own query attribute (`x-cert-sha256`), written only when two certificates
    /// of one key cannot be told apart otherwise; others ignore it.
    pub certificate_sha256: Option<String>,
}

/// Why a text is not a URI that we accept. Values are never repeated: one of them may be a PIN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the fields are the values that the message compares")]
#[non_exhaustive]
pub enum UriError {
    #[error("attribute {attribute:?} appears twice")]
    Duplicate { attribute: String },
    #[error("attribute {attribute:?} is not written as RFC 7512 says")]
    Malformed { attribute: String },
    #[error("a part without \"=\" at position {position}")]
    NoValue { position: usize },
    #[error("module-path is not an absolute path")]
    RelativeModulePath,
    #[error("it does not begin with \"pkcs11:\"")]
    Scheme,
    #[error("a PIN is never taken from a URI: remove {attribute}, the PIN is asked for")]
    SecretInUri { attribute: String },
    #[error("{length} octets, at most {limit} are accepted")]
    TooLong { length: usize, limit: usize },
    #[error("{count} attributes, at most {limit} are accepted")]
    TooMany { count: usize, limit: usize },
    #[error("the path attribute {attribute:?} is unknown, so nothing would match")]
    UnknownPathAttribute { attribute: String },
}

impl Uri {
    /// Reads a URI.
    ///
    /// Unknown query attributes are ignored, unknown path attributes are refused: they narrow the match, and to
    /// overlook one could choose another key than the one meant.
    ///
    /// # Errors
    /// When it is not a PKCS#11 URI, carries a PIN, or says something twice.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        if text.len() > LENGTH_LIMIT {
            return Err(UriError::TooLong {
                length: text.len(),
                limit: LENGTH_LIMIT,
            });
        }
        let rest = text
            .get(..SCHEME.len())
            .filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME));
        let rest = rest.and_then(|_| text.get(SCHEME.len()..)).ok_or(UriError::Scheme)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let parts = path
            .split(';')
            .map(|part| (part, true))
            .chain(query.split('&').map(|part| (part, false)));
        let count = parts.clone().filter(|(part, _)| !part.is_empty()).count();
        if count > COUNT_LIMIT {
            return Err(UriError::TooMany {
                count,
                limit: COUNT_LIMIT,
            });
        }
        let mut uri = Self::default();
        for (position, (part, in_path)) in parts.enumerate().filter(|(_, (part, _))| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or(UriError::NoValue { position })?;
            if in_path {
                uri.path_attribute(name, value)?;
            } else {
                uri.query_attribute(name, value)?;
            }
        }
        Ok(uri)
    }

    fn path_attribute(&mut self, name: &str, value: &str) -> Result<(), UriError> {
        let malformed = || UriError::Malformed {
            attribute: name.to_owned(),
        };
        match name {
            "token" => once(&mut self.token, name, padded(name, value)?),
            "serial" => once(&mut self.serial, name, padded(name, value)?),
            "manufacturer" => once(&mut self.manufacturer, name, padded(name, value)?),
            "model" => once(&mut self.model, name, padded(name, value)?),
            "object" => once(&mut self.object, name, padded(name, value)?),
            "id" => once(&mut self.id, name, octets(name, value)?),
            "type" => {
                let kind = TYPES.iter().find(|(_, word)| *word == value).ok_or_else(malformed)?;
                once(&mut self.object_type, name, kind.0)
            }
            "slot-id" => {
                let digits = !value.is_empty() && value.bytes().all(|octet| octet.is_ascii_digit());
                let number = digits.then(|| value.parse().ok()).flatten().ok_or_else(malformed)?;
                once(&mut self.slot_id, name, number)
            }
            "slot-description" => once(&mut self.slot_description, name, padded(name, value)?),
            "slot-manufacturer" => once(&mut self.slot_manufacturer, name, padded(name, value)?),
            "library-manufacturer" => once(&mut self.library_manufacturer, name, padded(name, value)?),
            "library-description" => once(&mut self.library_description, name, padded(name, value)?),
            "library-version" => once(&mut self.library_version, name, padded(name, value)?),
            "pin-value" | "pin-source" => Err(UriError::SecretInUri {
                attribute: name.to_owned(),
            }),
            _ => Err(UriError::UnknownPathAttribute { attribute: shown(name) }),
        }
    }

    fn query_attribute(&mut self, name: &str, value: &str) -> Result<(), UriError> {
        match name {
            "pin-value" | "pin-source" => Err(UriError::SecretInUri {
                attribute: name.to_owned(),
            }),
            "module-path" => {
                let path = text(name, value)?;
                if !std::path::Path::new(&path).is_absolute() || path.contains('\0') {
                    return Err(UriError::RelativeModulePath);
                }
                once(&mut self.module_path, name, path)
            }
            "module-name" => once(&mut self.module_name, name, text(name, value)?),
            "x-cert-sha256" => {
                let hex = text(name, value)?.to_ascii_lowercase();
                if hex.len() != 64 || !hex.bytes().all(|octet| octet.is_ascii_hexdigit()) {
                    return Err(UriError::Malformed {
                        attribute: name.to_owned(),
                    });
                }
                once(&mut self.certificate_sha256, name, hex)
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(SCHEME)?;
        let kind = self
            .object_type
            .and_then(|kind| TYPES.iter().find(|(value, _)| *value == kind));
        let path = [
            ("token", self.token.as_deref().map(percent)),
            ("manufacturer", self.manufacturer.as_deref().map(percent)),
            ("model", self.model.as_deref().map(percent)),
            ("serial", self.serial.as_deref().map(percent)),
            (
                "library-manufacturer",
                self.library_manufacturer.as_deref().map(percent),
            ),
            ("library-description", self.library_description.as_deref().map(percent)),
            ("library-version", self.library_version.as_deref().map(percent)),
            ("slot-id", self.slot_id.map(|number| number.to_string())),
            ("slot-description", self.slot_description.as_deref().map(percent)),
            ("slot-manufacturer", self.slot_manufacturer.as_deref().map(percent)),
            ("id", self.id.as_deref().map(percent_all)),
            ("object", self.object.as_deref().map(percent)),
            ("type", kind.map(|(_, word)| (*word).to_owned())),
        ];
        let query = [
            ("module-path", self.module_path.as_deref().map(percent_path)),
            ("module-name", self.module_name.as_deref().map(percent)),
            ("x-cert-sha256", self.certificate_sha256.clone()),
        ];
        let mut separator = "";
        for (name, value) in path.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            write!(f, "{separator}{name}={value}")?;
            separator = ";";
        }
        separator = "?";
        for (name, value) in query.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            write!(f, "{separator}{name}={value}")?;
            separator = "&";
        }
        Ok(())
    }
}

fn once<T>(place: &mut Option<T>, name: &str, value: T) -> Result<(), UriError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(UriError::Duplicate {
            attribute: name.to_owned(),
        }),
    }
}

fn text(name: &str, value: &str) -> Result<String, UriError> {
    String::from_utf8(octets(name, value)?).map_err(|_| UriError::Malformed {
        attribute: name.to_owned(),
    })
}

/// A text of the token, slot, library or object. PKCS#11 pads such texts, and other tools print the padding; octets that are
/// no UTF-8 (a label that was cut inside a letter) become U+FFFD, as they do where the token's own texts are read.
fn padded(name: &str, value: &str) -> Result<String, UriError> {
    Ok(clean(&String::from_utf8_lossy(&octets(name, value)?)))
}

/// Percent-decoding (RFC 3986 section 2.1). Characters that should have been encoded are taken as they stand: people
/// paste labels.
fn octets(name: &str, value: &str) -> Result<Vec<u8>, UriError> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(octet) = rest.next() {
        if octet != b'%' {
            out.push(octet);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        let [Some(high), Some(low)] = digits else {
            return Err(UriError::Malformed {
                attribute: name.to_owned(),
            });
        };
        out.extend(u8::try_from(high * 16 + low));
    }
    Ok(out)
}

fn percent(value: &str) -> String {
    encode(value.as_bytes(), |octet| {
        octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)
    })
}

fn percent_path(value: &str) -> String {
    encode(value.as_bytes(), |octet| {
        octet.is_ascii_alphanumeric() || b"-._~/".contains(&octet)
    })
}

/// RFC 7512 section 2.3: the whole value of `id` SHOULD be percent-encoded.
fn percent_all(value: &[u8]) -> String {
    encode(value, |_| false)
}

fn encode(value: &[u8], plain: impl Fn(u8) -> bool) -> String {
    value.iter().fold(String::new(), |mut out, octet| {
        if plain(*octet) {
            out.push(char::from(*octet));
        } else {
            out.push_str(&format!("%{octet:02X}"));
        }
        out
    })
}

/// The name of an unknown attribute, short enough for a message.
fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}

const SCHEME: &str = "pkcs11:";
const LENGTH_LIMIT: usize = 8192;
const COUNT_LIMIT: usize = 64;
const TYPES: [(ObjectType, &str); 5] = [
    (ObjectType::Certificate, "cert"),
    (ObjectType::Data, "data"),
    (ObjectType::Private, "private"),
    (ObjectType::Public, "public"),
    (ObjectType::SecretKey, "secret-key"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_rfc_7512_shows() {
        let uri = Uri::parse(
            "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;\
             object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=;slot-id=327?module-name=snakeoil&x-other=1",
        )
        .unwrap();
        assert_eq!(uri.token.as_deref(), Some("The Software PKCS#11 Softtoken"));
        assert_eq!(uri.manufacturer.as_deref(), Some("Snake Oil, Inc."));
        assert_eq!(uri.object_type, Some(ObjectType::Certificate));
        assert_eq!(
            uri.id.as_deref(),
            Some(&[0x69, 0x95, 0x3E, 0x5C, 0xF4, 0xBD, 0xEC, 0x91][..])
        );
        assert_eq!((uri.serial.as_deref(), uri.slot_id), (Some(""), Some(327)));
        assert_eq!(uri.module_name.as_deref(), Some("snakeoil"));
        assert_eq!(Uri::parse("pkcs11:"), Ok(Uri::default()));
        assert_eq!(Uri::parse("PKCS11:"), Ok(Uri::default()));
    }

    #[test]
    fn what_is_written_reads_back() {
        let uri = Uri {
            token: Some("会签 key; 1/2 & ?=%".into()),
            serial: Some("0a-1".into()),
            manufacturer: Some("A".into()),
            model: Some("B+C".into()),
            object: Some("签名\u{FFFD}".into()),
            id: Some((0..=255).collect()),
            object_type: Some(ObjectType::Private),
            slot_id: Some(u64::MAX),
            slot_description: Some("d".into()),
            slot_manufacturer: Some("m".into()),
            library_manufacturer: Some("l".into()),
            library_description: Some("ld".into()),
            library_version: Some("2.6".into()),
            module_path: Some("/opt/厂商 lib/a&b.so".into()),
            module_name: Some("x".into()),
            certificate_sha256: Some("ab".repeat(32)),
        };
        let written = uri.to_string();
        assert!(written.is_ascii() && !written.contains(' '));
        assert_eq!(Uri::parse(&written), Ok(uri));
    }

    #[test]
    fn padding_and_cut_letters_are_read_as_the_token_shows_them() {
        for (text, token) in [
            ("pkcs11:token=desk%00%00", "desk"),
            ("pkcs11:token=desk%20%20", "desk"),
            ("pkcs11:token=desk%00junk", "desk"),
            ("pkcs11:token=desk (User PIN)", "desk (User PIN)"),
            ("pkcs11:token=%E7%AD%BE%E7%AD", "签\u{fffd}"),
        ] {
            assert_eq!(Uri::parse(text).unwrap().token.as_deref(), Some(token), "{text}");
        }
    }

    #[test]
    fn refuses() {
        let long = format!("pkcs11:token={}", "a".repeat(LENGTH_LIMIT));
        let many = format!("pkcs11:{}", "x=1;".repeat(COUNT_LIMIT + 1));
        let cases: [(&str, UriError); 17] = [
            ("", UriError::Scheme),
            ("token=a", UriError::Scheme),
            ("pkcs1", UriError::Scheme),
            ("会签会签", UriError::Scheme),
            ("pkcs11:token", UriError::NoValue { position: 0 }),
            (
                "pkcs11:token=a;token=b",
                UriError::Duplicate {
                    attribute: "token".into(),
                },
            ),
            (
                "pkcs11:token=%",
                UriError::Malformed {
                    attribute: "token".into(),
                },
            ),
            (
                "pkcs11:token=%4",
                UriError::Malformed {
                    attribute: "token".into(),
                },
            ),
            (
                "pkcs11:token=%GG",
                UriError::Malformed {
                    attribute: "token".into(),
                },
            ),
            (
                "pkcs11:?module-name=%FF",
                UriError::Malformed {
                    attribute: "module-name".into(),
                },
            ),
            (
                "pkcs11:type=key",
                UriError::Malformed {
                    attribute: "type".into(),
                },
            ),
            (
                "pkcs11:slot-id=+1",
                UriError::Malformed {
                    attribute: "slot-id".into(),
                },
            ),
            (
                "pkcs11:future=1",
                UriError::UnknownPathAttribute {
                    attribute: "future".into(),
                },
            ),
            ("pkcs11:?module-path=lib.so", UriError::RelativeModulePath),
            (
                "pkcs11:?pin-source=file:/x",
                UriError::SecretInUri {
                    attribute: "pin-source".into(),
                },
            ),
            (
                &long,
                UriError::TooLong {
                    length: long.len(),
                    limit: LENGTH_LIMIT,
                },
            ),
            (
                &many,
                UriError::TooMany {
                    count: COUNT_LIMIT + 1,
                    limit: COUNT_LIMIT,
                },
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(Uri::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn any_text_is_read_or_refused_and_what_is_read_comes_back() {
        let pieces = [
            "pkcs11:",
            "token=",
            "id=",
            ";",
            "?",
            "&",
            "=",
            "%",
            "%41",
            "%C3%A9",
            "%ff",
            "module-path=/a",
            "é",
            "type=cert",
            "\0",
        ];
        let mut state = 1_u32;
        for _ in 0..20_000 {
            let mut text = String::from("pkcs11:");
            for _ in 0..8 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                text.push_str(pieces[usize::try_from(state >> 16).unwrap() % pieces.len()]);
            }
            if let Ok(uri) = Uri::parse(&text) {
                assert_eq!(Uri::parse(&uri.to_string()), Ok(uri), "{text}");
            }
        }
    }

    #[test]
    fn a_pin_in_a_uri_is_refused_and_never_repeated() {
        for text in [
            "pkcs11:token=a?pin-value=85491",
            "pkcs11:pin-value=85491",
            "pkcs11:a?pin-value=85491",
        ] {
            let error = Uri::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("85491"), "{text}");
        }
        let refused = Uri::parse("pkcs11:token=a?pin-value=1").unwrap_err();
        assert_eq!(
            refused,
            UriError::SecretInUri {
                attribute: "pin-value".into()
            }
        );
    }
}
