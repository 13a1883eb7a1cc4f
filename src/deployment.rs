//! Puts the programs and the account's shell on a chain, and remembers where: one file, one entry per chain.

use crate::{
    artifacts::{Artifacts, with_arguments},
    client::Client,
    error::{Error, Result},
    output::Progress,
    program::{self, BEHIND_THE_SHELL, Deployed, PROGRAMS, Program},
};
use alloy::{
    primitives::{Address, B256},
    signers::local::PrivateKeySigner,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Where the record lies unless another file is named.
pub const DEFAULT_RECORD: &str = "hedgerow.deployments.json";

/// What to deploy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    /// The read-only programs.
    Lens,
    /// The programs behind the account.
    Manager,
    /// The shell that EOAs delegate to, and the programs it needs.
    Account,
    /// Everything.
    #[default]
    All,
}

impl Part {
    /// The names of the programs that belong to it.
    pub fn programs(self) -> impl Iterator<Item = &'static str> {
        PROGRAMS.into_iter().filter(move |name| {
            self.includes(if BEHIND_THE_SHELL.contains(name) {
                Self::Manager
            } else {
                Self::Lens
            })
        })
    }

    const fn includes(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::All, _)
                | (Self::Lens, Self::Lens)
                | (Self::Manager | Self::Account, Self::Manager)
                | (Self::Account, Self::Account)
        )
    }
}

/// What is deployed on one chain.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// The read-only program for pools and positions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lens: Option<Deployed>,
    /// The read-only program for direct positions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directlens: Option<Deployed>,
    /// The read-only program for ranges and what they have to earn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranges: Option<Deployed>,
    /// The read-only program for stakes on any curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stake: Option<Deployed>,
    /// The read-only program for options.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Deployed>,
    /// The read-only program for what hedges a stake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedge: Option<Deployed>,
    /// The read-only program for expected losses and elementary functions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<Deployed>,
    /// The read-only program for volatility and the gate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Deployed>,
    /// The read-only program for what may happen to a position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chances: Option<Deployed>,
    /// The program behind the account for positions of position managers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Deployed>,
    /// The program behind the account for direct positions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direct: Option<Deployed>,
    /// The program behind the account by which positions are left, walked and converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exits: Option<Deployed>,
    /// The program behind the account that remembers what the owner allows keepers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Deployed>,
    /// The program behind the account by which keepers run that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs: Option<Deployed>,
    /// The program behind the account by which hedges are opened, adjusted and closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedges: Option<Deployed>,
    /// The program behind the account that reads a position, its hedge and the venue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedgereads: Option<Deployed>,
    /// The program behind the account that says what a hedge's policy does now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedgechecks: Option<Deployed>,
    /// The program behind the account that remembers policies of hedges, and by which keepers run them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hedgeruns: Option<Deployed>,
    /// The factory of the margin accounts in which hedges live, which is EVM code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margins: Option<Deployed>,
    /// The module behind the account for session keys, which is EVM code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<Deployed>,
    /// The shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Deployed>,
}

impl Deployment {
    /// The address of the shell, or what to do to have one.
    pub fn account_address(&self) -> Result<Address> {
        self.account
            .as_ref()
            .map(|deployed| deployed.address)
            .ok_or_else(|| missing("the account's address"))
    }

    /// The address of the lens, or what to do to have one.
    pub fn lens_address(&self) -> Result<Address> {
        self.lens
            .as_ref()
            .map(|deployed| deployed.address)
            .ok_or_else(|| missing("the lens's address"))
    }

    /// The address of the factory of margin accounts, or what to do to have one.
    pub fn margins_address(&self) -> Result<Address> {
        self.margins
            .as_ref()
            .map(|deployed| deployed.address)
            .ok_or_else(|| missing("the address of the factory of margin accounts"))
    }

    /// Everything there is, with the name under which it is published.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &Deployed)> {
        [
            ("Lens", &self.lens),
            ("DirectLens", &self.directlens),
            ("RangeLens", &self.ranges),
            ("StakeLens", &self.stake),
            ("OptionsLens", &self.options),
            ("HedgeLens", &self.hedge),
            ("RiskLens", &self.risk),
            ("StatisticsLens", &self.statistics),
            ("ChancesLens", &self.chances),
            ("Manager", &self.manager),
            ("Direct", &self.direct),
            ("Exits", &self.exits),
            ("Policies", &self.policies),
            ("Runs", &self.runs),
            ("Hedges", &self.hedges),
            ("HedgeReads", &self.hedgereads),
            ("HedgeChecks", &self.hedgechecks),
            ("HedgeRuns", &self.hedgeruns),
            ("Margins", &self.margins),
            ("Sessions", &self.sessions),
            ("Account", &self.account),
        ]
        .into_iter()
        .filter_map(|(name, part)| part.as_ref().map(|part| (name, part)))
    }

    /// The program of this name, if it is deployed.
    pub fn of_program(&self, name: &str) -> Option<Deployed> {
        self.clone().program(name).take()
    }

    /// Where the program of this name belongs.
    fn program(&mut self, name: &str) -> &mut Option<Deployed> {
        match name {
            "lens" => &mut self.lens,
            "directlens" => &mut self.directlens,
            "ranges" => &mut self.ranges,
            "stake" => &mut self.stake,
            "options" => &mut self.options,
            "hedge" => &mut self.hedge,
            "risk" => &mut self.risk,
            "statistics" => &mut self.statistics,
            "chances" => &mut self.chances,
            "direct" => &mut self.direct,
            "exits" => &mut self.exits,
            "policies" => &mut self.policies,
            "runs" => &mut self.runs,
            "hedges" => &mut self.hedges,
            "hedgereads" => &mut self.hedgereads,
            "hedgechecks" => &mut self.hedgechecks,
            "hedgeruns" => &mut self.hedgeruns,
            _ => &mut self.manager,
        }
    }

    /// What the shell's constructor takes, once it is all there.
    fn behind_the_shell(&self) -> Option<[Address; 10]> {
        let programs = BEHIND_THE_SHELL.into_iter().map(|name| self.of_program(name));
        let all = programs.chain([self.sessions.clone()]);
        let all = all.map(|part| part.map(|part| part.address));
        all.collect::<Option<Vec<_>>>()?.try_into().ok()
    }

    /// Adds what a later deployment placed.
    pub fn merge(&mut self, mut later: Self) {
        for name in PROGRAMS {
            if let Some(deployed) = later.program(name).take() {
                *self.program(name) = Some(deployed);
            }
        }
        self.margins = later.margins.or(self.margins.take());
        self.sessions = later.sessions.or(self.sessions.take());
        self.account = later.account.or(self.account.take());
    }
}

