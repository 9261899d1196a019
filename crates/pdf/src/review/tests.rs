//! Cases of a review: findings, limits and what a reviewer is told.

use super::testing::Maker;
use super::{Review, ReviewLimits};
use crate::findings::{FindingCode, Severity};

fn review(maker: &Maker) -> Review {
    maker.open().review(&ReviewLimits::first_reader())
}

/// What a file must give for one code: severity and page of the first finding, and a part of its detail.
struct Case {
    what: &'static str,
    catalog: &'static str,
    page: &'static str,
    objects: &'static [(u32, &'static str)],
    code: FindingCode,
    expect: Option<(Severity, Option<u32>, &'static str)>,
}

fn check(case: &Case) {
    let review = review(&Maker::page(case.catalog, case.page, case.objects));
    let found = review.findings.iter().find(|finding| finding.code == case.code);
    match (case.expect, found) {
        (None, None) => {}
        (Some((severity, page, detail)), Some(found)) => {
            assert_eq!(
                (found.severity, found.page),
                (severity, page),
                "{}: {found:?}",
                case.what
            );
            assert!(found.detail.contains(detail), "{}: {found:?}", case.what);
        }
        (expected, found) => panic!("{}: expected {expected:?}, found {found:?}", case.what),
    }
}

const CASE: Case = Case {
    what: "",
    catalog: "",
    page: "",
    objects: &[],
    code: FindingCode::Javascript,
    expect: None,
};

#[test]
fn scripts_wherever_they_hang() {
    const JS: &str = "<</S/JavaScript/JS(app.alert\\(1\\))>>";
    let page = Some((Severity::Block, Some(1), "object"));
    let document = Some((Severity::Block, None, "object"));
    let cases = [
        Case {
            what: "open action",
            catalog: "/OpenAction 4 0 R",
            objects: &[(4, JS)],
            expect: document,
            ..CASE
        },
        Case {
            what: "open action, inline",
            catalog: "/OpenAction<</S/JavaScript/JS(x)>>",
            expect: document,
            ..CASE
        },
        Case {
            what: "document AA",
            catalog: "/AA<</WC 4 0 R>>",
            objects: &[(4, JS)],
            expect: document,
            ..CASE
        },
        Case {
            what: "names tree",
            catalog: "/Names<</JavaScript 4 0 R>>",
            objects: &[(4, "<</Kids[5 0 R]>>"), (5, "<</Names[(a)6 0 R]>>"), (6, JS)],
            expect: document,
            ..CASE
        },
        Case {
            what: "page AA",
            page: "/AA<</O 4 0 R>>",
            objects: &[(4, JS)],
            expect: page,
            ..CASE
        },
        Case {
            what: "annotation A, Next chain",
            page: "/Annots[4 0 R]",
            objects: &[
                (4, "<</Type/Annot/Subtype/Link/Rect[0 0 1 1]/A 5 0 R>>"),
                (5, "<</S/GoTo/D[3 0 R/Fit]/Next[6 0 R]>>"),
                (6, JS),
            ],
            expect: page,
            ..CASE
        },
        Case {
            what: "field AA, only reached upwards",
            page: "/Annots[4 0 R]",
            objects: &[
                (4, "<</Subtype/Widget/Rect[0 0 1 1]/Parent 5 0 R>>"),
                (5, "<</FT/Tx/T(a)/AA<</F 6 0 R>>>>"),
                (6, JS),
            ],
            expect: document,
            ..CASE
        },
        Case {
            what: "outline",
            catalog: "/Outlines 4 0 R",
            objects: &[
                (4, "<</First 5 0 R>>"),
                (5, "<</Title(t)/Parent 4 0 R/A 6 0 R>>"),
                (6, JS),
            ],
            expect: document,
            ..CASE
        },
        Case {
            what: "a place of no standard",
            catalog: "/Odd[[4 0 R]]",
            objects: &[(4, JS)],
            expect: document,
            ..CASE
        },
        Case {
            what: "escaped name",
            catalog: "/OpenAction<</S/J#61vaScript>>",
            expect: document,
            ..CASE
        },
        Case {
            what: "indirect name",
            catalog: "/OpenAction<</S 4 0 R>>",
            objects: &[(4, "/JavaScript")],
            expect: document,
            ..CASE
        },
        Case {
            what: "said twice",
            catalog: "/OpenAction<</S/JavaScript/S/GoTo>>",
            expect: document,
            ..CASE
        },
        Case {
            what: "link",
            page: "/X<</S/URI/URI(JavaScript:x)>>",
            expect: page,
            ..CASE
        },
        Case {
            what: "unreachable",
            objects: &[(4, JS)],
            expect: None,
            ..CASE
        },
        Case {
            what: "a string that says so",
            catalog: "/X(/S/JavaScript)",
            expect: None,
            ..CASE
        },
        Case {
            what: "a comment that says so",
            catalog: "\n%/S/JavaScript/JS(x)\n",
            expect: None,
            ..CASE
        },
        Case {
            what: "clean",
            expect: None,
            ..CASE
        },
    ];
    cases.iter().for_each(check);
}

