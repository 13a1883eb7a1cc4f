//! What a call costs its caller, measured on the chain by a contract that looks at its gas before and after.

use alloy::{
    primitives::{Address, Bytes, U256, address, bytes},
    rpc::types::state::StateOverridesBuilder,
    sol_types::SolCall,
};
use hedgerow::client::{Call, Client};

const METER: Address = address!("00000000000000000000000000000000000003e7");
const STOPS: Address = address!("0000000000000000000000000000000000000570");

/// Forwards its calldata behind the first word to the address there, as a view; returns success and the gas between.
///
/// `calldatacopy(0, 32, size - 32)`, then `gas`, `staticcall`, `gas`, and the difference.
const ONCE: Bytes = bytes!(
    "60203603806020600037"
    "5a"
    "60006000835f5f355afa"
    "5a"
    "9190" "5f52" "03" "602052" "60405ff3"
);

/// The same after an unmeasured first call, so that account and program are warm.
const TWICE: Bytes = bytes!(
    "60203603806020600037"
    "60006000825f5f355afa50"
    "5a"
    "60006000835f5f355afa"
    "5a"
    "9190" "5f52" "03" "602052" "60405ff3"
);

/// Gas of the callee's frame: what the call takes beyond a call of a contract that stops at once.
///
/// With `cached` the program counts as entered before.
pub async fn frame_gas<C: SolCall>(client: &Client, to: Address, call: &C, cached: bool) -> u64 {
    let data = call.abi_encode();
    let (ok, gas) = between(client, to, &data, cached).await;
    assert!(ok, "{} failed", C::SIGNATURE);
    gas - between(client, STOPS, &data, cached).await.1
}

async fn between(client: &Client, to: Address, data: &[u8], cached: bool) -> (bool, u64) {
    let code = if cached { TWICE } else { ONCE };
    let overrides = StateOverridesBuilder::default()
        .with_code(METER, code)
        .with_code(STOPS, bytes!("00"))
        .build();
    let request = Call {
        to: METER,
        data: [to.into_word().as_slice(), data].concat().into(),
        overrides: Some(overrides),
        ..Call::default()
    };
    let answer = client.call(request, "measuring").await.unwrap();
    let word = |at: usize| U256::from_be_slice(&answer[at..at + 32]);
    (word(0) == U256::ONE, word(32).to())
}
