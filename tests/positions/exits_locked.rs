//! Nobody is locked in: a position is left without our programs, without our shell, and with only what is still alive of them.

use crate::common::{
    IMore::{CollectParams, DecreaseParams, burnCall, collectCall, decreaseLiquidityCall},
    Pair, World,
    held::{Action, BOTH, Held, IPoolPositions, KINDS, Kind, TOKEN1, earning, gain},
    units,
    world::int24,
};
use alloy::{
    primitives::{Address, B256, Bytes, FixedBytes, U256, b256, keccak256},
    signers::SignerSync,
    sol,
    sol_types::{SolCall, SolValue},
};
use hedgerow::{
    bindings::IShell::{executeCall, isValidSignatureCall},
    client::Transaction,
    delegation::Delegation,
    program::{self, PROGRAMS, Program},
};
use hedgerow_core::{liquidity::amounts_for_liquidity, tick::range_sqrt_prices};

sol! {
    struct Execution { address target; uint256 value; bytes callData; }

    interface IStipendSender {
        function sendByTransfer(address to) external payable;
    }
    interface INft {
        function safeTransferFrom(address from, address to, uint256 tokenId) external;
    }
}

const BATCH: B256 = b256!("0100000000000000000000000000000000000000000000000000000000000000");
/// A program lives for 365 days unless somebody keeps it alive.
const EXPIRY: u64 = 366 * 86_400;

/// Lets every program expire.
async fn expire(world: &World) {
    world.pass(EXPIRY).await;
    for name in PROGRAMS {
        let program = Program::from_wasm(name, &world.artifacts.program(name).unwrap()).unwrap();
        let active = program::is_active(&world.client, keccak256(&program.code))
            .await
            .unwrap();
        assert!(!active, "{name} is still active");
    }
}

async fn activate(world: &World, name: &str) {
    let program = Program::from_wasm(name, &world.artifacts.program(name).unwrap()).unwrap();
    let deployed = program.deploy(&world.client, &world.stranger).await.unwrap();
    assert!(deployed.deploy_gas == 0 && deployed.activation_gas > 0);
}

#[tokio::test]
async fn a_wallet_that_is_delegated_to_nobody_leaves_a_direct_position_by_two_transactions() {
    // In range; with all of it token0, and with all of it token1.
    for trade in [None, Some(true), Some(false)] {
        let (world, held) = earning(Kind::Direct, Pair::EtherDollar).await;
        let (owner, units) = (world.owner.address(), world.pair.units());
        if let Some(zero_for_one) = trade {
            let unit = units[usize::from(!zero_for_one)];
            world.trade(zero_for_one, unit * U256::from(12_000)).await;
        }
        world.delegate(Address::ZERO).await;
        assert_eq!(Delegation::of(&world.client, owner).await.unwrap(), Delegation::None);
        assert!(world.client.code(owner).await.unwrap().is_empty());

        let (lower, upper) = range_sqrt_prices(held.range.0, held.range.1).unwrap();
        let (price, tick) = world.price().await;
        assert_eq!((held.range.0..held.range.1).contains(&tick), trade.is_none());
        let liquidity = world.liquidity_of(&held).await;
        let expected = amounts_for_liquidity(price, lower, upper, liquidity).unwrap();
        let nonce = world.client.nonce(owner).await.unwrap();
        let (withdrawn, paid) = world.leave_by_hand(&held).await;
        assert_eq!(world.client.nonce(owner).await.unwrap(), nonce + 2);
        assert_eq!(withdrawn, [expected.0, expected.1]);
        assert!(paid[0] > withdrawn[0] && paid[1] > withdrawn[1], "the fees come along");
        let left = world.direct(held.range).await;
        assert_eq!((left.liquidity, left.tokensOwed0, left.tokensOwed1), (0, 0, 0));
    }
}

#[tokio::test]
async fn an_exit_needs_no_other_program_than_its_own() {
    for kind in KINDS {
        for proceeds in [BOTH, TOKEN1] {
            let (world, held) = earning(kind, Pair::Equal).await;
            expire(&world).await;
            activate(&world, "exits").await;
            let (_, paid) = world.foreseen(&held).await;
            // The others are dead indeed.
            let moved = match kind {
                Kind::Nft => world.order(held.id, (-600, 600), World::open_limits()).abi_encode(),
                Kind::Direct => hedgerow::bindings::IManager::compoundDirectCall {
                    pool: world.pool_key(),
                    tickLower: int24(held.range.0),
                    tickUpper: int24(held.range.1),
                    limits: World::open_limits(),
                }
                .abi_encode(),
            };
            assert!(world.act_by(&world.owner, moved.into()).await.is_err());
            let before = world.balances(world.owner.address()).await;
            let event = world
                .act(&held, Action::Exit(proceeds), World::open_limits())
                .await
                .unwrap();
            let gained = gain(world.balances(world.owner.address()).await, before);
            assert_eq!(event.amounts, gained);
            if proceeds == BOTH {
                assert_eq!(gained, paid);
            } else {
                assert!(gained[0].is_zero() && gained[1] > paid[1]);
            }
        }
    }
}

