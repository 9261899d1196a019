//! One sitting: what a person does at the desk, and what must come of it.

use std::{fs, path::Path, sync::atomic::Ordering, time::Instant};

use countersign_desk::{
    ChangeKind,
    view::{
        AnchorUse, BottomLine, ChainFact, ContractState, DeskEvent, PinState, Place, SettingsChange, SignDraft,
        SourceState, StageName, StageState, TimeFact, TrustFact, Where,
    },
};

use crate::kit::{Bench, Typed, card, choices, reviewed, see_all};

fn code<T: std::fmt::Debug>(answer: Result<T, countersign_desk::view::FaultShown>) -> String {
    answer.expect_err("a refusal").code
}

pub(crate) fn all_the_way(bench: &Bench) {
    let desk = bench.open();
    let contract = bench.contract("合同 contract.pdf");
    assert!(desk.is_practice() && desk.practice_pin().is_some());
    let id = desk.desk_add(std::slice::from_ref(&contract)).unwrap().pop().unwrap();
    let sheet = desk.review_open(&id).unwrap();
    assert!(
        sheet.pages > 1 && sheet.page_sizes.len() == sheet.pages as usize,
        "{sheet:?}"
    );
    assert!(sheet.signable && sheet.picture_fault.is_none() && sheet.sm3.len() == 64);
    let picture = desk.document_page(&id, 1, 200).unwrap();
    assert!(picture.png.starts_with(b"\x89PNG"));
    assert_eq!(desk.document_page(&id, 1, 200).unwrap(), picture, "kept");
    assert_eq!(code(desk.document_page(&id, 99, 200)), "page-missing");
    let part = desk.document_part(&id, 0, 8).unwrap();
    assert_eq!(
        (&part.octets[..5], part.total),
        (&b"%PDF-"[..], fs::metadata(&contract).unwrap().len())
    );

    let tokens = desk.tokens_view(true).unwrap();
    assert_eq!(tokens.credentials.len(), 2, "{tokens:?}");
    let credential = &tokens.credentials[0];
    assert!(credential.person.contains("PRACTICE") && !credential.organisation.is_empty());
    assert!(credential.problem.is_none() && credential.token.practice && credential.token.pin == PinState::Ok);
    assert!(credential.days_left > 0);

    let mut chosen = choices(&desk, &id);
    chosen.place = Some(Place {
        page: 1,
        x: 60.0,
        y: 60.0,
        width: 200.0,
        height: 60.0,
    });
    assert_eq!(code(desk.sign_start(&chosen)), "pages-not-seen");
    see_all(&desk, &id);
    let preview = desk.sign_preview(&chosen).unwrap().unwrap();
    assert!(preview.fields.len() == 5 && preview.fields.iter().all(|field| field.value.is_none()));
    assert_eq!(preview.kind, "journal");
    desk.sign_start(&chosen).unwrap();
    let held = bench.until_state(&desk, &id, ContractState::ReadyToSubmit);
    assert_eq!(held.output.as_deref(), Some("合同 contract-signed.pdf"));
    assert_eq!(
        desk.output_path(&id).unwrap(),
        contract.with_file_name("合同 contract-signed.pdf")
    );
    let asked = bench.person.asked.lock().unwrap().clone();
    assert!(asked.len() == 1 && asked[0].contains("合同 contract.pdf"), "{asked:?}");

    // Nothing went out: the person sees exactly what will.
    let receipt = desk.receipt_view(&id).unwrap();
    assert!(receipt.may_submit && !receipt.may_retry && receipt.practice);
    let payload = receipt.payload.unwrap();
    assert!(payload.fields.iter().all(|field| field.value.is_some()));
    let evidence = payload.fields.iter().find(|field| field.name == "evidence").unwrap();
    assert_eq!(evidence.value, receipt.evidence);
    assert_eq!(receipt.level.as_deref(), Some("B-T"));
    for stage in &receipt.stages {
        let expected = match stage.stage {
            StageName::Submitted => StageState::Waiting,
            StageName::Final => StageState::Ahead,
            _ => StageState::Done,
        };
        assert_eq!(stage.state, expected, "{stage:?}");
        assert!(stage.state != StageState::Done || stage.at.is_some(), "{stage:?}");
    }
    assert_eq!(code(desk.sign_start(&chosen)), "not-now");
    assert_eq!(code(desk.review_reject(&id, "no")), "not-now");

    desk.receipt_submit(&id).unwrap();
    bench.until_state(&desk, &id, ContractState::Done);
    assert_eq!(code(desk.receipt_submit(&id)), "not-now");
    let receipt = desk.receipt_view(&id).unwrap();
    assert!(
        receipt
            .stages
            .iter()
            .all(|stage| stage.state == StageState::Done && stage.at.is_some()),
        "{receipt:?}"
    );
    // The store knows it first.
    bench.until("the person hears of it", || {
        bench
            .person
            .notes
            .lock()
            .unwrap()
            .iter()
            .any(|note| note.starts_with("chain-final"))
    });
    let stages = bench.stages();
    for stage in [
        StageName::Approved,
        StageName::Signed,
        StageName::Stamped,
        StageName::Recorded,
        StageName::Final,
    ] {
        assert!(stages.contains(&stage), "{stage:?} in {stages:?}");
    }

    let verified = desk.receipt_verify(&id).unwrap();
    assert_eq!(verified.overall, BottomLine::TotalPassed, "{verified:?}");
    assert_eq!(verified.chain, ChainFact::Matches);
    let signature = &verified.signatures[0];
    assert_eq!(
        (signature.trust, signature.time),
        (TrustFact::Trusted, TimeFact::Timestamp)
    );
    assert!(verified.practice && signature.signer.contains("PRACTICE") && verified.pages == Some(sheet.pages));
    assert_eq!(desk.verify_shown(&verified.id).unwrap(), verified);
    assert!(desk.document_page(&verified.id, 1, 400).is_ok());
    assert_eq!(desk.verify_file(&contract).unwrap().overall, BottomLine::NoSignature);
    // A finished file that is gone is not "done".
    fs::remove_file(desk.output_path(&id).unwrap()).unwrap();
    let gone = card(&desk, &id);
    assert_eq!(
        (gone.state, gone.fault.unwrap().code.as_str()),
        (ContractState::NeedsAttention, "output-missing")
    );
    desk.close();
}

