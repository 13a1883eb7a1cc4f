//! The main job from start to end, in one process on the embedded devnode: what `hedgerow demo` runs and its test checks.

mod market;
pub mod report;
pub mod stage;

use crate::{
    action::{
        Action, Order, Plan, Tolerance,
        operation::{Outcome, Unsigned},
        send::{Done, as_self},
    },
    artifacts::Artifacts,
    bindings::{IEntryPoint, INonfungiblePositionManager},
    client::Client,
    commands::position::ask_lens,
    decimal::Decimal,
    error::{Error, Result},
    output::Progress,
    paymaster::SigningPaymaster,
    pool::Pool,
    position::{Figures, Position},
    price,
    sponsorship::Sponsorship,
};
use alloy::{
    primitives::{Address, U256, utils::parse_ether},
    providers::ext::AnvilApi,
};
use hedgerow_devnode::{Config, Devnode};
pub use market::{fund_trader, pass, swap_to};
use report::{Allowance, Comparison, Paid, Rebalanced, Report, Side};
use stage::Stage;

/// How far the new range reaches either side of the price.
const NEW_RANGE_PERCENT: &str = "25";

/// Plays the whole story and reports it. Anything that is not as it should be is an error, never a line in the report.
pub async fn run(progress: &Progress) -> Result<Report> {
    progress.step("starting the devnode");
    let config = Config::default();
    let arbos = config.arbos_version;
    let devnode = Devnode::new(config).map_err(|error| Error::Devnode(error.to_string()))?;
    let client = Client::in_process(&devnode).await?;
    let stage = stage::set(&client, &Artifacts::locate(), progress).await?;
    let minted = Position::of_nft(&client, stage.position_manager, stage.token_id).await?;
    progress.step("a trader moves the price; asking Lens, and the native core, what the position is worth");
    market::morning(&client, &stage).await?;
    let (_, within) = compare(&client, &stage).await?;
    progress.step("the price leaves the range, 50 % above where it began; asking both again");
    market::afternoon(&client, &stage).await?;
    let (position, beyond) = compare(&client, &stage).await?;

    let provider = stage.cast.provider.address();
    set_balance(&client, provider, U256::ZERO).await?;
    let before = Side::of(&position, beyond.native.clone())?;
    let plan = plan(&client, &stage, position.clone()).await?;
    let snapshot = anvil(&client, "evm_snapshot", client.provider().anvil_snapshot().await)?;

    progress.step("one user operation: collect, withdraw, swap, mint; paid by a paymaster");
    let operation = by_user_operation(&client, &stage, &plan).await?;
    anvil(&client, "evm_revert", client.provider().anvil_revert(snapshot).await)?;

    progress.step("the same rebalance again, as the wallet's own transaction");
    let own = by_self_call(&client, &stage, &plan).await?;
    Ok(Report {
        chain_id: client.chain_id(),
        arbos,
        position_manager: stage.position_manager,
        pool: stage.pool,
        provider,
        entry_sqrt_price: stage.entry_sqrt_price,
        minted: Side::of(&minted, minted.figures(stage.entry_sqrt_price)?)?,
        deployment: stage.deployment,
        within,
        beyond,
        before,
        user_operation: operation,
        self_call: own,
        seconds: progress.elapsed().as_secs_f64(),
        peak_memory_kib: report::peak_memory_kib(),
    })
}

/// The position as the lens and as the native core see it.
async fn compare(client: &Client, stage: &Stage) -> Result<(Position, Comparison)> {
    let position = Position::of_nft(client, stage.position_manager, stage.token_id).await?;
    let native = position.figures(stage.entry_sqrt_price)?;
    let lens = ask_lens(
        client,
        stage.deployment.lens_address()?,
        &position,
        stage.entry_sqrt_price,
    )
    .await?;
    require_identical(&lens, &native)?;
    let summary = position.summary()?;
    Ok((
        position,
        Comparison {
            price: summary.price,
            in_range: summary.in_range,
            lens,
            native,
            identical: true,
        },
    ))
}

/// The lens and the native core are one source compiled twice; any difference is a defect of this project.
fn require_identical(lens: &Figures, native: &Figures) -> Result<()> {
    let pairs = lens.named().into_iter().zip(native.named());
    match pairs.into_iter().find(|(a, b)| a != b) {
        None => Ok(()),
        Some(((name, on_chain), (_, computed))) => Err(Error::Mismatch {
            what: format!("{name}: the lens and the native core disagree"),
            expected: computed,
            found: on_chain,
        }),
    }
}

async fn plan(client: &Client, stage: &Stage, position: Position) -> Result<Plan> {
    let percent: Decimal = NEW_RANGE_PERCENT
        .parse()
        .map_err(|_| Error::invalid("the new range", NEW_RANGE_PERCENT, "a number"))?;
    let range = price::range_around(position.sqrt_price, &percent, position.tick_spacing)?;
    let (block, _) = client.latest().await?;
    let order = Order {
        action: Action::Rebalance { range },
        pool: Pool::read(client, block, position.pool_key()).await?,
        position: Some(position),
        manager: Some(stage.position_manager),
        tolerance: Tolerance::default(),
        plain: false,
    };
    let shell = stage.deployment.account_address()?;
    Plan::make(client, stage.cast.provider.address(), shell, order).await
}

