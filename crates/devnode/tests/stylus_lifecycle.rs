//! A program's life through transactions: deploy, activate, call, cache, expire. Figures are Nitro's, from the vectors
//! and from the gas schedule of `ArbWasm`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod world;

use alloy::primitives::{Address, B256, U256, hex, keccak256};
use alloy::sol;
use alloy::sol_types::{SolCall, SolError, SolEvent};
use revm::context::result::ExecutionResult;
use world::{ALICE, ARB_WASM, ARB_WASM_CACHE, World, classic, ether, fragmented, intrinsic};

sol! {
    interface Wasm {
        function activateProgram(address program) external payable returns (uint16 version, uint256 dataFee);
        function codehashVersion(bytes32 codehash) external view returns (uint16);
        function codehashKeepalive(bytes32 codehash) external payable;
        function programVersion(address program) external view returns (uint16);
        function programInitGas(address program) external view returns (uint64 gas, uint64 gasWhenCached);
        function programMemoryFootprint(address program) external view returns (uint16);
        function programTimeLeft(address program) external view returns (uint64);
        function maxStackDepth() external view returns (uint32);
        event ProgramActivated(bytes32 indexed codehash, bytes32 moduleHash, address program, uint256 dataFee, uint16 version);
        error ProgramNotWasm();
        error ProgramNotActivated();
        error ProgramNeedsUpgrade(uint16 version, uint16 stylusVersion);
        error ProgramExpired(uint64 ageInSeconds);
        error ProgramUpToDate();
        error ProgramKeepaliveTooSoon(uint64 ageInSeconds);
        error ProgramInsufficientValue(uint256 have, uint256 want);
    }
    interface Cache {
        function cacheProgram(address program) external;
        function evictCodehash(bytes32 codehash) external;
        function codehashIsCached(bytes32 codehash) external view returns (bool);
    }
}

/// What the example program's activation costs in wei, as Nitro computes it.
const HELLO_DATA_FEE: u64 = 64_004_122_592_626;
/// Its module's part of the activation gas.
const HELLO_MODULE_GAS: u64 = 1_661_408;
/// Everything else in an activation since ArbOS 59.
const ACTIVATION_GAS: u64 = 1_748_626;
const NUMBER: [u8; 4] = hex!("8381f58a");

fn hello() -> Vec<u8> {
    std::fs::read(common::folder().join("wasm/hello.processed.wasm")).unwrap()
}

fn activate_data(program: Address) -> Vec<u8> {
    Wasm::activateProgramCall { program }.abi_encode()
}

/// A chain with the example program deployed, and perhaps activated.
fn deployed(arbos_version: u64, activated: bool) -> (World, Address) {
    let mut world = World::new(arbos_version);
    let at = world.deploy(&classic(&hello())).unwrap();
    if activated {
        let result = world.send(ALICE, ARB_WASM, ether(1), activate_data(at));
        assert!(result.is_success(), "{result:?}");
    }
    (world, at)
}

fn gas_of_call(world: &mut World, at: Address) -> u64 {
    let result = world.send(ALICE, at, U256::ZERO, NUMBER);
    assert!(result.is_success(), "{result:?}");
    result.tx_gas_used() - intrinsic(&NUMBER)
}

#[test]
fn deploying_activating_and_calling_cost_what_nitro_charges() {
    let (mut world, at) = deployed(61, false);
    let before = world.balance(ALICE);
    let data = activate_data(at);
    let result = world.send(ALICE, ARB_WASM, ether(1), data.clone());
    assert!(result.is_success(), "{result:?}");
    let gas = result.tx_gas_used();
    assert_eq!(gas, intrinsic(&data) + ACTIVATION_GAS + HELLO_MODULE_GAS);
    // The rest of the ether came back, and the fee reached the network.
    let paid = before - world.balance(ALICE);
    assert_eq!(paid, U256::from(gas * world::BASE_FEE) + U256::from(HELLO_DATA_FEE));
    assert_eq!(world.balance(ARB_WASM), U256::ZERO);

    let output = result.output().unwrap();
    let answer = Wasm::activateProgramCall::abi_decode_returns(output).unwrap();
    assert_eq!((answer.version, answer.dataFee), (3, U256::from(HELLO_DATA_FEE)));
    let event = Wasm::ProgramActivated::decode_log(&result.logs()[0]).unwrap();
    assert_eq!(event.address, ARB_WASM);
    assert_eq!(
        (event.program, event.version, event.dataFee),
        (at, 3, U256::from(HELLO_DATA_FEE))
    );
    assert_eq!(event.codehash, keccak256(classic(&hello())));

    assert_eq!(gas_of_call(&mut world, at), 31_971);
    let set = hex!("3fb5c1cb000000000000000000000000000000000000000000000000000000000000002b");
    assert!(world.send(ALICE, at, U256::ZERO, set).is_success());
    assert_eq!(world.slot(at, 0), U256::from(0x2b));
}

