//! What is measured: functions, whose they are, and what each is called.

use crate::{
    accuracy::{self, Measure},
    inputs::{self, Input},
    reference::Random,
};
use alloy::{
    primitives::{Bytes, U256},
    sol_types::SolCall,
};
use hedgerow::bindings::{IHedgeLens, ILens, IOptionsLens, IRiskLens};

/// Whose our programs are.
pub const OURS: &str = "Hedgerow";

/// Where a function runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// In one of our programs.
    Program(&'static str),
    /// In a contract of `benches/solidity`: file and name.
    Contract(&'static str, &'static str),
}

/// One implementation of a function.
#[derive(Clone, Debug)]
pub struct Contestant {
    /// Whose it is.
    pub whose: &'static str,
    /// Where it runs.
    pub target: Target,
    /// What it is called by; `run` in all contracts of ours, whose selector depends on its arguments.
    pub selector: [u8; 4],
}

/// A function that several implement, with the same arguments.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it computes.
    pub name: &'static str,
    /// The inputs, in words.
    pub of: &'static str,
    /// Whoever computes it; ours is the first.
    pub contestants: Vec<Contestant>,
    /// What is asked.
    pub input: fn(&mut Random) -> Input,
    /// How far an answer is off.
    pub error: Measure,
}

fn ours<C: SolCall>(program: &'static str) -> Contestant {
    Contestant {
        whose: OURS,
        target: Target::Program(program),
        selector: C::SELECTOR,
    }
}

fn theirs(whose: &'static str, file: &'static str, name: &'static str, arguments: &str) -> Contestant {
    let hash = alloy::primitives::keccak256(format!("run({arguments})"));
    Contestant {
        whose,
        target: Target::Contract(file, name),
        selector: [hash[0], hash[1], hash[2], hash[3]],
    }
}

impl Contestant {
    /// The call with these arguments.
    pub fn call(&self, input: &Input) -> Bytes {
        call(self, input.iter().copied())
    }
}

const TERMS: &str = "(uint256,uint256,uint256,uint64,int256)";
const RANGE: &str = "(uint128,uint160,uint160,int24,int24)";

/// Functions called once.
pub fn single() -> Vec<Case> {
    vec![
        Case {
            name: "IL, constant product",
            of: "prices 0.01 to 100,000, moved to 0.2 to 5 times",
            contestants: vec![
                ours::<ILens::ilConstantProductCall>("lens"),
                theirs("Solady", "Solady", "SoladyIlConstantProduct", "uint256,uint256"),
                theirs("PRBMath", "Prb", "PrbIlConstantProduct", "uint256,uint256"),
            ],
            input: inputs::prices,
            error: accuracy::constant_product,
        },
        Case {
            name: "IL, weighted",
            of: "the same, weights 0.2 to 0.8",
            contestants: vec![
                ours::<ILens::ilWeightedCall>("lens"),
                theirs("Solady", "Solady", "SoladyIlWeighted", "uint256,uint256,uint256"),
                theirs(
                    "Balancer LogExpMath",
                    "Balancer",
                    "BalancerIlWeighted",
                    "uint256,uint256,uint256",
                ),
                theirs("PRBMath", "Prb", "PrbIlWeighted", "uint256,uint256,uint256"),
            ],
            input: inputs::weighted,
            error: accuracy::weighted,
        },
        Case {
            name: "v3 position figures",
            of: "ranges of 2 to 60 % either way, entered inside; error of the IL",
            contestants: vec![
                ours::<ILens::figuresCall>("lens"),
                theirs(
                    "Uniswap v4-core (no delta, no gamma)",
                    "UniswapV4",
                    "UniswapFigures",
                    RANGE,
                ),
            ],
            input: inputs::position,
            error: accuracy::position,
        },
        Case {
            name: "Black–Scholes call, put, delta",
            of: "strikes 0.5 to 2 times spot, 20 to 150 %, a day to a year; error of prices by spot",
            contestants: vec![
                ours::<IOptionsLens::priceAndDeltaCall>("options"),
                theirs("fused over Solady (ours)", "BlackScholes", "FusedBlackScholes", TERMS),
                theirs("Lyra", "Lyra", "LyraBlackScholes", TERMS),
            ],
            input: inputs::option,
            error: accuracy::option,
        },
        Case {
            name: "normal cdf",
            of: "-6 to 6",
            contestants: vec![
                ours::<IRiskLens::ncdfCall>("risk"),
                theirs("Lyra", "Lyra", "LyraCdf", "int256"),
            ],
            input: inputs::deviation,
            error: accuracy::cdf,
        },
    ]
    .into_iter()
    .chain(elementary())
    .collect()
}

