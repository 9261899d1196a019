//! The application in a real window, from opening a contract to final evidence: what a person sees, types and gets, with
//! SoftHSM2, a time-stamping authority, a chain, and judges that are not ours.
//!
//! Not its business: states that no real part can be brought to (the window's own tests with a faked program).
//! One binary, one display, one case after the other. Without Xvfb, a driver or the built application it is skipped, loudly.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests: a case that cannot be set up must stop, and figures must be seen"
)]

mod chooser;
mod closing;
mod desktops;
mod drops;
mod files;
mod keyboard;
mod kills;
mod network;
mod pads;
mod pins;
mod privacy;
mod questions;
mod rejection;
mod reports;
mod services;
mod steps;
mod text;
mod tokens;
mod tour;
mod tries;
mod way;

use std::process::ExitCode;

use countersign_tests::window::{
    self,
    app::Stage,
    runner::{self, Case},
};

const fn case(name: &'static str, run: fn(Stage<'_>)) -> Case {
    Case { name, run }
}

const CASES: &[Case] = &[
    case("from_the_contract_to_the_report", way::from_the_contract_to_the_report),
    case("a_wrong_pin_then_the_right_one", pins::a_wrong_pin_then_the_right_one),
    case("a_pin_is_not_given", pins::a_pin_is_not_given),
    case("a_locked_token", pins::a_locked_token),
    case("the_final_try_needs_consent", tries::the_final_try_needs_consent),
    case("a_pin_is_entered_on_the_device", pads::a_pin_is_entered_on_the_device),
    case("a_device_refuses", pads::a_device_refuses),
    case("a_device_says_yes_too_late", pads::a_device_says_yes_too_late),
    case("a_second_question_waits", questions::a_second_question_waits),
    case("rejected_and_taken_up_again", rejection::rejected_and_taken_up_again),
    case(
        "files_are_chosen_in_the_desktops_dialog",
        chooser::files_are_chosen_in_the_desktops_dialog,
    ),
    case("a_file_is_dragged_in", drops::a_file_is_dragged_in),
    case("what_arrives_is_notified", desktops::what_arrives_is_notified),
    case(
        "the_signed_file_is_opened_and_shown",
        desktops::the_signed_file_is_opened_and_shown,
    ),
    case("a_token_goes_and_comes_back", tokens::a_token_goes_and_comes_back),
    case(
        "an_authority_is_down_then_back",
        services::an_authority_is_down_then_back,
    ),
    case("a_chain_is_down_then_back", services::a_chain_is_down_then_back),
    case("killed_while_reviewing", kills::while_reviewing),
    case("killed_at_the_pin", kills::at_the_pin),
    case("killed_before_the_stamp", kills::before_the_stamp),
    case("killed_before_the_submission", kills::before_the_submission),
    case("killed_before_it_is_final", kills::before_it_is_final),
    case("killed_when_all_is_done", kills::when_all_is_done),
    case("closed_before_the_stamp", closing::closed_before_the_stamp),
    case("a_changed_octet_is_told", reports::a_changed_octet_is_told),
    case("chinese_text_can_be_selected", text::chinese_text_can_be_selected),
    case("the_text_of_pages_is_let_go", text::the_text_of_pages_is_let_go),
    case(
        "a_file_changes_during_the_review",
        files::a_file_changes_during_the_review,
    ),
    case(
        "a_second_start_hands_its_file_over",
        files::a_second_start_hands_its_file_over,
    ),
    case("with_the_keyboard_only", keyboard::with_the_keyboard_only),
    case("the_practice_tour", tour::the_practice_tour),
    case(
        "no_pin_and_no_path_in_the_page",
        privacy::no_pin_and_no_path_in_the_page,
    ),
    case(
        "nothing_leaves_before_its_time",
        network::nothing_leaves_before_its_time,
    ),
];

fn main() -> ExitCode {
    match window::tools() {
        Some(tools) => runner::run(CASES, &tools),
        None => ExitCode::SUCCESS,
    }
}
