//! The `countersign` command: arguments in, text and exit status out. Every decision is the engine's.

mod args;
mod ask;
mod complaint;
mod convert;
mod demo;
mod pin;
mod print;
mod text;

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser as _, error::ErrorKind};
use countersign_engine::{
    Engine, ExtendRequest, Fault, SigningStage as Stage, VerifyFile, default_home, fault::exit, token_environment,
};
use countersign_plain_text::harmless;
use serde_json::{Value, json};

use crate::{
    args::{
        Cli, Command, ConfigCommand, EvidenceCommand, Global, JournalCommand, OutboxCommand, SignArgs, TokenCommand,
    },
    ask::{PinSource, Terminal},
    text::Text,
};

/// What a command gives: the document for `--json`, the lines for people, the exit status.
struct Answer {
    document: Value,
    lines: Vec<String>,
    exit: u8,
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let kind = error.kind();
            let asked = matches!(kind, ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            if asked {
                let _ = error.print();
            } else {
                let _ = write!(std::io::stderr(), "{}", complaint::complaint(error));
            }
            if !asked && std::env::args().any(|argument| argument == "--json") {
                let fault = Fault::new(Stage::Open, "usage").because(&kind);
                emit(&json!({"schema": "countersign.error/1", "error": fault}));
            }
            return ExitCode::from(if asked { exit::DONE } else { exit::USAGE });
        }
    };
    let text = Text::choose(cli.global.lang);
    let (answer, json) = (std::panic::catch_unwind(|| run(&cli, text)), cli.global.json);
    let answer = answer.unwrap_or_else(|_| Err(Fault::new(Stage::Open, "internal")));
    let answer = answer.unwrap_or_else(|fault| Answer {
        document: json!({"schema": "countersign.error/1", "error": fault}),
        lines: Vec::new(),
        exit: fault.exit,
    });
    if json {
        emit(&answer.document);
    }
    let shown = answer.document.get("error").filter(|_| answer.lines.is_empty());
    for line in shown.into_iter().flat_map(|error| print::raw_fault(text, error)) {
        ask::say(&line);
    }
    if !json {
        let mut out = std::io::stdout().lock();
        for line in &answer.lines {
            let _ = writeln!(out, "{}", harmless(line));
        }
    }
    ExitCode::from(answer.exit)
}

fn emit(document: &Value) {
    let _ = writeln!(std::io::stdout().lock(), "{document}");
}

fn home(global: &Global) -> Result<PathBuf, Fault> {
    let var = |name: &str| std::env::var_os(name);
    let found = global.home.clone().or_else(|| {
        default_home(
            var("COUNTERSIGN_HOME").as_deref(),
            var("XDG_DATA_HOME").as_deref(),
            var("HOME").as_deref(),
        )
    });
    found.ok_or_else(|| Fault::new(Stage::Open, "config-unusable").with("reason", "no home folder: give --home"))
}

/// SoftHSM2 reads its configuration's place from the environment only. For a practice token in the product's own home it is
/// set here, before anything else runs.
pub(crate) fn set_token_environment(variable: &str, value: &Path) {
    #[expect(unsafe_code, reason = "called from main before any other thread exists")]
    // SAFETY: no other thread of this process exists yet that could read the environment.
    unsafe {
        std::env::set_var(variable, value);
    }
}