fn elementary() -> [Case; 5] {
    [
        Case {
            name: "exp",
            of: "-20 to 20; error relative above 1",
            contestants: vec![
                ours::<IRiskLens::expCall>("risk"),
                theirs("Solady", "Solady", "SoladyExp", "int256"),
                theirs("Balancer LogExpMath", "Balancer", "BalancerExp", "int256"),
                theirs("PRBMath", "Prb", "PrbExp", "int256"),
            ],
            input: inputs::exponent,
            error: accuracy::exp,
        },
        Case {
            name: "ln",
            of: "1e-6 to 1e12",
            contestants: vec![
                ours::<IRiskLens::lnCall>("risk"),
                theirs("Solady", "Solady", "SoladyLn", "int256"),
                theirs("Balancer LogExpMath", "Balancer", "BalancerLn", "int256"),
                theirs("PRBMath", "Prb", "PrbLn", "int256"),
            ],
            input: inputs::positive,
            error: accuracy::ln,
        },
        Case {
            name: "pow",
            of: "0.01 to 100 to the 0.1 to 3; error relative above 1",
            contestants: vec![
                ours::<IRiskLens::powCall>("risk"),
                theirs("Solady", "Solady", "SoladyPow", "int256,int256"),
                theirs("Balancer LogExpMath", "Balancer", "BalancerPow", "uint256,uint256"),
                theirs("PRBMath", "Prb", "PrbPow", "int256,int256"),
            ],
            input: inputs::power,
            error: accuracy::pow,
        },
        Case {
            name: "sqrt of a wad",
            of: "1e-6 to 1e12; error relative above 1",
            contestants: vec![
                ours::<IRiskLens::sqrtCall>("risk"),
                theirs("Solady", "Solady", "SoladySqrt", "uint256"),
                theirs("PRBMath", "Prb", "PrbSqrt", "uint256"),
            ],
            input: inputs::positive,
            error: accuracy::sqrt,
        },
        Case {
            name: "mulDiv",
            of: "products of 400 bits by 170; error in whole units",
            contestants: vec![
                ours::<IRiskLens::mulDivCall>("risk"),
                theirs("Solady", "Solady", "SoladyMulDiv", "uint256,uint256,uint256"),
                theirs(
                    "Uniswap v4-core",
                    "UniswapV4",
                    "UniswapMulDiv",
                    "uint256,uint256,uint256",
                ),
                theirs("PRBMath", "Prb", "PrbMulDiv", "uint256,uint256,uint256"),
            ],
            input: inputs::product,
            error: accuracy::mul_div,
        },
    ]
}

/// Many evaluations in one call.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What it computes.
    pub name: &'static str,
    /// Whoever computes it; ours is the first.
    pub contestants: Vec<Contestant>,
    /// The call.
    pub call: fn(&Contestant) -> Bytes,
}

/// The batches.
pub fn batches() -> Vec<Batch> {
    let (terms, ranges) = (format!("{TERMS}[]"), format!("{RANGE}[]"));
    vec![
        Batch {
            name: "Black–Scholes call, put, delta × 100",
            contestants: vec![
                ours::<IOptionsLens::priceAndDeltaBatchCall>("options"),
                theirs(
                    "fused over Solady (ours)",
                    "BlackScholes",
                    "FusedBlackScholesBatch",
                    &terms,
                ),
                theirs("Lyra", "Lyra", "LyraBlackScholesBatch", &terms),
            ],
            call: |contestant| array(contestant, &inputs::many("options", 100, inputs::option)),
        },
        Batch {
            name: "v3 position figures × 32",
            contestants: vec![
                ours::<ILens::figuresBatchCall>("lens"),
                theirs(
                    "Uniswap v4-core (no delta, no gamma)",
                    "UniswapV4",
                    "UniswapFiguresBatch",
                    &ranges,
                ),
            ],
            call: |contestant| array(contestant, &inputs::many("positions", 32, inputs::position)),
        },
        Batch {
            name: "strip of 41 strikes against a v3 position, priced",
            contestants: vec![ours::<IHedgeLens::stripCall>("hedge")],
            call: |contestant| call(contestant, inputs::strip()),
        },
    ]
}

/// One dynamic array of static structs.
fn array(contestant: &Contestant, inputs: &[Input]) -> Bytes {
    let head = [U256::from(32), U256::from(inputs.len())];
    call(contestant, head.into_iter().chain(inputs.iter().flatten().copied()))
}

fn call(contestant: &Contestant, words: impl IntoIterator<Item = U256>) -> Bytes {
    let words = words.into_iter().flat_map(|word| word.to_be_bytes::<32>());
    contestant.selector.into_iter().chain(words).collect()
}

/// A contract that needs many evaluations: what it is called by, and the program that it may ask.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// What it computes.
    pub name: &'static str,
    /// Its name in `benches/solidity/Consumers.sol`.
    pub contract: &'static str,
    /// What it computes in place with.
    pub with: &'static str,
    /// The program.
    pub program: &'static str,
    /// Type of an input.
    pub argument: &'static str,
    /// One of the inputs.
    pub input: fn(&mut Random) -> Input,
}

/// The consumers.
pub fn consumers() -> [Consumer; 4] {
    [
        Consumer {
            name: "IL, constant product",
            contract: "ConstantProductConsumer",
            with: "Solady",
            program: "lens",
            argument: "(uint256,uint256)",
            input: inputs::prices,
        },
        Consumer {
            name: "IL, weighted",
            contract: "WeightedConsumer",
            with: "Solady",
            program: "lens",
            argument: "(uint256,uint256,uint256)",
            input: inputs::weighted,
        },
        Consumer {
            name: "v3 position figures",
            contract: "FiguresConsumer",
            with: "Uniswap v4-core",
            program: "lens",
            argument: RANGE,
            input: inputs::position,
        },
        Consumer {
            name: "Black–Scholes call, put, delta",
            contract: "OptionsConsumer",
            with: "fused over Solady (ours)",
            program: "options",
            argument: TERMS,
            input: inputs::option,
        },
    ]
}
