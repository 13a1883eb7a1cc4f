//! The chain's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::config::Clock;

/// Decides the next block's timestamp; what `evm_increaseTime` and `evm_setNextBlockTimestamp` move.
#[derive(Clone, Copy, Debug)]
pub struct ChainClock {
    mode: Clock,
    /// Seconds added to the machine's clock, or to the next step.
    offset: u64,
    next: Option<u64>,
}

impl ChainClock {
    /// A clock that nobody has moved yet.
    pub fn new(mode: Clock) -> Self {
        Self {
            mode,
            offset: 0,
            next: None,
        }
    }

    /// The timestamp that a block on top of one at `parent` would get now.
    pub fn peek(&self, parent: u64) -> u64 {
        if let Some(next) = self.next {
            return next;
        }
        match self.mode {
            // A jump replaces the step, so that increasing the time by an hour gives a block exactly an hour later.
            Clock::Step(step) if self.offset == 0 => parent.saturating_add(step.max(1)),
            Clock::Step(_) => parent.saturating_add(self.offset),
            Clock::System => system_seconds().saturating_add(self.offset).max(parent),
        }
    }

    /// Notes that a block with this timestamp was made.
    pub fn advance(&mut self, timestamp: u64) {
        if self.next.take().is_some() && self.mode == Clock::System {
            self.offset = timestamp.saturating_sub(system_seconds());
        }
        if matches!(self.mode, Clock::Step(_)) {
            self.offset = 0;
        }
    }

    /// Moves the following blocks `seconds` forward and returns the total moved since the clock last settled.
    pub fn increase(&mut self, seconds: u64) -> u64 {
        self.offset = self.offset.saturating_add(seconds);
        if let Some(next) = &mut self.next {
            *next = next.saturating_add(seconds);
        }
        self.offset
    }

    /// Fixes the next block's timestamp; the caller has checked that it is after the parent's.
    pub fn set_next(&mut self, timestamp: u64) {
        self.next = Some(timestamp);
    }
}

/// The machine's clock in seconds since 1970.
pub fn system_seconds() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map(|elapsed| elapsed.as_secs())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_clock_repeats_exactly_and_honours_jumps_once() {
        let mut clock = ChainClock::new(Clock::Step(1));
        assert_eq!(clock.peek(100), 101);
        clock.increase(3_600);
        assert_eq!(clock.peek(100), 3_700);
        clock.advance(3_700);
        assert_eq!(clock.peek(3_700), 3_701);
        clock.set_next(9_000);
        assert_eq!(clock.peek(3_700), 9_000);
        clock.advance(9_000);
        assert_eq!(clock.peek(9_000), 9_001);
    }

    #[test]
    fn a_system_clock_keeps_the_offset_and_never_runs_backwards() {
        let mut clock = ChainClock::new(Clock::System);
        let far = system_seconds() + 1_000_000;
        assert_eq!(clock.peek(far), far);
        clock.set_next(far);
        clock.advance(far);
        assert!(clock.peek(0) >= far);
    }
}
