//! Where the runs begin: a devnode with Uniswap as published, the shell and the programs, an account with positions of either kind,
//! and those who mean it no good. Set once; every run plays on a copy.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, Bytes, U256, aliases::U24, keccak256},
    signers::local::PrivateKeySigner,
    sol_types::{SolCall, SolValue},
};
use hedgerow::{
    bindings::{IERC20, IManager::PoolKey, IShell, IUniswapV3Pool},
    keys,
};
use hedgerow_devnode::{Config, Devnode};

use super::{
    machine::Machine,
    pool::{self, Pool},
};
use crate::common::{
    held::{Kind, Range},
    world::{FEE, Pair, SPACING, World},
};

/// The stages by name: two ordinary tokens, and a pair of which one calls somebody at every transfer.
pub const STAGES: [(&str, Pair); 2] = [("plain", Pair::EtherDollar), ("reentrant", Pair::Reentrant)];

/// Every contract that could stand between the account and its tokens.
#[derive(Clone)]
pub struct Stage {
    pub name: &'static str,
    pub machine: Machine,
    pub owner: PrivateKeySigner,
    pub account: Address,
    pub trader: Address,
    /// Those who run policies and call anything.
    pub keepers: [Address; 2],
    pub friend: Address,
    pub attacker: Address,
    pub depositor: Address,
    pub tokens: [Address; 2],
    pub units: [U256; 2],
    pub factory: Address,
    pub pool: Address,
    pub npm: Address,
    pub router: Address,
    pub shell: Address,
    pub entry_points: [Address; 2],
    /// Behind the shell.
    pub programs: BTreeMap<&'static str, Address>,
    /// Where the pool opened.
    pub tick: i32,
    /// What the account begins with: NFTs and the range of its direct position.
    pub nfts: Vec<U256>,
    pub direct: Range,
    /// An NFT that nobody has anything to do with.
    pub kept: U256,
    /// The slots of a token's balances and allowances.
    ledger: [[u64; 2]; 2],
}

fn mapped(key: Address, slot: U256) -> U256 {
    U256::from_be_bytes(keccak256((key, slot).abi_encode()).0)
}

impl Stage {
    /// Sets a stage.
    pub fn set(name: &'static str) -> Self {
        let pair = STAGES.iter().find(|(known, _)| *known == name);
        let pair = pair.unwrap_or_else(|| panic!("no stage is called {name:?}")).1;
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(Self::set_up(name, pair))
    }

    async fn set_up(name: &'static str, pair: Pair) -> Self {
        let devnode = Devnode::new(Config::default()).unwrap();
        let world = World::on(&devnode, pair).await;
        let keepers = [6, 7].map(|index| keys::development(index).unwrap().address());
        let units = pair.units();
        world.fund(&world.owner, units.map(|unit| unit * U256::from(777))).await;
        let tick = pair.tick().div_euclid(SPACING) * SPACING;
        let much = units.map(|unit| unit * U256::from(1_000));
        let nft = world.hold(Kind::Nft, (tick - 1_200, tick + 1_200), much).await;
        let direct = (tick - 600, tick + 900);
        world.hold(Kind::Direct, direct, much).await;
        let kept = world.hold(Kind::Nft, (tick - 3_000, tick + 1_800), much).await;
        let [attacker, depositor] = helpers(&world, keepers).await;
        remember(&world).await;
        let mut stage = Self {
            name,
            machine: Machine::of(&devnode.copy().unwrap()),
            account: world.owner.address(),
            owner: world.owner.clone(),
            trader: world.trader.address(),
            keepers,
            friend: Address::repeat_byte(0xf0),
            attacker,
            depositor,
            tokens: world.tokens,
            units,
            factory: world.factory,
            pool: world.pool,
            npm: world.npm,
            router: world.router,
            shell: world.shell,
            entry_points: [Address::ZERO; 2],
            programs: BTreeMap::new(),
            tick,
            nfts: vec![nft.id],
            direct,
            kept: kept.id,
            ledger: [[0; 2]; 2],
        };
        stage.look_around();
        stage
    }

