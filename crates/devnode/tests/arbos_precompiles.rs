//! What the precompiles answer, and what a call of one costs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy::primitives::{Address, B256, TxKind, U256, address, hex};
use alloy::sol;
use alloy::sol_types::SolCall;
use hedgerow_devnode::chain::config::CallOptions;
use hedgerow_devnode::chain::evm::transact;
use revm::context::TxEnv;
use revm::context::result::ExecutionResult;
use world::{ALICE, World, base, forwarder, intrinsic};

const ARB_SYS: Address = address!("0000000000000000000000000000000000000064");
const ARB_OWNER_PUBLIC: Address = address!("000000000000000000000000000000000000006b");
const ARB_GAS_INFO: Address = address!("000000000000000000000000000000000000006c");
const P256VERIFY: Address = address!("0000000000000000000000000000000000000100");
const EVM: Address = address!("00000000000000000000000000000000000000e1");

sol! {
    function arbBlockNumber() external view returns (uint256);
    function arbBlockHash(uint256 number) external view returns (bytes32);
    function arbChainID() external view returns (uint256);
    function arbOSVersion() external view returns (uint256);
    function isTopLevelCall() external view returns (bool);
    function myCallersAddressWithoutAliasing() external view returns (address);
    function mapL1SenderContractAddressToL2Alias(address sender, address unused) external pure returns (address);
    function getPricesInWei() external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
    function getMinimumGasPrice() external view returns (uint256);
    function getCurrentTxL1GasFees() external view returns (uint256);
    function getNetworkFeeAccount() external view returns (address);
    function getAllChainOwners() external view returns (address[] memory);
    function getMaxStylusContractFragments() external view returns (uint8);
}

fn ask(world: &mut World, at: Address, data: Vec<u8>) -> Vec<u8> {
    let result = world.simulate(ALICE, at, U256::ZERO, data);
    assert!(result.is_success(), "{result:?}");
    result.output().unwrap().to_vec()
}

fn word(value: u64) -> Vec<u8> {
    U256::from(value).to_be_bytes::<32>().to_vec()
}

#[test]
fn arb_sys_knows_the_chain_and_the_l2_block() {
    // The selector in Arbitrum's documentation.
    assert_eq!(arbBlockNumberCall::SELECTOR, hex!("a3b1b31d"));
    let mut world = World::new(61);
    assert_eq!(ask(&mut world, ARB_SYS, arbBlockNumberCall {}.abi_encode()), word(7));
    assert_eq!(ask(&mut world, ARB_SYS, arbChainIDCall {}.abi_encode()), word(412_346));
    assert_eq!(
        ask(&mut world, ARB_SYS, arbOSVersionCall {}.abi_encode()),
        word(55 + 61)
    );
    assert_eq!(ask(&mut world, ARB_SYS, isTopLevelCallCall {}.abi_encode()), word(1));
}

#[test]
fn arb_sys_knows_who_called_its_caller() {
    let outer = address!("00000000000000000000000000000000000000e2");
    let mut world = World::new(61);
    world.place(EVM, &forwarder(0xf1, ARB_SYS, true));
    world.place(outer, &forwarder(0xf1, EVM, true));
    let caller = myCallersAddressWithoutAliasingCall {}.abi_encode();
    let top = isTopLevelCallCall {}.abi_encode();
    for (at, callers_caller, is_top) in [(ARB_SYS, Address::ZERO, 1), (EVM, ALICE, 1), (outer, outer, 0)] {
        assert_eq!(ask(&mut world, at, caller.clone()), callers_caller.into_word().to_vec());
        assert_eq!(ask(&mut world, at, top.clone()), word(is_top));
    }
}

