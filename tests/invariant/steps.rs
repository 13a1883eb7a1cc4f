//! What each step does. A step that cannot be carried out where the run stands does nothing.

use alloy::{
    primitives::{Address, B256, Bytes, U256, aliases::U24, aliases::U160},
    signers::SignerSync,
    sol_types::SolInterface,
};
use hedgerow::{
    bindings::{
        IManager::{self, IManagerCalls},
        INonfungiblePositionManager as Npm,
        IPolicies::IPoliciesCalls,
        IShell, ISwapRouter,
    },
    signed_batch::{self, Order, SignedBatch},
};

use super::{
    exits::{leave, open_limits},
    look::{At, Position},
    machine::Sent,
    play::{Batch, Broken, By, Play, Told, hold, transfer},
    policies,
    pool::limit,
    script::{Chance, Step, Verb},
    sessions,
    stage::data,
};
use crate::common::{
    IMore,
    held::{IPoolDepositor, Range},
    world::{FEE, SPACING, int24},
};

pub type Done = Result<Told, Broken>;

pub fn nothing() -> Done {
    Ok(Told("nothing to do".into()))
}

/// What became of a transaction, in a few words.
pub fn became(sent: &Sent) -> Told {
    let words = if sent.success {
        format!("done, {} events", sent.logs.len())
    } else {
        let head = sent.output.get(..4).unwrap_or_default();
        format!("refused {}", alloy::hex::encode(head))
    };
    Told(words)
}

/// Carries a step out.
pub fn carry_out(play: &mut Play<'_>, step: &Step) -> Done {
    match step.verb {
        Verb::Time => pass(play, step.number(0)),
        Verb::Hours => pass(play, step.number(0) * 3_600),
        Verb::Trade => trade(play, step.number(0) == 1, step.number(1)),
        Verb::Push => {
            let tick = play.look.spot.tick + step.number(0) as i32;
            push(play, tick)
        }
        Verb::Settle => push(play, play.stage.tick + step.number(0) as i32),
        Verb::Give => give(play, step),
        Verb::Depth => depth(play, step),
        Verb::Anything => anything(play, step),
        Verb::OwnerRebalance => owner_rebalance(play, step),
        Verb::OwnerHarvest | Verb::OwnerCompound | Verb::OwnerConvert => owner_simple(play, step),
        Verb::OwnerExit => {
            let Some(position) = active(play, step) else {
                return nothing();
            };
            owner(play, leave(play, &position, step.number(1) as u8))
        }
        Verb::OwnerOpen => owner_open(play, step),
        Verb::OwnerPause => pause(play, true),
        Verb::OwnerUnpause => pause(play, false),
        Verb::OwnerWipe => wipe(play, step),
        Verb::OwnerSign => sign(play, step),
        Verb::Carry => carry(play, step),
        Verb::Key | Verb::Revoke | Verb::Session | Verb::SessionAgain => sessions::carry_out(play, step),
        _ => policies::carry_out(play, step),
    }
}

pub fn pass(play: &mut Play<'_>, seconds: i64) -> Done {
    play.pass(seconds.unsigned_abs())?;
    Ok(Told(format!("now {}", play.machine.now())))
}

/// A position that an owner would act on, chosen by the step's first number.
pub fn active(play: &Play<'_>, step: &Step) -> Option<Position> {
    let all = play.look.active(play.stage.kept);
    step.which(0, all.len()).map(|at| all[at])
}

/// The owner calls the account.
pub fn owner(play: &mut Play<'_>, call: Bytes) -> Done {
    let account = play.stage.account;
    play.send(By::Owner, account, account, call).map(|sent| became(&sent))
}

fn swap(play: &mut Play<'_>, zero_for_one: bool, amount: U256, until: U256) -> Done {
    let (stage, [a, b]) = (play.stage, play.stage.tokens);
    let (sold, bought) = if zero_for_one { (a, b) } else { (b, a) };
    let params = ISwapRouter::ExactInputSingleParams {
        tokenIn: sold,
        tokenOut: bought,
        fee: U24::from(FEE),
        recipient: stage.trader,
        deadline: U256::MAX,
        amountIn: amount,
        amountOutMinimum: U256::ZERO,
        sqrtPriceLimitX96: U160::from(until),
    };
    let call = data(&ISwapRouter::exactInputSingleCall { params });
    let sent = play.send(By::Other, stage.trader, stage.router, call)?;
    Ok(Told(format!("{}, tick {}", became(&sent).0, play.look.spot.tick)))
}

