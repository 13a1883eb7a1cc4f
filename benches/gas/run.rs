//! Runs the cases on a scene.

use crate::{
    cases::{Batch, Case, Consumer, Contestant, Target},
    inputs::{Input, many},
    scene::Scene,
};
use alloy::primitives::{Address, Bytes, U256, keccak256};
use hedgerow::{artifacts::Artifacts, error::Result};
use serde::Serialize;
use std::collections::HashMap;

/// Gas and error of one implementation over all inputs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// What is computed.
    pub function: String,
    /// Of what.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub of: &'static str,
    /// Whose it is.
    pub whose: &'static str,
    /// Median gas of the call's frame; a program's entry at its cached price.
    pub gas: u64,
    /// The dearest input's.
    pub most_gas: u64,
    /// Median gas with the program uncached.
    pub gas_uncached: u64,
    /// The greatest error, in units of 1e-18; none in batches, which compute the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<f64>,
    /// Inputs that it refuses.
    pub refused: usize,
}

/// From how many evaluations a contract saves gas by asking a program.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BreakEven {
    /// What is computed.
    pub function: &'static str,
    /// With what in place.
    pub with: &'static str,
    /// Gas of one evaluation among a hundred in place, its share of everything included.
    pub in_place: u64,
    /// The same, asked for in one call, the program cached.
    pub asked: u64,
    /// From how many on asking is cheaper, the program cached and its address warm.
    pub cached: Option<usize>,
    /// The same, the program entered uncached at a cold address.
    pub uncached: Option<usize>,
}

/// A scene and what has been deployed for its contestants.
pub struct Runner {
    scene: Scene,
    artifacts: Artifacts,
    deployed: HashMap<(&'static str, &'static str), Address>,
}

impl Runner {
    /// Nothing deployed yet but the programs.
    pub fn new(scene: Scene) -> Self {
        Self {
            scene,
            artifacts: Artifacts::locate(),
            deployed: HashMap::new(),
        }
    }

    async fn address(&mut self, target: Target) -> Result<Address> {
        let (file, name) = match target {
            Target::Program(name) => return self.scene.program(name),
            Target::Contract(file, name) => (file, name),
        };
        if let Some(&address) = self.deployed.get(&(file, name)) {
            return Ok(address);
        }
        let code = self.artifacts.contract(&format!("bench/{file}"), name)?;
        let address = self.scene.create(code).await?;
        self.deployed.insert((file, name), address);
        Ok(address)
    }

    /// Every contestant of a case, over `count` inputs.
    pub async fn case(&mut self, case: &Case, count: usize) -> Result<Vec<Row>> {
        let inputs = many(case.name, count, case.input);
        let mut rows = Vec::new();
        for contestant in &case.contestants {
            let target = self.address(contestant.target).await?;
            let (mut frames, mut error) = (Vec::new(), 0.0_f64);
            for input in &inputs {
                let Ok(frame) = self.scene.frame(target, contestant.call(input)).await else {
                    continue;
                };
                let words: Vec<U256> = frame.answer.chunks(32).map(U256::from_be_slice).collect();
                error = error.max((case.error)(input, &words));
                frames.push((frame.cached, frame.uncached));
            }
            let mut row = row(case.name.into(), contestant, &frames);
            row.of = case.of;
            row.error = Some(error);
            row.refused = inputs.len() - frames.len();
            rows.push(row);
        }
        Ok(rows)
    }

    /// Every contestant of a batch.
    pub async fn batch(&mut self, batch: &Batch) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for contestant in &batch.contestants {
            let target = self.address(contestant.target).await?;
            let frame = self.scene.frame(target, (batch.call)(contestant)).await?;
            rows.push(row(batch.name.into(), contestant, &[(frame.cached, frame.uncached)]));
        }
        Ok(rows)
    }

    /// Where a consumer saves gas by asking.
    pub async fn break_even(&mut self, consumer: &Consumer, most: usize) -> Result<BreakEven> {
        let inputs = many(consumer.name, most.max(100), consumer.input);
        let target = self.address(Target::Contract("Consumers", consumer.contract)).await?;
        let lens = self.scene.program(consumer.program)?;
        let call = |function: &str, count: usize| asked(function, consumer.argument, lens, &inputs[..count]);
        let mut found = [None; 2];
        for count in steps(most) {
            let in_place = self.scene.frame(target, call("inPlace", count)).await?;
            let asked = self.scene.frame(target, call("asked", count)).await?;
            let pairs = [(asked.cached, in_place.cached), (asked.uncached, in_place.uncached)];
            for (found, (asked, in_place)) in found.iter_mut().zip(pairs) {
                *found = found.or((asked < in_place).then_some(count));
            }
            if found.iter().all(Option::is_some) {
                break;
            }
        }
        let in_place = self.scene.frame(target, call("inPlace", 100)).await?;
        let asked = self.scene.frame(target, call("asked", 100)).await?;
        Ok(BreakEven {
            function: consumer.name,
            with: consumer.with,
            in_place: in_place.cached / 100,
            asked: asked.cached / 100,
            cached: found[0],
            uncached: found[1],
        })
    }
}

/// One by one at first, then in steps of about a fiftieth.
fn steps(most: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(1), |&count: &usize| Some(count + 1 + count / 50))
        .take_while(move |&count| count <= most)
}

/// The call `function(lens, inputs)` of a consumer.
fn asked(function: &str, argument: &str, lens: Address, inputs: &[Input]) -> Bytes {
    let hash = keccak256(format!("{function}(address,{argument}[])"));
    let head = [
        U256::from_be_slice(lens.as_slice()),
        U256::from(64),
        U256::from(inputs.len()),
    ];
    let words = head.iter().chain(inputs.iter().flatten());
    hash[..4]
        .iter()
        .copied()
        .chain(words.flat_map(|word| word.to_be_bytes::<32>()))
        .collect()
}

fn row(function: String, contestant: &Contestant, frames: &[(u64, u64)]) -> Row {
    let sorted = |mut gas: Vec<u64>| {
        gas.sort_unstable();
        gas
    };
    let cached = sorted(frames.iter().map(|frame| frame.0).collect());
    let uncached = sorted(frames.iter().map(|frame| frame.1).collect());
    let median = |gas: &[u64]| gas.get(gas.len() / 2).copied().unwrap_or_default();
    Row {
        function,
        of: "",
        whose: contestant.whose,
        gas: median(&cached),
        most_gas: cached.last().copied().unwrap_or_default(),
        gas_uncached: median(&uncached),
        error: None,
        refused: 0,
    }
}