#[test]
fn calling_before_activation_loses_all_gas_and_says_nothing() {
    let (mut world, at) = deployed(61, false);
    let result = world.send(ALICE, at, U256::ZERO, NUMBER);
    assert!(matches!(result, ExecutionResult::Halt { .. }), "{result:?}");
    assert_eq!(result.tx_gas_used(), 20_000_000);
}

#[test]
fn an_activation_without_enough_value_writes_nothing() {
    let (mut world, at) = deployed(61, false);
    let result = world.send(ALICE, ARB_WASM, U256::from(5), activate_data(at));
    let error = Wasm::ProgramInsufficientValue {
        have: U256::from(5),
        want: U256::from(HELLO_DATA_FEE),
    };
    assert!(!result.is_success());
    assert_eq!(result.output().unwrap().to_vec(), error.abi_encode());
    let version = world.simulate(
        ALICE,
        ARB_WASM,
        U256::ZERO,
        Wasm::programVersionCall { program: at }.abi_encode(),
    );
    assert_eq!(
        version.output().unwrap().to_vec(),
        Wasm::ProgramNotActivated {}.abi_encode()
    );
}

#[test]
fn a_program_activates_once() {
    let (mut world, at) = deployed(61, true);
    let result = world.send(ALICE, ARB_WASM, ether(1), activate_data(at));
    assert_eq!(result.output().unwrap().to_vec(), Wasm::ProgramUpToDate {}.abi_encode());
    assert_eq!(Wasm::ProgramUpToDate::SELECTOR, hex!("cc944bf2"));
}

#[test]
fn what_is_not_a_program_does_not_activate() {
    let mut world = World::new(61);
    let result = world.send(ALICE, ARB_WASM, ether(1), activate_data(ALICE));
    assert_eq!(result.output().unwrap().to_vec(), Wasm::ProgramNotWasm {}.abi_encode());
    // A module that is refused takes all gas.
    let at = world.deploy(&classic(&wat::parse_str("(module)").unwrap())).unwrap();
    let result = world.send(ALICE, ARB_WASM, ether(1), activate_data(at));
    assert!(
        matches!(&result, ExecutionResult::Revert { output, .. } if output.is_empty()),
        "{result:?}"
    );
    assert_eq!(result.tx_gas_used(), 20_000_000);
}

#[test]
fn arb_wasm_tells_about_a_program() {
    let (mut world, at) = deployed(61, true);
    let mut ask = |data: Vec<u8>| {
        world
            .simulate(ALICE, ARB_WASM, U256::ZERO, data)
            .output()
            .unwrap()
            .to_vec()
    };
    let word = |n: u64| U256::from(n).to_be_bytes::<32>().to_vec();
    assert_eq!(ask(Wasm::programVersionCall { program: at }.abi_encode()), word(3));
    assert_eq!(
        ask(Wasm::codehashVersionCall {
            codehash: keccak256(classic(&hello()))
        }
        .abi_encode()),
        word(3)
    );
    assert_eq!(
        ask(Wasm::programMemoryFootprintCall { program: at }.abi_encode()),
        word(17)
    );
    // Entering costs init and cached gas: 12,866 + 1,930.
    let gas = ask(Wasm::programInitGasCall { program: at }.abi_encode());
    assert_eq!(gas, [word(12_866 + 1_930), word(1_930)].concat());
    // Activations are dated to the hour.
    let age = (world::TIMESTAMP - 1_421_388_000) % 3_600;
    assert_eq!(
        ask(Wasm::programTimeLeftCall { program: at }.abi_encode()),
        word(365 * 86_400 - age)
    );
    assert_eq!(ask(Wasm::maxStackDepthCall {}.abi_encode()), word(22_000));
}

