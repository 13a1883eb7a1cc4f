//! What a run is made of: one step per line, a word and whole numbers, so that a failure can be read, cut down and kept.
//!
//! `#` begins a comment. Numbers that choose one of several things are taken modulo how many there are, so that a step still
//! means something when others before it are cut out.

use std::{fmt, str::FromStr};

/// Numbers as they are drawn: both ends included.
type Bounds = (i64, i64);

macro_rules! verbs {
    ($($(#[$doc:meta])* $name:ident = $word:literal $weight:literal [$($bounds:expr),*];)+) => {
        /// What somebody does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Verb { $($(#[$doc])* $name),+ }

        impl Verb {
            pub const ALL: &[Self] = &[$(Self::$name),+];

            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }

            /// How often it is drawn, against the others.
            pub const fn weight(self) -> u64 {
                match self { $(Self::$name => $weight),+ }
            }

            /// What its numbers are drawn from.
            pub const fn bounds(self) -> &'static [Bounds] {
                match self { $(Self::$name => &[$($bounds),*]),+ }
            }
        }
    };
}

/// Which of several.
const ANY: Bounds = (0, 63);
const COIN: Bounds = (0, 1);

verbs! {
    /// Seconds pass.
    Time = "time" 14 [(1, 1_800)];
    /// Hours pass.
    Hours = "hours" 3 [(1, 30)];
    /// The trader sells token0 (0) or token1 (1): thousandths of a unit.
    Trade = "trade" 10 [COIN, (1, 900_000)];
    /// The trader moves the price by so many ticks.
    Push = "push" 5 [(-900, 900)];
    /// The trader brings the price back to so many ticks from where the pool opened.
    Settle = "settle" 4 [(-300, 300)];
    /// Somebody gives the account token0, token1, ether, an NFT of a position, or liquidity in one of its direct ranges: thousandths
    /// of a unit.
    Give = "give" 3 [(0, 4), (1, 2_000)];
    /// Somebody else's liquidity around the price: ticks to either side in spacings, units; or takes the last of it away (0).
    Depth = "depth" 3 [(0, 40), (1, 3_000)];
    /// Anybody (which) calls the account with one of its functions (which), its arguments made of a number.
    Anything = "anything" 4 [ANY, ANY, (0, i64::MAX)];
    /// The owner, of a position: to a range of so many spacings, its middle so many spacings from the price.
    OwnerRebalance = "owner-rebalance" 1 [ANY, (2, 80), (-6, 6)];
    OwnerHarvest = "owner-harvest" 1 [ANY];
    OwnerCompound = "owner-compound" 1 [ANY];
    /// In both tokens, token0 or token1.
    OwnerExit = "owner-exit" 1 [ANY, (0, 2)];
    /// An NFT to a direct position or back.
    OwnerConvert = "owner-convert" 1 [ANY];
    /// The owner opens an NFT (0) or a direct position (1): spacings to either side, units.
    OwnerOpen = "owner-open" 3 [COIN, (2, 60), (1, 300)];
    OwnerPause = "owner-pause" 1 [];
    OwnerUnpause = "owner-unpause" 6 [];
    OwnerWipe = "owner-wipe" 1 [(0, 15)];
    /// The owner signs a batch that gives some of token0 to the owner's friend: thousandths of a unit, nonce key.
    OwnerSign = "owner-sign" 2 [(1, 500), (0, 2)];
    /// Somebody (which) carries a signed batch (which), again or not.
    Carry = "carry" 3 [ANY, ANY];
    /// The owner sets a policy on a position: terms made of a number.
    Set = "set" 4 [ANY, (0, i64::MAX)];
    /// The owner signs an order of a policy for a position, and a keeper places it at once (0) or keeps it (1).
    Order = "order" 2 [ANY, (0, i64::MAX), COIN];
    /// Somebody (which) places an order (which) that was kept, or again, or late, or after a wipe.
    OrderAgain = "order-again" 2 [ANY, ANY];
    /// A keeper sets a policy on a position, as if it were his: terms made of a number.
    Usurp = "usurp" 1 [ANY, (0, i64::MAX)];
    /// The owner ends a policy.
    End = "end" 1 [ANY];
    /// The owner has a policy follow to a position.
    Follow = "follow" 2 [ANY, ANY];
    /// A keeper (which) runs a policy (which) for so many hundredths of the most that it may take.
    Run = "run" 22 [ANY, ANY, (0, 120)];
    /// The same with one field of the terms altered.
    RunAltered = "run-altered" 1 [ANY, ANY, ANY];
    /// The same at another position (which).
    RunAstray = "run-astray" 1 [ANY, ANY, ANY];
    /// In one transaction: takes the price so many ticks away, runs a policy, brings it back (0); or runs it inside the pool's swap (1)
    /// or flash (2) callback.
    Sandwich = "sandwich" 6 [(0, 2), (-700, 700), ANY, (0, 120)];
    /// In one second: a trade of so many ticks, a run, and the price brought back.
    Squeeze = "squeeze" 5 [(-700, 700), ANY, (0, 120)];
    /// Holds the price so many ticks away for so many seconds, then runs, then brings it back.
    Drag = "drag" 4 [(-700, 700), (1, 4_000), ANY];
    /// Has the hostile token call the account at every transfer: run a policy (0), or something that nobody but the owner may.
    Arm = "arm" 2 [(0, 6), ANY];
    /// The owner adds a session key, its terms made of a number.
    Key = "key" 2 [(0, i64::MAX)];
    /// The owner revokes a session key (which), or all (0).
    Revoke = "revoke" 1 [ANY, (0, 4)];
    /// The holder of a session key (which) tries something: transfers (0, 1), a mint (2), less liquidity (3), a collection (4), or what
    /// he may not; amounts are made of a number.
    Session = "session" 10 [ANY, (0, 11), (0, i64::MAX)];
    /// A session's batch is carried again.
    SessionAgain = "session-again" 1 [ANY];
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub verb: Verb,
    pub numbers: Vec<i64>,
}

