//! What the lens tells of a hedge is what the account tells, and nothing of an address that is no account.

use alloy::{
    primitives::{Address, U256},
    sol_types::SolValue,
};
use hedgerow::{
    bindings::IDirectLens::{self, Place, hedgeCall},
    hedge::terms::recast,
    keys,
    program::Program,
};

use super::scene::{DELTA, Scene, WINDOW, share};
use crate::common::held::Kind;

#[tokio::test]
async fn the_lens_tells_of_a_hedge_and_its_accounts_what_the_account_tells() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let world = &scene.world;
    let lens = Program::from_wasm("directlens", &world.artifacts.program("directlens").unwrap()).unwrap();
    let lens = lens
        .deploy(&world.client, &keys::development(0).unwrap())
        .await
        .unwrap();
    let place: Place = recast(&scene.place()).unwrap();
    let ask = |account: Address, window: u32| hedgeCall {
        account,
        place: place.clone(),
        twapWindow: window,
    };
    // Nothing is hedged yet: the lens refuses as the account does.
    assert!(
        world
            .client
            .read(lens.address, &ask(world.account(), WINDOW))
            .await
            .is_err()
    );
    scene.hedge(share(DELTA, 600_000)).await.unwrap();
    world.pass(3_600).await;
    let seen: IDirectLens::hedgeReturn = world.read(lens.address, &ask(world.account(), WINDOW)).await;
    let (state, accounts) = (scene.state().await, scene.accounts().await);
    assert_eq!(seen.state.abi_encode(), state.abi_encode());
    assert_eq!(seen.accounts.abi_encode(), accounts.abi_encode());
    assert!(seen.state.debt > U256::ZERO && !seen.accounts.hedge.is_zero());
    let nobody = world
        .client
        .read(lens.address, &ask(Address::repeat_byte(0x77), 0))
        .await;
    assert!(nobody.is_err(), "an address without code tells nothing");
}
