//! Journals that a crash has cut, and files that are no journals of ours.

use super::*;

/// A journal with every event.
fn written() -> Vec<u8> {
    let place = Place::new();
    let mut journal = place.begin();
    journal
        .dispatch(dispatched(&[1, 2], Some(second(1))))
        .unwrap();
    journal.outcome(outcome(2, Status::Created)).unwrap();
    journal.outcome(outcome(3, Status::Invalid)).unwrap();
    let lost = AnswerLost {
        at: second(2),
        patience: 30,
    };
    journal.answer_lost(lost).unwrap();
    journal.outcome(outcome(1, Status::Unknown)).unwrap();
    journal.alive(Alive { at: None }).unwrap();
    journal.end(ended(false)).unwrap();
    drop(journal);
    let mut journal = place.begin();
    journal.dispatch(dispatched(&[1], None)).unwrap();
    place.content()
}

#[test]
fn cut_at_every_byte_it_is_what_the_whole_lines_say() {
    let content = written();
    let path = Path::new("cut.journal");
    let mut expected = State::default();
    for length in 1..=content.len() {
        let cut = &content[..length];
        let state = State::replay(cut, path).unwrap();
        let whole = cut.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
        assert_eq!(state.end(), whole as u64);
        assert_eq!(state.is_torn(), whole < length);
        if whole == length {
            expected = State::replay(cut, path).unwrap();
        }
        expected.length = length as u64;
        assert_eq!(state, expected, "cut at {length}");
    }
    assert_eq!(expected.runs(), 2);
}

#[test]
fn a_run_begins_after_a_cut_at_any_byte() {
    let content = written();
    for length in (0..content.len()).step_by(13) {
        let place = Place::new();
        std::fs::write(&place.path, &content[..length]).unwrap();
        let runs = place.read().map_or(0, |state| state.runs());
        let journal = place.begin();
        let state = place.read().unwrap();
        assert_eq!(&state, journal.state());
        assert_eq!((state.runs(), state.is_torn()), (runs + 1, false));
    }
}

#[test]
fn a_tail_of_zeros_is_an_incomplete_line() {
    let mut content = written();
    let whole = content.len() as u64;
    content.extend([0; 4096]);
    let state = State::replay(content.as_slice(), Path::new("a")).unwrap();
    assert_eq!((state.end(), state.is_torn()), (whole, true));
}

#[test]
fn a_line_that_is_not_ours_is_an_error_with_its_number() {
    let good = String::from_utf8(written()).unwrap();
    for bad in [
        "",
        "{}",
        "{\"surprise\":{}}",
        "{\"alive\":{\"at\":null,\"more\":1}}",
        "{\"alive\":{\"at\":null}} {}",
        "{\"outcome\":{\"row\":1,\"list\":\"0000000000000001\",\"status\":\"created\",\"x\":1}}",
        "{\"outcome\":{\"row\":0,\"list\":\"0000000000000001\",\"status\":\"created\"}}",
        "{\"outcome\":{\"row\":1,\"list\":\"1\",\"status\":\"created\"}}",
        "{\"outcome\":{\"row\":1,\"list\":\"0000000000000001\",\"status\":\"done\"}}",
        "{\"dispatched\":{\"at\":null,\"rows\":[{\"row\":1}]}}",
    ] {
        let content = format!("{good}{bad}\n{{\"alive\":{{\"at\":null}}}}\n");
        match State::replay(content.as_bytes(), Path::new("a")) {
            Err(Error::Malformed { line, .. }) => {
                assert_eq!(line, good.lines().count() as u64 + 1, "{bad}");
            }
            other => panic!("{bad}: {other:?}"),
        }
    }
}

#[test]
fn an_event_before_its_run_is_an_error() {
    let opening = "{\"journal\":{\"schema\":1,\"program\":\"p\"}}\n{\"alive\":{\"at\":null}}\n";
    let read = State::replay(opening.as_bytes(), Path::new("a"));
    assert!(matches!(read, Err(Error::Malformed { line: 2, .. })));
}

#[test]
fn a_newer_format_is_refused_and_names_its_program() {
    let content = "{\"journal\":{\"schema\":2,\"program\":\"workos-orgs 3.0.0\"}}\n{\"x\":1}\n";
    match State::replay(content.as_bytes(), Path::new("a")) {
        Err(error @ Error::NewerSchema { schema: 2, .. }) => {
            assert!(error.to_string().contains("workos-orgs 3.0.0"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn another_file_is_refused_and_left_as_it_is() {
    for content in [
        "name,domain\nAcme,acme.com\n",
        "{\"a\":1}",
        "x",
        "\u{feff}{\"journal\":",
    ] {
        let place = Place::new();
        std::fs::write(&place.path, content).unwrap();
        let read = State::read(&place.path);
        assert!(matches!(read, Err(Error::NotAJournal { .. })), "{content}");
        let begun = Journal::begin(Arc::new(Disk), &place.path, None, run());
        assert!(matches!(begun, Err(Error::Disturbed { .. })));
        assert_eq!(place.content(), content.as_bytes());
    }
}