#[test]
fn other_findings() {
    use FindingCode::*;
    use Severity::{Block, Note, Warn};
    let cases = [
        Case {
            what: "launch",
            catalog: "/OpenAction<</S/Launch/F(calc.exe)>>",
            code: LaunchAction,
            expect: Some((Block, None, "calc.exe")),
            ..CASE
        },
        Case {
            what: "link to the web",
            page: "/X<</S/URI/URI(https://bank.example@evil.example:8443/x?y)>>",
            code: UriAction,
            expect: Some((Note, Some(1), "evil.example:8443")),
            ..CASE
        },
        Case {
            what: "link to a file",
            page: "/X<</S/URI/URI(file:///etc/passwd)>>",
            code: UriAction,
            expect: Some((Warn, Some(1), "file:///etc/passwd")),
            ..CASE
        },
        Case {
            what: "submit",
            page: "/X<</S/SubmitForm/F<</FS/URL/F(https://a.example)>>>>",
            code: SubmitForm,
            expect: Some((Warn, Some(1), "https://a.example")),
            ..CASE
        },
        Case {
            what: "import",
            page: "/X<</S/ImportData/F(a)>>",
            code: ImportDataAction,
            expect: Some((Warn, Some(1), "a")),
            ..CASE
        },
        Case {
            what: "remote",
            page: "/X<</S/GoToR/F(b.pdf)>>",
            code: RemoteGotoAction,
            expect: Some((Note, Some(1), "b.pdf")),
            ..CASE
        },
        Case {
            what: "hide",
            page: "/X<</S/Hide/T(a)>>",
            code: HideAction,
            expect: Some((Warn, Some(1), "object")),
            ..CASE
        },
        Case {
            what: "attachment",
            catalog: "/Names<</EmbeddedFiles<</Names[(a)4 0 R]>>>>",
            objects: &[
                (4, "<</Type/Filespec/UF(secret.xlsx)/EF<</F 5 0 R>>>>"),
                (5, "<</Length 0>>stream\n\nendstream"),
            ],
            code: EmbeddedFile,
            expect: Some((Warn, None, "secret.xlsx")),
            ..CASE
        },
        Case {
            what: "attachment annotation",
            page: "/Annots[<</Subtype/FileAttachment/Rect[0 0 1 1]>>]",
            code: EmbeddedFile,
            expect: Some((Warn, Some(1), "FileAttachment")),
            ..CASE
        },
        Case {
            what: "layers",
            catalog: "/OCProperties<</OCGs[4 0 R 5 0 R]/D<</OFF[5 0 R]>>>>",
            objects: &[(4, "<</Type/OCG>>"), (5, "<</Type/OCG>>")],
            code: OptionalContent,
            expect: Some((Warn, None, "2 layers, 1 off")),
            ..CASE
        },
        Case {
            what: "no layers",
            catalog: "/OCProperties<</OCGs[]/D<<>>>>",
            code: OptionalContent,
            ..CASE
        },
        Case {
            what: "external stream",
            page: "/Contents 4 0 R",
            objects: &[(4, "<</Length 0/F(other.bin)>>stream\n\nendstream")],
            code: ExternalStream,
            expect: Some((Block, Some(1), "object 4")),
            ..CASE
        },
        Case {
            what: "a file name is no stream",
            page: "/X 4 0 R",
            objects: &[(4, "<</F(other.bin)>>")],
            code: ExternalStream,
            ..CASE
        },
        Case {
            what: "page of another file",
            page: "/X 4 0 R",
            objects: &[(
                4,
                "<</Subtype/Form/Ref<</F(a.pdf)/Page 0>>/Length 0>>stream\n\nendstream",
            )],
            code: ExternalStream,
            expect: Some((Block, Some(1), "another file")),
            ..CASE
        },
        Case {
            what: "font not embedded",
            page: "/Resources<</Font<</F 4 0 R>>>>",
            objects: &[
                (
                    4,
                    "<</Type/Font/Subtype/TrueType/BaseFont/SimSun/FontDescriptor 5 0 R>>",
                ),
                (5, "<</Flags 4>>"),
            ],
            code: NonEmbeddedFont,
            expect: Some((Warn, Some(1), "SimSun")),
            ..CASE
        },
        Case {
            what: "standard font",
            page: "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>",
            code: NonEmbeddedFont,
            expect: Some((Note, Some(1), "Helvetica")),
            ..CASE
        },
        Case {
            what: "embedded font",
            page: "/Resources<</Font<</F 4 0 R>>>>",
            objects: &[
                (
                    4,
                    "<</Subtype/TrueType/BaseFont/SimSun/FontDescriptor<</FontFile2 5 0 R>>>>",
                ),
                (5, "<<>>"),
            ],
            code: NonEmbeddedFont,
            ..CASE
        },
        Case {
            what: "descendant not embedded",
            page: "/Resources<</Font<</F<</Subtype/Type0/BaseFont/A/DescendantFonts[4 0 R]>>>>>>",
            objects: &[(4, "<</Subtype/CIDFontType2/BaseFont/Song/FontDescriptor<<>>>>")],
            code: NonEmbeddedFont,
            expect: Some((Warn, Some(1), "Song")),
            ..CASE
        },
        Case {
            what: "dynamic form",
            catalog: "/NeedsRendering true/AcroForm<</Fields[]/XFA[(config)4 0 R]>>",
            objects: &[(4, "<</Length 9>>stream\n<config/>\nendstream")],
            code: Xfa,
            expect: Some((Block, None, "dynamic")),
            ..CASE
        },
        Case {
            what: "static form",
            catalog: "/AcroForm<</Fields[]/XFA[(config)4 0 R]>>",
            objects: &[(4, "<</Length 9>>stream\n<config/>\nendstream")],
            code: Xfa,
            expect: Some((Warn, None, "static")),
            ..CASE
        },
        Case {
            what: "form that says dynamic",
            catalog: "/AcroForm<</Fields[]/XFA[(config)4 0 R]>>",
            objects: &[(4, "<</Length 24>>stream\n<dynamicRender>required<\nendstream")],
            code: Xfa,
            expect: Some((Block, None, "dynamic")),
            ..CASE
        },
        Case {
            what: "form in one piece",
            catalog: "/AcroForm<</Fields[]/XFA(one piece)>>",
            code: Xfa,
            expect: Some((Block, None, "")),
            ..CASE
        },
        Case {
            what: "plain form",
            catalog: "/AcroForm<</Fields[]>>",
            code: Xfa,
            ..CASE
        },
        Case {
            what: "hidden with content",
            page: "/Annots[<</Subtype/FreeText/Rect[0 0 1 1]/F 2/Contents(small print)>>]",
            code: HiddenAnnotation,
            expect: Some((Warn, Some(1), "FreeText, hidden")),
            ..CASE
        },
        Case {
            what: "only for print",
            page: "/Annots[<</Subtype/Stamp/Rect[0 0 1 1]/F 36/AP<</N 4 0 R>>>>]",
            code: HiddenAnnotation,
            expect: Some((Warn, Some(1), "only for print")),
            ..CASE
        },
        Case {
            what: "hidden without content",
            page: "/Annots[<</Subtype/Link/Rect[0 0 1 1]/F 2>><</Subtype/Popup/Rect[0 0 1 1]/F 2/Contents(x)>>]",
            code: HiddenAnnotation,
            ..CASE
        },
        Case {
            what: "film",
            page: "/Annots[<</Subtype/RichMedia/Rect[0 0 1 1]>>]",
            code: RichMedia,
            expect: Some((Block, Some(1), "RichMedia")),
            ..CASE
        },
        Case {
            what: "sound action",
            page: "/X<</S/Sound/Sound 4 0 R>>",
            code: RichMedia,
            expect: Some((Block, Some(1), "Sound")),
            ..CASE
        },
        Case {
            what: "huge page",
            page: "/MediaBox[0 0 595 14000]",
            code: HugePage,
            expect: Some((Warn, Some(1), "595 x 14000")),
            ..CASE
        },
        Case {
            what: "page in large units",
            page: "/UserUnit 10",
            code: HugePage,
            expect: Some((Warn, Some(1), "8420")),
            ..CASE
        },
        Case {
            what: "page of A0",
            page: "/MediaBox[0 0 2384 3370]",
            code: HugePage,
            ..CASE
        },
        Case {
            what: "name used twice",
            catalog: "/AcroForm<</Fields[4 0 R 5 0 R]>>",
            objects: &[(4, "<</FT/Tx/T(a)>>"), (5, "<</FT/Tx/T(a)>>")],
            code: DuplicateFieldName,
            expect: Some((Warn, None, "2 fields are named a")),
            ..CASE
        },
        Case {
            what: "one field, two widgets",
            catalog: "/AcroForm<</Fields[4 0 R]>>",
            objects: &[
                (4, "<</FT/Btn/T(a)/Kids[5 0 R 6 0 R]>>"),
                (5, "<</Parent 4 0 R/V/x>>"),
                (6, "<</Parent 4 0 R>>"),
            ],
            code: DuplicateFieldName,
            ..CASE
        },
        Case {
            what: "unreadable object",
            page: "/X 4 0 R",
            objects: &[(4, "<</A(")],
            code: UnreadableObject,
            expect: Some((Warn, Some(1), "object 4")),
            ..CASE
        },
        Case {
            what: "missing object is null",
            page: "/X 4 0 R",
            code: UnreadableObject,
            ..CASE
        },
        Case {
            what: "cycles",
            page: "/X 4 0 R",
            objects: &[(4, "[5 0 R]"), (5, "<</Next 4 0 R>>")],
            code: BudgetExhausted,
            ..CASE
        },
    ];
    cases.iter().for_each(check);
}