fn trade(play: &mut Play<'_>, one_for_zero: bool, amount: i64) -> Done {
    let amount = play.stage.thousandths(usize::from(one_for_zero), amount);
    swap(play, !one_for_zero, amount, U256::ZERO)
}

/// Moves the price to a tick, however much that takes.
pub fn push(play: &mut Play<'_>, tick: i32) -> Done {
    let stage = play.stage;
    // Where the pool has next to nothing a run learns little: no further than it takes to leave every range.
    let tick = tick.clamp(stage.tick - 6_000, stage.tick + 6_000);
    let target = limit(tick);
    if target == play.look.spot.sqrt_price {
        return nothing();
    }
    let down = target < play.look.spot.sqrt_price;
    let purse = stage.balances(&play.machine, stage.trader)[usize::from(!down)];
    swap(play, down, purse, target)
}

fn give(play: &mut Play<'_>, step: &Step) -> Done {
    let (stage, amount) = (play.stage, step.number(1));
    let sent = match step.number(0) {
        token @ (0 | 1) => {
            let token = token as usize;
            let call = transfer(stage.account, stage.thousandths(token, amount));
            play.send(By::Other, stage.trader, stage.tokens[token], call)?
        }
        2 => {
            let wei = U256::from(amount.unsigned_abs()) * U256::from(1_000_000_000_000_u64);
            play.send_with(By::Other, stage.trader, stage.account, wei, Bytes::new())?
        }
        3 => {
            let middle = play.look.spot.tick.div_euclid(SPACING) * SPACING;
            let range = (middle - 10 * SPACING, middle + 10 * SPACING);
            mint(play, stage.account, range, [0, 1].map(|i| stage.thousandths(i, amount)))?
        }
        _ => {
            let ranges: Vec<Range> = play.known.ranges.iter().copied().collect();
            let range = ranges[amount as usize % ranges.len()];
            let call = IPoolDepositor::depositCall {
                pool: stage.pool,
                owner: stage.account,
                tickLower: int24(range.0),
                tickUpper: int24(range.1),
                liquidity: amount as u128 * 1_000_000,
            };
            play.send(By::Other, stage.trader, stage.depositor, data(&call))?
        }
    };
    Ok(became(&sent))
}

fn mint(play: &mut Play<'_>, recipient: Address, (lower, upper): Range, amounts: [U256; 2]) -> Result<Sent, Broken> {
    let stage = play.stage;
    let params = Npm::MintParams {
        token0: stage.tokens[0],
        token1: stage.tokens[1],
        fee: U24::from(FEE),
        tickLower: int24(lower),
        tickUpper: int24(upper),
        amount0Desired: amounts[0],
        amount1Desired: amounts[1],
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        recipient,
        deadline: U256::MAX,
    };
    play.send(By::Other, stage.trader, stage.npm, data(&Npm::mintCall { params }))
}

fn depth(play: &mut Play<'_>, step: &Step) -> Done {
    let (stage, width) = (play.stage, step.number(0) as i32);
    if width != 0 {
        let middle = play.look.spot.tick.div_euclid(SPACING) * SPACING;
        let range = (middle - width * SPACING, middle + width * SPACING);
        let amounts = [0, 1].map(|i| stage.thousandths(i, step.number(1) * 1_000));
        let sent = mint(play, stage.trader, range, amounts)?;
        if let (true, Some(id)) = (sent.success, sent.output.get(..32)) {
            play.depth.push(U256::from_be_slice(id));
        }
        return Ok(became(&sent));
    }
    let Some(id) = play.depth.pop() else { return nothing() };
    let liquidity = play
        .machine
        .read(stage.npm, &Npm::positionsCall { tokenId: id })
        .liquidity;
    let params = IMore::DecreaseParams {
        tokenId: id,
        liquidity,
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        deadline: U256::MAX,
    };
    let call = data(&IMore::decreaseLiquidityCall { params });
    play.send(By::Other, stage.trader, stage.npm, call)?;
    let params = IMore::CollectParams {
        tokenId: id,
        recipient: stage.trader,
        amount0Max: u128::MAX,
        amount1Max: u128::MAX,
    };
    let call = data(&IMore::collectCall { params });
    play.send(By::Other, stage.trader, stage.npm, call)
        .map(|sent| became(&sent))
}

