//! demo: the whole flow with practice means, told stage by stage, with the files left behind.
//!
//! Not its business: the practice means (engine, practice). It uses the same requests as real work.

use std::{collections::BTreeSet, path::Path, time::Duration};

use countersign_engine::{
    Fault, Intent, Output, Party, SignRequest, SigningChoices, SigningStage as Stage, VerifyFile,
    demo::{DemoChain, SAMPLE, practice_home, prepare_token},
    fault::exit,
};
use serde_json::{Value, json};

use crate::{
    args::{DemoArgs, DemoChain as ChainArg, Global},
    ask::{PinSource, Terminal, say},
    print, set_token_environment,
    text::Text,
};

pub(crate) fn run(args: &DemoArgs, global: &Global, text: Text) -> Result<(Value, Vec<String>, u8), Fault> {
    let failed = |error: &dyn std::fmt::Display| Fault::new(Stage::Open, "output-not-writable").because(error);
    std::fs::create_dir_all(&args.dir).map_err(|error| failed(&error))?;
    let dir = std::fs::canonicalize(&args.dir).map_err(|error| failed(&error))?;
    let home = global.home.clone().unwrap_or_else(|| dir.join("home"));
    say(text.get("practice-banner"));
    say(text.get("demo-start"));
    let (variable, value) = prepare_token(&home)?;
    set_token_environment(variable, &value);
    let wanted = args.chain.map(|chain| match chain {
        ChainArg::Evm => DemoChain::Evm,
        ChainArg::Journal => DemoChain::Journal,
    });
    let (mut engine, practice) = practice_home(&home, wanted)?;
    if practice.chain == DemoChain::Journal && wanted != Some(DemoChain::Journal) {
        say(text.get("demo-no-chain"));
    }
    let contract = fresh(&dir, "contract")?;
    std::fs::write(&contract, SAMPLE).map_err(|error| failed(&error))?;
    let signed = fresh(&dir, "signed")?;
    for line in print::inspect(text, &contract.display().to_string(), &engine.inspect(&contract)?) {
        say(&line);
    }
    let (endpoint, payload) = engine.endpoint_choice(None, None)?;
    let request = SignRequest {
        certificate: None,
        inputs: vec![contract.clone()],
        output: Output::File(signed.clone()),
        credential: practice.credential.clone(),
        choices: SigningChoices {
            reason: Some("演练 PRACTICE".to_owned()),
            intent: Intent {
                endpoint,
                payload,
                party: Party {
                    party_index: 1,
                    party_count: 2,
                    ..Party::default()
                },
            },
            ..SigningChoices::default()
        },
        reviewed: None,
        accepted: BTreeSet::new(),
        tsa: Vec::new(),
        trust: Vec::new(),
        offline: false,
        overwrite: false,
        wait: Duration::from_secs(60),
    };
    let mut terminal = Terminal::new(text, PinSource::File(practice.pin_file.clone()));
    terminal.approve_unasked = true;
    let report = engine.sign(&request, &mut terminal);
    let mut lines = print::signed(text, &report);
    if let Some(result) = report.results.first() {
        let timings = serde_json::to_value(&result.timings_ms).unwrap_or_default();
        lines.push(format!(
            "  {} (ms): {}",
            text.get("label-duration"),
            print::short(&timings)
        ));
    }
    if report.exit != exit::DONE {
        let exit = report.exit;
        return Ok((
            json!({"schema": "countersign.demo/1", "practice": true, "sign": report}),
            lines,
            exit,
        ));
    }
    let (verified, verify_exit) = engine.verify(&VerifyFile {
        file: signed.clone(),
        ..VerifyFile::default()
    })?;
    lines.extend(print::verified(text, &verified));
    lines.push(format!("{}:", text.get("demo-files")));
    for path in [&contract, &signed, &practice.trust, &home] {
        lines.push(format!("  {}", path.display()));
    }
    let again = format!("countersign verify {} --home {}", signed.display(), home.display());
    lines.push(format!("{}:\n  {again}", text.get("demo-verify")));
    lines.push(text.get("demo-done").to_owned());
    lines.push(text.get("practice-banner").to_owned());
    let document = json!({
        "schema": "countersign.demo/1", "practice": true, "home": home, "contract": contract, "signed": signed,
        "trust": practice.trust, "pin_file": practice.pin_file, "credential": practice.credential,
        "chain": if practice.chain == DemoChain::Evm { "evm" } else { "journal" }, "registry": practice.contract,
        "sign": report, "verify": verified, "verify_again": again,
    });
    Ok((document, lines, verify_exit))
}

/// `NAME.pdf`, or `NAME-2.pdf` and so on: nothing of an earlier demo is overwritten.
fn fresh(dir: &Path, name: &str) -> Result<std::path::PathBuf, Fault> {
    let candidates = (1..10_000).map(|number| {
        dir.join(if number == 1 {
            format!("{name}.pdf")
        } else {
            format!("{name}-{number}.pdf")
        })
    });
    candidates
        .into_iter()
        .find(|path| !path.exists())
        .ok_or_else(|| Fault::new(Stage::Open, "output-exists").with("folder", dir.display().to_string()))
}