#[test]
fn findings_about_the_file() {
    let clean = Maker::page("", "", &[]);
    assert_eq!(review(&clean).findings, []);
    assert_eq!(review(&clean).pages, 1);
    assert_eq!(review(&clean).pdf_version, "1.7");

    let mut longer = Maker::page("", "", &[]);
    longer.bytes.extend(b"<!-- something -->");
    assert_eq!(codes(&longer), [FindingCode::ContentAfterEof]);

    let mut spaced = Maker::page("", "", &[]);
    spaced.bytes.extend(b"\r\n  \n");
    assert_eq!(codes(&spaced), []);
}

fn codes(maker: &Maker) -> Vec<FindingCode> {
    review(maker).findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn bounds_are_told() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let maker = Maker::page("", "/X 4 0 R", &[(4, &deep)]);
    assert_eq!(codes(&maker), [FindingCode::TooDeep]);

    let many: Vec<(u32, String)> = (4..1000)
        .map(|number| (number, format!("[{} 0 R]", number + 1)))
        .collect();
    let many: Vec<(u32, &str)> = many.iter().map(|(number, text)| (*number, text.as_str())).collect();
    let document = Maker::page("", "/X 4 0 R", &many).open();
    let few = document.review(&ReviewLimits {
        objects: 100,
        ..ReviewLimits::first_reader()
    });
    assert_eq!(
        few.findings.first().map(|finding| finding.code),
        Some(FindingCode::BudgetExhausted)
    );
    assert_eq!(document.review(&ReviewLimits::first_reader()).findings, []);
    let few = document.review(&ReviewLimits {
        tokens: 100,
        ..ReviewLimits::first_reader()
    });
    assert_eq!(
        few.findings.first().map(|finding| finding.code),
        Some(FindingCode::BudgetExhausted)
    );
}

