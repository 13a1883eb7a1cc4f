//! The read-only programs, natively: whatever the calldata and whatever the chain answers, words or a revert.

use crate::{Input, abi};
use alloy_primitives::{Address, U256, keccak256};
use hedgerow_chances::interface::IChancesLens::IChancesLensCalls;
use hedgerow_directlens::interface::IDirectLens::IDirectLensCalls;
use hedgerow_hedge::interface::IHedgeLens::IHedgeLensCalls;
use hedgerow_lens::interface::ILens::ILensCalls;
use hedgerow_options::interface::IOptionsLens::IOptionsLensCalls;
use hedgerow_program::{abi::Word, host::Host};
use hedgerow_ranges::interface::IRangeLens::IRangeLensCalls;
use hedgerow_risk::interface::IRiskLens::IRiskLensCalls;
use hedgerow_stake::interface::IStakeLens::IStakeLensCalls;
use hedgerow_statistics::interface::IStatisticsLens::IStatisticsLensCalls;
use std::cell::RefCell;

/// A chain that answers calls with what the fuzzer says.
#[derive(Debug)]
pub struct Scripted<'a>(RefCell<Input<'a>>);

impl<'a> Scripted<'a> {
    /// Answers with these bytes, and with zeros after them.
    pub const fn new(answers: &'a [u8]) -> Self {
        Self(RefCell::new(Input::new(answers)))
    }
}

impl Host for Scripted<'_> {
    fn this(&self) -> Address {
        Address::ZERO
    }
    fn caller(&self) -> Address {
        Address::ZERO
    }
    fn value(&self) -> U256 {
        U256::ZERO
    }
    fn timestamp(&self) -> u64 {
        0
    }
    fn keccak256(&self, data: &[u8]) -> Word {
        keccak256(data).0
    }
    fn transient(&self, _: &Word) -> Word {
        [0; 32]
    }
    fn set_transient(&self, _: &Word, _: &Word) {}
    fn log(&self, _: usize, _: &[Word]) {}
    fn call(&self, _: &Address, _: &[u8], _: &mut [u8]) -> Option<usize> {
        panic!("a read-only program calls nothing that could change anything");
    }
    fn static_call(&self, _: &Address, _: &[u8], out: &mut [u8]) -> Option<usize> {
        let mut input = self.0.borrow_mut();
        let kind = input.byte();
        if kind == 0 {
            return None;
        }
        for slot in out.chunks_mut(32) {
            let word = input.word().to_be_bytes::<32>();
            slot.copy_from_slice(&word[..slot.len()]);
        }
        Some(if kind == 1 {
            usize::from(input.byte())
        } else {
            out.len()
        })
    }
    fn return_data(&self, limit: usize) -> Vec<u8> {
        vec![0xee; limit.min(40)]
    }
}