#[test]
fn a_year_later_the_program_has_expired_until_it_is_activated_again() {
    let (mut world, at) = deployed(61, true);
    world.now += 365 * 86_400 + 1;
    let result = world.send(ALICE, at, U256::ZERO, NUMBER);
    assert_eq!(result.tx_gas_used(), 20_000_000);
    assert!(result.output().is_none());
    let asked = world.simulate(
        ALICE,
        ARB_WASM,
        U256::ZERO,
        Wasm::programVersionCall { program: at }.abi_encode(),
    );
    let age = world.now - (world::TIMESTAMP - (world::TIMESTAMP - 1_421_388_000) % 3_600);
    assert_eq!(
        asked.output().unwrap().to_vec(),
        Wasm::ProgramExpired { ageInSeconds: age }.abi_encode()
    );
    assert!(world.send(ALICE, ARB_WASM, ether(1), activate_data(at)).is_success());
    assert_eq!(gas_of_call(&mut world, at), 31_971);
}

#[test]
fn a_program_may_be_kept_alive_after_a_month() {
    let (mut world, at) = deployed(61, true);
    let keep = Wasm::codehashKeepaliveCall {
        codehash: keccak256(classic(&hello())),
    }
    .abi_encode();
    let early = world.send(ALICE, ARB_WASM, ether(1), keep.clone());
    let age = (world::TIMESTAMP - 1_421_388_000) % 3_600;
    assert_eq!(
        early.output().unwrap().to_vec(),
        Wasm::ProgramKeepaliveTooSoon { ageInSeconds: age }.abi_encode()
    );
    world.now += 200 * 86_400;
    assert!(world.send(ALICE, ARB_WASM, ether(1), keep).is_success());
    world.now += 200 * 86_400;
    assert_eq!(gas_of_call(&mut world, at), 31_971);
}

#[test]
fn a_newer_stylus_version_asks_for_a_new_activation() {
    let (mut world, at) = deployed(51, true);
    assert_eq!(gas_of_call(&mut world, at), 31_971);
    let mut upgraded = World::new(61);
    upgraded.db = world.db;
    assert_eq!(upgraded.send(ALICE, at, U256::ZERO, NUMBER).tx_gas_used(), 20_000_000);
    let ask = Wasm::programVersionCall { program: at }.abi_encode();
    let asked = upgraded.simulate(ALICE, ARB_WASM, U256::ZERO, ask);
    let error = Wasm::ProgramNeedsUpgrade {
        version: 2,
        stylusVersion: 3,
    };
    assert_eq!(asked.output().unwrap().to_vec(), error.abi_encode());
    assert!(upgraded.send(ALICE, ARB_WASM, ether(1), activate_data(at)).is_success());
    assert_eq!(gas_of_call(&mut upgraded, at), 31_971);
}

#[test]
fn a_second_call_in_a_block_is_cheaper_since_arbos_60() {
    for (version, second) in [(61, 31_971 - 12_866), (51, 31_971)] {
        let (mut world, at) = deployed(version, true);
        assert_eq!(gas_of_call(&mut world, at), 31_971, "ArbOS {version}");
        assert_eq!(gas_of_call(&mut world, at), second, "ArbOS {version}");
        world.next_block();
        assert_eq!(gas_of_call(&mut world, at), 31_971, "ArbOS {version}");
    }
}

#[test]
fn only_the_owner_keeps_a_program_cached() {
    let (mut world, at) = deployed(61, true);
    let owner = world.config.owner;
    let cache = Cache::cacheProgramCall { program: at }.abi_encode();
    assert!(
        !world
            .send(ALICE, ARB_WASM_CACHE, U256::ZERO, cache.clone())
            .is_success()
    );
    assert_eq!(gas_of_call(&mut world, at), 31_971);
    assert!(world.send(owner, ARB_WASM_CACHE, U256::ZERO, cache).is_success());
    world.next_block();
    assert_eq!(gas_of_call(&mut world, at), 19_105);
    let codehash = keccak256(classic(&hello()));
    let ask = Cache::codehashIsCachedCall { codehash }.abi_encode();
    let asked = world.simulate(ALICE, ARB_WASM_CACHE, U256::ZERO, ask);
    assert_eq!(asked.output().unwrap().to_vec(), B256::with_last_byte(1).to_vec());
    assert!(
        world
            .send(
                owner,
                ARB_WASM_CACHE,
                U256::ZERO,
                Cache::evictCodehashCall { codehash }.abi_encode()
            )
            .is_success()
    );
    world.next_block();
    assert_eq!(gas_of_call(&mut world, at), 31_971);
}