    /// Finds the programs, and where the tokens keep their books.
    fn look_around(&mut self) {
        let machine = &self.machine;
        self.entry_points = [
            machine.read(self.account, &IShell::entryPointCall {}),
            machine.read(self.account, &IShell::entryPointV9Call {}),
        ];
        self.programs = BTreeMap::from([
            ("manager", machine.read(self.account, &IShell::managerCall {})),
            ("direct", machine.read(self.account, &IShell::directCall {})),
            ("exits", machine.read(self.account, &IShell::exitsCall {})),
            ("policies", machine.read(self.account, &IShell::policiesCall {})),
        ]);
        self.ledger = self.tokens.map(|token| {
            let balance = machine.read(token, &IERC20::balanceOfCall { owner: self.trader });
            let slots = (0..16).map(U256::from);
            let balances = slots
                .clone()
                .find(|slot| machine.state().storage(token, mapped(self.trader, *slot)) == balance);
            let allowances = slots.into_iter().find(|slot| {
                let inner = mapped(self.trader, *slot);
                machine.state().storage(token, mapped(self.router, inner)) == U256::MAX
            });
            [balances, allowances].map(|slot| slot.expect("a mapping").to())
        });
        pool::assert_layout(
            &self.pool_on(machine),
            self.account,
            self.direct,
            &[60, 600, 3_600, 86_400],
        );
    }

    pub fn pool_on<'a>(&self, machine: &'a Machine) -> Pool<'a> {
        Pool {
            machine,
            address: self.pool,
        }
    }

    /// Both balances of somebody, out of the tokens' own storage.
    pub fn balances(&self, machine: &Machine, of: Address) -> [U256; 2] {
        [0, 1].map(|i| {
            let slot = mapped(of, U256::from(self.ledger[i][0]));
            machine.state().storage(self.tokens[i], slot)
        })
    }

    /// What the account allows somebody to take.
    pub fn allowances(&self, machine: &Machine, spender: Address) -> [U256; 2] {
        [0, 1].map(|i| {
            let inner = mapped(self.account, U256::from(self.ledger[i][1]));
            machine.state().storage(self.tokens[i], mapped(spender, inner))
        })
    }

    /// Whoever could have been allowed something.
    pub fn spenders(&self) -> impl Iterator<Item = Address> {
        let known = [self.npm, self.pool, self.router, self.shell, self.attacker, self.trader];
        known
            .into_iter()
            .chain(self.keepers)
            .chain(self.programs.values().copied())
    }

    pub fn pool_key(&self) -> PoolKey {
        PoolKey {
            factory: self.factory,
            token0: self.tokens[0],
            token1: self.tokens[1],
            fee: U24::from(FEE),
        }
    }

    /// Thousandths of a token's unit.
    pub fn thousandths(&self, token: usize, amount: i64) -> U256 {
        self.units[token] * U256::from(amount.unsigned_abs()) / U256::from(1_000)
    }
}

/// The contracts by which others attack and give, with allowances and purses.
async fn helpers(world: &World, keepers: [Address; 2]) -> [Address; 2] {
    let contract = |name: &str| world.artifacts.contract(name, name).unwrap();
    let attacker = world.create(contract("Attacker")).await;
    let depositor = world.create(contract("PoolDepositor")).await;
    for (token, unit) in world.tokens.into_iter().zip(world.pair.units()) {
        for spender in [world.npm, depositor] {
            world.approve(&world.trader, token, spender, U256::MAX).await;
        }
        for to in keepers.into_iter().chain([attacker]) {
            let amount = unit * U256::from(1_000_000);
            let mint = hedgerow::bindings::ITestToken::mintCall { to, amount };
            world.send(&world.trader, token, &mint).await;
        }
    }
    [attacker, depositor]
}

/// Gives the pool a long memory and two days of history.
async fn remember(world: &World) {
    for next in [256, 512] {
        let remember = IUniswapV3Pool::increaseObservationCardinalityNextCall {
            observationCardinalityNext: next,
        };
        world.send(&world.trader, world.pool, &remember).await;
    }
    for hour in 0..48 {
        world.pass(3_600).await;
        let unit = world.pair.units()[usize::from(hour % 2 == 1)];
        world.trade(hour % 2 == 0, unit * U256::from(500)).await;
    }
    world.pass(600).await;
}

/// Calldata.
pub fn data<C: SolCall>(call: &C) -> Bytes {
    call.abi_encode().into()
}
