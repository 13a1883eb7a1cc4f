//! From what the owner wants to what will be sent: reads, refuses what cannot work, simulates, sets the limits, simulates again.

use super::{
    intent::{self, Action, Holding, Minimum, Proceeds, Target},
    operation::{TRANSACTION_GAS, calldata_gas},
    own_call::OwnCall,
    preview::{Preview, Step, Subject},
    tokens,
    tolerance::Tolerance,
};
use crate::{
    bindings::{
        IERC20,
        IManager::Limits,
        IUniswapV3Pool::{burnCall, collectCall, liquidityCall},
    },
    client::Client,
    delegation::{self, Delegation},
    error::{Error, Result},
    pool::Pool,
    position::{Place, Position},
    price::int24,
};
use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::SolCall,
};
use hedgerow_core::tick;

/// What the owner wants, and of which position.
#[derive(Clone, Debug)]
pub struct Order {
    /// What is to be done.
    pub action: Action,
    /// The position; none when one is opened.
    pub position: Option<Position>,
    /// Its pool, or the one to open it in.
    pub pool: Pool,
    /// The position manager, where one is known.
    pub manager: Option<Address>,
    /// What is acceptable.
    pub tolerance: Tolerance,
    /// Leave by ordinary transactions of a wallet that stays without code.
    pub plain: bool,
}

/// An action that the chain would accept now.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What is to be done.
    pub action: Action,
    /// The position as it is; none when one is opened.
    pub position: Option<Position>,
    /// The pool.
    pub pool: Pool,
    /// The account that acts.
    pub account: Address,
    /// The shell that the account runs, or will; none where it stays without code.
    pub shell: Option<Address>,
    /// Whether it runs the shell already.
    pub delegated: bool,
    /// The limits that the call carries.
    pub limits: Limits,
    /// The account's calls: one of itself, or for a wallet without code two of the pool.
    pub steps: Vec<Step>,
    /// The account's call of itself that has the action and its hedge in it, where there is one.
    pub wrapped: Option<Bytes>,
    /// What they would do now.
    pub preview: Preview,
    /// What is odd about the tokens, in words.
    pub warnings: Vec<String>,
    /// The chain's time when it was planned.
    pub timestamp: u64,
}

impl Plan {
    /// Reads, refuses, simulates. `shell` is the one that the account runs or is to run.
    pub async fn make(client: &Client, account: Address, shell: Address, mut order: Order) -> Result<Self> {
        check(client, account, &order).await?;
        // To the range that it has already is what the account calls compounding, with that one's minimum amounts.
        let range = order.position.as_ref().map(|p| (p.tick_lower, p.tick_upper));
        if matches!(order.action, Action::Rebalance { range: new } if Some(new) == range) {
            order.action = Action::Compound;
        }
        let shell = (!order.plain).then_some(shell);
        let delegation = Delegation::of(client, account).await?;
        let delegated = match shell {
            Some(shell) => {
                let delegated = delegation.require(account, shell)?;
                delegation::require_working_shell(client, shell).await?;
                delegated
            }
            None => false,
        };
        let (_, timestamp) = client.latest().await?;
        let mut plan = Self {
            account,
            shell,
            delegated,
            limits: order.tolerance.open_limits(timestamp)?,
            steps: Vec::new(),
            wrapped: None,
            preview: Preview::default(),
            warnings: Vec::new(),
            timestamp,
            action: order.action,
            position: order.position,
            pool: order.pool,
        };
        let target = plan.target(order.manager);
        plan.simulate(client, &target).await?;
        if plan.shell.is_some() {
            plan.tighten(&order.tolerance)?;
            // Once more with the very limits that will be sent, so that what is shown is what was tried.
            plan.simulate(client, &target).await?;
        }
        plan.warnings = tokens::oddities(client, &plan.pool).await?;
        Ok(plan)
    }

    fn target(&self, manager: Option<Address>) -> Target {
        Target {
            manager,
            pool: intent::key(&self.pool.key),
            holding: self.position.as_ref().map(Holding::of),
        }
    }

    /// Sets the least amounts and the least liquidity by what the simulation brought.
    fn tighten(&mut self, tolerance: &Tolerance) -> Result<()> {
        let [amount0, amount1] = match (self.action.minimum(), &self.position) {
            (Minimum::Withdrawn, Some(position)) => position.withdrawable()?.into(),
            _ => self.preview.returned.amounts,
        };
        self.limits.amount0Min = tolerance.least(amount0);
        self.limits.amount1Min = tolerance.least(amount1);
        if self.action.mints() {
            self.limits.minLiquidity = tolerance.least_liquidity(self.preview.returned.liquidity);
        }
        Ok(())
    }

