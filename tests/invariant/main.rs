//! The invariant, tried: hostile keepers, traders, donors, carriers and tokens do what they like in any order, on real Uniswap, real
//! programs and the real shell, and after every step everything that `docs/properties.md` numbers has to hold.
//!
//! `HEDGEROW_SEED` plays one seed's runs, `HEDGEROW_LONG` a hundred times as many. A failure is cut down to a short script, printed
//! and saved beside the build; kept under `scripts/`, it is played again by every ordinary run.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../common/mod.rs"]
mod common;
mod exits;
mod look;
mod machine;
mod play;
mod policies;
mod pool;
mod runs;
mod script;
mod sessions;
mod shrink;
mod stage;
mod steps;
mod terms;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use play::{Broken, Play};
use script::{Chance, Script};
use stage::{STAGES, Stage};

/// Runs of the ordinary test and steps of each.
const RUNS: usize = 100;
const STEPS: usize = 500;
const LEAST: u64 = 10;
/// What has to have happened so often in an ordinary test.
const MUST_HAPPEN: [&str; 9] = [
    "rebalance",
    "walk",
    "exit",
    "compound",
    "harvest",
    "between two swaps",
    "spent token0",
    "minted",
    "decreased",
];
/// Programs run on fibers, and the frame loop under them is deep.
const STACK: usize = 64 << 20;

/// A stage is set once for all tests.
fn stage(name: &str) -> &'static Stage {
    static SET: [OnceLock<Stage>; STAGES.len()] = [const { OnceLock::new() }; STAGES.len()];
    let at = STAGES.iter().position(|(known, _)| *known == name);
    let at = at.unwrap_or_else(|| panic!("no stage is called {name:?}"));
    SET[at].get_or_init(|| Stage::set(STAGES[at].0))
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a whole number, not {value:?}")),
    )
}

/// Runs on a thread whose stack is deep enough.
fn deep<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread
            .unwrap()
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// A script as it went, every step with what came of it.
fn annotated(script: &Script) -> (String, Option<Broken>) {
    let mut text = format!("stage {}\n", script.stage);
    let ended = Play::whole(stage(&script.stage), script, |step, told| {
        text += &format!("{step} # {told}\n");
    });
    (text, ended.err().map(|(_, broken)| broken))
}

/// Cuts a failing script down, saves it and says how to play it again.
fn report(seed: u64, run: usize, script: &Script, broken: &Broken) -> String {
    let small = shrink::shrink(script, |candidate| {
        let ended = Play::whole(stage(&candidate.stage), candidate, |_, _| {});
        ended.is_err_and(|(_, other)| other.property == broken.property)
    });
    let (text, last) = annotated(&small);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("property-{}-{seed}-{run}.txt", broken.property));
    let last = last.map_or_else(|| broken.seen.clone(), |last| last.seen);
    let text = format!("# Property {}: {}\n{text}", broken.property, last.replace('\n', " "));
    let _ = fs::write(&path, &text);
    format!(
        "run {run} of HEDGEROW_SEED={seed}\n{text}\nsaved as {}; keep it in tests/invariant/scripts",
        path.display()
    )
}

/// Plays runs on all cores: how often what happened, or the first that fails.
fn play_runs(seed: u64, runs: usize) -> Result<BTreeMap<String, u64>, String> {
    let (next, failed, total) = (AtomicUsize::new(0), OnceLock::new(), Mutex::new(BTreeMap::new()));
    let work = || {
        loop {
            let run = next.fetch_add(1, Ordering::Relaxed);
            if run >= runs || failed.get().is_some() {
                return;
            }
            let mut chance = Chance::new(seed.wrapping_add(run as u64 * 0x1_0000_0001));
            // Every fourth run is played with a hostile token.
            let name = if run % 4 == 3 { "reentrant" } else { "plain" };
            let script = chance.script(name, STEPS);
            match Play::whole(stage(name), &script, |_, _| {}) {
                Ok(tally) => {
                    let mut total = total.lock().unwrap();
                    for (what, count) in tally {
                        *total.entry(what).or_default() += count;
                    }
                }
                Err((at, broken)) => {
                    let mut script = script;
                    script.steps.truncate(at + 1);
                    let _ = failed.set((run, script, broken));
                }
            }
        }
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(2, usize::from);
        for _ in 0..cores {
            thread::Builder::new()
                .stack_size(STACK)
                .spawn_scoped(scope, work)
                .unwrap();
        }
    });
    match failed.get() {
        Some((run, script, broken)) => Err(deep(|| report(seed, *run, script, broken))),
        None => Ok(total.into_inner().unwrap()),
    }
}

#[test]
fn nobody_takes_from_the_account_whatever_they_do_in_whatever_order() {
    let long = env::var_os("HEDGEROW_LONG").is_some();
    let runs = number("HEDGEROW_RUNS").map_or(if long { 100 * RUNS } else { RUNS }, |runs| runs as usize);
    let seed = number("HEDGEROW_SEED").unwrap_or(1);
    eprintln!("HEDGEROW_SEED={seed}, {runs} runs of {STEPS} steps");
    for (name, _) in STAGES {
        deep(|| stage(name));
    }
    let start = Instant::now();
    let tally = play_runs(seed, runs).unwrap_or_else(|failed| panic!("{failed}"));
    let rate = (runs * STEPS) as f64 / start.elapsed().as_secs_f64();
    eprintln!("{rate:.0} steps a second; {tally:#?}");
    // Runs in which nobody ever gets to act would hold everything and say nothing.
    if runs >= RUNS {
        for what in MUST_HAPPEN {
            assert!(
                tally.get(what).is_some_and(|count| *count >= LEAST),
                "too seldom: {what}"
            );
        }
    }
}

/// What failed once is played again, for ever.
#[test]
fn every_script_that_was_kept_plays_to_its_end() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/invariant/scripts");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "txt"))
    {
        let script: Script = fs::read_to_string(path).unwrap().parse().unwrap();
        let (text, broken) = deep(|| annotated(&script));
        assert_eq!(broken, None, "{}:\n{text}", path.display());
    }
}
