//! Frames there and back, and what is no frame.

use std::io::ErrorKind;

use super::*;

fn requests() -> Vec<Request> {
    vec![
        Request::Open {
            octets: u64::MAX,
            seconds: 10,
            memory: 1 << 31,
        },
        Request::Page { page: 1, width: 4096 },
        Request::Text { page: u32::MAX },
    ]
}

fn answers() -> Vec<Answer> {
    let mut answers = vec![
        Answer::Facts {
            sizes: vec![
                Size {
                    width: 595.0,
                    height: 842.5,
                };
                3
            ],
            confined: true,
        },
        Answer::Facts {
            sizes: Vec::new(),
            confined: false,
        },
        Answer::Picture(Png {
            width: 2,
            height: 3,
            octets: vec![1, 2, 3],
            warnings: vec![
                Warning::AnnotationNotDrawn,
                Warning::GlyphsMissing { count: 7 },
                Warning::FontUnsupported,
                Warning::ImageUndecodable,
                Warning::NoCjkFont,
                Warning::ContentUnreadable,
            ],
            fallback_fonts: vec![
                FallbackFont {
                    wanted: Some("STSong-Light".into()),
                    used: "宋体".into(),
                },
                FallbackFont {
                    wanted: None,
                    used: "Helvetica".into(),
                },
            ],
        }),
        Answer::Text(PageText {
            text: "会签\n".into(),
            untold: 1,
            cut: true,
        }),
    ];
    let refusals = [
        Refusal::Encrypted,
        Refusal::Panicked,
        Refusal::TooManyPages { pages: 9 },
        Refusal::Unasked,
        Refusal::Unreadable,
    ];
    answers.extend(refusals.map(Answer::Refused));
    answers
}

fn frame(send: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> Vec<u8> {
    let mut frame = Vec::new();
    send(&mut frame).unwrap();
    frame
}

#[test]
fn what_is_sent_is_received() {
    for request in requests() {
        let sent = frame(|to| request.send(to));
        assert_eq!(Request::receive(&mut sent.as_slice()).unwrap(), Some(request));
    }
    for answer in answers() {
        let sent = frame(|to| answer.send(to));
        assert_eq!(Answer::receive(&mut sent.as_slice()).unwrap(), answer);
    }
    assert_eq!(Request::receive(&mut [].as_slice()).unwrap(), None);
    let closed = Answer::receive(&mut [].as_slice()).unwrap_err();
    assert_eq!(closed.kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn a_frame_that_is_cut_or_goes_on_is_none() {
    for answer in answers() {
        let sent = frame(|to| answer.send(to));
        for end in 1..sent.len() {
            let error = Answer::receive(&mut &sent[..end]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "{answer:?} cut at {end}");
        }
        // The same with lengths that agree: a field is cut, or one too many stands there.
        for body in [&sent[4..sent.len() - 1], &[&sent[4..], &[0]].concat()[..]] {
            let other = frame(|to| send(body, to));
            assert!(Answer::receive(&mut other.as_slice()).is_err(), "{answer:?}");
        }
    }
}

#[test]
fn garbage_is_no_answer_and_makes_no_room() {
    let cases: [&[u8]; 7] = [
        // A length that no answer has, with nothing behind it.
        &[0xff, 0xff, 0xff, 0xff],
        &[0, 0, 0, 0],
        b"--render-worker\n",
        // No such kind.
        &[1, 0, 0, 0, 9],
        // A list of four thousand million sizes.
        &[6, 0, 0, 0, 1, 0, 0xff, 0xff, 0xff, 0xff],
        // A text that is not UTF-8.
        &[11, 0, 0, 0, 3, 1, 0, 0, 0, 0xff, 0, 0, 0, 0, 0],
        // A flag that is neither.
        &[10, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 2],
    ];
    for case in cases {
        let error = Answer::receive(&mut &case[..]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{case:?}");
    }
}
