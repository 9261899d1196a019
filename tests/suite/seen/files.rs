//! Small files, object by object.

use std::fmt::Write as _;

/// A file of these objects; the first is the catalog.
pub(super) fn file(objects: &[String]) -> Vec<u8> {
    let mut out = "%PDF-1.7\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(objects) {
        writeln!(table, "{:010} 00000 n ", out.len()).unwrap();
        write!(out, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let start = out.len();
    let size = objects.len() + 1;
    write!(
        out,
        "{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    out.into_bytes()
}

/// Two empty pages with these entries, and a form with these signature fields (`/T`, page, more entries).
pub(super) fn two_pages(pages: [&str; 2], fields: &[(&str, usize, &str)]) -> Vec<u8> {
    let first = 5;
    let listed: Vec<String> = (first..first + fields.len())
        .map(|number| format!("{number} 0 R"))
        .collect();
    let page = |place: usize| {
        let own = listed.iter().zip(fields).filter(|(_, field)| field.1 == place);
        let own: Vec<&str> = own.map(|(reference, _)| reference.as_str()).collect();
        let annots = if own.is_empty() {
            String::new()
        } else {
            format!("/Annots [{}]", own.join(" "))
        };
        format!(
            "<< /Type /Page /Parent 2 0 R /Resources << >> {annots} {} >>",
            pages[place]
        )
    };
    let mut objects = vec![
        format!(
            "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{}] >> >>",
            listed.join(" ")
        ),
        "<< /Type /Pages /Count 2 /Kids [3 0 R 4 0 R] >>".to_owned(),
        page(0),
        page(1),
    ];
    objects.extend(fields.iter().map(|(name, page, more)| {
        let page = page + 3;
        format!("<< /Type /Annot /Subtype /Widget /FT /Sig /T ({name}) /F 4 /P {page} 0 R {more} >>")
    }));
    file(&objects)
}
