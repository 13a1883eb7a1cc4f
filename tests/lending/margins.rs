//! A margin account, commanded by an ordinary wallet: shorts and covers by flash swap of the real pool at the real market.

use alloy::{
    primitives::{Address, B256, Bytes, I256, U160, U256},
    providers::ext::AnvilApi,
    rpc::types::TransactionReceipt,
    signers::local::PrivateKeySigner,
    sol_types::SolEvent,
};
use hedgerow::{
    bindings::{
        IERC20,
        IMargin::{
            CallbackRefused, NotOwner, coverCall, initialiseCall, ownerCall, shortCall, supplyCall, sweepCall,
            withdrawCall,
        },
        IMarginFactory::{MarginCreated, MarginTerms, marginOfCall, openCall},
        ITestToken,
    },
    client::Transaction,
    error::Result,
};
use hedgerow_core::tick::{MAX_SQRT_PRICE, MIN_SQRT_PRICE};

use crate::common::{
    IMore, World,
    aave::{Aave, IConfigurator, IPool, lending},
    refusal, revert_data, units,
    world::FEE,
};

/// A margin account and whose it is.
struct Desk {
    world: World,
    aave: Aave,
    owner: PrivateKeySigner,
    margin: Address,
}

fn terms_of(world: &World, aave: &Aave) -> MarginTerms {
    MarginTerms {
        market: aave.pool,
        swapPool: world.pool,
        token0: world.tokens[0],
        token1: world.tokens[1],
        volatileToken: 0,
        eMode: 0,
    }
}

/// Price limits that never stop a swap of token0 for token1, or the other way.
fn any(zero_for_one: bool) -> U160 {
    if zero_for_one {
        U160::from(MIN_SQRT_PRICE) + U160::ONE
    } else {
        U160::from(MAX_SQRT_PRICE) - U160::ONE
    }
}

impl Desk {
    /// The stranger's: a wallet without code.
    async fn new() -> Self {
        let (world, aave) = lending().await;
        let owner = world.stranger.clone();
        let terms = terms_of(&world, &aave);
        let margin = open(&world, &owner, B256::ZERO, terms).await;
        Self {
            world,
            aave,
            owner,
            margin,
        }
    }

    /// With so many dollars of collateral already in the account, not lent yet.
    async fn with(dollars: u64) -> Self {
        let desk = Self::new().await;
        desk.give(1, units(dollars, 6)).await;
        desk
    }

    async fn give(&self, token: usize, amount: U256) {
        let mint = ITestToken::mintCall {
            to: self.margin,
            amount,
        };
        self.world.send(&self.owner, self.world.tokens[token], &mint).await;
    }

    async fn call<C: alloy::sol_types::SolCall>(&self, who: &PrivateKeySigner, call: &C) -> Result<TransactionReceipt> {
        let transaction = Transaction::call(self.margin, call);
        self.world.client.send(who, transaction, C::SIGNATURE).await
    }

    async fn short(&self, amount: U256, limit: U160, pay_out: U256) -> Result<TransactionReceipt> {
        let call = shortCall {
            amount,
            sqrtPriceLimitX96: limit,
            payOut: pay_out,
        };
        self.call(&self.owner, &call).await
    }

    async fn cover(&self, amount: U256, limit: U160, pay_out: U256) -> Result<TransactionReceipt> {
        let call = coverCall {
            amount,
            sqrtPriceLimitX96: limit,
            payOut: pay_out,
        };
        self.call(&self.owner, &call).await
    }

    async fn debt(&self) -> U256 {
        self.aave.debt(&self.world, self.margin, 0).await
    }

    async fn collateral(&self) -> U256 {
        self.aave.lent(&self.world, self.margin, 1).await
    }

    /// No token lies in the margin account, and it allows nobody anything.
    async fn assert_clean(&self) {
        assert_eq!(self.world.balances(self.margin).await, [U256::ZERO; 2]);
        for token in self.world.tokens {
            for spender in [self.aave.pool, self.world.pool] {
                let owner = self.margin;
                let allowed = self.world.read(token, &IERC20::allowanceCall { owner, spender }).await;
                assert_eq!(allowed, U256::ZERO);
            }
        }
    }
}

