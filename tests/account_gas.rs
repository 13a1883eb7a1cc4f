//! What the account costs, held to what it was built to stay below. Gas is exact, so these are no measurements that could waver:
//! `scripts/bench` prints them in `benches/account.md`.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, dead_code)]

#[path = "../benches/account/actions.rs"]
mod actions;
#[path = "../benches/account/batch.rs"]
mod batch;
#[path = "../benches/account/common.rs"]
mod common;
#[path = "../benches/account/measure.rs"]
mod measure;
#[path = "../benches/account/root.rs"]
mod root;
#[path = "../benches/account/route.rs"]
mod route;
#[path = "../benches/account/stage.rs"]
mod stage;

use actions::Custody;
use batch::Allowances;
use measure::Row;
use route::Route;
use stage::Stage;

/// The batch of Simple7702Account elsewhere: self-call; EntryPoint and paymaster, first operation and steady.
const SELF_CALL: u64 = 611_631;
const FIRST_OPERATION: u64 = 696_751;
const STEADY: u64 = 679_675;
/// What moving a direct position is to stay below.
const DIRECT: u64 = 400_000;

/// The dearest that a row can be: programs entered uncached.
fn most(row: &Row) -> u64 {
    row.gas_uncached.unwrap_or(row.gas).max(row.gas)
}

#[tokio::test]
async fn a_rebalance_that_solves_and_checks_on_chain_costs_less_than_a_batch_worked_out_beforehand() {
    let stage = Stage::new().await.unwrap();
    let token_id = stage.left_behind().await.unwrap();
    let theirs = stage.by_simple(token_id, Allowances::There).await.unwrap();
    let custody = Custody::Nft(token_id);
    let actions = stage.moving(custody).await;
    let ours = stage.ours(&actions[..1], custody, &Route::ALL).await.unwrap();
    assert_eq!(ours.len(), Route::ALL.len());
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours.route, theirs.route);
        assert!(most(ours) < theirs.gas, "{ours:?} {theirs:?}");
        let elsewhere = match ours.route {
            Route::Authorising => continue,
            Route::Delegated => SELF_CALL,
            Route::FirstOperation => FIRST_OPERATION,
            Route::LaterOperation => STEADY,
        };
        assert!(most(ours) < elsewhere, "{ours:?}");
        // What stays in the wallet: theirs is an estimate made beforehand, ours is rounding.
        assert!(
            ours.left_over.unwrap() < 1.0 && theirs.left_over.unwrap() > 1.0,
            "{ours:?} {theirs:?}"
        );
        assert!(ours.call_data < 400 && theirs.call_data > 1_700, "{ours:?} {theirs:?}");
    }
}

#[tokio::test]
async fn moving_a_direct_position_costs_less_than_400_000() {
    let stage = Stage::new().await.unwrap();
    let token_id = stage.settle().await;
    stage.make_direct(token_id).await.unwrap();
    stage.move_price().await;
    let actions = stage.moving(Custody::Direct).await;
    let routes = [Route::Delegated, Route::FirstOperation, Route::LaterOperation];
    let rows = stage.ours(&actions[..1], Custody::Direct, &routes).await.unwrap();
    assert!(most(&rows[0]) < DIRECT, "{:?}", rows[0]);
    assert!(most(&rows[1]) < FIRST_OPERATION && most(&rows[2]) < STEADY, "{rows:?}");
    assert!(
        rows.iter()
            .all(|row| row.left_over.unwrap() < 1.0 && row.call_data < 500),
        "{rows:?}"
    );
}

#[tokio::test]
async fn what_the_root_key_signs_costs_no_more_than_with_calibur() {
    let rows = Stage::new().await.unwrap().root().await.unwrap();
    let published: Vec<_> = rows.iter().filter_map(|row| Some((row, row.calibur?))).collect();
    assert_eq!(published.len(), 4);
    for (row, calibur) in published {
        assert!(row.gas <= calibur, "{row:?}");
    }
}