pub(crate) fn wrong_pin(bench: &Bench) {
    let desk = bench.open();
    let id = reviewed(&desk, &bench.contract("a.pdf"));
    bench.script(&[Typed::Wrong, Typed::Right]);
    desk.sign_start(&choices(&desk, &id)).unwrap();
    bench.until_state(&desk, &id, ContractState::ReadyToSubmit);
    let asked = bench.person.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert_eq!(asked[1], "again after pin-incorrect");
    desk.close();
}

pub(crate) fn pin_refused(bench: &Bench) {
    let desk = bench.open();
    let id = reviewed(&desk, &bench.contract("a.pdf"));
    let chosen = choices(&desk, &id);
    bench.script(&[Typed::No]);
    desk.sign_start(&chosen).unwrap();
    let waits = bench.until_state(&desk, &id, ContractState::WaitingForToken);
    assert_eq!(waits.fault.unwrap().code, "cancelled");
    assert_eq!(
        fs::read_dir(bench.home.join("work")).unwrap().count(),
        1,
        "only the contract"
    );
    desk.close();
    drop(desk);

    // The approval is still there after a restart, and so is the choice; one click goes on.
    let desk = bench.open();
    assert_eq!(card(&desk, &id).state, ContractState::WaitingForToken);
    desk.sign_start(&chosen).unwrap();
    bench.until_state(&desk, &id, ContractState::ReadyToSubmit);
    assert!(card(&desk, &id).fault.is_none());
    desk.close();
}