/// The calls by which a batch of the wallet's own leaves a position.
async fn leaving(world: &World, held: &Held) -> Vec<(Address, Vec<u8>)> {
    let (owner, liquidity) = (world.owner.address(), world.liquidity_of(held).await);
    let (lower, upper) = (int24(held.range.0), int24(held.range.1));
    match held.kind {
        Kind::Nft => {
            let decrease = DecreaseParams {
                tokenId: held.id,
                liquidity,
                amount0Min: U256::ZERO,
                amount1Min: U256::ZERO,
                deadline: U256::MAX,
            };
            let collect = CollectParams {
                tokenId: held.id,
                recipient: owner,
                amount0Max: u128::MAX,
                amount1Max: u128::MAX,
            };
            vec![
                (world.npm, decreaseLiquidityCall { params: decrease }.abi_encode()),
                (world.npm, collectCall { params: collect }.abi_encode()),
                (world.npm, burnCall { tokenId: held.id }.abi_encode()),
            ]
        }
        Kind::Direct => {
            let burn = IPoolPositions::burnCall {
                tickLower: lower,
                tickUpper: upper,
                amount: liquidity,
            };
            let collect = IPoolPositions::collectCall {
                recipient: owner,
                tickLower: lower,
                tickUpper: upper,
                amount0Requested: u128::MAX,
                amount1Requested: u128::MAX,
            };
            vec![(world.pool, burn.abi_encode()), (world.pool, collect.abi_encode())]
        }
    }
}

#[tokio::test]
async fn with_every_program_expired_the_wallet_receives_signs_and_leaves_by_its_own_batch() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let account = world.owner.address();
        let nft = world.mint(&world.trader, (-600, 600), [units(10, 18); 2]).await;
        expire(&world).await;
        let dead = world.act(&held, Action::Exit(BOTH), World::open_limits()).await;
        assert!(dead.is_err(), "{dead:?}");

        // Ether, with 2,300 gas; an NFT, with a question.
        let sender = world.artifacts.contract("StipendSender", "StipendSender").unwrap();
        let sender = world.create(sender).await;
        let rich = world.client.balance(account).await.unwrap();
        let send = Transaction::call(sender, &IStipendSender::sendByTransferCall { to: account });
        let sent = world.client.send(&world.stranger, send.with_value(U256::from(5)), "");
        sent.await.unwrap();
        assert_eq!(world.client.balance(account).await.unwrap(), rich + U256::from(5));
        let transfer = INft::safeTransferFromCall {
            from: world.trader.address(),
            to: account,
            tokenId: nft,
        };
        world.send(&world.trader, world.npm, &transfer).await;
        assert_eq!(world.owner_of(nft).await.unwrap(), account);

        // A signature, and one that is not its own.
        let hash = keccak256("anything");
        for (signer, expected) in [(&world.owner, 0x1626_ba7e_u32), (&world.stranger, 0xffff_ffff)] {
            let signature = Bytes::from(signer.sign_hash_sync(&hash).unwrap().as_bytes().to_vec());
            let answer = world.read(account, &isValidSignatureCall { hash, signature }).await;
            assert_eq!(answer, FixedBytes::from(expected.to_be_bytes()));
        }

        // And its own batch.
        let (_, paid) = world.foreseen(&held).await;
        let before = world.balances(account).await;
        let calls = leaving(&world, &held)
            .await
            .into_iter()
            .map(|(target, data)| Execution {
                target,
                value: U256::ZERO,
                callData: data.into(),
            });
        let execute = executeCall {
            mode: BATCH,
            executionData: calls.collect::<Vec<_>>().abi_encode().into(),
        };
        world.send(&world.owner, account, &execute).await;
        assert_eq!(gain(world.balances(account).await, before), paid);
        match kind {
            Kind::Nft => assert!(world.owner_of(held.id).await.is_err()),
            Kind::Direct => assert_eq!(world.liquidity_of(&held).await, 0),
        }
    }
}