fn missing(what: &'static str) -> Error {
    Error::missing(what, "run `hedgerow deploy` first, or give it with a flag")
}

/// Deploys and activates `part`, leaving out what is there already: the one path that the demo, the tests and every chain take.
pub async fn deploy(
    client: &Client,
    signer: &PrivateKeySigner,
    artifacts: &Artifacts,
    part: Part,
    progress: &Progress,
) -> Result<Deployment> {
    let mut done = Deployment::default();
    // Everything is prepared before anything is sent, so that a missing or oversized file costs nothing.
    let programs = part.programs().map(|name| load(artifacts, name));
    let programs = programs.collect::<Result<Vec<Program>>>()?;
    let contract = |name: &str| {
        let wanted = part.includes(Part::Account);
        wanted.then(|| artifacts.contract(name, name)).transpose()
    };
    let (margins, sessions, shell) = (contract("MarginFactory")?, contract("Sessions")?, contract("Account")?);
    for program in programs {
        progress.step(format!(
            "deploying and activating {} ({} bytes)",
            program.name,
            program.size()
        ));
        *done.program(&program.name) = Some(program.deploy(client, signer).await?);
    }
    if let Some(code) = margins {
        progress.step("deploying the factory of margin accounts");
        let what = "the factory of margin accounts";
        done.margins = Some(program::deploy_deterministic(client, signer, what, &code, B256::ZERO).await?);
    }
    if let Some(code) = sessions {
        progress.step("deploying the module for session keys");
        let what = "the module for session keys";
        done.sessions = Some(program::deploy_deterministic(client, signer, what, &code, B256::ZERO).await?);
    }
    if let (Some(shell), Some(behind)) = (shell, done.behind_the_shell()) {
        progress.step("deploying the account's shell in front of its programs");
        let init_code = with_arguments(&shell, &behind);
        let shell = program::deploy_deterministic(client, signer, "the account", &init_code, B256::ZERO).await?;
        done.account = Some(shell);
    }
    Ok(done)
}

fn load(artifacts: &Artifacts, name: &str) -> Result<Program> {
    Program::from_wasm(name, &artifacts.program(name)?)
}

/// The file of deployments, by chain id.
#[derive(Clone, Debug)]
pub struct Record {
    path: PathBuf,
    chains: BTreeMap<String, Deployment>,
}

impl Record {
    /// Reads the file; one that does not exist is empty.
    pub fn open(path: &Path) -> Result<Self> {
        let chains = match fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| Error::bad_file(path, error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(Error::bad_file(path, error)),
        };
        Ok(Self {
            path: path.to_owned(),
            chains,
        })
    }

    /// What is known of a chain.
    pub fn of(&self, chain_id: u64) -> Deployment {
        self.chains.get(&chain_id.to_string()).cloned().unwrap_or_default()
    }

    /// Adds to what is known of a chain, and writes the file.
    pub fn add(&mut self, chain_id: u64, deployment: Deployment) -> Result<()> {
        self.chains.entry(chain_id.to_string()).or_default().merge(deployment);
        let text = serde_json::to_string_pretty(&self.chains).map_err(|error| Error::bad_file(&self.path, error))?;
        // Written beside and moved into place, so that a crash leaves the old file or the new one.
        let beside = self.path.with_extension("json.new");
        fs::write(&beside, text + "\n")
            .and_then(|()| fs::rename(&beside, &self.path))
            .map_err(|error| Error::bad_file(&self.path, error))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use alloy::primitives::U256;

    fn deployed(byte: u8) -> Deployed {
        Deployed {
            address: Address::repeat_byte(byte),
            code_hash: B256::repeat_byte(byte),
            size: 1,
            deploy_gas: 2,
            activation_gas: 3,
            data_fee: U256::from(u128::MAX),
        }
    }

    #[test]
    fn the_record_keeps_chains_apart_and_survives_a_round_trip() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("record.json");
        let mut record = Record::open(&path).unwrap();
        record
            .add(
                1,
                Deployment {
                    lens: Some(deployed(1)),
                    ..Deployment::default()
                },
            )
            .unwrap();
        record
            .add(
                1,
                Deployment {
                    account: Some(deployed(2)),
                    ..Deployment::default()
                },
            )
            .unwrap();
        record
            .add(
                2,
                Deployment {
                    lens: Some(deployed(3)),
                    ..Deployment::default()
                },
            )
            .unwrap();
        let back = Record::open(&path).unwrap();
        assert_eq!(back.of(1).lens_address().unwrap(), Address::repeat_byte(1));
        assert_eq!(back.of(1).account_address().unwrap(), Address::repeat_byte(2));
        assert_eq!(back.of(1).lens.unwrap().data_fee, U256::from(u128::MAX));
        assert!(
            back.of(2)
                .account_address()
                .unwrap_err()
                .to_string()
                .contains("hedgerow deploy")
        );
    }
}
