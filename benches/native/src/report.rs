//! The table.

use crate::{
    inputs::COUNT,
    timing::{Contestant, Timed, race},
};
use std::{fmt::Write, time::Duration};

/// One operation and everybody's time for it; ours is the first.
pub struct Group {
    operation: String,
    inputs: String,
    rows: Vec<(String, Timed)>,
}

impl Group {
    /// Races the contestants.
    pub fn race(operation: &str, inputs: &str, contestants: &mut [Contestant<'_>]) -> Self {
        let timed = race(contestants, COUNT, 21, Duration::from_millis(5));
        let names = contestants.iter().map(|contestant| contestant.name.clone());
        Self {
            operation: operation.into(),
            inputs: inputs.into(),
            rows: names.zip(timed).collect(),
        }
    }
}

/// All of it.
pub fn render(groups: &[Group]) -> String {
    let mut out = String::from(
        "| operation | inputs | whose | ns (median) | ns (best) | times ours |\n|---|---|---|---:|---:|---:|\n",
    );
    for group in groups {
        let ours = group.rows[0].1.median;
        for (name, time) in &group.rows {
            let _ = writeln!(
                out,
                "| {} | {} | {name} | {:.1} | {:.1} | {:.2} |",
                group.operation,
                group.inputs,
                time.median,
                time.best,
                time.median / ours
            );
        }
    }
    out
}