    async fn simulate(&mut self, client: &Client, target: &Target) -> Result<()> {
        self.steps = match self.shell {
            Some(_) => vec![Step {
                to: self.account,
                data: self.action.calldata(target, &self.limits)?,
                what: format!("the {}", self.action.name()),
            }],
            None => self.plain_steps()?,
        };
        let spenders: Vec<Address> = target.manager.into_iter().chain([self.pool.address]).collect();
        let subject = Subject {
            account: self.account,
            shell: self.shell,
            pool: &self.pool,
            position: self.position.as_ref(),
            spenders: &spenders,
        };
        match Preview::run(client, subject, &self.action, &self.steps).await {
            Ok(preview) => {
                self.preview = preview;
                Ok(())
            }
            Err(error) => Err(self.with_oddities(client, error).await),
        }
    }

    /// A revert whose cause may be the tokens says what is odd about them.
    async fn with_oddities(&self, client: &Client, error: Error) -> Error {
        let Error::Reverted {
            action,
            mut reason,
            transaction,
            data,
        } = error
        else {
            return error;
        };
        for oddity in tokens::oddities(client, &self.pool).await.unwrap_or_default() {
            reason = format!("{reason}; {oddity}");
        }
        if self.action.swaps() && matches!(client.read(self.pool.address, &liquidityCall {}).await, Ok(0)) {
            reason = format!(
                "{reason}; the pool holds no liquidity at its price (tick {}), so nothing can be swapped there: {}",
                self.pool.tick,
                self.action.without_a_swap()
            );
        }
        Error::Reverted {
            action,
            reason,
            transaction,
            data,
        }
    }

    /// What a wallet without code does to leave: the pool's own functions, which need no callback.
    fn plain_steps(&self) -> Result<Vec<Step>> {
        let Some(position) = &self.position else {
            return Err(Error::missing("the position", "give POOL:TICK_LOWER:TICK_UPPER"));
        };
        let (lower, upper) = (int24(position.tick_lower)?, int24(position.tick_upper)?);
        let burn = burnCall::new((lower, upper, position.liquidity));
        let collect = collectCall::new((self.account, lower, upper, u128::MAX, u128::MAX));
        let step = |data: Vec<u8>, what: &str| Step {
            to: self.pool.address,
            data: data.into(),
            what: what.into(),
        };
        let burn = step(burn.abi_encode(), "taking the liquidity out (pool.burn)");
        let collect = step(collect.abi_encode(), "collecting (pool.collect)");
        // The pool refuses to burn where there is nothing.
        Ok(if position.liquidity == 0 {
            vec![collect]
        } else {
            vec![burn, collect]
        })
    }

    /// The range of the position that there is afterwards.
    pub fn range_after(&self) -> Option<(i32, i32)> {
        let now = self
            .position
            .as_ref()
            .map(|position| (position.tick_lower, position.tick_upper));
        match self.action {
            Action::Exit { .. } => None,
            _ => self.action.range().or(now),
        }
    }

    /// How a position that the action left under this id is named on the command line; none for id zero.
    pub fn place_of(&self, id: U256) -> Option<Place> {
        let (tick_lower, tick_upper) = self.range_after().filter(|_| !id.is_zero())?;
        let was_direct = self
            .position
            .as_ref()
            .is_some_and(|position| position.place.is_direct());
        let direct = match self.action {
            Action::Open { direct, .. } => direct,
            Action::Convert => !was_direct,
            _ => was_direct,
        };
        Some(if direct {
            Place::Direct {
                pool: self.pool.address,
                tick_lower,
                tick_upper,
            }
        } else {
            Place::Nft(id)
        })
    }

    /// The account's call of itself; none for a wallet that stays without code.
    fn self_call(&self) -> Result<&Bytes> {
        match (self.shell, self.steps.as_slice()) {
            (Some(_), [step]) => Ok(&step.data),
            _ => Err(Error::invalid(
                "the way of sending",
                "two ordinary transactions",
                "they are the wallet's own; use --via self, or --delegate to do it in one call of the account",
            )),
        }
    }

    /// What is sent; an error where the wallet stays without code.
    pub fn own_call(&self) -> Result<OwnCall> {
        let data = match &self.wrapped {
            Some(wrapped) => wrapped.clone(),
            None => self.self_call()?.clone(),
        };
        let shell = self
            .shell
            .ok_or_else(|| Error::missing("the account's shell", "give --account ADDRESS"))?;
        Ok(OwnCall {
            account: self.account,
            shell,
            delegated: self.delegated,
            data,
            what: match self.wrapped {
                Some(_) => format!("the {} with its hedge", self.action.name()),
                None => format!("the {}", self.action.name()),
            },
            deadline: self.limits.deadline,
        })
    }