#[test]
fn changes_after_a_signature() {
    let mut maker = Maker::page(
        "/AcroForm<</Fields[4 0 R]>>",
        "/Annots[4 0 R]",
        &[(4, "<</FT/Sig/T(S)>>")],
    );
    maker.sign(5, 4, "S", "");
    assert_eq!(codes(&maker), []);
    let facts = review(&maker).revisions;
    assert_eq!(
        facts.iter().map(|facts| facts.signed_by.as_deref()).collect::<Vec<_>>(),
        [None, Some("S")]
    );
    maker.revision(&[(6, "(a comment)")]);
    let review = review(&maker);
    assert_eq!(review.findings.len(), 1);
    assert_eq!(review.findings[0].code, FindingCode::ChangedAfterSignature);
    assert_eq!(review.findings[0].severity, Severity::Warn);
    maker.sign(7, 8, "T", "");
    maker.revision(&[(1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 8 0 R]>>>>")]);
    assert!(codes(&maker).contains(&FindingCode::ChangedAfterSignature));
}

#[test]
fn unknown_kinds_of_signature() {
    let mut maker = Maker::page(
        "/AcroForm<</Fields[4 0 R]>>",
        "/Annots[4 0 R]",
        &[(4, "<</FT/Sig/T(S)>>")],
    );
    maker.sign(5, 4, "S", "");
    maker.replace("/ETSI.CAdES.detached", "/PBAD.PAdES.unknown_");
    let review = review(&maker);
    assert_eq!(review.findings.len(), 1);
    assert_eq!(review.findings[0].code, FindingCode::UnknownSubFilter);
    assert!(review.findings[0].detail.contains("PBAD.PAdES"));

    maker.replace("/ByteRange[", "/ByteRangX[");
    let review = self::review(&maker);
    let anomaly = &review.findings[0];
    assert_eq!(
        (anomaly.code, anomaly.severity),
        (FindingCode::SignatureAnomaly, Severity::Block)
    );
    assert_eq!(
        anomaly.detail,
        "signature S does not cover its revision: byte-range-missing"
    );
}

#[test]
fn a_deleted_object_that_is_used() {
    let mut maker = Maker::page("", "/X 4 0 R", &[(4, "<</A 1>>")]);
    let prev = crate::lexer::find(&maker.bytes, b"xref\n0 1").unwrap();
    let start = maker.bytes.len();
    let table = format!(
        "xref\n4 1\n0000000000 00001 f \ntrailer\n<</Size 5/Root 1 0 R/Prev {prev}>>\nstartxref\n{start}\n%%EOF\n"
    );
    maker.bytes.extend(table.bytes());
    assert_eq!(codes(&maker), [FindingCode::ReadersDisagree]);
}