/// One of the read-only programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Pools and positions.
    Lens,
    /// Direct positions.
    DirectLens,
    /// Options.
    Options,
    /// Losses and elementary functions.
    Risk,
    /// Uniswap's integers, and yields.
    Ranges,
    /// Stakes in plain prices.
    Stake,
    /// Hedges.
    Hedge,
    /// Volatility, and the gate.
    Statistics,
    /// What may happen.
    Chances,
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Lens,
        Self::DirectLens,
        Self::Options,
        Self::Risk,
        Self::Ranges,
        Self::Stake,
        Self::Hedge,
        Self::Statistics,
        Self::Chances,
    ];

    /// The selectors that it answers.
    pub const fn selectors(self) -> &'static [[u8; 4]] {
        match self {
            Self::Lens => ILensCalls::SELECTORS,
            Self::DirectLens => IDirectLensCalls::SELECTORS,
            Self::Options => IOptionsLensCalls::SELECTORS,
            Self::Risk => IRiskLensCalls::SELECTORS,
            Self::Ranges => IRangeLensCalls::SELECTORS,
            Self::Stake => IStakeLensCalls::SELECTORS,
            Self::Hedge => IHedgeLensCalls::SELECTORS,
            Self::Statistics => IStatisticsLensCalls::SELECTORS,
            Self::Chances => IChancesLensCalls::SELECTORS,
        }
    }

    /// Their signatures, in the same order.
    pub const fn signatures(self) -> &'static [&'static str] {
        match self {
            Self::Lens => ILensCalls::SIGNATURES,
            Self::DirectLens => IDirectLensCalls::SIGNATURES,
            Self::Options => IOptionsLensCalls::SIGNATURES,
            Self::Risk => IRiskLensCalls::SIGNATURES,
            Self::Ranges => IRangeLensCalls::SIGNATURES,
            Self::Stake => IStakeLensCalls::SIGNATURES,
            Self::Hedge => IHedgeLensCalls::SIGNATURES,
            Self::Statistics => IStatisticsLensCalls::SIGNATURES,
            Self::Chances => IChancesLensCalls::SIGNATURES,
        }
    }

    /// What it returns, or reverts with.
    pub fn answer<H: Host>(self, host: &H, data: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
        match self {
            Self::Lens => hedgerow_lens::answer(host, data),
            Self::DirectLens => hedgerow_directlens::answer(host, data),
            Self::Options => hedgerow_options::answer(host, data),
            Self::Risk => hedgerow_risk::answer(host, data),
            Self::Ranges => hedgerow_ranges::answer(host, data),
            Self::Stake => hedgerow_stake::answer(host, data),
            Self::Hedge => hedgerow_hedge::answer(host, data),
            Self::Statistics => hedgerow_statistics::answer(host, data),
            Self::Chances => hedgerow_chances::answer(host, data),
        }
        .map_err(|revert| revert.0)
    }
}

/// Calldata for a selector: words of the sizes that its arguments have, now and then any bytes, cut off anywhere.
pub fn calldata(selector: [u8; 4], input: &mut Input<'_>) -> Vec<u8> {
    let mut data = selector.to_vec();
    if input.byte().is_multiple_of(16) {
        data.extend_from_slice(input.rest());
        return data;
    }
    let words = usize::from(input.byte() % 24);
    let batch = input.byte().is_multiple_of(4);
    for at in 0..words {
        let word = match (at, input.byte() % 8) {
            // The head of a single dynamic array: where it lies, and how long it is.
            (0, 1..) if batch => U256::from(32),
            (1, 1..) if batch => U256::from(words.saturating_sub(2) / (1 + usize::from(input.byte() % 6))),
            (_, 0) => input.word(),
            (_, 1) => input.sqrt_price(),
            (_, 2) => U256::from_be_slice(&sign_extended(input.tick())),
            (_, 3) => input.word() >> 192_usize,
            (_, 4) => U256::from(input.byte() % 3),
            (_, 5) => input.weight().0.into_raw(),
            _ => input.price().0.into_raw(),
        };
        data.extend_from_slice(&word.to_be_bytes::<32>());
    }
    data
}

fn sign_extended(tick: i32) -> [u8; 32] {
    let mut word = [if tick < 0 { 0xff } else { 0 }; 32];
    word[28..].copy_from_slice(&tick.to_be_bytes());
    word
}

/// The target's body.
pub fn body(data: &[u8]) {
    let mut input = Input::new(data);
    let program = Program::ALL[usize::from(input.byte()) % Program::ALL.len()];
    let at = usize::from(input.byte()) % program.selectors().len();
    let (selector, signature) = (program.selectors()[at], program.signatures()[at]);
    let question = if input.byte().is_multiple_of(4) {
        calldata(selector, &mut input)
    } else {
        abi::calldata(signature, selector, &mut input)
    };
    let host = Scripted::new(input.rest());
    match program.answer(&host, &question) {
        Ok(words) => assert!(!words.is_empty() && words.len() % 32 == 0),
        Err(reason) => assert!(reason.is_empty() || reason.len() % 32 == 4 || reason.len() == 40),
    }
}
