//! The commands as owner and keeper meet them, against a node with the real Uniswap and the real programs.

use crate::common::scene::Scene;
use alloy::primitives::B256;
use hedgerow::{bindings::IPolicies::policyStatusCall, demo, keys};
use serde_json::Value;
use std::{fs, path::PathBuf};

const OWN: [&str; 2] = ["--dev-account", "1"];
const KEEPER: [&str; 2] = ["--dev-account", "6"];

/// A staged chain whose provider runs our code, with a policy's file for its position.
struct Estate {
    scene: Scene,
    owner: String,
    position: String,
    file: PathBuf,
}

impl Estate {
    async fn new() -> Self {
        let scene = Scene::new().await;
        demo::fund_trader(&scene.client, &scene.stage).await.unwrap();
        scene.json(&[&["delegate", "--yes"], &OWN[..]].concat(), &[]);
        let estate = Self {
            owner: scene.provider().to_string(),
            position: scene.stage.token_id.to_string(),
            file: scene.dir.path().join("policy.toml"),
            scene,
        };
        estate.write("range");
        // What the tests do to the price is not to be left at a loss.
        estate.edit("il = \"10%\"", "il = \"90%\"");
        estate
    }

    /// As `policy new` writes it.
    fn write(&self, preset: &str) {
        let _ = fs::remove_file(&self.file);
        let file = self.file.to_str().unwrap();
        let new = ["policy", "new", &self.position, "--preset", preset, "-o", file];
        let written = self.scene.run(&[&new[..], &OWN[..]].concat(), &[]);
        let said = String::from_utf8_lossy(&written.stderr);
        assert!(written.status.success(), "{said}");
        let again = self.scene.run(&[&new[..], &OWN[..]].concat(), &[]);
        assert_eq!(again.status.code(), Some(2), "it wrote over a file");
    }

    fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(&self.file).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&self.file, text.replace(from, to)).unwrap();
    }

    fn file(&self) -> &str {
        self.file.to_str().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.scene.json(arguments, &[])
    }

    fn owned(&self, arguments: &[&str]) -> Value {
        self.json(&[arguments, &OWN].concat())
    }

    fn check(&self, position: &str) -> Value {
        let found = self.owned(&["policy", "check", position]);
        assert_eq!(found["accountSaysTheSame"], true);
        found["decision"].clone()
    }

    /// A keeper's run; what it says on stderr where it is refused with this code.
    fn not_run(&self, position: &str, code: i32) -> String {
        let run = ["run", position, "--owner", &self.owner, "--yes"];
        let output = self.scene.run(&[&run[..], &KEEPER[..]].concat(), &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }

    async fn status(&self, id: &str) -> u8 {
        let call = policyStatusCall {
            policyId: id.parse::<B256>().unwrap(),
        };
        self.scene.client.read(self.scene.provider(), &call).await.unwrap()
    }

    async fn pass(&self, seconds: u64) {
        demo::pass(&self.scene.client, seconds).await.unwrap();
    }

    async fn price(&self, target: &str) {
        demo::swap_to(&self.scene.client, &self.scene.stage, target)
            .await
            .unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_set_shown_and_run_and_follows_the_position() {
    let estate = Estate::new().await;
    let (position, file) = (estate.position.clone(), estate.file().to_owned());
    what_is_wrong_is_told(&estate).await;
    let before = estate.scene.nonces().await;
    let unset = estate.owned(&["policy", "check", &position, &file]);
    assert_eq!(unset["decision"]["reasonName"], "NotSet");
    let planned = estate.owned(&["policy", "set", &position, &file, "--dry-run"]);
    assert!(planned["sent"].is_null());
    assert!(estate.not_run(&position, 2).contains("no policy governs it"));
    assert_eq!(estate.scene.nonces().await, before, "something was sent");

    let set = estate.owned(&["policy", "set", &position, &file, "--yes"]);
    assert_eq!(set["policyId"], planned["policyId"]);
    let shown = estate.owned(&["policy", "show", &position]);
    assert_eq!((&shown["policyId"], &shown["terms"]), (&set["policyId"], &set["terms"]));
    // Written again from the chain, it is the same policy: the terms were used.
    let copy = estate.scene.dir.path().join("copy.toml");
    estate.owned(&["policy", "show", &position, "-o", copy.to_str().unwrap()]);
    let twice = ["policy", "set", &position, copy.to_str().unwrap(), "--yes"];
    estate
        .scene
        .refused(&[&twice[..], &OWN[..]].concat(), &[], &["another salt"]);
    assert_eq!(estate.check(&position)["reasonName"], "NoTrigger");
    assert!(estate.not_run(&position, 1).contains("no trigger holds"));

    estate.price("2700").await;
    estate.pass(7_200).await;
    let due = estate.check(&position);
    assert_eq!(
        (&due["act"], &due["reasonName"]),
        (&Value::Bool(true), &Value::from("OutOfRange"))
    );
    let run = ["run", &position, "--owner", &estate.owner];
    let dry = estate.json(&[&run[..], &["--dry-run"], &KEEPER[..]].concat());
    assert!(dry["sent"].is_null());
    let run = estate.json(&[&run[..], &["--yes"], &KEEPER[..]].concat());
    assert_eq!(run["sent"]["fee"], dry["fee"]);
    let moved = run["sent"]["newId"].as_str().unwrap();
    assert_ne!(moved, position);
    assert_eq!(estate.owned(&["policy", "show", moved])["state"]["runs"], 1);
    assert!(estate.not_run(moved, 1).contains("too recent"));
    the_owners_own_action_is_followed(&estate, moved).await;
    assert!(estate.not_run(&position, 2).contains("no liquidity") || estate.not_run(&position, 2).contains("knows no"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_placed_once_pausing_stops_keepers_and_removing_ends_a_policy_for_ever() {
    let estate = Estate::new().await;
    an_order_is_placed_once(&estate).await;
    // The same terms again would be a policy that was used.
    estate.write("range");
    estate.edit("il = \"10%\"", "il = \"90%\"");
    let other = keys::development(6).unwrap().address().to_string();
    estate.edit("keeper = \"anybody\"", &format!("keeper = \"{other}\""));
    let (position, file) = (estate.position.clone(), estate.file().to_owned());
    let set = estate.owned(&["policy", "set", &position, &file, "--yes"]);
    let id = set["policyId"].as_str().unwrap();
    estate.price("2700").await;
    estate.pass(7_200).await;
    estate.scene.refused(
        &[&["policy", "unpause", "--yes"], &OWN[..]].concat(),
        &[],
        &["not paused"],
    );
    estate.owned(&["policy", "pause", "--yes"]);
    assert_eq!(estate.owned(&["account", "status"])["state"]["paused"], true);
    assert_eq!(estate.check(&position)["reasonName"], "Paused");
    assert!(estate.not_run(&position, 1).contains("paused"));
    estate.owned(&["policy", "unpause", "--yes"]);
    assert_eq!(estate.check(&position)["act"], true);

    let stranger = [
        "run",
        &position,
        "--owner",
        &estate.owner,
        "--yes",
        "--dev-account",
        "7",
    ];
    estate.scene.refused(&stranger, &[], &[&other]);
    // More than the policy allows is refused here; what it names is in whole tokens.
    let greedy = ["run", &position, "--owner", &estate.owner, "--fee", "1000", "--yes"];
    estate
        .scene
        .refused(&[&greedy[..], &KEEPER[..]].concat(), &[], &["allows at most"]);
    estate.owned(&["policy", "remove", &position, "--yes"]);
    assert_eq!(estate.status(id).await, 2);
    let ended = estate.owned(&["policy", "check", &position, &file]);
    assert_eq!(ended["decision"]["reasonName"], "Ended");
    let again = ["policy", "set", &position, &file, "--yes"];
    estate
        .scene
        .refused(&[&again[..], &OWN[..]].concat(), &[], &["another salt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn session_keys_are_added_listed_and_revoked() {
    let estate = Estate::new().await;
    let (key, token) = (
        keys::development(5).unwrap().address().to_string(),
        estate.scene.stage.usd.to_string(),
    );
    let file = estate.scene.dir.path().join("key.toml");
    let file = file.to_str().unwrap();
    let new = estate.scene.run(
        &[
            "account",
            "keys",
            "new",
            "--address",
            &key,
            "--token",
            &token,
            "-o",
            file,
        ],
        &[],
    );
    assert!(new.status.success(), "{}", String::from_utf8_lossy(&new.stderr));
    let before = estate.scene.nonces().await;
    let add = ["account", "keys", "add", file];
    estate.owned(&[&add[..], &["--dry-run"]].concat());
    assert_eq!(estate.scene.nonces().await, before, "something was sent");
    // What the account refuses is told where it stands.
    let text = fs::read_to_string(file).unwrap();
    let line = |start: &str| text.lines().position(|line| line.starts_with(start)).unwrap() + 1;
    for (from, to, at, word) in [
        ("expiry = ", "expiry = 2099-01-01 # ", line("expiry"), "366 days"),
        (
            "function = \"transfer(address,uint256)\"",
            "function = \"permit()\"",
            line("[[call]]"),
            "allowances",
        ),
        ("gas-budget", "gas-budge", line("gas-budget"), "may be meant"),
        (
            "amount = \"10\"",
            "amount = \"0.0000001\"",
            line("amount"),
            "at most 6 digits",
        ),
    ] {
        fs::write(file, text.replacen(from, to, 1)).unwrap();
        estate.scene.refused(
            &[&add[..], &OWN[..]].concat(),
            &[],
            &[&format!("line {at}, column"), word],
        );
    }
    fs::write(file, &text).unwrap();
    let added = estate.owned(&[&add[..], &["--yes"]].concat());
    let id = added["keyId"].as_str().unwrap();
    let list = |more: &[&str]| estate.owned(&[&["account", "keys", "list"], more].concat());
    let listed = list(&[]);
    assert_eq!(listed["keys"][0]["keyId"], id);
    assert_eq!(listed["keys"][0]["standing"], "active");
    assert_eq!(listed["keys"][0]["limits"][0]["amount"], "10000000");
    estate.owned(&["account", "keys", "revoke", id, "--yes"]);
    assert_eq!(list(&[])["keys"], serde_json::json!([]));
    assert_eq!(list(&["--all"])["keys"][0]["standing"], "ended");
    let said = estate.scene.run(&[&add[..], &["--yes"], &OWN[..]].concat(), &[]);
    assert!(String::from_utf8_lossy(&said.stderr).contains("used before"));
}

/// An action of the owner's own says that the policy stays behind, and `follow` brings it after.
async fn the_owners_own_action_is_followed(estate: &Estate, position: &str) {
    let acted = estate.owned(&["rebalance", position, "--width-percent", "30", "--yes"]);
    let warnings = acted["warnings"].to_string();
    assert!(warnings.contains("policy follow"), "{warnings}");
    let own = acted["sent"]["newId"].as_str().unwrap();
    let show = ["policy", "show", own];
    estate
        .scene
        .refused(&[&show[..], &OWN[..]].concat(), &[], &["no policy governs it"]);
    estate.owned(&["policy", "follow", position, own, "--yes"]);
    assert_eq!(estate.owned(&show)["state"]["runs"], 1);
}

/// Nothing of this is sent.
async fn what_is_wrong_is_told(estate: &Estate) {
    let (position, file) = (estate.position.as_str(), estate.file());
    let before = estate.scene.nonces().await;
    let refused = |arguments: &[&str], who: [&str; 2], words: &[&str]| {
        estate.scene.refused(&[arguments, &who].concat(), &[], words);
    };
    refused(&["policy", "set", position, file, "--yes"], KEEPER, &["belongs to"]);
    refused(&["policy", "set", position, "nowhere.toml"], OWN, &["nowhere.toml"]);
    refused(&["policy", "show", position], OWN, &["no policy governs it"]);
    refused(&["policy", "remove", position], OWN, &["no policy governs it"]);
    estate.edit("max-loss", "max-los");
    refused(
        &["policy", "check", position, file],
        OWN,
        &["line", "\"max-loss\" may be meant"],
    );
    estate.edit("max-los", "max-loss");
    assert_eq!(estate.scene.nonces().await, before, "something was sent");
}

/// Signed by the owner, placed by a keeper.
async fn an_order_is_placed_once(estate: &Estate) {
    let (position, file) = (estate.position.clone(), estate.file().to_owned());
    let order = |name: &str, more: &[&str]| {
        let arguments = [&["policy", "set", &position, &file, "--order"][..], more].concat();
        let output = estate.scene.run(&arguments, &[]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        let path = estate.scene.dir.path().join(name);
        fs::write(&path, output.stdout).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let before = estate.scene.nonces().await;
    let unsigned = order("unsigned.json", &["--from", &estate.owner]);
    let signed = order("signed.json", &OWN);
    assert_eq!(estate.scene.nonces().await, before, "something was sent");

    let place = |order: &str, more: &[&str]| {
        let run = ["run", &position, "--order", order];
        estate.scene.run(&[&run[..], more, &KEEPER[..]].concat(), &[])
    };
    let said = |output: std::process::Output| String::from_utf8(output.stderr).unwrap();
    assert!(said(place(&unsigned, &["--yes"])).contains("eth_signTypedData_v4"));
    // Another deadline is another order.
    let text = fs::read_to_string(&signed).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let deadline = document["message"]["deadline"].as_str().unwrap();
    let forged = estate.scene.dir.path().join("forged.json");
    fs::write(&forged, text.replace(deadline, &format!("{deadline}0"))).unwrap();
    assert!(said(place(forged.to_str().unwrap(), &["--yes"])).contains("another order"));
    assert_eq!(place(&signed, &["--dry-run"]).status.code(), Some(0));
    // It is placed, and then says that there is nothing to do yet.
    let placed = place(&signed, &["--yes"]);
    assert_eq!(placed.status.code(), Some(1));
    assert!(said(placed).contains("no trigger holds"));
    let shown = estate.owned(&["policy", "show", &position]);
    assert_eq!(estate.check(&position)["reasonName"], "NoTrigger");

    // Cancelled, it can never be placed again.
    estate.owned(&["policy", "remove", "--order", &signed, "--yes"]);
    assert_eq!(estate.status(shown["policyId"].as_str().unwrap()).await, 2);
    let again = place(&signed, &["--yes"]);
    assert_eq!(again.status.code(), Some(1));
    let said = said(again);
    assert!(said.contains("has ended"), "{said}");
}