async fn open(world: &World, who: &PrivateKeySigner, salt: B256, terms: MarginTerms) -> Address {
    let owner = who.address();
    let expected = marginOfCall {
        owner,
        salt,
        terms: terms.clone(),
    };
    let expected = world.read(world.margins, &expected).await;
    let receipt = world.send(who, world.margins, &openCall { salt, terms }).await;
    let mut logs = receipt.inner.logs().iter();
    let made = logs.find_map(|log| MarginCreated::decode_log(&log.inner).ok());
    if let Some(made) = made {
        assert_eq!((made.margin, made.owner, made.salt), (expected, owner, salt));
    }
    expected
}

/// What selling `amount` of ether into the deep pool brings, from the constant product of its full-range liquidity: within a
/// millionth, because ticks bound the range.
fn sold_for(reserves: [U256; 2], amount: U256) -> U256 {
    let million = U256::from(1_000_000);
    let input = amount * U256::from(1_000_000 - FEE) / million;
    reserves[1] * input / (reserves[0] + input)
}

fn close(found: U256, expected: U256, parts: u64) -> bool {
    found.abs_diff(expected) <= expected / U256::from(parts)
}

#[tokio::test]
async fn a_short_borrows_sells_and_lends_the_proceeds_in_one_call() {
    let desk = Desk::with(3_000).await;
    let reserves = desk.world.balances(desk.world.pool).await;
    desk.short(units(1, 18), any(true), U256::ZERO).await.unwrap();
    assert_eq!(desk.debt().await, units(1, 18));
    let proceeds = sold_for(reserves, units(1, 18));
    let collateral = desk.collateral().await;
    assert!(
        close(collateral - units(3_000, 6), proceeds, 100_000),
        "{collateral} {proceeds}"
    );
    desk.assert_clean().await;
}

#[tokio::test]
async fn covering_everything_leaves_nothing_open_and_costs_the_two_fees_and_the_interest() {
    let desk = Desk::with(3_000).await;
    desk.short(units(1, 18), any(true), U256::ZERO).await.unwrap();
    desk.world.pass(86_400).await;
    let before = desk.world.balances(desk.owner.address()).await;
    desk.cover(U256::MAX, any(false), U256::MAX).await.unwrap();
    assert_eq!((desk.debt().await, desk.collateral().await), (U256::ZERO, U256::ZERO));
    desk.assert_clean().await;
    let after = desk.world.balances(desk.owner.address()).await;
    assert_eq!(after[0], before[0], "no ether was bought that was not owed");
    // 0.3 % each way of 2,000 and something dollars; the swaps undo each other's effect on the price. Interest of a day at 1.8 %
    // is 10 cents, that of 5,000 dollars lent at 0.7 % as much again to us.
    let back = after[1] - before[1];
    let cost = units(3_000, 6) - back;
    assert!(cost > units(11_900, 3) && cost < units(12_300, 3), "{cost}");
}

#[tokio::test]
async fn a_part_is_covered_and_a_part_is_paid_out() {
    let desk = Desk::with(3_000).await;
    desk.short(units(1, 18), any(true), U256::ZERO).await.unwrap();
    let collateral = desk.collateral().await;
    let before = desk.world.balances(desk.owner.address()).await;
    desk.cover(units(4, 17), any(false), units(100, 6)).await.unwrap();
    let after = desk.world.balances(desk.owner.address()).await;
    assert_eq!(after[1] - before[1], units(100, 6));
    assert!(close(desk.debt().await, units(6, 17), 1_000_000));
    // 0.4 ether at 2,000 and 0.3 %, and what was paid out.
    let spent = collateral - desk.collateral().await - units(100, 6);
    assert!(close(spent, units(803, 6), 400), "{spent}");
    desk.assert_clean().await;
}

