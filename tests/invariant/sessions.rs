//! Steps about session keys: the owner who adds and revokes them, and their holder, who signs what he may and what he may not.

use alloy::{
    primitives::{Address, B256, Bytes, FixedBytes, U256, aliases::U24, aliases::U48, aliases::U192, keccak256},
    signers::{SignerSync, local::PrivateKeySigner},
    sol_types::{Eip712Domain, SolCall, SolStruct, SolValue},
};
use hedgerow::bindings::{
    IERC20,
    INonfungiblePositionManager::{MintParams, mintCall},
    IShell,
};

use super::{
    look::{At, Look},
    machine::Sent,
    play::{Broken, By, Held, Play, hold, transfer},
    script::{Chance, Step, Verb},
    stage::data,
    steps::{Done, became, nothing, owner},
};
use crate::common::{
    IMore,
    world::{FEE, SPACING, int24},
};

alloy::sol!(
    #[sol(all_derives)]
    ISessions,
    "abi/ISessions.json"
);
use ISessions::{CallRule, Carriage, PoolKey, PositionRule, Session, SpendLimit};

/// What a session key signs, as the interface's comments have it.
mod typed {
    alloy::sol! {
        struct Call {
            address to;
            uint256 value;
            bytes data;
        }
        struct SessionBatch {
            bytes32 keyId;
            Call[] calls;
            uint256 nonce;
            uint256 deadline;
            address executor;
            uint256 minGas;
            uint256 generation;
        }
        interface INft {
            function setApprovalForAll(address operator, bool approved) external;
            function safeTransferFrom(address from, address to, uint256 tokenId) external;
            function transferFrom(address from, address to, uint256 tokenId) external;
            function approve(address to, uint256 tokenId) external;
        }
    }
}
use typed::INft;

/// A session key as the harness remembers it.
#[derive(Clone, Debug)]
pub struct Key {
    session: Session,
    id: B256,
    live: bool,
    generation: u64,
    /// What left under each limit, and in which of its periods.
    spent: [(u64, U256); 2],
    /// A batch that ran, to be carried again.
    last: Option<Bytes>,
}

fn agent() -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&B256::repeat_byte(0x5e)).unwrap()
}

/// Carries a step about session keys out.
pub fn carry_out(play: &mut Play<'_>, step: &Step) -> Done {
    match step.verb {
        Verb::Key => add(play, step),
        Verb::Revoke => revoke(play, step),
        Verb::Session => sign(play, step),
        Verb::SessionAgain => again(play, step),
        _ => nothing(),
    }
}

/// A session over both tokens and one NFT, its terms made of a number.
fn made(play: &Play<'_>, number: i64) -> Session {
    let (stage, now, chance) = (play.stage, play.machine.now(), &mut Chance::new(number as u64));
    let rule = |target, selector: [u8; 4]| CallRule {
        target,
        selector: FixedBytes(selector),
    };
    let npm = [
        mintCall::SELECTOR,
        IMore::decreaseLiquidityCall::SELECTOR,
        IMore::collectCall::SELECTOR,
    ];
    let tokens = stage.tokens.into_iter();
    let calls = tokens.flat_map(|token| {
        [
            rule(token, IERC20::transferCall::SELECTOR),
            rule(token, IERC20::approveCall::SELECTOR),
        ]
    });
    let limits = [0, 1].map(|i| SpendLimit {
        token: stage.tokens[i],
        period: chance.pick(&[0, 3_600, 86_400]),
        amount: stage.thousandths(i, chance.between((0, 20_000))).to(),
    });
    let ids = play
        .look
        .active(stage.kept)
        .into_iter()
        .filter_map(|position| match position.at {
            At::Nft(id) => Some(id),
            At::Direct(..) => None,
        });
    let ids = ids.take(4).collect();
    let pool = PoolKey {
        token0: stage.tokens[0],
        token1: stage.tokens[1],
        fee: U24::from(FEE),
    };
    Session {
        kind: 0,
        x: agent().address().into_word(),
        y: B256::ZERO,
        start: U48::from(now + chance.pick(&[0, 0, 0, 600])),
        expiry: U48::from(now + chance.pick(&[7_200, 864_000, 864_000])),
        gasBudget: 0,
        paymaster: Address::ZERO,
        calls: calls.chain(npm.map(|selector| rule(stage.npm, selector))).collect(),
        limits: limits.to_vec(),
        positions: vec![PositionRule {
            positionManager: stage.npm,
            tokenIds: ids,
            // Where the pool is named, all of the account's NFTs in it are.
            pools: if !chance.chance(3) { vec![pool] } else { Vec::new() },
        }],
        salt: B256::from(U256::from(number as u64)),
    }
}