    /// Gas of the account's own transactions, as the node estimates it, or for several as it was measured; with what an
    /// authorisation costs where one is needed.
    pub async fn gas(&self, client: &Client) -> Result<u64> {
        if self.shell.is_none() {
            let fixed = self.steps.iter().map(|step| TRANSACTION_GAS + calldata_gas(&step.data));
            return Ok(self.preview.call_gas + u64::try_from(fixed.sum::<u128>()).unwrap_or(u64::MAX));
        }
        self.own_call()?.gas(client).await
    }
}

/// What can be known to fail without a simulation, each with its remedy.
async fn check(client: &Client, account: Address, order: &Order) -> Result<()> {
    order.pool.require_price()?;
    tokens::check_decimals(&order.pool)?;
    if let Some(range) = order.action.range() {
        check_range(&order.pool, range)?;
    }
    if let Some(position) = &order.position {
        check_position(position, account, &order.action)?;
        if order.plain {
            return check_plain(order, position);
        }
    }
    if let Action::Open { amounts, .. } = order.action {
        check_amounts(client, account, &order.pool, amounts).await?;
    }
    Ok(())
}

/// Refuses a range that this pool cannot have, and names one that it can.
fn check_range(pool: &Pool, (lower, upper): (i32, i32)) -> Result<()> {
    let spacing = pool.tick_spacing;
    if tick::is_usable_range(lower, upper, spacing) {
        return Ok(());
    }
    let (least, most) = tick::usable_limits(spacing);
    let remedy = if lower >= upper {
        "it is empty: the lower tick must lie below the upper".to_owned()
    } else if lower < least || upper > most {
        format!("this pool's ticks go from {least} to {most}")
    } else {
        let floor = |tick: i32| tick::floor_to_spacing(tick, spacing);
        format!(
            "this pool's ticks are multiples of {spacing}, such as {} to {}",
            floor(lower),
            floor(upper) + spacing
        )
    };
    Err(Error::invalid("the range", format!("{lower} to {upper}"), remedy))
}

fn check_position(position: &Position, account: Address, action: &Action) -> Result<()> {
    if position.owner != account {
        return Err(Error::NotOwner {
            token_id: position.id,
            owner: position.owner,
            account,
        });
    }
    let pays_fees_only = matches!(action, Action::Harvest | Action::Exit { .. });
    let fees = position.fees.iter().any(|fee| !fee.is_zero());
    if position.liquidity == 0 && !(pays_fees_only && fees) {
        return Err(Error::invalid(
            "the position",
            position.place,
            format!("it holds no liquidity, so there is nothing to {}", action.verb()),
        ));
    }
    if matches!(action, Action::Harvest | Action::Compound) && !fees {
        return Err(Error::invalid(
            "the position",
            position.place,
            format!("it is owed no fees, so there is nothing to {}", action.verb()),
        ));
    }
    let range = (position.tick_lower, position.tick_upper);
    if matches!(action, Action::Walk { range: new } if *new == range) {
        return Err(Error::invalid(
            "the position",
            position.place,
            format!(
                "it is at {} to {} already: wait until the price has moved on",
                range.0, range.1
            ),
        ));
    }
    Ok(())
}

/// Leaving by ordinary transactions is for direct positions, in both tokens.
fn check_plain(order: &Order, position: &Position) -> Result<()> {
    let invalid = |remedy: &str| Err(Error::invalid("--undelegated", order.action.name(), remedy));
    if !position.place.is_direct() {
        return invalid("only direct positions are left that way: leave the flag out");
    }
    match order.action {
        Action::Exit {
            proceeds: Proceeds::Both,
        } => Ok(()),
        Action::Exit { .. } => invalid("one token alone takes a swap, which only the account can do: leave --into out"),
        _ => invalid("only `exit` knows that way"),
    }
}

async fn check_amounts(client: &Client, account: Address, pool: &Pool, amounts: [U256; 2]) -> Result<()> {
    if amounts == [U256::ZERO; 2] {
        return Err(Error::invalid(
            "--amount0 and --amount1",
            0,
            "give at least one that is above zero",
        ));
    }
    let sides = [(&pool.token0, "--amount0"), (&pool.token1, "--amount1")];
    for ((token, flag), amount) in sides.into_iter().zip(amounts) {
        let held = IERC20::balanceOfCall { owner: account };
        let balance = client.read(token.address, &held).await?;
        if balance < amount {
            let remedy = format!("{account} holds {}", token.exact(balance));
            return Err(Error::invalid(flag, token.exact(amount), remedy));
        }
    }
    Ok(())
}