#[tokio::test]
async fn own_tokens_repay_first_and_what_is_not_owed_comes_back() {
    let desk = Desk::with(3_000).await;
    desk.short(units(1, 18), any(true), U256::ZERO).await.unwrap();
    desk.give(0, units(3, 17)).await;
    desk.cover(U256::ZERO, any(false), U256::ZERO).await.unwrap();
    assert!(close(desk.debt().await, units(7, 17), 1_000_000));
    desk.give(0, units(2, 18)).await;
    let before = desk.world.balances(desk.owner.address()).await;
    desk.cover(U256::MAX, any(false), U256::MAX).await.unwrap();
    let after = desk.world.balances(desk.owner.address()).await;
    assert!(close(after[0] - before[0], units(13, 17), 1_000_000));
    assert_eq!((desk.debt().await, desk.collateral().await), (U256::ZERO, U256::ZERO));
    desk.assert_clean().await;
}

#[tokio::test]
async fn the_price_limit_stops_either_direction_and_what_was_swapped_is_settled() {
    let desk = Desk::with(3_000_000).await;
    let (start, _) = desk.world.slot0().await;
    // A tenth of a per cent of price: some 50 of the pool's 100,000 ether.
    let limit = start - start / U256::from(2_000);
    desk.short(units(500, 18), limit.to(), U256::ZERO).await.unwrap();
    let debt = desk.debt().await;
    assert!(debt > units(40, 18) && debt < units(60, 18), "{debt}");
    assert_eq!(desk.world.slot0().await.0, limit);
    desk.assert_clean().await;
    desk.cover(U256::MAX, (start - start / U256::from(4_000)).to(), U256::ZERO)
        .await
        .unwrap();
    let left = desk.debt().await;
    assert!(left > units(20, 18) && left < units(30, 18), "{left}");
    desk.assert_clean().await;
}

