//! What the programs and the shell are, byte for byte: hashes made from a build here, and the committed file of them
//! (`abi/programs.json`), so that anybody can tell whether their build, or what a chain runs, is ours.

use crate::{
    artifacts::Artifacts,
    client::Client,
    deployment::{self, Deployment, Part},
    error::{Error, Result},
    keys,
    output::Progress,
    program::{DETERMINISTIC_DEPLOYER, PROGRAMS, Program},
};
use alloy::primitives::{Address, B256, keccak256};
use hedgerow_devnode::{Config, Devnode};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};
use wasmparser::{KnownCustom, Parser, Payload};

/// The name under which a contract's own address stands among its immutables.
pub const OWN_ADDRESS: &str = "itself";
/// The name under which the module for session keys stands among the shell's.
pub const SESSIONS: &str = "sessions";
/// The name under which the factory of margin accounts stands.
pub const MARGINS: &str = "margins";
/// The name under which what every margin account delegates to stands among the factory's immutables.
pub const MARGIN: &str = "margin";
/// How much code one use of an immutable takes.
const WORD: usize = 32;

/// Everything that is deployed, as one build makes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BuildRecord {
    /// What it was built with: other compilers make other bytes of the same source.
    pub compilers: Compilers,
    /// The Stylus programs.
    pub programs: Vec<ProgramRecord>,
    /// The factory of margin accounts.
    pub margins: ContractRecord,
    /// What every margin account delegates to; the factory makes it.
    pub margin: ContractRecord,
    /// The module for session keys that the shell delegate-calls.
    pub sessions: ContractRecord,
    /// The contract that EOAs delegate to.
    pub shell: ContractRecord,
}

/// The compilers' own words about themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Compilers {
    /// Of the programs: release, commit and date, as rustc writes it into every module.
    pub rustc: String,
    /// Whose std the programs were linked with: the toolchain's, or one built from source, which makes other bytes.
    pub std: String,
    /// Of the shell: version and commit, as solc writes it into its metadata.
    pub solc: String,
}

/// One Stylus program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProgramRecord {
    /// Its name.
    pub name: String,
    /// Keccak-256 of the module that is activated: what the code on the chain decompresses to.
    pub wasm_hash: B256,
    /// Bytes of that module.
    pub wasm_size: usize,
    /// Keccak-256 of the code on the chain: the Stylus prefix and the compressed module, or the root of a program in pieces.
    pub code_hash: B256,
    /// Bytes of code, those of the pieces included.
    pub size: usize,
    /// Where the deterministic deployer puts it, on every chain.
    pub address: Address,
}

/// A contract in Solidity: the shell, the module for session keys, the factory of margin accounts and what it makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContractRecord {
    /// Keccak-256 of the creation code that solc makes, without the constructor's arguments.
    pub init_code_hash: B256,
    /// Keccak-256 of the code on the chain at `address`; of the shell, in front of what is recorded here.
    pub code_hash: B256,
    /// Keccak-256 of the code with zeros where the constructor writes an address: the same wherever it is deployed.
    pub template_hash: B256,
    /// Bytes of code.
    pub size: usize,
    /// Where the deterministic deployer puts it, on every chain.
    pub address: Address,
    /// Where the constructor writes each address into the code: its own, what stands behind the shell, or what the factory made.
    pub immutables: BTreeMap<String, Vec<usize>>,
}

impl Compilers {
    /// What the programs were built with, in words.
    pub fn of_programs(&self) -> String {
        format!("rustc {}, std {}", self.rustc, self.std)
    }

    /// What the shell was built with, in words.
    pub fn of_shell(&self) -> String {
        format!("solc {}", self.solc)
    }
}

impl ProgramRecord {
    /// Of rustc's output.
    pub fn of(name: &str, wasm: &[u8]) -> Result<Self> {
        let program = Program::from_wasm(name, wasm)?;
        let module = program.module().ok_or_else(|| Error::BadProgram {
            name: name.into(),
            reason: "what was compressed does not decompress".into(),
        })?;
        Ok(Self {
            name: name.into(),
            wasm_hash: keccak256(&module),
            wasm_size: module.len(),
            code_hash: keccak256(&program.code),
            size: program.size(),
            address: DETERMINISTIC_DEPLOYER.create2_from_code(B256::ZERO, program.init_code()),
        })
    }
}

impl ContractRecord {
    /// Deploys the factory, the module and the shell on a chain of its own, as everywhere, and looks at what their constructors
    /// made: the factory, what it made, the module and the shell.
    async fn all(artifacts: &Artifacts, progress: &Progress) -> Result<[Self; 4]> {
        let devnode = Devnode::new(Config::default()).map_err(|error| Error::Devnode(error.to_string()))?;
        let client = Client::in_process(&devnode).await?;
        let deployer = keys::development(0)?;
        let deployed = deployment::deploy(&client, &deployer, artifacts, Part::Account, progress).await?;
        let module = deployed.sessions.as_ref().map(|module| module.address);
        let module = module.ok_or_else(|| Error::missing("the module for session keys", "run scripts/setup"))?;
        let margins = deployed.margins_address()?;
        let places = [
            ("MarginFactory", margins),
            ("Margin", margin_of(margins)),
            ("Sessions", module),
            ("Account", deployed.account_address()?),
        ];
        let mut records = Vec::new();
        for (contract, address) in places {
            let code = client.code(address).await?;
            records.push(Self::of(artifacts, contract, address, &code, &deployed)?);
        }
        records
            .try_into()
            .map_err(|_| Error::missing("a contract", "run scripts/setup"))
    }

