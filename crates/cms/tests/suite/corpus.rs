//! Signatures out of other people's PDF files, and other people's time-stamp responses, where a folder with them is present.
//!
//! The files are only searched for their ByteRanges: reading PDF properly is another crate's business. A file of which the
//! list says that its signatures are intact must be found intact.

use std::path::{Path, PathBuf};

use countersign_cms::timestamp::{Expected, TST_INFO_TYPE, TimestampProblem, check_token, read_response, read_token};
use countersign_cms::{CmsError, SignerProblem, read_signed_data, verify_signer};

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if folder.join("MANIFEST.tsv").is_file() {
        return Some(folder);
    }
    println!("SKIPPED: no corpus at {}", folder.display());
    None
}

/// Sub-filter, signed octets and Contents of every ByteRange in the file.
fn signatures(file: &[u8]) -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let find = |needle: &[u8], from: usize| {
        file[from..]
            .windows(needle.len())
            .position(|window| window == needle)
            .map(|at| at + from)
    };
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = find(b"/ByteRange", from) {
        from = at + 10;
        let text = String::from_utf8_lossy(&file[from..(from + 120).min(file.len())]).into_owned();
        let Some((_, text)) = text.split_once('[') else {
            continue;
        };
        let numbers: Vec<usize> = text
            .split(']')
            .next()
            .unwrap()
            .split_whitespace()
            .filter_map(|number| number.parse().ok())
            .collect();
        let &[a, b, c, d] = numbers.as_slice() else { continue };
        let (Some(first), Some(second), Some(gap)) = (file.get(a..a + b), file.get(c..c + d), file.get(a + b..c))
        else {
            continue;
        };
        let hex: Vec<u8> = gap.iter().copied().filter(u8::is_ascii_hexdigit).collect();
        let Ok(contents) = hex::decode(hex) else { continue };
        let near =
            &file[at.saturating_sub(c.saturating_sub(b) + 2000)..(at + c.saturating_sub(b) + 2000).min(file.len())];
        let near = String::from_utf8_lossy(near);
        let filter = [
            "ETSI.CAdES.detached",
            "adbe.pkcs7.detached",
            "ETSI.RFC3161",
            "adbe.pkcs7.sha1",
            "adbe.x509.rsa_sha1",
        ]
        .into_iter()
        .find(|filter| near.contains(filter))
        .unwrap_or("unknown");
        found.push((filter.to_owned(), [first, second].concat(), contents));
    }
    found
}

/// What is wrong, and whether all of it is only not understood.
fn problems(filter: &str, contents: &[u8], octets: &[u8]) -> (Vec<String>, bool) {
    let view = match read_signed_data(contents) {
        Ok(view) => view,
        Err(error) => {
            return (
                vec![format!("{error:?}")],
                matches!(error, CmsError::NotSignedData { .. }),
            );
        }
    };
    if filter == "ETSI.RFC3161" || view.content_type == TST_INFO_TYPE {
        let token = read_token(&view.der).unwrap();
        let (algorithm, imprint) = (token.info.imprint_algorithm, token.info.imprint_algorithm.hash(octets));
        let mut found = check_token(
            &token,
            &Expected {
                algorithm,
                imprint: &imprint,
                nonce: None,
                policy: None,
            },
        );
        found.retain(TimestampProblem::breaks_integrity);
        return (
            found.iter().map(ToString::to_string).collect(),
            found.iter().all(TimestampProblem::not_understood),
        );
    }
    let digest = view
        .signer
        .digest
        .as_ref()
        .map(|digest| digest.hash(octets))
        .unwrap_or_default();
    let mut found = verify_signer(&view, &digest);
    found.retain(SignerProblem::breaks_integrity);
    (
        found.iter().map(ToString::to_string).collect(),
        found.iter().all(SignerProblem::not_understood),
    )
}

#[test]
fn signatures_of_others() {
    let Some(folder) = folder() else { return };
    let list = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let (mut intact, mut broken, mut surprises) = (0, 0, Vec::new());
    for line in list.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (path, expected) = (columns[0], columns[3]);
        if !path.ends_with(".pdf") || columns[1] != "signed" {
            continue;
        }
        let file = std::fs::read(folder.join(path)).unwrap();
        for (filter, octets, contents) in signatures(&file) {
            let (found, not_understood) = problems(&filter, &contents, &octets);
            if found.is_empty() {
                intact += 1;
            } else {
                broken += 1;
                let name = Path::new(path).file_name().unwrap().to_string_lossy();
                println!("{expected:10} {filter:20} {name}: {found:?}");
                // It has an empty eContent: pyHanko refuses it as well (FORMAT_FAILURE), whatever the list says.
                let refused_by_others_too = name == "c09660348f67a273.pdf";
                if expected == "intact" && !not_understood && !refused_by_others_too {
                    surprises.push(name.into_owned());
                }
            }
        }
    }
    println!("{intact} intact, {broken} not");
    assert!(intact > 100, "{intact}");
    assert_eq!(surprises, [""; 0]);
}

#[test]
fn responses_of_others() {
    let Some(folder) = folder() else { return };
    let fixtures = folder.join("other/rfc3161-client/test/fixtures");
    for (path, wanted) in [
        ("test_tsa/response.tsr", true),
        ("test_tsa/other_response.tsr", true),
        ("identrust/issue-104.tsr", true),
        ("sigstage/response-sha256.tsr", true),
        ("sigstage/response-sha384.tsr", true),
        ("sigstage/response-sha512.tsr", true),
        // Without the certificate inside.
        ("sigstore.mock/response-expired.tsr", false),
        ("sigstage/response-invalid-signature.tsr", false),
        ("sigstage/response-no-embedded-cert.tsr", false),
    ] {
        let response = read_response(&std::fs::read(fixtures.join(path)).unwrap()).unwrap();
        let token = read_token(response.granted().unwrap()).unwrap();
        let (algorithm, imprint) = (token.info.imprint_algorithm, token.info.imprint.clone());
        let found = check_token(
            &token,
            &Expected {
                algorithm,
                imprint: &imprint,
                nonce: None,
                policy: None,
            },
        );
        let broken: Vec<&TimestampProblem> = found.iter().filter(|problem| problem.breaks_integrity()).collect();
        println!("{path}: {found:?}");
        assert_eq!(broken.is_empty(), wanted, "{path}");
    }
}
