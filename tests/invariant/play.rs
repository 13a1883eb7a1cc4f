//! A run: steps are carried out one after the other, and after each it is asked whether everything that has to hold still does.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, Bytes, U256, b256},
    sol_types::SolEvent,
};
use hedgerow::bindings::{IERC20, IPolicies::Decision};

use super::{
    exits,
    look::{At, Known, Look, owner_of},
    machine::{Machine, Sent},
    policies::PolicyOrder,
    runs::{self, Policy},
    script::{Script, Step},
    sessions::Key,
    stage::Stage,
    steps,
};

alloy::sol! {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    interface INft {
        event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    }
}

/// Every so many steps the owner's way out is tried.
const EXIT_EVERY: usize = 20;

/// A property that does not hold: its number in `docs/properties.md`, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub property: u8,
    pub seen: String,
}

pub type Held = Result<(), Broken>;

/// Refuses unless `holds`.
pub fn hold(property: u8, holds: bool, seen: impl FnOnce() -> String) -> Held {
    if holds {
        Ok(())
    } else {
        Err(Broken { property, seen: seen() })
    }
}

/// Who is behind a step, and so what may come of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The account's owner, who may do anything.
    Owner,
    /// Anybody else.
    Other,
    /// Anybody, with an order that the owner signed: terms are remembered, and nothing else happens.
    Carrier,
    /// A session key's holder, who is judged by what his session says.
    Session,
}

/// What a step did: for the comments of a script, and for those who count.
#[derive(Clone, Debug, Default)]
pub struct Told(pub String);

/// A signed batch: what it is, and whether it may still run.
#[derive(Clone, Debug)]
pub struct Batch {
    pub call: Bytes,
    pub amount: U256,
    pub generation: u64,
    pub used: bool,
}

/// A run at one moment.
#[derive(Clone)]
pub struct Play<'a> {
    pub stage: &'a Stage,
    pub machine: Machine,
    pub known: Known,
    /// What the account had before this step.
    pub look: Look,
    pub batches: Vec<Batch>,
    /// NFTs of other people's liquidity.
    pub depth: Vec<U256>,
    /// How often the owner wiped the account, and whether it is paused now.
    pub generation: u64,
    pub paused: bool,
    /// Every policy that was ever set, and every order that was signed.
    pub policies: Vec<Policy>,
    pub orders: Vec<PolicyOrder>,
    /// Every session key that was ever added.
    pub keys: Vec<Key>,
    /// What `check` said just before.
    pub expected: Option<Decision>,
    /// Where this transaction takes the price before it calls the account.
    pub displaced: Option<i32>,
    /// How often what happened.
    pub tally: BTreeMap<String, u64>,
    /// Not the run itself, but a copy on which the owner leaves everything.
    pub leaving: bool,
}

impl<'a> Play<'a> {
    pub fn begin(stage: &'a Stage) -> Self {
        let machine = stage.machine.clone();
        let mut known = Known::default();
        known.nfts.extend(&stage.nfts);
        known.nfts.insert(stage.kept);
        known.ranges.insert(stage.direct);
        let look = Look::at(stage, &machine, &known);
        Self {
            stage,
            machine,
            known,
            look,
            batches: Vec::new(),
            depth: Vec::new(),
            generation: 0,
            paused: false,
            policies: Vec::new(),
            orders: Vec::new(),
            keys: Vec::new(),
            expected: None,
            displaced: None,
            tally: BTreeMap::new(),
            leaving: false,
        }
    }

    /// Plays a script to its end or to the first property that does not hold; `told` hears what every step did.
    pub fn whole(
        stage: &'a Stage,
        script: &Script,
        mut told: impl FnMut(&Step, &str),
    ) -> Result<BTreeMap<String, u64>, (usize, Broken)> {
        let mut play = Self::begin(stage);
        for (at, step) in script.steps.iter().enumerate() {
            let done = play.step(step);
            let text = match &done {
                Ok(told) => told.0.clone(),
                Err(broken) => format!("property {} is broken: {}", broken.property, broken.seen),
            };
            told(step, &text);
            done.map_err(|broken| (at, broken))?;
            if at % EXIT_EVERY == EXIT_EVERY - 1 || at + 1 == script.steps.len() {
                exits::try_them(&play).map_err(|broken| (at, broken))?;
            }
        }
        Ok(play.tally)
    }

    pub fn count(&mut self, what: &str) {
        *self.tally.entry(what.to_owned()).or_default() += 1;
    }

    /// One step, and what has to hold after it.
    pub fn step(&mut self, step: &Step) -> Result<Told, Broken> {
        let told = steps::carry_out(self, step)?;
        Ok(told)
    }

    /// Somebody sends a transaction; what anybody could check about it is checked.
    pub fn send(&mut self, by: By, from: Address, to: Address, data: Bytes) -> Result<Sent, Broken> {
        self.send_with(by, from, to, U256::ZERO, data)
    }