/// What is written on the sign screen, approved or not, is there after a restart.
pub(crate) fn written(bench: &Bench) {
    bench.edit_config("[[tsa]]", "[[tsa]]\nurl = \"https://tsa.example/first\"\n\n[[tsa]]");
    let desk = bench.open();
    let path = bench.contract("a.pdf");
    let id = reviewed(&desk, &path);
    assert_eq!(desk.sign_options(&id).unwrap().draft, None);
    let draft = SignDraft {
        credential: "k1".to_owned(),
        at: Where::Place,
        field: String::new(),
        place: Some(Place {
            page: 2,
            x: 60.5,
            y: 70.0,
            width: 200.0,
            height: 60.0,
        }),
        reason: "代表甲方".to_owned(),
        location: "上海".to_owned(),
        level: "B-B".to_owned(),
        tsa: Some(1),
        endpoint: None,
        submit_at_once: true,
    };
    desk.sign_keep(&id, draft.clone()).unwrap();
    assert_eq!(code(desk.sign_keep("nobody", draft.clone())), "contract-unknown");
    desk.close();
    drop(desk);

    let desk = bench.open();
    let options = desk.sign_options(&id).unwrap();
    assert_eq!((options.draft.as_ref(), options.accepted.len()), (Some(&draft), 0));
    assert_eq!(
        card(&desk, &id).state,
        ContractState::ToReview,
        "a draft is no approval"
    );
    // The authority is known by what it is, not by where it stands.
    desk.settings_change(&SettingsChange::RemoveTsa { index: 0 }).unwrap();
    assert_eq!(desk.sign_options(&id).unwrap().draft.unwrap().tsa, Some(0));
    desk.settings_change(&SettingsChange::RemoveTsa { index: 0 }).unwrap();
    assert_eq!(desk.sign_options(&id).unwrap().draft.unwrap().tsa, None);

    // Approved, and the token is not there: the choices are those of the approval.
    let mut chosen = choices(&desk, &id);
    chosen.location = "北京".to_owned();
    chosen.accepted = vec!["javascript".to_owned()];
    bench.script(&[Typed::No]);
    desk.sign_start(&chosen).unwrap();
    bench.until_state(&desk, &id, ContractState::WaitingForToken);
    desk.close();
    drop(desk);
    let desk = bench.open();
    let options = desk.sign_options(&id).unwrap();
    let kept = options.draft.unwrap();
    assert_eq!(
        (&kept.credential, &kept.location, &kept.level, kept.at, &kept.endpoint),
        (
            &chosen.credential,
            &chosen.location,
            &chosen.level,
            Where::Invisible,
            &chosen.endpoint
        )
    );
    assert_eq!(options.accepted, chosen.accepted);
    // Taken back: what was accepted goes with the approval, what was written stays.
    desk.work_cancel(&id).unwrap();
    let options = desk.sign_options(&id).unwrap();
    assert_eq!((options.draft.as_ref(), options.accepted.len()), (Some(&kept), 0));

    // Another file: words stay, a place does not.
    desk.sign_keep(&id, draft).unwrap();
    fs::write(&path, [&fs::read(&path).unwrap()[..], b"\n% other\n"].concat()).unwrap();
    desk.review_refresh(&id).unwrap();
    let kept = desk.sign_options(&id).unwrap().draft.unwrap();
    assert_eq!(
        (kept.at, kept.place, kept.reason.as_str()),
        (Where::Invisible, None, "代表甲方")
    );
    desk.close();
}

pub(crate) fn twice_and_away(bench: &Bench) {
    let desk = bench.open();
    let first = bench.contract("a.pdf");
    let second = bench.contract("b.pdf");
    let ids = desk.desk_add(&[first.clone(), second.clone()]).unwrap();
    assert_eq!(ids.len(), 1, "the same octets are one contract");
    let text = bench.home.join("work/text.pdf");
    fs::write(&text, "no document").unwrap();
    assert_eq!(code(desk.desk_add(std::slice::from_ref(&text))), "not-a-pdf");
    assert_eq!(code(desk.desk_add(&[bench.home.join("absent.pdf")])), "input-missing");
    let mut octets = fs::read(&first).unwrap();
    octets.extend_from_slice(b"\n% another\n");
    fs::write(&second, octets).unwrap();
    assert_eq!(desk.desk_add(&[text, second.clone()]).unwrap().len(), 1);
    let told = bench.person.told.lock().unwrap().clone();
    assert!(
        told.iter()
            .any(|event| matches!(event, DeskEvent::Fault { contract: None, .. }))
    );
    assert_eq!(desk.desk_view().unwrap().contracts.len(), 2);
    // Moved away: missing, until it is added from where it is now.
    let moved = bench.home.join("work/moved.pdf");
    fs::rename(&first, &moved).unwrap();
    assert_eq!(card(&desk, &ids[0]).source, SourceState::Missing);
    assert_eq!(desk.desk_add(&[moved]).unwrap(), ids);
    assert_eq!(card(&desk, &ids[0]).source, SourceState::Unchanged);
    desk.desk_remove(&ids[0]).unwrap();
    assert_eq!(desk.desk_view().unwrap().contracts.len(), 1);
    assert_eq!(code(desk.desk_remove(&ids[0])), "contract-unknown");
    let desk_folder = countersign_desk::desk_folder(&bench.home);
    // What a crash leaves of a copy is swept; another program cannot open the same desk.
    fs::create_dir_all(desk_folder.join("0123456789abcdef/file")).unwrap();
    fs::write(desk_folder.join("0123456789abcdef/file/half.pdf"), "%PDF-").unwrap();
    desk.close();
    let desk = bench.open();
    assert!(!desk_folder.join("0123456789abcdef").exists());
    assert_eq!(desk.desk_view().unwrap().contracts.len(), 1);
    assert_eq!(bench.try_open().err().expect("a second desk on one home").code, "busy");
    desk.close();
}