fn add(play: &mut Play<'_>, step: &Step) -> Done {
    let (session, account) = (made(play, step.number(0)), play.stage.account);
    let call = ISessions::addKeyCall {
        session: session.clone(),
    };
    let sent = play.send(By::Owner, account, account, data(&call))?;
    let id = keccak256(session.abi_encode());
    if sent.success {
        hold(42, sent.output.as_ref() == id.as_slice(), || {
            format!("{id} was called {}", sent.output)
        })?;
        play.count("key added");
        play.keys.push(Key {
            session,
            id,
            live: true,
            generation: play.generation,
            spent: Default::default(),
            last: None,
        });
    }
    Ok(became(&sent))
}

fn revoke(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(which) = step.which(0, play.keys.len()) else {
        return nothing();
    };
    if step.number(1) == 0 {
        play.keys.iter_mut().for_each(|key| key.live = false);
        return owner(play, data(&ISessions::revokeAllKeysCall {}));
    }
    play.keys[which].live = false;
    let key_id = play.keys[which].id;
    owner(play, data(&ISessions::revokeKeyCall { keyId: key_id }))
}

/// What the key's holder tries: within his limits, beyond them, and what no session key may.
fn tried(play: &Play<'_>, key: &Key, what: i64, chance: &mut Chance) -> Vec<(Address, Bytes)> {
    let (stage, ids) = (play.stage, &key.session.positions[0].tokenIds);
    let there = ids.iter().find(|id| play.known.nfts.contains(*id));
    let (thief, nft) = (stage.keepers[0], there.copied().unwrap_or(stage.nfts[0]));
    let amount = |token: usize, chance: &mut Chance| stage.thousandths(token, chance.between((0, 5_000)));
    match what {
        token @ (0 | 1) => vec![(
            stage.tokens[token as usize],
            transfer(thief, amount(token as usize, chance)),
        )],
        2 => mint(play, stage.account, [0, 1].map(|i| amount(i, chance))),
        3 => vec![(stage.npm, decrease(play, nft, chance.between((1, 100))))],
        4 => vec![
            (stage.npm, decrease(play, nft, 1)),
            (stage.npm, collect(nft, stage.account)),
        ],
        5 => vec![(stage.npm, collect(nft, thief))],
        6 => mint(play, thief, [0, 1].map(|i| amount(i, chance))),
        7 => vec![
            (stage.npm, decrease(play, stage.kept, 50)),
            (stage.npm, collect(stage.kept, stage.account)),
        ],
        8 => {
            let (from, to, token_id) = (stage.account, thief, nft);
            let calls = [
                data(&INft::safeTransferFromCall {
                    from,
                    to,
                    tokenId: token_id,
                }),
                data(&INft::transferFromCall {
                    from,
                    to,
                    tokenId: token_id,
                }),
                data(&INft::approveCall { to, tokenId: token_id }),
                data(&INft::setApprovalForAllCall {
                    operator: thief,
                    approved: true,
                }),
            ];
            let which = chance.below(calls.len() as u64) as usize;
            vec![(stage.npm, calls[which].clone())]
        }
        9 => {
            let call = IERC20::approveCall {
                spender: thief,
                amount: amount(0, chance),
            };
            vec![(stage.tokens[0], data(&call))]
        }
        10 => vec![
            (stage.account, data(&IShell::wipeCall {})),
            (stage.account, data(&IShell::unpauseCall {})),
        ],
        _ => vec![(thief, Bytes::new()), (stage.entry_points[0], Bytes::new())],
    }
}

