//! Cuts a failing script down to what still fails: first whole stretches of steps, then the numbers.

use super::script::Script;

/// Plays that one failure may cost.
const PLAYS: usize = 600;

/// The shortest script found that fails as `fails` asks; the script itself has to.
pub fn shrink(script: &Script, mut fails: impl FnMut(&Script) -> bool) -> Script {
    let mut best = script.clone();
    let mut left = PLAYS;
    let mut still = |candidate: &Script| {
        left = left.saturating_sub(1);
        left > 0 && fails(candidate)
    };
    cut(&mut best, &mut still);
    simplify(&mut best, &mut still);
    cut(&mut best, &mut still);
    best
}

/// Delta debugging: leaves out ever smaller stretches.
fn cut(best: &mut Script, still: &mut impl FnMut(&Script) -> bool) {
    let mut size = best.steps.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        while at < best.steps.len() {
            let mut candidate = best.clone();
            candidate.steps.drain(at..(at + size).min(best.steps.len()));
            if still(&candidate) {
                *best = candidate;
            } else {
                at += size;
            }
        }
        if size == 1 {
            return;
        }
        size = size.div_ceil(2);
    }
}

/// Brings every number as near to nought, or to the least that it is drawn from, as the failure allows.
fn simplify(best: &mut Script, still: &mut impl FnMut(&Script) -> bool) {
    for step in 0..best.steps.len() {
        for number in 0..best.steps[step].numbers.len() {
            let (least, most) = best.steps[step].verb.bounds()[number];
            let goal = 0.clamp(least, most);
            for part in [0, 4, 2] {
                let mut candidate = best.clone();
                let value = &mut candidate.steps[step].numbers[number];
                let simpler = if part == 0 { goal } else { goal + (*value - goal) / part };
                if simpler == *value {
                    continue;
                }
                *value = simpler;
                if still(&candidate) {
                    *best = candidate;
                    break;
                }
            }
        }
    }
}

#[test]
fn a_failing_script_is_cut_down_to_what_makes_it_fail() {
    use super::script::{Chance, Verb};
    // Fails where a push of at least 100 ticks comes before a wipe.
    let fails = |script: &Script| {
        let push = |step: &super::script::Step| step.verb == Verb::Push && step.number(0) >= 100;
        let at = script.steps.iter().position(push);
        at.is_some_and(|at| script.steps[at..].iter().any(|step| step.verb == Verb::OwnerWipe))
    };
    let mut seeds = (1..).map(|seed| Chance::new(seed).script("plain", 500));
    let script = seeds.find(|script| fails(script)).unwrap();
    let small = shrink(&script, fails);
    assert_eq!(small.steps.len(), 2, "{small}");
    assert_eq!(
        (small.steps[0].verb, small.steps[1].verb),
        (Verb::Push, Verb::OwnerWipe)
    );
    assert!((100..400).contains(&small.steps[0].number(0)), "{small}");
    assert_eq!(small.to_string().parse::<Script>().unwrap(), small);
}