#[test]
fn a_program_may_be_spread_over_four_fragments_since_arbos_60() {
    let mut world = World::new(61);
    for (count, works) in [(2, true), (4, true), (5, false)] {
        let (_, pieces) = fragmented(&hello(), count, |_| Address::ZERO);
        let mut places = Vec::new();
        for (_, piece) in &pieces {
            places.push(world.deploy(piece).unwrap());
        }
        let (root, _) = fragmented(&hello(), count, |index| places[index]);
        let at = world.deploy(&root).unwrap();
        let result = world.send(ALICE, ARB_WASM, ether(1), activate_data(at));
        assert_eq!(result.is_success(), works, "{count} fragments: {result:?}");
        if works {
            assert_eq!(gas_of_call(&mut world, at), 31_971);
        }
    }
    let mut before = World::new(51);
    let (root, pieces) = fragmented(&hello(), 2, |_| Address::ZERO);
    assert!(before.deploy(&root).is_none() && before.deploy(&pieces[0].1).is_none());
}

/// What an activation costs before it reads any code: opening ArbOS, the argument, the activation gas parameter, the
/// fixed part, the parameters and the program's word.
const GAS_BEFORE_CODE: u64 = 800 + 3 + 800 + 1_659_168 + 100 + 800;

#[test]
fn a_root_that_announces_too_much_is_refused_before_its_fragments_are_read() {
    let mut world = World::new(61);
    let (at, fragment) = (Address::repeat_byte(0x77), Address::repeat_byte(0x78));
    let (mut root, pieces) = fragmented(&hello(), 1, |_| fragment);
    world.place(fragment, &pieces[0].1);
    root[4..8].copy_from_slice(&(256 * 1024 + 1u32).to_be_bytes());
    world.place(at, &root);
    let data = activate_data(at);
    let result = world.simulate(ALICE, ARB_WASM, ether(1), data.clone());
    assert!(!result.is_success());
    assert_eq!(result.tx_gas_used(), intrinsic(&data) + GAS_BEFORE_CODE);
}

#[test]
fn a_fragment_is_read_when_there_is_gas_for_the_largest_one() {
    let mut world = World::new(61);
    let (at, fragment) = (Address::repeat_byte(0x77), Address::repeat_byte(0x78));
    let (mut root, _) = fragmented(&hello(), 1, |_| fragment);
    root.extend_from_slice(fragment.as_slice());
    world.place(at, &root);
    // The first fragment has no code: that ends it.
    let data = activate_data(at);
    let (fixed, largest) = (intrinsic(&data) + GAS_BEFORE_CODE, 3 * 768);
    world.gas_limit = fixed + 2_600 + largest;
    let result = world.simulate(ALICE, ARB_WASM, ether(1), data.clone());
    assert_eq!(result.tx_gas_used(), fixed + 2_600, "{result:?}");
    world.gas_limit -= 1;
    let result = world.simulate(ALICE, ARB_WASM, ether(1), data);
    assert_eq!(result.tx_gas_used(), world.gas_limit, "{result:?}");
}

#[test]
fn code_that_starts_with_ef_deploys_only_as_a_program() {
    let mut world = World::new(61);
    assert!(world.deploy(&[0xef]).is_none());
    assert!(world.deploy(&hex!("ef0100")).is_none());
    assert!(
        world.deploy(&hex!("eff000")).is_none(),
        "a prefix needs a byte after it"
    );
    assert!(world.deploy(&hex!("eff00000")).is_some());
    assert!(world.deploy(&hex!("eff00300")).is_none());
}

#[test]
fn activation_can_be_tried_in_a_simulation() {
    let mut world = World::new(61);
    let at = Address::repeat_byte(0x77);
    world.place(at, &classic(&hello()));
    let result = world.simulate(ALICE, ARB_WASM, ether(1), activate_data(at));
    let answer = Wasm::activateProgramCall::abi_decode_returns(result.output().unwrap()).unwrap();
    assert_eq!((answer.version, answer.dataFee), (3, U256::from(HELLO_DATA_FEE)));
}