async fn by_user_operation(client: &Client, stage: &Stage, plan: &Plan) -> Result<Rebalanced> {
    let paymaster = SigningPaymaster::connect(client, stage.paymaster, stage.cast.sponsor.clone()).await?;
    let sponsorship = Sponsorship::Signing(Box::new(paymaster));
    let deposit = IEntryPoint::balanceOfCall {
        account: stage.paymaster,
    };
    let entry_point = crate::user_operation::ENTRY_POINT;
    let balances = stage.balances(client, plan.account).await?;
    let deposit_before = client.read(entry_point, &deposit).await?;
    let unsigned = Unsigned::build(client, &plan.own_call()?, Some(&sponsorship)).await?;
    let signed = unsigned.sign(client, &stage.cast.provider)?;
    let outcome: Outcome = signed.send_directly(client, &stage.cast.bundler).await?;
    let spent = deposit_before.saturating_sub(client.read(entry_point, &deposit).await?);
    let ether = client.balance(plan.account).await?;
    require("what the paymaster's deposit paid", outcome.event.actualGasCost, spent)?;
    require("the wallet's ether after the user operation", U256::ZERO, ether)?;
    let paid = Paid {
        by: outcome.payer(),
        who: "the paymaster",
        gas_used: outcome.receipt.gas_used,
        charged_gas: Some(outcome.event.actualGasUsed.saturating_to()),
        wei: spent,
        user_operation: Some(signed.hash),
        transaction: outcome.receipt.transaction_hash,
        wallet_wei_after: ether,
    };
    let new_id = Done::of(plan.account, &outcome.receipt)?.new_id;
    aftermath(client, stage, plan, new_id, balances, paid).await
}

async fn by_self_call(client: &Client, stage: &Stage, plan: &Plan) -> Result<Rebalanced> {
    let ether = parse_ether("1").map_err(|_| Error::invalid("the balance", "1", "a number"))?;
    set_balance(client, plan.account, ether).await?;
    let balances = stage.balances(client, plan.account).await?;
    let receipt = as_self(client, &stage.cast.provider, &plan.own_call()?).await?;
    let left = client.balance(plan.account).await?;
    let paid = Paid {
        by: plan.account,
        who: "the wallet",
        gas_used: receipt.gas_used,
        charged_gas: None,
        wei: ether.saturating_sub(left),
        user_operation: None,
        transaction: receipt.transaction_hash,
        wallet_wei_after: left,
    };
    let new_id = Done::of(plan.account, &receipt)?.new_id;
    aftermath(client, stage, plan, new_id, balances, paid).await
}

/// What is true after a rebalance: who owns the new position, what is left over, that nothing may be taken.
async fn aftermath(
    client: &Client,
    stage: &Stage,
    plan: &Plan,
    token_id: U256,
    balances: [U256; 2],
    paid: Paid,
) -> Result<Rebalanced> {
    let position = Position::of_nft(client, stage.position_manager, token_id).await?;
    require("the new position's owner", plan.account, position.owner)?;
    let [weth, usd] = stage.balances(client, plan.account).await?;
    let left = |before: U256, after: U256| {
        after.checked_sub(before).ok_or_else(|| Error::Mismatch {
            what: "the wallet's balance after the rebalance".into(),
            expected: format!("at least {before}"),
            found: after.to_string(),
        })
    };
    let allowances = allowances(client, stage, plan.account).await?;
    let operator = INonfungiblePositionManager::getApprovedCall { tokenId: token_id };
    require(
        "the new position's operator",
        Address::ZERO,
        client.read(stage.position_manager, &operator).await?,
    )?;
    require(
        "the wallet's delegation to the shell",
        true,
        stage::runs_shell(client, stage).await?,
    )?;
    let figures = position.figures(position.sqrt_price)?;
    Ok(Rebalanced {
        after: Side::of(&position, figures)?,
        dust: [left(balances[0], weth)?, left(balances[1], usd)?],
        allowances,
        paid,
    })
}

async fn allowances(client: &Client, stage: &Stage, owner: Address) -> Result<Vec<Allowance>> {
    let mut found = Vec::new();
    for token in [stage.weth, stage.usd] {
        for spender in stage.spenders() {
            let amount = stage.allowance(client, token, owner, spender).await?;
            require(&format!("the allowance of {spender} over {token}"), U256::ZERO, amount)?;
            found.push(Allowance { token, spender, amount });
        }
    }
    Ok(found)
}

fn require<T: PartialEq + ToString>(what: &str, expected: T, found: T) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(Error::Mismatch {
        what: what.into(),
        expected: expected.to_string(),
        found: found.to_string(),
    })
}

async fn set_balance(client: &Client, account: Address, wei: U256) -> Result<()> {
    anvil(
        client,
        "anvil_setBalance",
        client.provider().anvil_set_balance(account, wei).await,
    )
}

fn anvil<T>(client: &Client, method: &str, answer: Result<T, alloy::transports::TransportError>) -> Result<T> {
    answer.map_err(|error| client.error(method, error))
}