/// Calldata of any function of the account: words that often mean something.
fn anything(play: &mut Play<'_>, step: &Step) -> Done {
    let stage = play.stage;
    let mut chance = Chance::new(step.number(2) as u64);
    let selectors = IShell::IShellCalls::selectors()
        .chain(IManagerCalls::selectors())
        .chain(IPoliciesCalls::selectors());
    let selectors: Vec<[u8; 4]> = selectors.collect();
    let mut call = step
        .which(1, selectors.len())
        .map_or([0; 4], |at| selectors[at])
        .to_vec();
    let addresses = [
        stage.account,
        stage.npm,
        stage.pool,
        stage.tokens[0],
        stage.tokens[1],
        stage.factory,
    ];
    for _ in 0..chance.below(40) {
        let word = match chance.below(6) {
            0 => chance.pick(&addresses).into_word(),
            1 => B256::from(U256::from(chance.below(64) * 32)),
            2 => B256::from(U256::from(chance.below(4))),
            3 => B256::from(stage.nfts[0]),
            4 => B256::from(U256::MAX - U256::from(chance.below(2_000))),
            _ => B256::from(U256::from(chance.next())),
        };
        call.extend_from_slice(word.as_slice());
    }
    let callers = [stage.keepers[0], stage.keepers[1], stage.trader];
    let from = callers[step.which(0, callers.len()).unwrap_or_default()];
    play.send(By::Other, from, stage.account, call.into())
        .map(|sent| became(&sent))
}

fn owner_rebalance(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(position) = active(play, step) else {
        return nothing();
    };
    let middle = play.look.spot.tick.div_euclid(SPACING) + step.number(2) as i32;
    let half = (step.number(1) as i32).div_euclid(2).max(1);
    let (lower, upper) = (int24((middle - half) * SPACING), int24((middle + half) * SPACING));
    let limits = open_limits();
    let call = match position.at {
        At::Nft(id) => data(&IManager::rebalanceCall {
            positionManager: play.stage.npm,
            tokenId: id,
            tickLower: lower,
            tickUpper: upper,
            limits,
        }),
        At::Direct(old_lower, old_upper) => data(&IManager::rebalanceDirectCall {
            pool: play.stage.pool_key(),
            tickLower: int24(old_lower),
            tickUpper: int24(old_upper),
            newTickLower: lower,
            newTickUpper: upper,
            limits,
        }),
    };
    owner(play, call)
}

fn owner_simple(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(position) = active(play, step) else {
        return nothing();
    };
    let (limits, pool, npm) = (open_limits(), play.stage.pool_key(), play.stage.npm);
    let (tick_lower, tick_upper) = (int24(position.range.0), int24(position.range.1));
    let call = match (position.at, step.verb) {
        (At::Nft(token_id), Verb::OwnerHarvest) => data(&IManager::harvestCall {
            positionManager: npm,
            tokenId: token_id,
            limits,
        }),
        (At::Nft(token_id), Verb::OwnerCompound) => data(&IManager::compoundCall {
            positionManager: npm,
            tokenId: token_id,
            limits,
        }),
        (At::Nft(token_id), _) => data(&IManager::toDirectCall {
            positionManager: npm,
            tokenId: token_id,
            limits,
        }),
        (At::Direct(..), Verb::OwnerHarvest) => data(&IManager::harvestDirectCall {
            pool,
            tickLower: tick_lower,
            tickUpper: tick_upper,
            limits,
        }),
        (At::Direct(..), Verb::OwnerCompound) => data(&IManager::compoundDirectCall {
            pool,
            tickLower: tick_lower,
            tickUpper: tick_upper,
            limits,
        }),
        (At::Direct(..), _) => data(&IManager::toNftCall {
            positionManager: npm,
            pool,
            tickLower: tick_lower,
            tickUpper: tick_upper,
            limits,
        }),
    };
    owner(play, call)
}

