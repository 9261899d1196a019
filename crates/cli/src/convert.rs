//! From arguments to the engine's requests. What cannot be understood is a usage fault with the argument's name.

use std::{collections::BTreeSet, path::Path, time::Duration};

use countersign_engine::{
    Appearance, DigestAlgorithm, DocMdp, Engine, Fault, FieldLock, Intent, Level, Measured, Output, Party, PayloadMode,
    RsaScheme, SignRequest, SigningChoices, SigningStage as Stage, certificates,
};

use crate::args::{DigestArg, LevelArg, PayloadArg, SchemeArg, SignArgs};

/// A usage fault that names the argument.
pub(crate) fn usage(argument: &str, given: &str) -> Fault {
    Fault::new(Stage::Open, "usage")
        .with("argument", argument)
        .with("given", given)
}

pub(crate) const fn level(arg: LevelArg) -> Level {
    match arg {
        LevelArg::BB => Level::BB,
        LevelArg::BT => Level::BT,
        LevelArg::BLt => Level::BLt,
        LevelArg::BLta => Level::BLta,
    }
}

pub(crate) fn sign_request(engine: &Engine, args: &SignArgs) -> Result<SignRequest, Fault> {
    let output = match (&args.output, &args.out_dir) {
        (Some(file), _) if args.files.len() == 1 => Output::File(file.clone()),
        (None, Some(folder)) => Output::Folder(folder.clone()),
        _ => return Err(usage("--output", "one output for several inputs; use --out-dir")),
    };
    let payload = args.payload.map(|payload| match payload {
        PayloadArg::Full => PayloadMode::Full,
        PayloadArg::Digests => PayloadMode::Digests,
        PayloadArg::Commit => PayloadMode::Commit,
    });
    let (endpoint, payload) = if args.no_submit {
        (String::new(), PayloadMode::default())
    } else {
        engine.endpoint_choice(args.endpoint.as_deref(), payload)?
    };
    let reviewed = args
        .reviewed
        .as_deref()
        .map(|text| hex32("--reviewed", text))
        .transpose()?;
    let visible = args
        .visible
        .as_deref()
        .map(|text| appearance(text, args.image.as_deref()))
        .transpose()?;
    Ok(SignRequest {
        inputs: args.files.clone(),
        output,
        credential: args.credential.clone(),
        choices: SigningChoices {
            level: args.level.map_or_else(|| engine.default_level(), level),
            digest: args.digest.map(|digest| match digest {
                DigestArg::Sha256 => DigestAlgorithm::Sha256,
                DigestArg::Sha384 => DigestAlgorithm::Sha384,
                DigestArg::Sha512 => DigestAlgorithm::Sha512,
            }),
            scheme: args.scheme.map(|scheme| match scheme {
                SchemeArg::Pkcs1 => RsaScheme::Pkcs1,
                SchemeArg::Pss => RsaScheme::Pss,
            }),
            field: args.field.clone(),
            certify: args.certify.and_then(|level| DocMdp::try_from(i64::from(level)).ok()),
            lock: args.lock.as_deref().map(lock).transpose()?,
            visible,
            reason: args.reason.clone(),
            location: args.location.clone(),
            extra_chain: certificates(&args.chain)?,
            intent: Intent {
                endpoint,
                payload,
                party: party(args)?,
            },
            ..SigningChoices::default()
        },
        certificate: args.certificate.clone(),
        reviewed,
        accepted: args.accept_finding.iter().cloned().collect::<BTreeSet<_>>(),
        tsa: args.tsa.clone(),
        trust: args.trust.clone(),
        offline: args.offline,
        overwrite: args.overwrite,
        wait: Duration::from_secs(args.wait),
    })
}

fn hex32(argument: &str, text: &str) -> Result<[u8; 32], Fault> {
    let octets = (0..text.len())
        .step_by(2)
        .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()));
    let octets: Option<Vec<u8>> = octets.collect();
    octets
        .and_then(|octets| octets.try_into().ok())
        .ok_or_else(|| usage(argument, text))
}

fn party(args: &SignArgs) -> Result<Party, Fault> {
    let (party_index, party_count) = match args.party.as_deref() {
        None => (0, 0),
        Some(text) => {
            let parsed = text
                .split_once('/')
                .and_then(|(index, count)| Some((index.parse().ok()?, count.parse().ok()?)));
            parsed
                .filter(|(index, count): &(u64, u64)| *index >= 1 && index <= count)
                .ok_or_else(|| usage("--party", text))?
        }
    };
    if !args.prev.is_empty() {
        hex32("--prev", &args.prev)?;
    }
    for (argument, value) in [("--business-no", &args.business_no), ("--flow-id", &args.flow_id)] {
        if value.chars().count() > 64 {
            return Err(usage(argument, value));
        }
    }
    Ok(Party {
        business_no: args.business_no.clone(),
        flow_id: args.flow_id.clone(),
        party_index,
        party_count,
        prev: args.prev.to_ascii_lowercase(),
    })
}

fn lock(text: &str) -> Result<FieldLock, Fault> {
    let names = |list: &str| {
        list.split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    match text.split_once(':') {
        None if text == "all" => Ok(FieldLock::All),
        Some(("include", list)) if !names(list).is_empty() => Ok(FieldLock::Include(names(list))),
        Some(("exclude", list)) if !names(list).is_empty() => Ok(FieldLock::Exclude(names(list))),
        _ => Err(usage("--lock", text)),
    }
}

fn appearance(text: &str, image: Option<&Path>) -> Result<Appearance, Fault> {
    let mut parts = text.split(',').map(str::trim);
    let page = parts
        .next()
        .and_then(|page| page.parse::<u32>().ok())
        .filter(|page| *page >= 1);
    let numbers: Vec<f64> = parts
        .filter_map(|number| number.parse().ok())
        .filter(|number: &f64| number.is_finite())
        .collect();
    let (Some(page), [x, y, width, height]) = (page, numbers.as_slice()) else {
        return Err(usage("--visible", text));
    };
    let png = image.map(read_image).transpose()?;
    Ok(Appearance {
        page,
        rect: [*x, *y, *width, *height],
        measured: Measured::AsSeen,
        png,
        lines: Vec::new(),
        fonts: Vec::new(),
    })
}

/// A picture larger than this is no seal.
const IMAGE_LIMIT: u64 = 8 * 1024 * 1024;

fn read_image(path: &Path) -> Result<Vec<u8>, Fault> {
    let fault = |reason: &dyn std::fmt::Display| {
        Fault::new(Stage::Open, "image-unusable")
            .with("path", path.display().to_string())
            .because(reason)
    };
    let facts = std::fs::metadata(path).map_err(|error| fault(&error))?;
    if facts.len() > IMAGE_LIMIT {
        return Err(fault(&"too large"));
    }
    std::fs::read(path).map_err(|error| fault(&error))
}
