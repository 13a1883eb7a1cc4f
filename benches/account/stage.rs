//! The chain that everything is measured on: the tests' world, with EntryPoint, paymaster and the account to compare with.

use crate::common::{Pair, World, world::SPACING};
use alloy::{
    primitives::{Address, U256, address, b256},
    providers::ext::AnvilApi,
    signers::local::PrivateKeySigner,
    sol,
};
use hedgerow::{
    artifacts::with_arguments,
    bindings::{IEntryPoint::depositToCall, INonfungiblePositionManager::WETH9Call},
    client::Transaction,
    delegation,
    error::{Error, Result},
    keys,
    paymaster::SigningPaymaster,
    program::deploy_deterministic,
    user_operation::ENTRY_POINT,
};

sol! {
    /// What the shell says of the programs behind it.
    interface IPrograms {
        function manager() external view returns (address);
        function direct() external view returns (address);
        function exits() external view returns (address);
        function policies() external view returns (address);
        function runs() external view returns (address);
        function hedges() external view returns (address);
        function hedgechecks() external view returns (address);
        function hedgereads() external view returns (address);
        function hedgeruns() external view returns (address);
    }

    interface IArbWasmCache {
        function cacheProgram(address program) external;
    }
}

/// ArbWasmCache, which keeps programs cached.
const ARB_WASM_CACHE: Address = address!("0000000000000000000000000000000000000072");
/// The programs behind the account.
pub const PROGRAMS: [&str; 9] = [
    "manager",
    "direct",
    "exits",
    "policies",
    "runs",
    "hedges",
    "hedgereads",
    "hedgechecks",
    "hedgeruns",
];
/// Seconds without trade before anything is measured: longer than the price guard's window.
const QUIET: u64 = 600;
/// The price guard of our rows: seconds, and ticks. The swap of the flow itself moves the price by some 180 ticks.
pub const WINDOW: u32 = 300;
/// See [`WINDOW`].
pub const DEVIATION: u32 = 300;
/// Half of the position's range before it moves, and after.
pub const HALF: i32 = 1_200;

/// Where everything is.
pub struct Stage {
    pub world: World,
    /// Pays for the owner's operations.
    pub paymaster: SigningPaymaster,
    /// Simple7702Account, as published.
    pub simple: Address,
    /// Uniswap's QuoterV2.
    pub quoter: Address,
    /// Sends what the owner has signed.
    pub bundler: PrivateKeySigner,
    owner_of_chain: PrivateKeySigner,
}

impl Stage {
    /// Everything deployed; the owner has tokens, no position, no code and no ether of its own to begin with.
    pub async fn new() -> Result<Self> {
        let world = World::new(Pair::Equal).await;
        let chain = keys::development(0)?;
        let client = &world.client;
        let published = |path: &str| world.artifacts.published(path);
        let salt = b256!("0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9");
        let entry_point = published("@account-abstraction/contracts/artifacts/EntryPoint.json")?;
        let deployed = deploy_deterministic(client, &chain, "EntryPoint", &entry_point, salt).await?;
        if deployed.address != ENTRY_POINT {
            return Err(Error::Mismatch {
                what: "the EntryPoint's address".into(),
                expected: ENTRY_POINT.to_string(),
                found: deployed.address.to_string(),
            });
        }
        let simple = world
            .create(published(
                "@account-abstraction/contracts/artifacts/Simple7702Account.json",
            )?)
            .await;
        let quoter = published("@uniswap/v3-periphery/artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json")?;
        let weth = client.read(world.npm, &WETH9Call {}).await?;
        let quoter = world.create(with_arguments(&quoter, &(world.factory, weth))).await;
        let sponsor = keys::development(3)?;
        let paymaster = world.artifacts.contract("SponsorPaymaster", "SponsorPaymaster")?;
        let paymaster = world
            .create(with_arguments(&paymaster, &(sponsor.address(), ENTRY_POINT)))
            .await;
        let deposit = Transaction::call(ENTRY_POINT, &depositToCall { account: paymaster })
            .with_value(U256::from(5) * U256::from(10).pow(U256::from(18)));
        client.send(&chain, deposit, "paying into the EntryPoint").await?;
        let paymaster = SigningPaymaster::connect(client, paymaster, sponsor).await?;
        let stage = Self {
            bundler: world.stranger.clone(),
            world,
            paymaster,
            simple,
            quoter,
            owner_of_chain: chain,
        };
        stage.delegate(Address::ZERO).await?;
        let own = stage.world.pair.units().map(|unit| unit * U256::from(777));
        stage.world.fund(&stage.world.owner, own).await;
        Ok(stage)
    }

