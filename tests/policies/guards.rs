//! What a keeper may never do: each guard refuses on the chain, in `check` and in `run` alike.

use crate::common::{
    IHostile, Pair, World,
    governed::{COMPOUND, EXIT, HARVEST, REBALANCE, Terms, id_of, moved, terms},
    held::{Held, Kind, earning},
    refusal, units,
};
use alloy::{
    primitives::{Address, B256, U256, aliases::U24},
    providers::ext::AnvilApi,
    sol,
    sol_types::SolCall,
};
use hedgerow::bindings::{
    IPolicies::{
        CeilingExceeded, DeployedBelowMinimum, FeeExceedsMaximum, LossExceedsMaximum, NotNow, Paused, PolicyNotSet,
        WrongKeeper,
    },
    IShell, ITestToken,
};
use hedgerow_core::policy::Reason;

sol! {
    interface ISequencerFeed {
        function set(int256 answer, uint256 startedAt, uint8 mood) external;
    }
}

/// `check` and `run` both give this reason.
async fn assert_not_now(world: &World, held: &Held, terms: &Terms, reason: Reason) -> U256 {
    assert_eq!(world.reason(held, terms).await, reason);
    let refused: NotNow = refusal(world.run(held, terms, U256::ZERO).await);
    assert_eq!(refused.reason, reason.code());
    refused.notBefore
}

async fn snapshot(world: &World) -> U256 {
    world.client.provider().anvil_snapshot().await.unwrap()
}

async fn revert(world: &World, to: U256) -> U256 {
    assert!(world.client.provider().anvil_revert(to).await.unwrap());
    snapshot(world).await
}

/// The trader moves the price by selling so many units of token0.
async fn displace(world: &World, count: u64) {
    world.trade(true, world.pair.units()[0] * U256::from(count)).await;
}

#[tokio::test]
async fn only_terms_that_govern_the_position_run() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let first = terms(world.now().await, HARVEST);
    let never: PolicyNotSet = refusal(world.run(&held, &first, U256::ZERO).await);
    assert_eq!((never.policyId, never.found), (id_of(&first.0, &first.1), B256::ZERO));
    assert_eq!(world.reason(&held, &first).await, Reason::NotSet);
    let id = world.governed(&held, &first).await;
    // One bit of one term.
    let mut other = first.clone();
    other.0.maxLoss += U24::ONE;
    let altered: PolicyNotSet = refusal(world.run(&held, &other, U256::ZERO).await);
    assert_eq!((altered.policyId, altered.found), (id_of(&other.0, &other.1), id));
    // The right terms for another position of the account.
    let second = world.hold(Kind::Direct, held.range, [units(10, 18); 2]).await;
    let elsewhere: PolicyNotSet = refusal(world.run(&second, &first, U256::ZERO).await);
    assert_eq!((elsewhere.policyId, elsewhere.found), (id, B256::ZERO));
    world.run(&held, &first, U256::ZERO).await.unwrap();
    // Ended they never run again, nor once others took their place.
    world.end_policy(id).await.unwrap();
    assert_eq!(world.reason(&held, &first).await, Reason::Ended);
    let ended: PolicyNotSet = refusal(world.run(&held, &first, U256::ZERO).await);
    assert_eq!(ended.policyId, id);
    world.governed(&held, &other).await;
    let mut third = first.clone();
    third.0.salt = B256::repeat_byte(3);
    world.governed(&held, &third).await;
    assert_eq!(world.reason(&held, &other).await, Reason::Ended);
}