pub(crate) fn changed(bench: &Bench) {
    let desk = bench.open();
    let path = bench.contract("a.pdf");
    let id = reviewed(&desk, &path);
    let chosen = choices(&desk, &id);
    let octets = fs::read(&path).unwrap();
    // Touched, with the same octets: nothing has changed.
    fs::write(&path, &octets).unwrap();
    assert_eq!(card(&desk, &id).source, SourceState::Unchanged);
    fs::write(&path, [&octets[..], b"\n% other\n"].concat()).unwrap();
    assert_eq!(card(&desk, &id).source, SourceState::Changed);
    assert_eq!(code(desk.sign_start(&chosen)), "changed-since-review");
    assert!(bench.person.asked.lock().unwrap().is_empty(), "nothing was asked");
    let sheet = desk.review_refresh(&id).unwrap();
    assert!(sheet.seen.is_empty() && sheet.sha256 != chosen.sha256);
    assert_eq!(sheet.card.source, SourceState::Unchanged);
    assert!(desk.document_page(&id, 1, 100).is_ok());
    see_all(&desk, &id);
    assert_eq!(code(desk.sign_start(&chosen)), "changed-since-review");
    desk.sign_start(&choices(&desk, &id)).unwrap();
    bench.until_state(&desk, &id, ContractState::ReadyToSubmit);
    desk.close();
}

pub(crate) fn pages(bench: &Bench) {
    let desk = bench.open();
    let id = reviewed(&desk, &bench.contract("a.pdf"));
    let chosen = choices(&desk, &id);
    desk.page_warning(&id, 2, "a font\u{7} is missing").unwrap();
    assert_eq!(code(desk.sign_start(&chosen)), "page-not-reviewable");
    assert_eq!(desk.review_open(&id).unwrap().unreviewable, [2]);
    desk.review_seen(&id, 2, true).unwrap();
    assert_eq!(code(desk.review_seen(&id, 99, false)), "page-missing");
    let mut other = chosen.clone();
    other.level = "B-LT".to_owned();
    assert_eq!(code(desk.sign_start(&other)), "level-unsupported");
    other = chosen.clone();
    other.endpoint = Some("nowhere".to_owned());
    assert_eq!(code(desk.sign_start(&other)), "endpoint-unknown");
    other = chosen.clone();
    other.credential = "0000000000000000".to_owned();
    assert_eq!(code(desk.sign_start(&other)), "credential-gone");
    // A place of one's own choice, without an endpoint: done when it is recorded.
    let place = bench.home.join("elsewhere.pdf");
    assert_eq!(
        code(desk.sign_choose_output(&id, &bench.home.join("config.toml"))),
        "output-exists"
    );
    assert_eq!(
        desk.sign_choose_output(&id, &place).unwrap().output_name,
        "elsewhere.pdf"
    );
    other = chosen;
    other.endpoint = None;
    other.level = "B-B".to_owned();
    desk.sign_start(&other).unwrap();
    bench.until_state(&desk, &id, ContractState::Done);
    assert_eq!(desk.output_path(&id).unwrap(), place);
    let receipt = desk.receipt_view(&id).unwrap();
    let state = |wanted| receipt.stages.iter().find(|stage| stage.stage == wanted).unwrap().state;
    assert_eq!(state(StageName::Stamped), StageState::NotWanted);
    assert_eq!(state(StageName::Final), StageState::NotWanted);
    assert_eq!(desk.sign_options(&id).unwrap().reasons, ["演练"]);
    desk.close();
}

pub(crate) fn rejected(bench: &Bench) {
    let desk = bench.open();
    let id = reviewed(&desk, &bench.contract("a.pdf"));
    let chosen = choices(&desk, &id);
    desk.review_reject(&id, "clause 4 is not what was agreed").unwrap();
    let turned_down = card(&desk, &id);
    assert_eq!(turned_down.state, ContractState::Rejected);
    assert_eq!(
        turned_down.rejected_because.as_deref(),
        Some("clause 4 is not what was agreed")
    );
    assert_eq!(code(desk.sign_start(&chosen)), "not-now");
    desk.close();
    let desk = bench.open();
    assert_eq!(card(&desk, &id).state, ContractState::Rejected);
    desk.review_reopen(&id).unwrap();
    assert_eq!(card(&desk, &id).state, ContractState::ToReview);
    desk.close();
}

