//! Timing contestants side by side: in turn within every round, so that what else the machine does hits all of them alike.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// One way of computing something, over all inputs; returns what the optimiser must not remove.
pub struct Contestant<'a> {
    /// Whose it is.
    pub name: String,
    run: Box<dyn FnMut() -> u64 + 'a>,
}

impl<'a> Contestant<'a> {
    /// `one` is called with every input.
    pub fn new<T: Copy>(name: impl Into<String>, inputs: &'a [T], one: impl Fn(T) -> u64 + 'a) -> Self {
        let run = move || {
            inputs
                .iter()
                .fold(0, |sum: u64, &input| sum.wrapping_add(one(black_box(input))))
        };
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }
}

/// Nanoseconds per operation: the median round and the fastest.
#[derive(Clone, Copy, Debug)]
pub struct Timed {
    /// Median of the rounds.
    pub median: f64,
    /// The fastest round, which the rest of the machine disturbed least.
    pub best: f64,
}

/// How long to look.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    rounds: usize,
    least: Duration,
    /// Points of a sweep.
    pub points: usize,
    /// How often to sweep.
    pub sweeps: usize,
    /// Questions to ask.
    pub lines: usize,
}

impl Effort {
    /// For figures.
    pub const FULL: Self = Self {
        rounds: 101,
        least: Duration::from_millis(3),
        points: 10_000_000,
        sweeps: 9,
        lines: 300_000,
    };
    /// To see that it works.
    pub const QUICK: Self = Self {
        rounds: 1,
        least: Duration::ZERO,
        points: 100_000,
        sweeps: 1,
        lines: 1_000,
    };
}

/// Times every contestant over `count` inputs.
pub fn race(contestants: &mut [Contestant<'_>], count: usize, effort: Effort) -> Vec<Timed> {
    let Effort { rounds, least, .. } = effort;
    let repeats: Vec<u32> = contestants
        .iter_mut()
        .map(|contestant| repeats(contestant, least))
        .collect();
    let mut samples = vec![Vec::with_capacity(rounds); contestants.len()];
    for _ in 0..rounds {
        for ((contestant, &repeats), samples) in contestants.iter_mut().zip(&repeats).zip(&mut samples) {
            let elapsed = time(contestant, repeats);
            samples.push(elapsed.as_nanos() as f64 / f64::from(repeats) / count as f64);
        }
    }
    samples.into_iter().map(summary).collect()
}

fn summary(mut samples: Vec<f64>) -> Timed {
    samples.sort_by(f64::total_cmp);
    Timed {
        median: samples[samples.len() / 2],
        best: samples[0],
    }
}

/// How often a contestant goes through all inputs in `least`; also warms caches and branch prediction.
fn repeats(contestant: &mut Contestant<'_>, least: Duration) -> u32 {
    let mut repeats = 1;
    while time(contestant, repeats) < least {
        repeats *= 2;
    }
    repeats
}

fn time(contestant: &mut Contestant<'_>, repeats: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..repeats {
        black_box((contestant.run)());
    }
    start.elapsed()
}