impl Step {
    pub fn number(&self, at: usize) -> i64 {
        self.numbers[at]
    }

    /// A number that chooses one of `count` things.
    pub fn which(&self, at: usize, count: usize) -> Option<usize> {
        let count = i64::try_from(count).ok().filter(|count| *count != 0)?;
        usize::try_from(self.number(at).rem_euclid(count)).ok()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb.word())?;
        self.numbers.iter().try_for_each(|number| write!(f, " {number}"))
    }
}

impl FromStr for Step {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        let word = words.next().unwrap_or_default();
        let verb = Verb::ALL.iter().find(|verb| verb.word() == word);
        let verb = *verb.ok_or_else(|| format!("no step is called {word:?}"))?;
        let numbers = words.map(|word| word.parse().map_err(|error| format!("{word:?}: {error}")));
        let numbers = numbers.collect::<Result<Vec<i64>, String>>()?;
        if numbers.len() != verb.bounds().len() {
            return Err(format!("{line:?} takes {} numbers", verb.bounds().len()));
        }
        Ok(Self { verb, numbers })
    }
}

/// What is played, and on which stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    pub stage: String,
    pub steps: Vec<Step>,
}

impl FromStr for Script {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim());
        let mut lines = lines.filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        let stage = first.strip_prefix("stage ").ok_or("the first line names the stage")?;
        Ok(Self {
            stage: stage.to_owned(),
            steps: lines.map(str::parse).collect::<Result<_, _>>()?,
        })
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "stage {}", self.stage)?;
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

/// Numbers that look like chance and follow from a seed: SplitMix64 (Steele, Lea, Flood 2014).
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Both ends included.
    pub fn between(&mut self, (least, most): Bounds) -> i64 {
        let span = most.wrapping_sub(least) as u64;
        let drawn = if span == u64::MAX {
            self.next()
        } else {
            self.below(span + 1)
        };
        least.wrapping_add(drawn as i64)
    }

    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    pub fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    fn step(&mut self) -> Step {
        let total: u64 = Verb::ALL.iter().map(|verb| verb.weight()).sum();
        let mut drawn = self.below(total);
        let verb = Verb::ALL.iter().find(|verb| {
            let here = drawn < verb.weight();
            drawn = drawn.saturating_sub(verb.weight());
            here
        });
        let verb = *verb.expect("the weights add up");
        // Extremes more often than their share.
        let draw = |bounds: &Bounds| match self.below(16) {
            0 => bounds.0,
            1 => bounds.1,
            _ => self.between(*bounds),
        };
        let numbers = verb.bounds().iter().map(draw).collect();
        Step { verb, numbers }
    }

    pub fn script(&mut self, stage: &str, steps: usize) -> Script {
        Script {
            stage: stage.to_owned(),
            steps: (0..steps).map(|_| self.step()).collect(),
        }
    }
}