    pub fn send_with(&mut self, by: By, from: Address, to: Address, value: U256, data: Bytes) -> Result<Sent, Broken> {
        let sent = self.machine.send(self.stage.account, from, to, value, data);
        self.note(&sent);
        let after = Look::at(self.stage, &self.machine, &self.known);
        let before = std::mem::replace(&mut self.look, after);
        self.always(&before, &sent, by)?;
        let runs = runs::told(self.stage.account, &sent);
        match by {
            By::Owner => {}
            By::Session if runs.is_empty() => {}
            _ if !runs.is_empty() => runs::judge(self, &before, &sent, &runs)?,
            _ => self.by_others(&before, &sent, by)?,
        }
        Ok(sent)
    }

    /// Time passes without a transaction: nothing but fees' value and the mean price moves.
    pub fn pass(&mut self, seconds: u64) -> Held {
        self.machine.pass(seconds);
        let after = Look::at(self.stage, &self.machine, &self.known);
        let same = after == self.look;
        hold(1, same, || format!("time alone changed {:?} to {after:?}", self.look))
    }

    /// Notes what became the account's, or was taken from it.
    fn note(&mut self, sent: &Sent) {
        let account = self.stage.account;
        for log in &sent.logs {
            if log.address == self.stage.npm
                && let Ok(moved) = INft::Transfer::decode_log(log)
            {
                if moved.from == account {
                    self.known.nfts.remove(&moved.tokenId);
                }
                if moved.to == account {
                    self.known.nfts.insert(moved.tokenId);
                }
            }
            if log.address == self.stage.pool
                && let Ok(minted) = hedgerow::bindings::IUniswapV3Pool::Mint::decode_log(log)
                && minted.owner == account
            {
                let range = (minted.tickLower.as_i32(), minted.tickUpper.as_i32());
                self.known.ranges.insert(range);
            }
        }
    }

    /// What holds after every transaction, the owner's own included.
    fn always(&self, before: &Look, sent: &Sent, by: By) -> Held {
        let (stage, look) = (self.stage, &self.look);
        hold(2, !sent.reformed, || "the account's code or nonce changed".into())?;
        hold(3, look.spot.unlocked, || "the pool is left locked".into())?;
        let kept = |look: &Look| {
            look.positions
                .get(&At::Nft(stage.kept))
                .map(|position| position.stake.liquidity)
        };
        hold(
            4,
            self.leaving || by == By::Session || kept(look) == kept(before),
            || format!("the kept position: {:?}", kept(look)),
        )?;
        for spender in stage.spenders() {
            let allowed = stage.allowances(&self.machine, spender);
            hold(6, allowed == [U256::ZERO; 2], || {
                format!("{spender} is allowed {allowed:?}")
            })?;
        }
        self.owned(sent)
    }

    /// Every NFT that the logs say is the account's is; what the account approved somebody for is undone.
    fn owned(&self, sent: &Sent) -> Held {
        let stage = self.stage;
        for log in &sent.logs {
            let ours = Approval::decode_log(log).is_ok_and(|approval| approval.owner == stage.account);
            if ours && stage.tokens.contains(&log.address) {
                let spender = Address::from_word(log.topics()[2]);
                let left = stage.allowances(&self.machine, spender);
                hold(6, left == [U256::ZERO; 2], || {
                    format!("{spender} is still allowed {left:?}")
                })?;
            }
            let nft = log.address == stage.npm && log.topics().first() == Some(&APPROVAL_FOR_ALL);
            let ours = log
                .topics()
                .get(1)
                .is_some_and(|owner| Address::from_word(*owner) == stage.account);
            hold(7, !(nft && ours), || "an operator of all NFTs".into())?;
        }
        for id in &self.known.nfts {
            let owner = owner_of(stage, &self.machine, *id);
            hold(8, owner == Some(stage.account), || format!("NFT {id} is {owner:?}'s"))?;
        }
        Ok(())
    }

    /// What holds after a transaction of anybody but the owner.
    fn by_others(&self, before: &Look, sent: &Sent, by: By) -> Held {
        let (stage, look) = (self.stage, &self.look);
        hold(5, look.header == before.header, || {
            format!("the header became {:#x}", look.header)
        })?;
        hold(9, look.ether >= before.ether, || {
            format!("ether {} became {}", before.ether, look.ether)
        })?;
        for i in [0, 1] {
            hold(10, look.tokens[i] >= before.tokens[i], || {
                format!("token{i}: {} became {}", before.tokens[i], look.tokens[i])
            })?;
        }
        for (at, old) in &before.positions {
            let new = look.positions.get(at).copied();
            let stake = new.map(|new| new.stake).unwrap_or_default();
            let kept = stake.liquidity >= old.stake.liquidity && (0..2).all(|i| stake.fees[i] >= old.stake.fees[i]);
            hold(11, kept, || format!("{old:?} became {new:?}"))?;
        }
        for log in sent.logs.iter().filter(|log| stage.tokens.contains(&log.address)) {
            let taken =
                Transfer::decode_log(log).is_ok_and(|moved| moved.from == stage.account && !moved.value.is_zero());
            hold(12, !taken, || format!("the account paid: {log:?}"))?;
        }
        let written = &sent.written;
        hold(13, written.is_empty() || by == By::Carrier, || {
            format!("the account's storage: {written:?}")
        })
    }
}

const APPROVAL_FOR_ALL: alloy::primitives::B256 =
    b256!("17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31");

/// A token's transfer.
pub fn transfer(to: Address, amount: U256) -> Bytes {
    super::stage::data(&IERC20::transferCall { to, amount })
}