#[tokio::test]
async fn a_hedge_under_water_only_by_aaves_own_rule_is_refused_by_aave() {
    let desk = Desk::with(100).await;
    // A hundred dollars of own money carry 4/5 ÷ (1 - 4/5) × 100 = 400 dollars at most.
    let refused = desk.short(units(1, 18), any(true), U256::ZERO).await;
    // COLLATERAL_CANNOT_COVER_NEW_BORROW
    assert!(format!("{:?}", refused.unwrap_err()).contains("36"));
    assert_eq!(desk.debt().await, U256::ZERO);
    desk.short(units(18, 16), any(true), U256::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_frozen_collateral_can_still_be_unwound() {
    let desk = Desk::with(3_000).await;
    desk.short(units(1, 18), any(true), U256::ZERO).await.unwrap();
    for asset in desk.world.tokens {
        let freeze = IConfigurator::setReserveFreezeCall { asset, freeze: true };
        desk.aave.govern(&desk.world, &freeze).await;
    }
    desk.give(1, units(7, 6)).await;
    assert!(desk.short(units(1, 17), any(true), U256::ZERO).await.is_err());
    desk.cover(U256::MAX, any(false), U256::MAX).await.unwrap();
    assert_eq!((desk.debt().await, desk.collateral().await), (U256::ZERO, U256::ZERO));
    desk.assert_clean().await;
}

#[tokio::test]
async fn collateral_is_lent_and_taken_out_without_a_trade() {
    let desk = Desk::with(50).await;
    desk.call(&desk.owner, &supplyCall {}).await.unwrap();
    assert!(close(desk.collateral().await, units(50, 6), 1_000_000));
    desk.give(1, units(5, 6)).await;
    let owner = desk.owner.address();
    let before = desk.world.balances(owner).await[1];
    // What lies there goes first.
    desk.call(&desk.owner, &withdrawCall { amount: units(6, 6) })
        .await
        .unwrap();
    assert_eq!(desk.world.balances(owner).await[1] - before, units(6, 6));
    desk.call(&desk.owner, &withdrawCall { amount: U256::MAX })
        .await
        .unwrap();
    assert!(desk.world.balances(owner).await[1] - before >= units(55, 6));
    assert_eq!(desk.collateral().await, U256::ZERO);
    // Nothing is there to take, and that is no error.
    desk.call(&desk.owner, &withdrawCall { amount: U256::MAX })
        .await
        .unwrap();
    desk.call(&desk.owner, &supplyCall {}).await.unwrap();
    desk.assert_clean().await;
}

#[tokio::test]
async fn only_the_owner_commands_it_and_only_the_owner_is_paid() {
    let desk = Desk::with(3_000).await;
    desk.short(units(1, 17), any(true), U256::ZERO).await.unwrap();
    let thief = &desk.world.trader;
    let owner = desk.world.read(desk.margin, &ownerCall {}).await;
    assert_eq!(owner, desk.owner.address());
    let short = shortCall {
        amount: U256::ONE,
        sqrtPriceLimitX96: any(true),
        payOut: U256::ONE,
    };
    let cover = coverCall {
        amount: U256::ONE,
        sqrtPriceLimitX96: any(false),
        payOut: U256::MAX,
    };
    let refused = [
        refusal::<NotOwner, _>(desk.call(thief, &short).await),
        refusal(desk.call(thief, &cover).await),
        refusal(desk.call(thief, &supplyCall {}).await),
        refusal(desk.call(thief, &withdrawCall { amount: U256::ONE }).await),
        refusal(
            desk.call(
                thief,
                &sweepCall {
                    token: desk.world.tokens[1],
                },
            )
            .await,
        ),
    ];
    assert!(refused.iter().all(|refused| refused.caller == thief.address()));
    // Gifts of any token are the owner's.
    let gift = desk.world.tokens[0];
    desk.give(0, U256::from(77)).await;
    let before = desk.world.balances(owner).await[0];
    desk.call(&desk.owner, &sweepCall { token: gift }).await.unwrap();
    assert_eq!(desk.world.balances(owner).await[0] - before, U256::from(77));
}

#[tokio::test]
async fn nobody_calls_back_unasked_not_even_the_pool() {
    let desk = Desk::with(3_000).await;
    let forged = IMore::uniswapV3SwapCallbackCall {
        amount0Delta: I256::try_from(1_000).unwrap(),
        amount1Delta: -I256::ONE,
        data: Bytes::new(),
    };
    for who in [&desk.owner, &desk.world.trader] {
        let refused: CallbackRefused = refusal(desk.call(who, &forged).await);
        assert_eq!(refused.caller, who.address());
    }
    // Anybody can have the real pool call whoever calls `swap`, but that is not the margin account. As the pool itself:
    let provider = desk.world.client.provider();
    provider.anvil_impersonate_account(desk.world.pool).await.unwrap();
    let call = hedgerow::client::Call::new(desk.world.pool, desk.margin, &forged);
    let refused: CallbackRefused = refusal(desk.world.client.simulate(call, &forged).await.map(drop));
    assert_eq!(refused.caller, desk.world.pool);
}

#[tokio::test]
async fn another_owner_salt_or_term_is_another_account() {
    let desk = Desk::new().await;
    let world = &desk.world;
    let terms = terms_of(world, &desk.aave);
    let mut seen = vec![desk.margin];
    let other = MarginTerms {
        volatileToken: 1,
        ..terms.clone()
    };
    for (who, salt, terms) in [
        (&world.trader, B256::ZERO, terms.clone()),
        (&desk.owner, B256::repeat_byte(1), terms.clone()),
        (&desk.owner, B256::ZERO, other),
    ] {
        let margin = open(world, who, salt, terms).await;
        assert!(!seen.contains(&margin));
        assert_eq!(world.read(margin, &ownerCall {}).await, who.address());
        seen.push(margin);
    }
    // Opened again it is the same one.
    assert_eq!(open(world, &desk.owner, B256::ZERO, terms).await, desk.margin);
}

#[tokio::test]
async fn an_e_mode_is_chosen_once_when_the_account_is_made() {
    let desk = Desk::new().await;
    let (world, aave) = (&desk.world, &desk.aave);
    aave.open_e_mode(world, 1).await;
    let terms = MarginTerms {
        eMode: 1,
        ..terms_of(world, aave)
    };
    let margin = open(world, &desk.owner, B256::ZERO, terms).await;
    let chosen = world.read(aave.pool, &IPool::getUserEModeCall { user: margin }).await;
    assert_eq!(chosen, U256::ONE);
    for at in [margin, desk.margin] {
        let again = Transaction::call(at, &initialiseCall {});
        let refused = world.client.send(&world.trader, again, "initialising").await;
        assert_eq!(
            revert_data(refused).as_ref(),
            alloy::primitives::keccak256("AlreadyInitialised()")[..4].to_vec()
        );
    }
}