#[tokio::test]
async fn only_the_named_keeper_runs_and_only_for_what_the_guards_pay() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let keeper = world.stranger.address();
    for fee_token in [0, 1] {
        let at = snapshot(&world).await;
        let mut terms = terms(world.now().await, COMPOUND);
        (terms.0.keeper, terms.0.feeToken) = (keeper, fee_token);
        world.governed(&held, &terms).await;
        let wrong: WrongKeeper = refusal(world.run_by(&world.trader, &held, &terms, U256::ZERO).await);
        assert_eq!((wrong.caller, wrong.keeper), (world.trader.address(), keeper));
        // A tenth of the fees, which are worth about the same in either token.
        let decision = world.check(&held, &terms).await;
        let refused: FeeExceedsMaximum = refusal(world.run(&held, &terms, U256::MAX).await);
        let most = refused.maximum;
        let tenth = decision.feesValue / U256::from(10);
        assert!(most.abs_diff(tenth) < tenth / U256::from(50), "{most} {tenth}");
        let _: FeeExceedsMaximum = refusal(world.run(&held, &terms, most + U256::ONE).await);
        let (mine, theirs) = (world.balances(world.account()).await, world.balances(keeper).await);
        let ran = world.run(&held, &terms, most).await.unwrap();
        assert_eq!(ran.event.fee, most);
        let (mine_after, theirs_after) = (world.balances(world.account()).await, world.balances(keeper).await);
        for token in 0..2 {
            assert!(mine_after[token] >= mine[token], "the wallet's own was used");
            let paid = if token == usize::from(fee_token) {
                most
            } else {
                U256::ZERO
            };
            assert_eq!(theirs_after[token] - theirs[token], paid);
        }
        revert(&world, at).await;
    }
    // A lower absolute maximum; nothing at all for the owner itself.
    let mut terms = terms(world.now().await, HARVEST);
    terms.0.maxFee = 7;
    world.governed(&held, &terms).await;
    let refused: FeeExceedsMaximum = refusal(world.run(&held, &terms, U256::from(8)).await);
    assert_eq!(refused.maximum, U256::from(7));
    let refused: FeeExceedsMaximum = refusal(world.run_by(&world.owner, &held, &terms, U256::ONE).await);
    assert_eq!(refused.maximum, U256::ZERO);
    world.run_by(&world.owner, &held, &terms, U256::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_fee_is_paid_only_of_what_came() {
    // All that is owed is token0; what the share allows in token1 did not come, so it is not there to be paid.
    let world = World::new(Pair::Equal).await;
    world.fund(&world.owner, [units(777, 18); 2]).await;
    let held = world.hold(Kind::Nft, (-1_200, 1_200), [units(1_000, 18); 2]).await;
    world.pass(3_600).await;
    displace(&world, 1_000).await;
    world.pass(3_600).await;
    for (action, fee_token) in [(HARVEST, 1), (COMPOUND, 1)] {
        let mut terms = terms(world.now().await, action);
        terms.0.feeToken = fee_token;
        world.governed(&held, &terms).await;
        let refused: FeeExceedsMaximum = refusal(world.run(&held, &terms, units(1, 15)).await);
        assert_eq!((refused.fee, refused.maximum), (units(1, 15), U256::ZERO), "{action}");
    }
}

#[tokio::test]
async fn a_pause_stops_keepers_and_not_the_owner() {
    let (world, held) = earning(Kind::Direct, Pair::Equal).await;
    let terms = terms(world.now().await, HARVEST);
    let id = world.governed(&held, &terms).await;
    world.transact(&world.owner, &IShell::pauseCall {}).await.unwrap();
    assert_eq!(world.reason(&held, &terms).await, Reason::Paused);
    let _: Paused = refusal(world.run(&held, &terms, U256::ZERO).await);
    let _: Paused = refusal(world.run_by(&world.owner, &held, &terms, U256::ZERO).await);
    assert_eq!(world.policy(&held).await.policyId, id);
    world.transact(&world.owner, &IShell::unpauseCall {}).await.unwrap();
    world.run(&held, &terms, U256::ZERO).await.unwrap();
    world.transact(&world.owner, &IShell::pauseCall {}).await.unwrap();
    let exit = crate::common::held::Action::Exit(0);
    world.act(&held, exit, World::open_limits()).await.unwrap();
}

#[tokio::test]
async fn times_and_counts_hold() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let mut terms = terms(world.now().await, HARVEST);
    (terms.0.cooldown, terms.0.maxPerDay, terms.0.maxRuns) = (7_200, 2, 3);
    terms.0.expiry = world.now().await + 10 * 86_400;
    // From the start of a day, so that its count is full before it ends.
    world.pass(86_400 - world.now().await % 86_400).await;
    world.governed(&held, &terms).await;
    let first = world.run(&held, &terms, U256::ZERO).await.unwrap();
    let at = world.policy(&held).await.lastRun;
    assert_eq!(first.event.loss, U24::ZERO);
    world.churn(100).await;
    assert_eq!(
        assert_not_now(&world, &held, &terms, Reason::Cooldown).await,
        U256::from(at + 7_200)
    );
    world.pass(7_200).await;
    world.run(&held, &terms, U256::ZERO).await.unwrap();
    world.churn(100).await;
    world.pass(7_200).await;
    let next_day = assert_not_now(&world, &held, &terms, Reason::DailyCount).await;
    assert_eq!(next_day, U256::from((at / 86_400 + 1) * 86_400));
    world.pass(86_400).await;
    world.run(&held, &terms, U256::ZERO).await.unwrap();
    world.churn(100).await;
    world.pass(86_400).await;
    assert_not_now(&world, &held, &terms, Reason::RunsUsed).await;
    world.pass(9 * 86_400).await;
    assert_not_now(&world, &held, &terms, Reason::Expired).await;
}