    /// What was deployed of the contract of this name.
    fn of(artifacts: &Artifacts, contract: &str, address: Address, code: &[u8], deployed: &Deployment) -> Result<Self> {
        let mut immutables = BTreeMap::<String, Vec<usize>>::new();
        for at in artifacts.immutables(contract, contract)? {
            let holds = address_at(code, at);
            let program = |name: &&str| {
                deployed
                    .of_program(name)
                    .is_some_and(|part| Some(part.address) == holds)
            };
            let module = deployed.sessions.as_ref().map(|module| module.address);
            let name = match PROGRAMS.into_iter().find(|name| program(name)) {
                Some(name) => name,
                None if holds == Some(address) => OWN_ADDRESS,
                None if holds.is_some() && holds == module => SESSIONS,
                None if holds == Some(margin_of(address)) => MARGIN,
                None => {
                    return Err(Error::Mismatch {
                        what: format!("the immutable of {contract} at byte {at}"),
                        expected: "its own address, or that of what stands behind the shell".into(),
                        found: holds.map_or_else(|| "no address".into(), |other| other.to_string()),
                    });
                }
            };
            immutables.entry(name.into()).or_default().push(at);
        }
        let mut record = Self {
            init_code_hash: keccak256(artifacts.contract(contract, contract)?),
            code_hash: keccak256(code),
            template_hash: B256::ZERO,
            size: code.len(),
            address,
            immutables,
        };
        record.template_hash = record.template_of(code).unwrap_or_default();
        Ok(record)
    }

    /// The hash of `code` with zeros for its immutables; nothing for code that is too short to have them.
    pub fn template_of(&self, code: &[u8]) -> Option<B256> {
        let mut code = code.to_vec();
        for at in self.immutables.values().flatten() {
            code.get_mut(*at..at.checked_add(WORD)?)?.fill(0);
        }
        Some(keccak256(code))
    }

    /// The addresses that `code` holds for its immutables, by name; nothing where a name's places do not agree on an address.
    pub fn addresses_in(&self, code: &[u8]) -> BTreeMap<&str, Option<Address>> {
        let agreed = |places: &[usize]| {
            let mut found = places.iter().map(|at| address_at(code, *at));
            let first = found.next()??;
            found.all(|other| other == Some(first)).then_some(first)
        };
        self.immutables
            .iter()
            .map(|(name, places)| (name.as_str(), agreed(places)))
            .collect()
    }
}

/// What the factory of margin accounts at this address made when it was constructed, and every margin account delegates to.
pub fn margin_of(factory: Address) -> Address {
    factory.create(1)
}

/// The address in the word that begins at this byte.
fn address_at(code: &[u8], at: usize) -> Option<Address> {
    let word = code.get(at..at.checked_add(WORD)?)?;
    let (padding, address) = word.split_at(WORD - Address::len_bytes());
    padding
        .iter()
        .all(|byte| *byte == 0)
        .then(|| Address::from_slice(address))
}

impl BuildRecord {
    /// Of what was built here.
    pub async fn of(artifacts: &Artifacts, progress: &Progress) -> Result<Self> {
        let mut rustc = None;
        let mut programs = Vec::new();
        for name in PROGRAMS {
            let wasm = artifacts.program(name)?;
            let compiler = compiler_of(name, &wasm)?;
            if let Some(expected) = rustc.replace(compiler.clone()).filter(|other| *other != compiler) {
                return Err(Error::Mismatch {
                    what: format!("the compiler of the program {name:?} (run scripts/setup, which builds all of them)"),
                    expected,
                    found: compiler,
                });
            }
            programs.push(ProgramRecord::of(name, &wasm)?);
        }
        let [margins, margin, sessions, shell] = ContractRecord::all(artifacts, progress).await?;
        Ok(Self {
            compilers: Compilers {
                rustc: rustc.unwrap_or_default(),
                std: artifacts.standard_library()?,
                solc: artifacts.compiler("Account", "Account")?,
            },
            programs,
            margins,
            margin,
            sessions,
            shell,
        })
    }

    /// Reads the file.
    pub fn open(path: &Path) -> Result<Self> {
        let text = fs::read(path)
            .map_err(|error| Error::bad_file(path, format!("{error}: `hedgerow verify --write` makes it")))?;
        serde_json::from_slice(&text).map_err(|error| Error::bad_file(path, error))
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::bad_file(path, error))?;
        fs::write(path, text + "\n").map_err(|error| Error::bad_file(path, error))
    }

    /// What is recorded of the program of this name.
    pub fn program(&self, name: &str) -> Option<&ProgramRecord> {
        self.programs.iter().find(|program| program.name == name)
    }
}

/// The rustc that wrote a module: what its `producers` section says.
fn compiler_of(name: &str, wasm: &[u8]) -> Result<String> {
    let unknown = |reason: String| Error::BadProgram {
        name: name.into(),
        reason,
    };
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload.map_err(|error| unknown(error.to_string()))? else {
            continue;
        };
        let KnownCustom::Producers(producers) = section.as_known() else {
            continue;
        };
        for field in producers {
            for value in field.map_err(|error| unknown(error.to_string()))?.values {
                let value = value.map_err(|error| unknown(error.to_string()))?;
                if value.name == "rustc" {
                    return Ok(value.version.into());
                }
            }
        }
    }
    Err(unknown(
        "it does not say which rustc made it: run scripts/setup, which builds it anew".into(),
    ))
}