#[test]
fn arb_sys_maps_an_l1_address_to_its_alias() {
    let sender = address!("ffffffffffffffffffffffffffffffffffffffff");
    let data = mapL1SenderContractAddressToL2AliasCall { sender, unused: ALICE }.abi_encode();
    let alias = ask(&mut World::new(61), ARB_SYS, data);
    // 0xff…ff + 0x1111000000000000000000000000000000001111, modulo 2^160.
    assert_eq!(alias[12..], hex!("1111000000000000000000000000000000001110"));
}

#[test]
fn arb_block_hash_answers_for_recent_blocks_only() {
    let mut world = World::new(61);
    let hash = B256::repeat_byte(0xab);
    let hashes = Arc::new(BTreeMap::from([(5, hash)]));
    let mut ask = |number: u64| {
        let data = arbBlockHashCall {
            number: U256::from(number),
        }
        .abi_encode();
        let tx = TxEnv {
            caller: ALICE,
            kind: TxKind::Call(ARB_SYS),
            data: data.into(),
            gas_price: 0,
            ..base()
        };
        let options = CallOptions {
            l2_hashes: hashes.clone(),
            ..CallOptions::simulate(7)
        };
        let block = world.block();
        transact(&mut world.db, &world.config, block, tx, &options)
            .unwrap()
            .result
    };
    assert_eq!(ask(5).output().unwrap().to_vec(), hash.to_vec());
    assert!(!ask(7).is_success() && !ask(4).is_success());
}

#[test]
fn arb_gas_info_prices_gas_at_the_base_fee_and_l1_data_at_nothing() {
    let mut world = World::new(61);
    let prices = ask(&mut world, ARB_GAS_INFO, getPricesInWeiCall {}.abi_encode());
    let fee = 100_000_000;
    assert_eq!(
        prices,
        [word(0), word(0), word(fee * 20_000), word(fee), word(0), word(fee)].concat()
    );
    assert_eq!(
        ask(&mut world, ARB_GAS_INFO, getMinimumGasPriceCall {}.abi_encode()),
        word(fee)
    );
    assert_eq!(
        ask(&mut world, ARB_GAS_INFO, getCurrentTxL1GasFeesCall {}.abi_encode()),
        word(0)
    );
}

#[test]
fn arb_owner_public_names_the_owner_and_the_fee_account() {
    let mut world = World::new(61);
    let (owner, network) = (world.config.owner, world.config.network_fee_account);
    let owners = ask(&mut world, ARB_OWNER_PUBLIC, getAllChainOwnersCall {}.abi_encode());
    assert_eq!(owners, [word(32), word(1), owner.into_word().to_vec()].concat());
    let account = ask(&mut world, ARB_OWNER_PUBLIC, getNetworkFeeAccountCall {}.abi_encode());
    assert_eq!(account, network.into_word().to_vec());
    let fragments = getMaxStylusContractFragmentsCall {}.abi_encode();
    assert_eq!(ask(&mut world, ARB_OWNER_PUBLIC, fragments.clone()), word(4));
    assert!(
        !World::new(51)
            .simulate(ALICE, ARB_OWNER_PUBLIC, U256::ZERO, fragments)
            .is_success()
    );
}

#[test]
fn a_view_costs_opening_the_state_and_its_words() {
    let data = arbChainIDCall {}.abi_encode();
    let result = World::new(61).send(ALICE, ARB_SYS, U256::ZERO, data.clone());
    // 800 to open, no arguments, one word of result.
    assert_eq!(result.tx_gas_used(), intrinsic(&data) + 800 + 3);
}

#[test]
fn an_unknown_method_or_unwanted_value_takes_all_gas() {
    let mut world = World::new(61);
    for (value, data) in [
        (0, hex!("deadbeef").to_vec()),
        (0, vec![]),
        (1, arbChainIDCall {}.abi_encode()),
    ] {
        let result = world.send(ALICE, ARB_SYS, U256::from(value), data);
        assert!(
            matches!(&result, ExecutionResult::Revert { output, .. } if output.is_empty()),
            "{result:?}"
        );
        assert_eq!(result.tx_gas_used(), 20_000_000);
    }
}