#[tokio::test]
async fn a_sequencer_that_is_not_surely_up_stops_everything() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let feed = world.artifacts.contract("SequencerFeed", "SequencerFeed").unwrap();
    let feed = world.create(feed).await;
    let mut terms = terms(world.now().await, EXIT);
    (terms.0.sequencerFeed, terms.0.sequencerGrace) = (feed, 3_600);
    world.governed(&held, &terms).await;
    let now = U256::from(world.now().await);
    let long_ago = U256::from(1_000);
    let say = async |answer: i8, since: U256, mood: u8| {
        let answer = alloy::primitives::I256::try_from(answer).unwrap();
        let set = ISequencerFeed::setCall {
            answer,
            startedAt: since,
            mood,
        };
        world.send(&world.stranger, feed, &set).await;
    };
    // Never set: a round that never started.
    assert_not_now(&world, &held, &terms, Reason::SequencerDown).await;
    for (answer, since, mood) in [
        (1, long_ago, 0),
        (-1, long_ago, 0),
        (0, U256::MAX, 0),
        (0, long_ago, 1),
        (0, long_ago, 2),
    ] {
        say(answer, since, mood).await;
        assert_not_now(&world, &held, &terms, Reason::SequencerDown).await;
    }
    say(0, now, 0).await;
    assert_not_now(&world, &held, &terms, Reason::SequencerGrace).await;
    world.pass(3_600).await;
    world.run(&held, &terms, U256::ZERO).await.unwrap();
}

#[tokio::test]
async fn a_feed_without_code_is_a_sequencer_that_is_down() {
    let (world, held) = earning(Kind::Direct, Pair::Equal).await;
    let mut terms = terms(world.now().await, EXIT);
    (terms.0.sequencerFeed, terms.0.sequencerGrace) = (Address::repeat_byte(0x77), 600);
    world.governed(&held, &terms).await;
    assert_not_now(&world, &held, &terms, Reason::SequencerDown).await;
}

#[tokio::test]
async fn a_pool_that_remembers_too_little_decides_nothing() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let mut short = terms(world.now().await, HARVEST);
    short.0.twapWindow = 86_400;
    let refused: NotNow = refusal(world.set_policy(&held, &short).await);
    assert_eq!(refused.reason, Reason::OracleTooShort.code());
    let mut long = terms(world.now().await, EXIT);
    (long.1[0].outSeconds, long.1[0].elapsed) = (7 * 86_400, 0);
    world.governed(&held, &long).await;
    // In range no mean is asked for; out of it the trigger cannot be told.
    assert_eq!(world.reason(&held, &long).await, Reason::NoTrigger);
    displace(&world, 20_000).await;
    assert_not_now(&world, &held, &long, Reason::OracleTooShort).await;
}

#[tokio::test]
async fn spot_far_from_the_mean_stops_what_swaps_and_not_what_leaves() {
    for kind in crate::common::held::KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let start = snapshot(&world).await;
        let mut at = start;
        for (action, proceeds, stops) in [
            (REBALANCE, 0, true),
            (COMPOUND, 0, true),
            (EXIT, 1, true),
            (EXIT, 0, false),
            (HARVEST, 0, false),
        ] {
            let mut terms = terms(world.now().await, action);
            terms.1[0].proceeds = proceeds;
            world.governed(&held, &terms).await;
            displace(&world, 4_000).await;
            let decision = world.check(&held, &terms).await;
            assert!((decision.tick - decision.meanTick).as_i32() < -200, "{decision:?}");
            if stops {
                assert_not_now(&world, &held, &terms, Reason::Deviation).await;
            } else {
                // Withdrawing at a displaced price never costs anything at the mean.
                let ran = world.run(&held, &terms, U256::ZERO).await.unwrap();
                assert_eq!(ran.event.loss, U24::ZERO, "{kind:?} {action}");
            }
            at = revert(&world, at).await;
        }
    }
}

