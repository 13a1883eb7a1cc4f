//! The same with a hedge: a wallet that never was used opens a position, hedges it at Aave v3 as published, and lets a keeper look after
//! that hedge, in its first operation, which somebody else pays for.

use super::{
    common::{
        aave::lending,
        governed,
        world::{FEE, World, int24},
    },
    hash::deploy_entry_point,
    steps::fresh,
};
use alloy::{
    primitives::{Address, B256, Bytes, U256, aliases::I24, aliases::U24, aliases::U160},
    sol_types::SolCall,
};
use hedgerow::{
    action::operation::SignedOperation,
    artifacts::with_arguments,
    bindings::{
        IEntryPoint::depositToCall,
        IHedges::{
            HedgeLimits, HedgeRule, HedgeTarget, HedgeTerms, Place, Venue, hedgeCall, hedgeOfCall, hedgePolicyOfCall,
            setHedgePolicyCall,
        },
        IManager::{PoolKey, openDirectCall},
        ITestToken::mintCall,
        IUniswapV3Pool,
    },
    client::Transaction,
    delegation,
    hedge::terms::recast,
    paymaster::SigningPaymaster,
    signed_batch::Call,
    user_operation::{ENTRY_POINT, STUB_SIGNATURE, UserOperation},
    userop::{OperationFile, calls, draft::Carried, estimate, words},
};

const ETHER: u128 = 1_000_000_000_000_000_000;

fn call<C: SolCall>(to: Address, call: &C) -> Call {
    Call {
        to,
        value: U256::ZERO,
        data: call.abi_encode().into(),
    }
}

/// A paymaster with a deposit, whose key is the stranger's.
async fn paymaster(world: &World) -> SigningPaymaster {
    let code = world
        .artifacts
        .contract("SponsorPaymaster", "SponsorPaymaster")
        .unwrap();
    let init_code = with_arguments(&code, &(world.stranger.address(), ENTRY_POINT));
    let address = world.create(init_code).await;
    let deposit = depositToCall { account: address };
    let funding = Transaction::call(ENTRY_POINT, &deposit).with_value(U256::from(ETHER));
    world.client.send(&world.trader, funding, "a deposit").await.unwrap();
    SigningPaymaster::connect(&world.client, address, world.stranger.clone())
        .await
        .unwrap()
}

async fn growth(world: &World) -> [U256; 2] {
    [
        world
            .read(world.pool, &IUniswapV3Pool::feeGrowthGlobal0X128Call {})
            .await,
        world
            .read(world.pool, &IUniswapV3Pool::feeGrowthGlobal1X128Call {})
            .await,
    ]
}

fn terms(since: u64, growth: [U256; 2]) -> HedgeTerms {
    HedgeTerms {
        minHealth: 1_200,
        health: 1_500,
        maxCollateral: u128::MAX,
        minTrade: 1,
        maxOracleDeviation: U24::from(20_000),
        maxOracleAge: 7_200,
        maxBorrowRate: U24::ZERO,
        horizon: 86_400,
        margin: I24::ZERO,
        volWindow: 3_600,
        overrideGate: false,
        feesSince: since,
        feeGrowth0: growth[0],
        feeGrowth1: growth[1],
        entrySqrtPriceX96: U160::ZERO,
    }
}

