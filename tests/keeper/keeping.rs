//! `hedgerow keeper run`: it acts where it may, says why it does not, and never twice.

use alloy::primitives::{Address, U256};
use hedgerow_core::policy::Reason;
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
    time::Duration,
};

use crate::{
    common::{
        governed::{COMPOUND, REBALANCE, Terms, terms},
        held::Kind,
    },
    stand::{KEEPER, OWN, RIVAL, Stand, lines, number, said},
};

/// A rebalance that is due at once, and then not for an hour.
async fn due(stand: &Stand) -> Terms {
    let mut it = terms(stand.world.now().await, REBALANCE);
    // Half a percent of the fees' token is more than any of these actions brings.
    it.0.maxFee = stand.world.pair.units()[1].to::<u128>();
    it
}

fn reason(document: &Value) -> Reason {
    let code = document["reason"].as_u64().expect("a reason");
    Reason::from_code(u8::try_from(code).unwrap()).unwrap()
}

fn became(document: &Value) -> &str {
    document["outcome"]["became"].as_str().unwrap_or("nothing")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_acts_where_a_policy_says_so_and_then_says_why_it_does_not() {
    for kind in [Kind::Nft, Kind::Direct] {
        let stand = Stand::with(kind).await;
        assert!(stand.round(KEEPER, &[]).is_empty(), "nothing governs anything yet");
        let it = due(&stand).await;
        stand.set(&it).await;
        let keeper = stand.world.stranger.address();
        let before = (
            stand.world.client.nonce(keeper).await.unwrap(),
            stand.world.balances(keeper).await,
        );

        let dry = stand.round(KEEPER, &["--dry-run"]);
        assert_eq!((dry.len(), became(&dry[0])), (1, "dryRun"));
        assert_eq!(
            stand.world.client.nonce(keeper).await.unwrap(),
            before.0,
            "something was sent"
        );

        let done = stand.round(KEEPER, &[]);
        assert_eq!(
            (done.len(), became(&done[0]), reason(&done[0])),
            (1, "sent", Reason::Elapsed)
        );
        let fee = number(&done[0]["outcome"]["fee"]);
        assert_eq!(stand.world.balances(keeper).await[1], before.1[1] + fee);
        assert_eq!(stand.world.client.nonce(keeper).await.unwrap(), before.0 + 1);
        // The policy followed the position; so does the keeper.
        let again = stand.round(KEEPER, &[]);
        let left: Vec<_> = again.iter().filter(|it| it["position"] != stand.position()).collect();
        assert_eq!((left.len(), reason(left[0])), (1, Reason::Cooldown), "{again:?}");
        assert!(!left[0]["due"].as_bool().unwrap());
        stand.world.pass(3_600).await;
        assert_eq!(number(&left[0]["notBefore"]) % U256::from(1), U256::ZERO);
        let third = stand.round(KEEPER, &[]);
        // The range is where it is to be, but for another tick now and then.
        assert!(
            third
                .iter()
                .all(|it| matches!(reason(it), Reason::SameRange | Reason::Elapsed)),
            "{third:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_keepers_at_once_one_acts() {
    let stand = Stand::new().await;
    stand.set(&due(&stand).await).await;
    let owner = stand.owner();
    let keep = ["keeper", "run", "--once", "--json", "--accounts", &owner];
    let racing: Vec<_> = [KEEPER, RIVAL]
        .into_iter()
        .map(|who| {
            let mut command = stand.command(&[&keep[..], &who].concat());
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut outcomes = Vec::new();
    for child in racing {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{} {:?}", said(&output), lines(&output));
        outcomes.extend(lines(&output).iter().map(|it| became(it).to_owned()));
    }
    let sent = outcomes.iter().filter(|outcome| *outcome == "sent").count();
    assert_eq!(sent, 1, "{outcomes:?}");
    let shown = stand.round(KEEPER, &[]);
    assert!(shown.iter().all(|it| reason(it) == Reason::Cooldown), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_simulation_refuses_or_does_not_pay_is_left() {
    let stand = Stand::new().await;
    let keeper = stand.world.stranger.address();
    let mut it = due(&stand).await;
    it.0.maxLoss = Default::default();
    it.0.salt = [1; 32].into();
    stand.set(&it).await;
    let nonce = stand.world.client.nonce(keeper).await.unwrap();
    let left = stand.round(KEEPER, &[]);
    assert_eq!(became(&left[0]), "left");
    let why = left[0]["outcome"]["why"].as_str().unwrap();
    assert!(why.contains("the policy allows 0%"), "{why}");

    let mut it = due(&stand).await;
    it.0.salt = [2; 32].into();
    it.0.nativeToken = 1;
    stand.set(&it).await;
    for (flag, value, words) in [
        ("--max-gas-price", "0.000001", "gwei, more than"),
        ("--min-profit", "1000", "is to be left"),
    ] {
        let left = stand.round(KEEPER, &[flag, value]);
        let why = left[0]["outcome"]["why"].as_str().unwrap();
        assert!(became(&left[0]) == "left" && why.contains(words), "{why}");
    }
    assert_eq!(
        stand.world.client.nonce(keeper).await.unwrap(),
        nonce,
        "something was sent"
    );
    assert_eq!(became(&stand.round(KEEPER, &["--min-profit", "0"])[0]), "sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_ended_or_names_another_keeper_is_not_run() {
    let stand = Stand::new().await;
    let mut it = terms(stand.world.now().await, COMPOUND);
    it.0.keeper = Address::repeat_byte(0x77);
    stand.set(&it).await;
    let named = stand.round(KEEPER, &[]);
    assert!(
        named[0]["said"].as_str().unwrap().contains("another keeper"),
        "{named:?}"
    );
    assert!(named[0]["outcome"].is_null());
    stand.owned(&["policy", "remove", &stand.position(), "--yes"]);
    assert!(stand.round(KEEPER, &[]).is_empty());
    stand.owned(&["policy", "pause", "--yes"]);
    it.0.keeper = Address::ZERO;
    stand.set(&it).await;
    assert_eq!(reason(&stand.round(KEEPER, &[])[0]), Reason::Paused);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_come_from_a_file_and_what_is_wrong_is_told() {
    let stand = Stand::new().await;
    stand.set(&due(&stand).await).await;
    let file = stand.file("accounts");
    fs::write(&file, format!("{} # the owner\n", stand.owner())).unwrap();
    let file = file.to_str().unwrap();
    let keep = ["keeper", "run", "--once", "--dry-run", "--accounts"];
    let output = stand.run(&[&keep[..], &[file], &KEEPER].concat());
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("yes: the time has passed") && told.contains("(--dry-run)"),
        "{told}"
    );
    for (accounts, words) in [("nowhere", "nowhere"), ("0x12", "give addresses")] {
        stand.refused(&[&keep[..], &[accounts], &KEEPER].concat(), 2, &[words]);
    }
    stand.refused(&[&keep[..], &[file]].concat(), 2, &["key"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_dies_ends_a_single_round_and_is_waited_for_by_a_loop() {
    let mut stand = Stand::new().await;
    let mut it = due(&stand).await;
    it.1[0].elapsed = 3_000_000;
    stand.set(&it).await;
    let owner = stand.owner();
    let keep = ["keeper", "run", "--accounts", &owner, "--every", "1"];
    let mut command = stand.command(&[&keep[..], &KEEPER].concat());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = told.next().unwrap().unwrap();
    assert!(first.contains("no: no trigger holds"), "{first}");
    stand.pull_the_plug();
    let errors = BufReader::new(child.stderr.take().unwrap()).lines();
    let waits = errors.map(Result::unwrap).find(|line| line.contains("once more in"));
    assert!(waits.unwrap().contains("no answer from the node"));
    assert!(child.try_wait().unwrap().is_none(), "it gave up");
    child.kill().unwrap();
    child.wait().unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    let once = ["keeper", "run", "--once", "--accounts", &owner];
    stand.refused(&[&once[..], &KEEPER].concat(), 3, &["no answer from the node"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_may_keep_its_own_positions_and_earns_no_fee() {
    let stand = Stand::new().await;
    stand.set(&due(&stand).await).await;
    let done = stand.round(OWN, &[]);
    assert_eq!(
        (became(&done[0]), number(&done[0]["outcome"]["fee"])),
        ("sent", U256::ZERO)
    );
}