fn owner_open(play: &mut Play<'_>, step: &Step) -> Done {
    // A few positions say as much as a hundred.
    if play.look.positions.len() > 6 {
        return nothing();
    }
    let stage = play.stage;
    let middle = play.look.spot.tick.div_euclid(SPACING) * SPACING;
    let half = step.number(1) as i32 * SPACING;
    let (lower, upper) = (int24(middle - half), int24(middle + half));
    let [amount0, amount1] = [0, 1].map(|i| stage.thousandths(i, step.number(2) * 1_000));
    let limits = open_limits();
    let call = if step.number(0) == 0 {
        data(&IManager::openCall {
            positionManager: stage.npm,
            token0: stage.tokens[0],
            token1: stage.tokens[1],
            fee: U24::from(FEE),
            tickLower: lower,
            tickUpper: upper,
            amount0,
            amount1,
            limits,
        })
    } else {
        data(&IManager::openDirectCall {
            pool: stage.pool_key(),
            tickLower: lower,
            tickUpper: upper,
            amount0,
            amount1,
            limits,
        })
    };
    owner(play, call)
}

fn pause(play: &mut Play<'_>, paused: bool) -> Done {
    let call = if paused {
        data(&IShell::pauseCall {})
    } else {
        data(&IShell::unpauseCall {})
    };
    let told = owner(play, call)?;
    play.paused = paused;
    hold(16, play.look.paused() == paused, || {
        format!("paused is {}", play.look.paused())
    })?;
    Ok(told)
}

/// Rarely: most of what happens before is forgotten.
fn wipe(play: &mut Play<'_>, step: &Step) -> Done {
    if step.number(0) != 0 {
        return nothing();
    }
    let told = owner(play, data(&IShell::wipeCall {}))?;
    play.generation += 1;
    play.paused = false;
    let (look, expected) = (&play.look, play.generation);
    hold(17, look.generation() == expected && !look.paused(), || {
        format!("{:#x}", look.header)
    })?;
    Ok(told)
}

fn sign(play: &mut Play<'_>, step: &Step) -> Done {
    let stage = play.stage;
    let amount = stage.thousandths(0, step.number(0));
    let key = alloy::primitives::aliases::U192::from(step.number(1) as u64);
    let nonce = play.machine.read(stage.account, &IShell::nonceCall { key });
    let batch = SignedBatch {
        calls: vec![signed_batch::Call {
            to: stage.tokens[0],
            value: U256::ZERO,
            data: transfer(stage.friend, amount),
        }],
        nonce,
        deadline: U256::from(play.machine.now() + 86_400),
        executor: Address::ZERO,
        minGas: U256::ZERO,
        generation: U256::from(play.generation),
    };
    let order = Order {
        chain_id: play.machine.chain_id(),
        account: stage.account,
        shell: stage.shell,
        batch,
    };
    let signature = stage.owner.sign_hash_sync(&order.hash()).unwrap();
    let signature = Bytes::from(signature.as_bytes().to_vec());
    play.batches.push(Batch {
        call: data(&order.execution(&signature)),
        amount,
        generation: play.generation,
        used: false,
    });
    Ok(Told(format!("batch {}", play.batches.len() - 1)))
}

/// Signed batches run once, and none of a generation that was wiped.
fn carry(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(which) = step.which(1, play.batches.len()) else {
        return nothing();
    };
    let stage = play.stage;
    let from = stage.keepers[step.which(0, 2).unwrap_or_default()];
    let batch = play.batches[which].clone();
    let before = play.look.tokens[0];
    // The batch is the owner's: what it does is held here, not by what others may do.
    let sent = play.send(By::Owner, from, stage.account, batch.call.clone())?;
    if sent.success {
        let good = !batch.used && batch.generation == play.generation;
        hold(18, good, || format!("batch {which} ran again: {batch:?}"))?;
        let paid = before - play.look.tokens[0];
        hold(18, paid == batch.amount, || format!("batch {which} paid {paid}"))?;
        play.batches[which].used = true;
    } else {
        let (tokens, written) = (play.look.tokens[0], &sent.written);
        hold(18, tokens == before && written.is_empty(), || {
            format!("a refused batch wrote {written:?}")
        })?;
    }
    Ok(became(&sent))
}