pub(crate) fn many(bench: &Bench) {
    let desk = bench.open();
    let sample = fs::read(bench.contract("a.pdf")).unwrap();
    let folder = bench.home.join("many");
    fs::create_dir(&folder).unwrap();
    let paths: Vec<_> = (0..500)
        .map(|number| {
            let path = folder.join(format!("{number}.pdf"));
            fs::write(&path, [&sample[..], format!("\n% {number}\n").as_bytes()].concat()).unwrap();
            path
        })
        .collect();
    assert_eq!(desk.desk_add(&paths).unwrap().len(), 500);
    desk.desk_view().unwrap();
    let begun = Instant::now();
    assert_eq!(desk.desk_view().unwrap().contracts.len(), 500);
    let took = begun.elapsed();
    println!("note: desk_view of 500: {took:?}");
    assert!(took.as_millis() < 100, "{took:?}");
    desk.close();
}

pub(crate) fn settings(bench: &Bench) {
    bench.edit_config("[signing]", "# what we sign with\n[signing]");
    let desk = bench.open();
    let view = desk.settings_view().unwrap();
    assert!(view.practice && view.fault.is_none() && view.modules[0].configured);
    assert_eq!((view.tsas.len(), view.anchors.len(), view.endpoints.len()), (1, 1, 1));
    assert!(view.anchors[0].subjects[0].contains("PRACTICE"), "{view:?}");
    let url = "https://tsa.example/stamp".to_owned();
    let view = desk.settings_change(&SettingsChange::AddTsa { url }).unwrap();
    assert_eq!(view.tsas.len(), 2);
    let view = desk.settings_change(&SettingsChange::PreferTsa { index: 1 }).unwrap();
    assert_eq!(view.tsas[0].url, "https://tsa.example/stamp");
    assert!(view.tsas[1].practice);
    desk.settings_change(&SettingsChange::RemoveTsa { index: 0 }).unwrap();
    assert_eq!(
        code(desk.settings_change(&SettingsChange::AddTsa {
            url: "ftp://x".to_owned()
        })),
        "config-unusable"
    );
    assert_eq!(
        code(desk.settings_change(&SettingsChange::RemoveTsa { index: 7 })),
        "config-unusable"
    );
    let view = desk
        .settings_change(&SettingsChange::AddJournal {
            name: "second".to_owned(),
        })
        .unwrap();
    assert_eq!(view.endpoints.len(), 2);
    assert_eq!(
        code(desk.settings_change(&SettingsChange::AddJournal {
            name: "second".to_owned()
        })),
        "config-unusable"
    );
    desk.settings_change(&SettingsChange::RemoveEndpoint {
        name: "second".to_owned(),
    })
    .unwrap();
    let view = desk
        .settings_change(&SettingsChange::AllPagesMustBeSeen { on: false })
        .unwrap();
    assert!(!view.all_pages_must_be_seen);
    let view = desk
        .settings_change(&SettingsChange::Level {
            level: "B-B".to_owned(),
        })
        .unwrap();
    assert_eq!(view.level, "B-B");
    // What was asked about, and what was not: the level, the order, a journal of one's own.
    let kinds: Vec<ChangeKind> = bench
        .person
        .changes
        .lock()
        .unwrap()
        .drain(..)
        .map(|ask| ask.kind)
        .collect();
    use ChangeKind as K;
    assert_eq!(
        kinds,
        [
            K::AddTsa,
            K::RemoveTsa,
            K::AddTsa,
            K::RemoveEndpoint,
            K::PagesNeedNotBeSeen
        ]
    );
    bench.person.agrees.store(false, Ordering::Relaxed);
    let before = fs::read_to_string(bench.home.join("config.toml")).unwrap();
    let anchor = desk.settings_view().unwrap().anchors[0].id.clone();
    for (change, facts) in [
        (
            SettingsChange::AddTsa {
                url: "https://elsewhere.example:8443/stamp".to_owned(),
            },
            vec![
                ("host", "elsewhere.example:8443"),
                ("url", "https://elsewhere.example:8443/stamp"),
            ],
        ),
        (
            SettingsChange::RemoveTsa { index: 0 },
            vec![("host", "practice.invalid"), ("url", "http://practice.invalid/tsa")],
        ),
        (
            SettingsChange::RemoveEndpoint {
                name: "journal".to_owned(),
            },
            vec![("name", "journal")],
        ),
        (SettingsChange::RemoveAnchor { id: anchor }, vec![("file", "ROOT")]),
    ] {
        assert_eq!(code(desk.settings_change(&change)), "not-agreed", "{change:?}");
        let asked = bench.person.changes.lock().unwrap().pop().unwrap();
        let asked: Vec<(&str, &str)> = asked
            .facts
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert!(
            asked == facts || facts == [("file", "ROOT")] && asked[0].1.ends_with(".pem"),
            "{asked:?}"
        );
    }
    assert_eq!(fs::read_to_string(bench.home.join("config.toml")).unwrap(), before);
    bench.person.agrees.store(true, Ordering::Relaxed);
    let text = before;
    let anchor = text
        .split_once("anchors = [\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .unwrap()
        .0;
    let anchor = Path::new(anchor).to_owned();
    let view = desk.settings_add_anchor(&anchor, AnchorUse::Authorities).unwrap();
    assert_eq!(view.anchors.len(), 2);
    let id = view.anchors[1].id.clone();
    assert_eq!(
        desk.settings_change(&SettingsChange::RemoveAnchor { id })
            .unwrap()
            .anchors
            .len(),
        1
    );
    assert_eq!(
        code(desk.settings_add_anchor(&bench.home.join("config.toml"), AnchorUse::Signers)),
        "trust-unusable"
    );
    let text = fs::read_to_string(bench.home.join("config.toml")).unwrap();
    for kept in [
        "# what we sign with",
        "# started inside the program when it is needed",
        "# 演练 PRACTICE",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(desk.settings_probe_tsa(0).unwrap().ok);
    assert!(!desk.settings_probe_tsa(9).unwrap().ok);
    assert!(desk.settings_probe_endpoint("journal").unwrap().ok);
    let nobody = desk.settings_describe_evm("http://127.0.0.1:9", "").unwrap();
    assert_eq!(nobody.fault.unwrap().code, "endpoint-unreachable");
    desk.close();

    // A configuration that cannot be read does not lock the person out.
    bench.edit_config("level = \"B-B\"", "level = ");
    let desk = bench.open();
    assert_eq!(desk.settings_view().unwrap().fault.unwrap().code, "config-unusable");
    assert!(desk.about_view("here").unwrap().libraries.len() > 100);
    desk.close();
}

pub(crate) fn cancelled(bench: &Bench) {
    let desk = bench.open();
    let id = reviewed(&desk, &bench.contract("a.pdf"));
    let chosen = choices(&desk, &id);
    bench.script(&[Typed::Dawdle]);
    desk.sign_start(&chosen).unwrap();
    bench.until("the PIN is asked for", || {
        !bench.person.asked.lock().unwrap().is_empty()
    });
    // While the person thinks everything else goes on.
    assert_eq!(code(desk.sign_start(&chosen)), "busy");
    assert_eq!(code(desk.desk_remove(&id)), "busy");
    assert_eq!(desk.desk_view().unwrap().contracts[0].running, Some(StageName::Signed));
    assert!(desk.tokens_view(true).is_ok() && desk.review_open(&id).is_ok());
    let other = bench.home.join("work/other.pdf");
    fs::write(
        &other,
        [&fs::read(bench.home.join("work/a.pdf")).unwrap()[..], b"\n% other\n"].concat(),
    )
    .unwrap();
    let other = desk.desk_add(&[other]).unwrap().pop().unwrap();
    assert!(desk.review_open(&other).is_ok() && desk.settings_probe_tsa(0).unwrap().ok);
    desk.work_cancel(&id).unwrap();
    *bench.person.go.lock().unwrap() = true;
    bench.person.gone.notify_all();
    // Taken back, not put off.
    assert!(bench.until_state(&desk, &id, ContractState::ToReview).fault.is_none());
    bench.script(&[Typed::No]);
    desk.sign_start(&chosen).unwrap();
    bench.until_state(&desk, &id, ContractState::WaitingForToken);
    desk.work_cancel(&id).unwrap();
    assert_eq!(card(&desk, &id).state, ContractState::ToReview);
    desk.close();
}
