//! Files that were built wrong and then signed, or not signed at all (universal signature forgery).
//!
//! The signer is an insider: the signature over what the ByteRange names is right, and the file is a trap all the same.
//! Not its business: the message (`messages`).

use super::{
    Add, Cast, Expect, Signed,
    file::{Update, body, hole, number_after, with_range},
    ranges::dictionary,
};

/// The objects of a signature, to be written anew.
struct Plan<'a> {
    signed: &'a Signed,
    form: usize,
    field: usize,
    value: usize,
    objects: Vec<(usize, String)>,
}

impl<'a> Plan<'a> {
    fn new(signed: &'a Signed) -> Self {
        let file = &signed.plain;
        let form = number_after(body(file, 1).as_bytes(), "/AcroForm");
        let field = number_after(body(file, form).as_bytes(), "/Fields [");
        let (value, text) = dictionary(file);
        let mut objects: Vec<(usize, String)> = [1, 3, form, field].map(|number| (number, body(file, number))).into();
        objects.push((value, text));
        Self {
            signed,
            form,
            field,
            value,
            objects,
        }
    }

    fn edit(mut self, number: usize, change: impl FnOnce(&str) -> String) -> Self {
        let object = self
            .objects
            .iter_mut()
            .find(|(own, _)| *own == number)
            .expect("an object of the plan");
        object.1 = change(&object.1);
        self
    }

    fn with(mut self, number: usize, body: impl Into<String>) -> Self {
        self.objects.push((number, body.into()));
        self
    }

    fn laid_out(self) -> Vec<u8> {
        let update = self
            .objects
            .into_iter()
            .fold(Update::default(), |update, (number, body)| update.put(number, body));
        update.after(&self.signed.contract)
    }

    /// With a ByteRange that fits.
    fn ranged(self) -> Vec<u8> {
        let file = self.laid_out();
        let hole = hole(&file);
        let (start, end) = (hole.start - 1, hole.end + 1);
        with_range(&file, &format!("0 {start} {end} {}", file.len() - end))
    }
}

pub(super) fn all(signed: &Signed, cast: &Cast, add: &mut Add<'_>) {
    let plan = || Plan::new(signed);
    let value = plan().value;
    let sign = |file: Vec<u8>| cast.insider.signed(&file);
    add(
        "built anew and signed by an insider: nothing wrong",
        sign(plan().ranged()),
        Expect::harmless(),
    );
    unsigned(signed, add);

    // Everything below is signed over a ByteRange that fits its /Contents.
    let twice = plan().edit(value, |text| {
        text.replacen("/Contents <", "/Contents <3000> /Contents <", 1)
    });
    add(
        "two Contents",
        sign(twice.ranged()),
        Expect::uncovered("contents-duplicated"),
    );
    let indirect = plan()
        .edit(value, |text| {
            let start = text.find("/ByteRange [").expect("a ByteRange");
            let end = start + text[start..].find(']').expect("its end") + 1;
            format!("{}/ByteRange 450 0 R {}", &text[..start], &text[end..])
        })
        .with(450, format!("[{}]", " ".repeat(60)));
    let file = indirect.laid_out();
    let gap = hole(&file);
    let end = gap.end + 1;
    let at = super::file::find_last(&file, b"450 0 obj\n[").expect("the array") + 11;
    let mut file = file.clone();
    let text = format!("0 {} {end} {}", gap.start - 1, file.len() - end);
    file[at..at + text.len()].copy_from_slice(text.as_bytes());
    let digest = {
        use sha2::Digest as _;
        let octets = [&file[..gap.start - 1], &file[end..]].concat();
        sha2::Sha256::digest(octets)
    };
    let message = cast.insider.message(&cast.insider.attributes(&digest)).der();
    add(
        "ByteRange as an object of its own",
        super::file::with_contents(&file, &message),
        Expect::uncovered("byte-range-indirect"),
    );

    let hidden = plan().edit(value, |text| text.replacen("/Contents <", "/Contents % <00> \n <", 1));
    add("a comment before Contents", sign_at(hidden, cast), Expect::harmless());
    let sneaked = plan().edit(value, |text| {
        text.replacen("/ByteRange [", "/ByteRange [0 1 2 3] /ByteRange [", 1)
    });
    add(
        "two ByteRanges, signed by an insider",
        sign(sneaked.ranged()),
        Expect::uncovered("byte-range-duplicated"),
    );
    let other_type = plan().edit(value, |text| text.replacen("/Type /Sig", "/Type /DocTimeStamp", 1));
    add(
        "a signature that calls itself a time-stamp",
        sign(other_type.ranged()),
        Expect::failed("timestamp-invalid"),
    );
    let raw = plan().edit(value, |text| {
        text.replacen("ETSI.CAdES.detached", "adbe.x509.rsa_sha1", 1)
    });
    add(
        "a kind of signature that is not supported",
        sign(raw.ranged()),
        Expect::open("signature-not-understood"),
    );

    let field = plan().field;
    let form = plan().form;
    let wrong_type = plan().edit(field, |text| text.replace("/FT /Sig", "/FT /Btn"));
    add(
        "the value of a button",
        sign(wrong_type.ranged()),
        Expect::broken("field-type-wrong"),
    );
    let not_in_form = plan().edit(form, |_| "<< /Fields [] >>".to_owned());
    add(
        "a field that only the page shows",
        sign(not_in_form.ranged()),
        Expect::broken("not-in-form"),
    );
    let shared = plan()
        .edit(form, |text| {
            text.replace(&format!("[{field} 0 R]"), &format!("[{field} 0 R 451 0 R]"))
        })
        .with(451, body(&signed.plain, field).replace("/T (", "/T (Second "));
    add(
        "two fields share one value, signed so",
        sign(shared.ranged()),
        Expect::broken("shared"),
    );
    // %%EOF stands in a comment of the signed section, and more behind it: what is covered must end with the true end.
    let early = plan().with(452, "<< /Note (\nstartxref\n0\n%%EOF\n) >>");
    add(
        "a false end inside the section",
        sign(early.ranged()),
        Expect::harmless(),
    );
}