/// Token, position, hedge, policy: what the operation does, in this order.
async fn wanted(world: &World, account: Address, venue: Venue, terms: HedgeTerms) -> (Place, Vec<Call>) {
    let tick = world.pair.tick() / 60 * 60;
    let [tick_lower, tick_upper] = [tick - 1_200, tick + 1_200].map(int24);
    let units = world.pair.units();
    let place = Place {
        positionManager: Address::ZERO,
        tokenId: U256::ZERO,
        factory: world.factory,
        token0: world.tokens[0],
        token1: world.tokens[1],
        fee: U24::from(FEE),
        tickLower: tick_lower,
        tickUpper: tick_upper,
    };
    let pool = PoolKey {
        factory: world.factory,
        token0: world.tokens[0],
        token1: world.tokens[1],
        fee: U24::from(FEE),
    };
    let hundred = units.map(|unit| unit * U256::from(100));
    let open = openDirectCall::new((
        pool,
        tick_lower,
        tick_upper,
        hundred[0],
        hundred[1],
        World::open_limits(),
    ));
    let target = HedgeTarget {
        kind: 1,
        share: U24::from(1_000_000),
        amount: 0,
    };
    let limits = HedgeLimits {
        twapWindow: 600,
        maxTickDeviation: U24::from(300),
        release: 0,
        deadline: U256::MAX,
    };
    let hedge = hedgeCall {
        place: place.clone(),
        venue: venue.clone(),
        target,
        terms: terms.clone(),
        limits,
    };
    let (_, now) = world.client.latest().await.unwrap();
    let mut guards = governed::guards(now);
    guards.maxDeviation = U24::from(300);
    let rule = HedgeRule {
        target: 1,
        share: U24::from(1_000_000),
        band: U24::from(50_000),
        inner: U24::from(20_000),
        il: U24::ZERO,
        rangeExit: false,
        elapsed: 0,
        lowHealth: 1_250,
        closeRate: U24::ZERO,
    };
    let policy = setHedgePolicyCall {
        place: place.clone(),
        venue,
        guards: recast(&guards).unwrap(),
        terms,
        rule,
    };
    let mint = |i: usize| mintCall {
        to: account,
        amount: units[i] * U256::from(777),
    };
    let calls = vec![
        call(world.tokens[0], &mint(0)),
        call(world.tokens[1], &mint(1)),
        call(account, &open),
        call(account, &hedge),
        call(account, &policy),
    ];
    (place, calls)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_never_used_wallet_hedges_in_its_first_sponsored_operation() {
    let (world, aave) = lending().await;
    let (client, wallet) = (&world.client, fresh(0x7c));
    let account = wallet.address();
    deploy_entry_point(client).await;
    let paymaster = paymaster(&world).await;
    // Fees to judge the hedge by.
    let (since, before) = (client.latest().await.unwrap().1, growth(&world).await);
    world.pass(3_600).await;
    world.churn(5_000).await;
    world.pass(3_600).await;
    aave.follow(&world).await;
    let venue = Venue {
        kind: 1,
        margins: world.margins,
        market: aave.pool,
        volatileToken: 0,
        eMode: 0,
    };
    let (place, all) = wanted(&world, account, venue, terms(since, before)).await;

    let authorization = delegation::authorise(&wallet, client.chain_id(), world.shell, 0).unwrap();
    let (most, tip) = client.fees().await.unwrap();
    let mut file = OperationFile {
        chain_id: client.chain_id(),
        entry_point: ENTRY_POINT,
        operation: UserOperation {
            sender: account,
            nonce: U256::ZERO,
            delegate: Some(world.shell),
            call_data: calls::encode(account, &all),
            call_gas_limit: 0,
            verification_gas_limit: 0,
            pre_verification_gas: 0,
            max_fee_per_gas: most,
            max_priority_fee_per_gas: tip,
            sponsor: Some(paymaster.placeholder()),
            signature: STUB_SIGNATURE,
        },
        authorization: Some(Carried {
            terms: authorization.inner().clone(),
            signed: Some(authorization.clone()),
        }),
        stub: true,
        signed: false,
    };
    let told = words::tell_all(account, &file.calls());
    let names: Vec<_> = told.iter().map(|told| told.what.split('(').next().unwrap()).collect();
    assert_eq!(names, ["mint", "mint", "openDirect", "hedge", "setHedgePolicy"]);
    let found = estimate::by_simulation(client, &file).await.unwrap();
    found.put_into(&mut file.operation);
    paymaster.sponsor(&mut file.operation, u64::MAX).unwrap();
    let hash = file.operation.sign(&wallet, client.chain_id(), ENTRY_POINT).unwrap();
    let signed = SignedOperation {
        operation: file.operation.clone(),
        hash,
        authorization: Some(authorization),
    };
    let outcome = signed.send_directly(client, &world.trader).await.unwrap();
    assert_eq!(outcome.payer(), paymaster.address());
    let (limit, used) = (file.operation.gas_limit(), outcome.event.actualGasUsed.to::<u128>());
    println!("{limit} gas estimated, {used} paid for");
    assert!(used <= limit && 2 * limit <= 3 * used, "{limit} estimated, {used} used");

    let state = world.read(account, &hedgeOfCall { place: place.clone() }).await;
    assert_ne!(state.margin, Address::ZERO);
    assert_eq!(aave.debt(&world, state.margin, 0).await, state.debt);
    assert!(
        state.debt > U256::ZERO && state.health >= U256::from(1_200),
        "{state:?}"
    );
    assert_ne!(world.read(account, &hedgePolicyOfCall { place }).await, B256::ZERO);
    assert_eq!(client.balance(account).await.unwrap(), U256::ZERO);
    assert_eq!(
        client.code(account).await.unwrap(),
        Bytes::from(delegation::designator(world.shell))
    );
}
