//! The programs' wasm on the devnode answers as the same source does natively: equal bytes for equal calldata, be it a result or
//! a refusal. 1,000 calls a function, several inputs each in the batch forms; twenty times as many with `HEDGEROW_LONG`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use alloy::primitives::{Address, Bytes, hex};
use hedgerow::{
    artifacts::Artifacts,
    client::{Call, Client},
    deployment::{self, Part},
    error::Error,
    keys,
    output::Progress,
};
use hedgerow_devnode::{Config, Devnode};
use hedgerow_fuzz::{
    Input, abi,
    programs::{Program, Scripted},
};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};

/// Calls of one function, on the chain and natively; how many of them succeeded.
async fn compare(client: &Client, program: Program, at: Address, function: usize, calls: usize) -> usize {
    let (selector, signature) = (program.selectors()[function], program.signatures()[function]);
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[function as u8; 32]);
    let mut succeeded = 0;
    for _ in 0..calls {
        let mut data = [0; 1536];
        random.fill_bytes(&mut data);
        let question = abi::calldata(signature, selector, &mut Input::new(&data));
        let natively = program.answer(&Scripted::new(&[]), &question);
        let request = Call {
            data: Bytes::from(question.clone()),
            to: at,
            ..Call::default()
        };
        let on_chain = match client.call(request, signature).await {
            Ok(words) => Ok(words.to_vec()),
            Err(Error::Reverted { data, .. }) => Err(data.to_vec()),
            Err(other) => panic!("{signature} of {}: {other}", hex::encode(question)),
        };
        assert_eq!(on_chain, natively, "{signature} of {}", hex::encode(question));
        succeeded += usize::from(natively.is_ok());
    }
    succeeded
}

#[tokio::test(flavor = "multi_thread")]
async fn wasm_and_native_code_give_the_same_bits() {
    let client = Client::in_process(&Devnode::new(Config::default()).unwrap())
        .await
        .unwrap();
    let deployer = keys::development(0).unwrap();
    let deployed = deployment::deploy(&client, &deployer, &Artifacts::locate(), Part::Lens, &Progress::new())
        .await
        .unwrap();
    let long = std::env::var("HEDGEROW_LONG").is_ok_and(|value| value != "0");
    let calls = if long { 20_000 } else { 1_000 };
    let programs = [
        (Program::Lens, deployed.lens),
        (Program::DirectLens, deployed.directlens),
        (Program::Options, deployed.options),
        (Program::Risk, deployed.risk),
        (Program::Ranges, deployed.ranges),
        (Program::Stake, deployed.stake),
        (Program::Hedge, deployed.hedge),
        (Program::Statistics, deployed.statistics),
        (Program::Chances, deployed.chances),
    ];
    for (program, deployed) in programs {
        let at = deployed.unwrap().address;
        let (mut asked, mut answered) = (0, 0);
        for (function, signature) in program.signatures().iter().enumerate() {
            // What reads the chain is tested against a real pool: `tests/lens.rs`, `tests/direct_lens`. Here there is none, which
            // the program for direct positions refuses by the address that it computes. What an account tells of its hedges is passed
            // on as it comes, and nobody is there to tell: `tests/hedges`.
            let passed_on = signature.starts_with("hedge(");
            if signature.contains("address") && (program != Program::DirectLens || passed_on) {
                continue;
            }
            let succeeded = compare(&client, program, at, function, calls).await;
            println!("{signature}: {succeeded} of {calls} answered");
            (asked, answered) = (asked + calls, answered + succeeded);
        }
        // Weights that sum to one, strikes in order and a whole hedge are hardly met by chance.
        assert!(
            answered * 200 > asked,
            "{program:?}: only {answered} of {asked} inputs were in a domain"
        );
    }
}