/// `/Contents` moves by a comment: the last /Contents is found by its digits.
fn sign_at(plan: Plan<'_>, cast: &Cast) -> Vec<u8> {
    let file = plan.laid_out();
    let open = super::file::find_last(&file, b"\n <").expect("the hole") + 3;
    let end = open + super::file::find(&file[open..], b">").expect("its end");
    let mut file = with_range(&file, &format!("0 {} {} {}", open - 1, end + 1, file.len() - end - 1));
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(super::insider::covered(&file));
    let digits = hex::encode(cast.insider.message(&cast.insider.attributes(&digest)).der());
    file[open..end].fill(b'0');
    file[open..open + digits.len()].copy_from_slice(digits.as_bytes());
    file
}

/// No signature at all where one seems to be.
fn unsigned(signed: &Signed, add: &mut Add<'_>) {
    let plan = || Plan::new(signed);
    let value = plan().value;
    let contents = |replacement: &str| {
        let replacement = replacement.to_owned();
        plan()
            .edit(value, move |text| {
                let start = text.find("/Contents <").expect("a Contents");
                let end = start + text[start..].find('>').expect("its end") + 1;
                format!("{}{replacement}{}", &text[..start], &text[end..])
            })
            .laid_out()
    };
    add(
        "no Contents",
        contents(""),
        Expect::failed("contents-missing").uncovering(),
    );
    add(
        "Contents null",
        contents("/Contents null"),
        Expect::failed("contents-not-hexadecimal").uncovering(),
    );
    add(
        "Contents empty",
        contents("/Contents <>"),
        Expect::failed("cms-unreadable"),
    );
    add(
        "Contents 0x00",
        contents("/Contents <00>"),
        Expect::failed("cms-unreadable"),
    );
    add(
        "Contents a number",
        contents("/Contents 0"),
        Expect::failed("contents-not-hexadecimal").uncovering(),
    );
    add(
        "Contents an object",
        contents("/Contents 3 0 R"),
        Expect::failed("contents-indirect").uncovering(),
    );
    add(
        "Contents an array",
        contents("/Contents [<00>]"),
        Expect::failed("contents-not-hexadecimal").uncovering(),
    );
    let ranged = |replacement: &str| {
        let replacement = replacement.to_owned();
        plan()
            .edit(value, move |text| {
                let start = text.find("/ByteRange [").expect("a ByteRange");
                let end = start + text[start..].find(']').expect("its end") + 1;
                format!("{}{replacement}{}", &text[..start], &text[end..])
            })
            .laid_out()
    };
    for (name, text, code) in [
        ("no ByteRange", "", "byte-range-missing"),
        ("ByteRange null", "/ByteRange null", "not-four-numbers"),
        ("ByteRange an empty array", "/ByteRange []", "not-four-numbers"),
        ("ByteRange of zeros", "/ByteRange [0 0 0 0]", "empty-range"),
        ("ByteRange a string", "/ByteRange (0 1 2 3)", "not-four-numbers"),
        (
            "ByteRange of nothing but itself",
            "/ByteRange [[0 1 2 3]]",
            "not-four-numbers",
        ),
    ] {
        add(name, ranged(text), Expect::uncovered(code));
    }
    let empty = plan().edit(value, |_| "<< /Type /Sig >>".to_owned()).laid_out();
    add(
        "a signature dictionary with nothing but its type",
        empty,
        Expect::never(),
    );
    let nothing = plan().edit(value, |_| "<< >>".to_owned()).laid_out();
    add("an empty signature dictionary", nothing, Expect::never());
    let word = plan().edit(value, |_| "(signed)".to_owned()).laid_out();
    add("a field whose value is a word", word, Expect::never());
    let null = plan().edit(value, |_| "null".to_owned()).laid_out();
    add("a field whose value is null", null, Expect::unsigned());
    add(
        "the contract without any signature",
        [signed.contract.as_slice(), b"\n"].concat(),
        Expect::unsigned(),
    );
}