    /// The owner's NFT of the reference flow: 1,000 of either token within 1,200 ticks; then somebody swaps 12,000, and the price
    /// leaves the range.
    pub async fn left_behind(&self) -> Result<U256> {
        let id = self.settle().await;
        self.move_price().await;
        Ok(id)
    }

    /// An NFT of the owner's: 1,000 of either token within 1,200 ticks around the price of one.
    pub async fn settle(&self) -> U256 {
        let amounts = self.world.pair.units().map(|unit| unit * U256::from(1_000));
        self.world.mint(&self.world.owner, (-HALF, HALF), amounts).await
    }

    /// The swap of the reference flow, and quiet afterwards.
    pub async fn move_price(&self) {
        let unit = self.world.pair.units()[1];
        self.world.trade(false, unit * U256::from(12_000)).await;
        self.world.pass(QUIET).await;
    }

    /// The range of the same width around the price.
    pub async fn around(&self) -> (i32, i32) {
        let centre = self.world.slot0().await.1.div_euclid(SPACING) * SPACING;
        (centre - HALF, centre + HALF)
    }

    /// Makes the owner run `delegate`; somebody else sends and pays.
    pub async fn delegate(&self, delegate: Address) -> Result<()> {
        let owner = &self.world.owner;
        let nonce = self.world.client.nonce(owner.address()).await?;
        let signed = delegation::authorise(owner, self.world.client.chain_id(), delegate, nonce)?;
        let nothing = Transaction {
            to: Some(Address::repeat_byte(0xdd)),
            ..Transaction::default()
        };
        let transaction = nothing.with_authorization(signed);
        self.world.client.send(&self.bundler, transaction, "delegating").await?;
        Ok(())
    }

    /// Keeps the programs behind the account cached.
    pub async fn cache_programs(&self) -> Result<()> {
        cache_programs(&self.world, &self.owner_of_chain).await
    }

    /// Remembers the chain's state.
    pub async fn snapshot(&self) -> Result<U256> {
        let client = &self.world.client;
        let made = client.provider().anvil_snapshot().await;
        made.map_err(|error| client.error("evm_snapshot", error))
    }

    /// Returns to it, for good.
    pub async fn revert(&self, snapshot: U256) -> Result<()> {
        let client = &self.world.client;
        let done = client.provider().anvil_revert(snapshot).await;
        let done = done.map_err(|error| client.error("evm_revert", error))?;
        done.then_some(())
            .ok_or_else(|| client.node_error("evm_revert", "it knows no such snapshot"))
    }
}

/// Keeps the programs behind a world's shell cached.
pub async fn cache_programs(world: &World, owner_of_chain: &PrivateKeySigner) -> Result<()> {
    let (client, shell) = (&world.client, world.shell);
    let programs = [
        client.read(shell, &IPrograms::managerCall {}).await?,
        client.read(shell, &IPrograms::directCall {}).await?,
        client.read(shell, &IPrograms::exitsCall {}).await?,
        client.read(shell, &IPrograms::policiesCall {}).await?,
        client.read(shell, &IPrograms::runsCall {}).await?,
        client.read(shell, &IPrograms::hedgesCall {}).await?,
        client.read(shell, &IPrograms::hedgereadsCall {}).await?,
        client.read(shell, &IPrograms::hedgechecksCall {}).await?,
        client.read(shell, &IPrograms::hedgerunsCall {}).await?,
    ];
    for program in programs {
        let cache = Transaction::call(ARB_WASM_CACHE, &IArbWasmCache::cacheProgramCall { program });
        client.send(owner_of_chain, cache, "caching a program").await?;
    }
    Ok(())
}