fn run(cli: &Cli, text: Text) -> Result<Answer, Fault> {
    let global = &cli.global;
    if let Command::Demo(args) = &cli.command {
        let (document, lines, exit) = demo::run(args, global, text)?;
        return Ok(Answer { document, lines, exit });
    }
    let home = home(global)?;
    if let Some((variable, value)) = token_environment(&home) {
        set_token_environment(variable, &value);
    }
    if let Command::Config(ConfigCommand::Path) = cli.command {
        let path = global.config.clone().unwrap_or_else(|| home.join("config.toml"));
        let path = path.display().to_string();
        return Ok(answer(
            json!({"schema": "countersign.config/1", "path": path}),
            vec![path],
            exit::DONE,
        ));
    }
    let mut engine = Engine::open(&home, global.config.as_deref())?;
    match &cli.command {
        Command::Demo(_) => Err(Fault::new(Stage::Open, "usage")),
        Command::Doctor => {
            let (document, exit) = engine.doctor();
            let well = if exit == exit::DONE {
                "doctor-ok"
            } else {
                "doctor-not-ok"
            };
            let mut lines = print::doctor(text, &document);
            lines.push(text.get(well).to_owned());
            Ok(answer(document, lines, exit))
        }
        Command::Token(TokenCommand::List) => Ok(plain(engine.token_list())),
        Command::Inspect { file } => {
            let document = engine.inspect(file)?;
            let lines = print::inspect(text, &file.display().to_string(), &document);
            Ok(answer(document, lines, exit::DONE))
        }
        Command::Sign(args) => sign(&mut engine, args, global, text),
        Command::Verify(args) => {
            for (argument, given) in [("--bundle", args.bundle.is_some()), ("--report", args.report.is_some())] {
                if given {
                    return Err(convert::usage(argument, "not in this version"));
                }
            }
            let at = args
                .at
                .as_deref()
                .map(|at| at.parse().map_err(|_| convert::usage("--at", at)))
                .transpose()?;
            let (report, exit) = engine.verify(&VerifyFile {
                file: args.file.clone(),
                trust: args.trust.clone(),
                at,
                online: args.online,
                endpoint: args.endpoint.clone(),
            })?;
            Ok(answer(json!(report), print::verified(text, &report), exit))
        }
        Command::Extend(args) => {
            let document = engine.extend(&ExtendRequest {
                file: args.file.clone(),
                output: args.output.clone(),
                level: convert::level(args.level),
                tsa: args.tsa.clone(),
                trust: args.trust.clone(),
                overwrite: args.overwrite,
            })?;
            Ok(plain(document))
        }
        Command::Evidence(command) => evidence(&mut engine, command, global, text),
        Command::Outbox(command) => outbox(&mut engine, command, global, text),
        Command::Journal(JournalCommand::Show) => Ok(plain(engine.journal_show()?)),
        Command::Journal(JournalCommand::Verify) => {
            let (document, exit) = engine.journal_verify()?;
            let lines = print::document(&document);
            Ok(answer(document, lines, exit))
        }
        // To have been opened is to have been checked.
        Command::Config(_) => Ok(plain(engine.config_shown())),
    }
}

fn sign(engine: &mut Engine, args: &SignArgs, global: &Global, text: Text) -> Result<Answer, Fault> {
    let pin =
        PinSource::parse(&args.pin_from).ok_or_else(|| convert::usage("--pin-from", "prompt, stdin or file:PATH"))?;
    let request = convert::sign_request(engine, args)?;
    let mut terminal = Terminal::new(text, pin);
    terminal.approve_unasked = args.yes;
    terminal.accept_final_try = args.accept_final_try;
    terminal.accept_low_count = args.accept_low_count;
    // A batch is silent unless asked: its result says everything.
    terminal.quiet = args.yes && global.verbose == 0 && (global.json || args.files.len() > 1);
    let report = engine.sign(&request, &mut terminal);
    let lines = print::signed(text, &report);
    Ok(answer(json!(report), lines, report.exit))
}

fn evidence(engine: &mut Engine, command: &EvidenceCommand, global: &Global, text: Text) -> Result<Answer, Fault> {
    match command {
        EvidenceCommand::Show { record } => Ok(plain(engine.evidence_show(record)?)),
        EvidenceCommand::Submit {
            record,
            endpoint,
            pin_from,
            wait,
        } => {
            let mut terminal = terminal(text, pin_from, global)?;
            let (document, exit) =
                engine.evidence_submit(record, endpoint, Duration::from_secs(*wait), &mut terminal)?;
            let lines = print::document(&document);
            Ok(answer(document, lines, exit))
        }
        EvidenceCommand::Export { .. } | EvidenceCommand::Verify { .. } => {
            Err(convert::usage("evidence", "bundles are not in this version"))
        }
    }
}

fn outbox(engine: &mut Engine, command: &OutboxCommand, global: &Global, text: Text) -> Result<Answer, Fault> {
    match command {
        OutboxCommand::List => Ok(plain(engine.outbox_list()?)),
        OutboxCommand::Run { pin_from, wait } => {
            let mut terminal = terminal(text, pin_from, global)?;
            let (document, exit) = engine.outbox_run(Duration::from_secs(*wait), &mut terminal)?;
            let lines = print::document(&document);
            Ok(answer(document, lines, exit))
        }
        OutboxCommand::Retry { id } => Ok(plain(engine.outbox_retry(id)?)),
        OutboxCommand::Show { id } => Ok(plain(engine.outbox_show(id)?)),
    }
}

fn terminal(text: Text, pin_from: &str, global: &Global) -> Result<Terminal, Fault> {
    let pin = PinSource::parse(pin_from).ok_or_else(|| convert::usage("--pin-from", "prompt, stdin or file:PATH"))?;
    let mut terminal = Terminal::new(text, pin);
    terminal.quiet = global.json && global.verbose == 0;
    Ok(terminal)
}

fn answer(document: Value, lines: Vec<String>, exit: u8) -> Answer {
    Answer { document, lines, exit }
}

fn plain(document: Value) -> Answer {
    let lines = print::document(&document);
    answer(document, lines, exit::DONE)
}