fn mint(play: &Play<'_>, recipient: Address, amounts: [U256; 2]) -> Vec<(Address, Bytes)> {
    let stage = play.stage;
    let middle = play.look.spot.tick.div_euclid(SPACING) * SPACING;
    let params = MintParams {
        token0: stage.tokens[0],
        token1: stage.tokens[1],
        fee: U24::from(FEE),
        tickLower: int24(middle - 20 * SPACING),
        tickUpper: int24(middle + 20 * SPACING),
        amount0Desired: amounts[0],
        amount1Desired: amounts[1],
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        recipient,
        deadline: U256::MAX,
    };
    let allow = |i: usize| {
        let call = IERC20::approveCall {
            spender: stage.npm,
            amount: amounts[i],
        };
        (stage.tokens[i], data(&call))
    };
    vec![allow(0), allow(1), (stage.npm, data(&mintCall { params }))]
}

/// So many hundredths of an NFT's liquidity.
fn decrease(play: &Play<'_>, id: U256, hundredths: i64) -> Bytes {
    let liquidity = play
        .look
        .positions
        .get(&At::Nft(id))
        .map_or(0, |position| position.stake.liquidity);
    let params = IMore::DecreaseParams {
        tokenId: id,
        liquidity: liquidity / 100 * hundredths as u128,
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        deadline: U256::MAX,
    };
    data(&IMore::decreaseLiquidityCall { params })
}

fn collect(id: U256, recipient: Address) -> Bytes {
    let params = IMore::CollectParams {
        tokenId: id,
        recipient,
        amount0Max: u128::MAX,
        amount1Max: u128::MAX,
    };
    data(&IMore::collectCall { params })
}

fn sign(play: &mut Play<'_>, step: &Step) -> Done {
    let recent = play.keys.len().saturating_sub(3);
    let Some(which) = step.which(0, play.keys.len() - recent).map(|at| recent + at) else {
        return nothing();
    };
    let (stage, key) = (play.stage, play.keys[which].clone());
    let chance = &mut Chance::new(step.number(2) as u64);
    let calls = tried(play, &key, step.number(1), chance);
    let nonce_key = U192::from_be_slice(&key.id[8..]);
    let nonce = play.machine.read(stage.account, &IShell::nonceCall { key: nonce_key });
    let typed_calls = calls.iter().map(|(to, call)| typed::Call {
        to: *to,
        value: U256::from(u64::from(call.is_empty())),
        data: call.clone(),
    });
    let batch = typed::SessionBatch {
        keyId: key.id,
        calls: typed_calls.collect(),
        nonce,
        deadline: U256::from(play.machine.now() + 86_400),
        executor: Address::ZERO,
        minGas: U256::ZERO,
        generation: U256::from(play.generation),
    };
    let domain = Eip712Domain::new(
        Some("Hedgerow".into()),
        Some("1".into()),
        Some(U256::from(play.machine.chain_id())),
        Some(stage.account),
        Some(stage.shell.into_word()),
    );
    let signature = agent().sign_hash_sync(&batch.eip712_signing_hash(&domain)).unwrap();
    let execute = ISessions::executeSessionCall {
        session: key.session.clone(),
        calls: Vec::abi_decode(&batch.calls.abi_encode()).unwrap(),
        carriage: Carriage {
            nonce,
            deadline: batch.deadline,
            executor: Address::ZERO,
            minGas: U256::ZERO,
        },
        signature: signature.as_bytes().to_vec().into(),
    };
    let call = data(&execute);
    let sent = carried(play, which, call.clone())?;
    if sent.success {
        // What nobody could have been allowed.
        let what = step.number(1);
        // An allowance counts as spent and ends with the batch; a position may be named by its pool.
        let by_pool = what == 7 && !play.keys[which].session.positions[0].pools.is_empty();
        hold(43, what <= 4 || what == 9 || by_pool, || {
            format!("a session key did {step}")
        })?;
        let names = ["spent token0", "spent token1", "minted", "decreased", "collected"];
        play.count(names.get(what as usize).unwrap_or(&"allowed or decreased by pool"));
        play.keys[which].last = Some(call);
    }
    Ok(became(&sent))
}

