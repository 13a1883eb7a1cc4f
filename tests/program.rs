//! The programs on their way to a chain: small enough, fit for activation, deployed once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use alloy::{hex, primitives::U256, sol};
use hedgerow::{
    artifacts::Artifacts,
    client::Client,
    deployment::{self, Deployment, Part},
    error::Error,
    keys,
    measure::measure,
    output::Progress,
    program::{ARB_WASM, Deployed, HEDGES, MAX_CODE_SIZE, MAX_PAYLOAD_SIZE, PROGRAMS, Program},
};
use hedgerow_devnode::{Config, Devnode};

fn program(name: &str) -> Program {
    Program::from_wasm(name, &Artifacts::locate().program(name).unwrap()).unwrap()
}

/// The programs of a whole deployment; the factory of margin accounts, the module for session keys and the shell,
/// which are none, come last.
fn programs(deployment: &Deployment) -> impl Iterator<Item = (&'static str, &Deployed)> {
    let parts = deployment.parts().map(|(_, deployed)| deployed);
    assert_eq!(deployment.parts().count(), PROGRAMS.len() + 3);
    PROGRAMS.into_iter().zip(parts)
}

#[test]
fn every_program_fits_into_one_contract_but_that_of_hedges_into_two_pieces() {
    for name in PROGRAMS {
        let program = program(name);
        println!(
            "{name}: {} bytes compressed, {} before",
            program.size(),
            program.wasm_size
        );
        let pieces = program.fragments.iter().chain([&program.code]);
        assert!(pieces.clone().all(|piece| piece.len() <= 24_576), "{name}");
        let pieces = if name == HEDGES { 2 } else { 0 };
        assert_eq!(program.fragments.len(), pieces, "{name}");
        let prefix = if program.fragments.is_empty() {
            "eff00000"
        } else {
            "eff00200"
        };
        assert_eq!(hex::encode(&program.code[..4]), prefix, "{name}");
    }
    assert_eq!((MAX_CODE_SIZE, MAX_PAYLOAD_SIZE), (24_576, 4 * 24_573));
}

#[test]
fn a_program_that_does_not_fit_is_refused_before_anything_is_sent() {
    // (module (data "...")) with 100,000 bytes that do not compress.
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    });
    let mut module = wasm_encoder::Module::new();
    let mut data = wasm_encoder::DataSection::new();
    data.passive(noise.take(100_000));
    module.section(&data);
    let error = Program::from_wasm("noise", &module.finish()).unwrap_err();
    assert!(
        matches!(error, Error::ProgramTooLarge { size, limit: 98_292, .. } if size > 100_000),
        "{error}"
    );
    assert_eq!(error.exit_code(), 2);
}

#[test]
fn what_is_no_module_is_refused() {
    let error = Program::from_wasm("text", b"(module)").unwrap_err();
    assert!(matches!(error, Error::BadProgram { .. }), "{error}");
}

#[tokio::test]
async fn deployment_activates_pays_the_data_fee_and_happens_once() {
    let devnode = Devnode::new(Config::default()).unwrap();
    let client = Client::in_process(&devnode).await.unwrap();
    let signer = keys::development(0).unwrap();
    let (artifacts, progress) = (Artifacts::locate(), Progress::new());
    let first = deployment::deploy(&client, &signer, &artifacts, Part::All, &progress)
        .await
        .unwrap();
    for (name, part) in programs(&first) {
        assert_eq!(client.code(part.address).await.unwrap(), program(name).code);
        // 200 gas a byte of code, and the fixed 1,659,168 of an activation.
        assert!(part.deploy_gas > 200 * part.size as u64, "{part:?}");
        assert!(part.activation_gas > 1_659_168, "{part:?}");
        assert!(part.data_fee > U256::ZERO, "{part:?}");
    }
    let nonce = client.nonce(signer.address()).await.unwrap();
    let second = deployment::deploy(&client, &signer, &artifacts, Part::All, &progress)
        .await
        .unwrap();
    assert_eq!(
        client.nonce(signer.address()).await.unwrap(),
        nonce,
        "the second deployment sent something"
    );
    assert_eq!(second.account_address().unwrap(), first.account_address().unwrap());
    assert_eq!(second.lens.unwrap().activation_gas, 0);
}

sol! {
    interface IArbWasmInitGas {
        function programInitGas(address program) external view returns (uint64 gas, uint64 gasWhenCached);
        function programMemoryFootprint(address program) external view returns (uint16 footprint);
    }
}

#[tokio::test]
async fn what_is_measured_without_a_chain_is_what_the_chain_charges() {
    let devnode = Devnode::new(Config::default()).unwrap();
    let client = Client::in_process(&devnode).await.unwrap();
    let signer = keys::development(0).unwrap();
    let (artifacts, progress) = (Artifacts::locate(), Progress::new());
    let deployed = deployment::deploy(&client, &signer, &artifacts, Part::All, &progress)
        .await
        .unwrap();
    for (name, deployed) in programs(&deployed) {
        let (measured, program) = (measure(&artifacts, name).unwrap(), deployed.address);
        let charged = client
            .read(ARB_WASM, &IArbWasmInitGas::programInitGasCall { program })
            .await
            .unwrap();
        assert_eq!(measured.entry_gas, charged.gas, "{name}");
        assert_eq!(measured.cached_entry_gas, charged.gasWhenCached, "{name}");
        let footprint = IArbWasmInitGas::programMemoryFootprintCall { program };
        assert_eq!(
            measured.footprint,
            client.read(ARB_WASM, &footprint).await.unwrap(),
            "{name}"
        );
        assert_eq!(measured.size, deployed.size, "{name}");
    }
}
