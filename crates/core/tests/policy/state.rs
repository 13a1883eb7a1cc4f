//! What is remembered, word by word.

use crate::given::any_state;
use hedgerow_core::policy::{State, Status, share};
use hedgerow_core::tick::sqrt_price_at_tick;
use hedgerow_core::{U256, WAD};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_packed_state_comes_back_as_it_was(state in any_state()) {
        prop_assert_eq!(State::unpack(&state.pack()), state);
    }

    #[test]
    fn every_state_of_whatever_size_fits_its_two_words(state in any_state(), big in any::<u64>()) {
        // What does not fit becomes the greatest that does, and never runs over into its neighbour.
        let wide = State { set_at: state.set_at | big << 40, ..state };
        let back = State::unpack(&wide.pack());
        prop_assert_eq!(State { set_at: state.set_at, ..back }, state);
        prop_assert_eq!(back.set_at, wide.set_at.min((1 << 40) - 1));
    }
}

#[test]
fn the_fields_lie_where_the_interface_has_them() {
    let state = State {
        status: Status::Ended,
        entry_sqrt_price: U256::from(0x1111_u64) << 144,
        factor: 0x2222_3333_4444_5555,
        share: 0x66_7788,
        set_at: 0x99_aabb_ccdd,
        last_run: 0x12_3456_789a,
        runs: 0xdead_beef,
        day: 0x0f_edcb,
        runs_today: 0xa987,
        period_start: 0x65_4321_0fed,
        period_loss: 0xcb_a987,
    };
    let words = [
        "00_667788_2222333344445555_1111000000000000000000000000000000000000",
        "00000000_cba987_6543210fed_a987_0fedcb_deadbeef_123456789a_99aabbccdd_02",
    ];
    let words = words.map(|word| U256::from_str_radix(&word.replace('_', ""), 16).unwrap());
    assert_eq!(state.pack(), words);
    assert_eq!(State::unpack(&words), state);
    assert_eq!(State::NONE.pack(), [U256::ZERO; 2]);
}

#[test]
fn a_status_that_is_none_counts_as_ended() {
    let codes = [0, 1, 2, 3, 255].map(Status::from_code);
    let expected = [Status::None, Status::Set, Status::Ended, Status::Ended, Status::Ended];
    assert_eq!(codes, expected);
}

#[test]
fn a_policy_begins_with_nothing_run_and_nothing_lost() {
    let begun = State::begin(1_000, U256::from(7), 250_000);
    assert_eq!((begun.status, begun.factor, begun.share), (Status::Set, WAD, 250_000));
    assert_eq!(
        (begun.set_at, begun.period_start, begun.entry_sqrt_price),
        (1_000, 1_000, U256::from(7))
    );
    assert_eq!(
        (
            begun.last_run,
            begun.runs,
            begun.day,
            begun.runs_today,
            begun.period_loss
        ),
        (0, 0, 0, 0, 0)
    );
}

#[test]
fn the_share_is_all_token0_below_the_range_half_in_its_middle_and_nothing_above() {
    let share_at = |tick| share(1, (-600, 600), sqrt_price_at_tick(tick).unwrap());
    assert_eq!(
        [share_at(-601), share_at(-600), share_at(600), share_at(601)],
        [1_000_000, 1_000_000, 0, 0]
    );
    // The two tokens are worth the same at the geometric middle; ticks round the sqrt prices to less than a millionth.
    assert!((499_999..=500_000).contains(&share_at(0)), "{}", share_at(0));
    assert_eq!(share(0, (-600, 600), sqrt_price_at_tick(0).unwrap()), 0);
}