/// A batch that ran is carried again.
fn again(play: &mut Play<'_>, step: &Step) -> Done {
    let Some(which) = step.which(0, play.keys.len()) else {
        return nothing();
    };
    let Some(call) = play.keys[which].last.clone() else {
        return nothing();
    };
    let sent = carried(play, which, call)?;
    hold(44, !sent.success, || "a session's batch ran twice".into())?;
    Ok(became(&sent))
}

fn carried(play: &mut Play<'_>, which: usize, call: Bytes) -> Result<Sent, Broken> {
    let (stage, before) = (play.stage, play.look.clone());
    let nfts = play.known.nfts.clone();
    let sent = play.send(By::Session, stage.keepers[1], stage.account, call)?;
    if !sent.success {
        hold(13, sent.written.is_empty(), || {
            format!("a refused session wrote {:?}", sent.written)
        })?;
        return Ok(sent);
    }
    let key = &play.keys[which];
    let now = play.machine.now();
    let timely = now >= key.session.start.to::<u64>() && now <= key.session.expiry.to::<u64>();
    let active = key.live && key.generation == play.generation && !play.paused && timely;
    hold(45, active, || {
        format!("{key:?} acted at {now}, paused: {}", play.paused)
    })?;
    let gone = nfts.difference(&play.known.nfts).next();
    hold(8, gone.is_none(), || format!("NFT {gone:?} is gone"))?;
    spent(play, which, &before)?;
    kept(play, which, &before)?;
    Ok(sent)
}

/// What left stays within the limits, by the harness's own sums.
fn spent(play: &mut Play<'_>, which: usize, before: &Look) -> Held {
    let (now, tokens) = (play.machine.now(), play.look.tokens);
    let key = &mut play.keys[which];
    for i in [0, 1] {
        let limit = &key.session.limits[i];
        let window = now.checked_div(u64::from(limit.period)).unwrap_or_default();
        if key.spent[i].0 != window {
            key.spent[i] = (window, U256::ZERO);
        }
        key.spent[i].1 += before.tokens[i].saturating_sub(tokens[i]);
        let (sum, most) = (key.spent[i].1, U256::from(limit.amount));
        hold(46, sum <= most, || {
            format!("token{i}: {sum} of {most} left in a period")
        })?;
    }
    Ok(())
}

/// Ether, header, and every position that the session does not name are as they were.
fn kept(play: &Play<'_>, which: usize, before: &Look) -> Held {
    let (look, rule) = (&play.look, &play.keys[which].session.positions[0]);
    hold(9, look.ether >= before.ether, || {
        format!("ether {} became {}", before.ether, look.ether)
    })?;
    hold(5, look.header == before.header, || {
        format!("the header became {:#x}", look.header)
    })?;
    let named = |at: &At| match at {
        At::Nft(id) => rule.tokenIds.contains(id) || !rule.pools.is_empty(),
        At::Direct(..) => false,
    };
    for (at, old) in before.positions.iter().filter(|(at, _)| !named(at)) {
        let new = look.positions.get(at).copied();
        let stake = new.map(|new| new.stake).unwrap_or_default();
        let same = stake.liquidity >= old.stake.liquidity && (0..2).all(|i| stake.fees[i] >= old.stake.fees[i]);
        hold(11, same, || format!("{old:?} became {new:?}"))?;
    }
    Ok(())
}