#[tokio::test]
async fn losses_of_one_action_and_of_a_period_are_bounded() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let at = snapshot(&world).await;
    // Sells a third of everything, for a range that leans on one side.
    let mut leaning = terms(world.now().await, REBALANCE);
    leaning.1[0].bias = 500.try_into().unwrap();
    world.governed(&held, &leaning).await;
    let loss = world.run(&held, &leaning, U256::ZERO).await.unwrap().event.loss;
    assert!(loss > U24::from(100), "{loss}");
    let at = revert(&world, at).await;
    let mut tight = leaning.clone();
    (tight.0.maxLoss, tight.0.salt) = (loss - U24::ONE, B256::repeat_byte(1));
    world.governed(&held, &tight).await;
    let refused: LossExceedsMaximum = refusal(world.run(&held, &tight, U256::ZERO).await);
    assert_eq!(refused.maximum, U256::from(tight.0.maxLoss));
    revert(&world, at).await;
    // A loss that just fits uses the period up; the next period begins anew.
    let mut period = leaning.clone();
    (period.0.maxLoss, period.0.maxPeriodLoss, period.0.cooldown) = (loss, loss, 60);
    world.governed(&held, &period).await;
    let ran = world.run(&held, &period, U256::ZERO).await.unwrap();
    assert_eq!(ran.event.loss, loss);
    let new = moved(&held, &ran);
    assert_eq!(world.policy(&new).await.periodLoss, loss);
    world.trade(false, units(3_000, 18)).await;
    world.pass(7_200).await;
    let refused = world.run(&new, &period, U256::ZERO).await;
    let refused: NotNow = refusal(refused);
    assert_eq!(refused.reason, Reason::PeriodLossUsed.code());
    world.pass(86_400).await;
    assert!(world.check(&new, &period).await.act);
}

#[tokio::test]
async fn too_little_deployed_is_refused() {
    for kind in crate::common::held::KINDS {
        let (world, held) = earning(kind, Pair::Reentrant).await;
        let terms = terms(world.now().await, REBALANCE);
        world.governed(&held, &terms).await;
        // Whatever moves token0 gives the account token1, the last time when the new position takes its own: that stays idle.
        let gift = ITestToken::mintCall {
            to: world.account(),
            amount: units(1_000, 18),
        };
        let arm = IHostile::armCall {
            target: world.tokens[1],
            call: gift.abi_encode().into(),
        };
        world.send(&world.stranger, world.tokens[0], &arm).await;
        let refused: DeployedBelowMinimum = refusal(world.run(&held, &terms, U256::ZERO).await);
        assert_eq!(refused.minimum, U256::from(950_000));
        assert!(refused.deployed < U256::from(950_000));
    }
}

#[tokio::test]
async fn a_position_worth_too_little_or_nothing_is_left_alone() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let mut terms = terms(world.now().await, HARVEST);
    let worth = world.check(&held, &terms).await.value;
    terms.0.minValue = (worth + worth / U256::from(100)).to();
    world.governed(&held, &terms).await;
    assert_not_now(&world, &held, &terms, Reason::BelowMinValue).await;
    world.withdraw(&held).await;
    assert_not_now(&world, &held, &terms, Reason::NoLiquidity).await;
}

#[tokio::test]
async fn ceilings_hold_for_the_owner_too() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let mut terms = terms(world.now().await, REBALANCE);
    terms.0.maxLoss = U24::from(30_001);
    terms.0.maxPeriodLoss = U24::from(30_001);
    let refused: CeilingExceeded = refusal(world.set_policy(&held, &terms).await);
    assert_eq!(
        (refused.rule, refused.field, refused.limit),
        (255, 4, U256::from(30_000))
    );
}