#[test]
fn a_delegate_call_cannot_act_as_the_precompile() {
    let mut world = World::new(61);
    for (to, data, works) in [
        (ARB_SYS, arbChainIDCall {}.abi_encode(), false),
        (
            ARB_SYS,
            mapL1SenderContractAddressToL2AliasCall {
                sender: ALICE,
                unused: ALICE,
            }
            .abi_encode(),
            true,
        ),
    ] {
        world.place(EVM, &forwarder(0xf4, to, false));
        world.send(ALICE, EVM, U256::ZERO, data);
        assert_eq!(world.slot(EVM, 0), U256::from(1 + u64::from(works)));
    }
}

#[test]
fn p256_verification_costs_what_its_arbos_version_says() {
    for (version, price) in [(30, 3_450), (40, 3_450), (51, 6_900), (61, 6_900)] {
        let result = World::new(version).send(ALICE, P256VERIFY, U256::ZERO, vec![]);
        assert_eq!(result.tx_gas_used(), 21_000 + price, "ArbOS {version}");
    }
}

/// RFC 6979, A.2.5: P-256 with SHA-256, message "sample"; as RIP-7212 lays it out: digest, r, s, x, y.
const P256_SAMPLE: [[u8; 32]; 5] = [
    hex!("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"),
    hex!("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"),
    hex!("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"),
    hex!("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"),
    hex!("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"),
];

#[test]
fn p256_verification_answers_one_for_a_good_signature_and_nothing_else_for_any_other() {
    for version in [30, 40, 51, 61] {
        let mut world = World::new(version);
        let good = P256_SAMPLE.concat();
        assert_eq!(ask(&mut world, P256VERIFY, good.clone()), word(1), "ArbOS {version}");
        // One bit anywhere: of the digest, of either half of the signature, of either half of the key.
        for at in [0, 32, 64, 96, 128].map(|start| start + 31) {
            let mut bad = good.clone();
            bad[at] ^= 1;
            assert_eq!(
                ask(&mut world, P256VERIFY, bad),
                [0_u8; 0],
                "ArbOS {version}, byte {at}"
            );
        }
        for wrong in [good[..159].to_vec(), [good.as_slice(), &[0]].concat()] {
            assert_eq!(ask(&mut world, P256VERIFY, wrong), [0_u8; 0], "ArbOS {version}");
        }
    }
}

#[test]
fn bls_precompiles_and_clz_exist_since_arbos_50() {
    for (version, exists) in [(40, false), (61, true)] {
        let mut world = World::new(version);
        // An empty input is invalid: the precompile takes all gas; an account without code takes none.
        let bls = world.send(ALICE, Address::with_last_byte(0x0b), U256::ZERO, vec![]);
        assert_eq!(bls.is_success(), !exists, "ArbOS {version}");
        // PUSH1 1 CLZ PUSH0 SSTORE
        world.place(EVM, &hex!("60011e5f55"));
        let clz = world.send(ALICE, EVM, U256::ZERO, vec![]);
        assert_eq!(clz.is_success(), exists, "ArbOS {version}");
        assert_eq!(world.slot(EVM, 0), U256::from(if exists { 255 } else { 0 }));
    }
}

#[test]
fn number_is_the_l1_block_and_coinbase_the_sequencer() {
    let mut world = World::new(61);
    // NUMBER PUSH0 SSTORE COINBASE PUSH1 1 SSTORE PREVRANDAO PUSH1 2 SSTORE
    world.place(EVM, &hex!("435f554160015544600255"));
    assert!(world.send(ALICE, EVM, U256::ZERO, vec![]).is_success());
    assert_eq!(world.slot(EVM, 0), U256::from(1_000_000));
    let coinbase = address!("a4b000000000000000000073657175656e636572");
    assert_eq!(Address::from_word(world.slot(EVM, 1).into()), coinbase);
    assert_eq!(world.slot(EVM, 2), U256::from(1));
}
