//! What exists before the first block.

use alloy::{
    primitives::{Address, Bytes, address, bytes},
    signers::local::{LocalSignerError, MnemonicBuilder, PrivateKeySigner},
};

use super::state::State;
use crate::config::Config;

/// The deterministic deployer that every EVM chain has at this address: `CREATE2` with the first word of the calldata as
/// salt and the rest as init code (github.com/Arachnid/deterministic-deployment-proxy).
pub const DETERMINISTIC_DEPLOYER: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");

const DEPLOYER_CODE: Bytes = bytes!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f580151560395781"
    "82fd5b8082525050506014600cf3"
);

/// ArbOS's precompiles carry one invalid instruction as code, so that Solidity's check for code passes.
const PRECOMPILE_CODE: Bytes = bytes!("fe");

/// Last bytes of the ArbOS precompiles' addresses: ArbSys to ArbNativeTokenManager, and ArbosTest's neighbours between.
const PRECOMPILES: [u8; 14] = [
    0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72,
];

/// ArbNativeTokenManager arrived with ArbOS 41.
const NATIVE_TOKEN_MANAGER: (u8, u64) = (0x73, 41);

/// The development accounts' keys, in order.
///
/// # Errors
/// A phrase that is no BIP-39 mnemonic.
pub fn dev_keys(config: &Config) -> Result<Vec<PrivateKeySigner>, LocalSignerError> {
    // The parent is derived once: turning the phrase into a seed is what takes time.
    let phrase = MnemonicBuilder::english().phrase(config.mnemonic.as_str()).index(0)?;
    phrase
        .build_parent_key()?
        .children()
        .take(config.accounts as usize)
        .collect()
}

/// The state of block 0: funded accounts, the deterministic deployer, ArbOS's precompiles.
pub fn genesis_state(config: &Config, accounts: &[Address]) -> State {
    let mut state = State::default();
    for account in accounts {
        state.set_balance(*account, config.balance);
    }
    install(&mut state, DETERMINISTIC_DEPLOYER, DEPLOYER_CODE);
    let newer = (config.arbos_version >= NATIVE_TOKEN_MANAGER.1).then_some(NATIVE_TOKEN_MANAGER.0);
    for last in PRECOMPILES.into_iter().chain(newer) {
        install(&mut state, Address::with_last_byte(last), PRECOMPILE_CODE);
    }
    state
}

fn install(state: &mut State, address: Address, code: Bytes) {
    state.set_nonce(address, 1);
    // Only a malformed delegation is refused, and neither code above begins like one.
    let _ = state.set_code(address, code);
}
