//! Whether a build, or what a chain runs, is what was recorded: byte for byte, and what it means where it is not.

use crate::{
    build_record::{BuildRecord, ContractRecord, MARGIN, MARGINS, OWN_ADDRESS, ProgramRecord, SESSIONS, margin_of},
    client::Client,
    delegation::Delegation,
    deployment::Deployment,
    error::Result,
    program::{self, is_program, module_of},
};
use alloy::primitives::{Address, B256, keccak256};
use serde::Serialize;
use std::collections::BTreeSet;

/// What the shell is called in reports.
pub const SHELL: &str = "shell";

/// How something compares with the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// Every byte is as recorded.
    Same,
    /// Not the recorded bytes, but it does the same: the recorded module compressed otherwise, or the recorded shell elsewhere.
    Equivalent,
    /// It is something else.
    Different,
    /// There is nothing.
    Absent,
}

impl Verdict {
    /// Whether it does what the recorded build does.
    pub const fn is_good(self) -> bool {
        matches!(self, Self::Same | Self::Equivalent)
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// A program's name, or `shell`.
    pub what: String,
    /// Where it is; for a build, where it would be.
    pub address: Option<Address>,
    /// How it compares.
    pub verdict: Verdict,
    /// The recorded hash of the code.
    pub expected: Option<B256>,
    /// The hash found.
    pub found: Option<B256>,
    /// What that means, in a sentence.
    pub meaning: String,
}

impl Check {
    fn new(what: &str, address: Address, verdict: Verdict, meaning: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            address: Some(address),
            verdict,
            expected: None,
            found: None,
            meaning: meaning.into(),
        }
    }

    fn hashes(mut self, expected: Option<B256>, found: B256) -> Self {
        (self.expected, self.found) = (expected, Some(found));
        self
    }
}

/// Compares a build made here with the record.
pub fn build(recorded: &BuildRecord, built: &BuildRecord) -> Vec<Check> {
    let mut checks: Vec<_> = built
        .programs
        .iter()
        .map(|program| built_program(recorded, program))
        .collect();
    for gone in recorded
        .programs
        .iter()
        .filter(|recorded| built.program(&recorded.name).is_none())
    {
        checks.push(Check {
            expected: Some(gone.code_hash),
            ..Check::new(
                &gone.name,
                gone.address,
                Verdict::Absent,
                "recorded, but no program of this name is built any more",
            )
        });
    }
    for name in CONTRACTS {
        checks.push(built_contract(name, recorded, built));
    }
    let (verdict, meaning) = if built.shell == recorded.shell {
        (
            Verdict::Same,
            "the recorded shell, in front of the recorded programs".to_owned(),
        )
    } else if built.shell.template_hash == recorded.shell.template_hash {
        (
            Verdict::Different,
            "the recorded shell, in front of other programs".to_owned(),
        )
    } else {
        (
            Verdict::Different,
            otherwise(
                "its source",
                &recorded.compilers.of_shell(),
                &built.compilers.of_shell(),
            ),
        )
    };
    let shell = Check::new(SHELL, built.shell.address, verdict, meaning);
    checks.push(shell.hashes(Some(recorded.shell.code_hash), built.shell.code_hash));
    let why = otherwise(
        "its source, or what it depends on,",
        &recorded.compilers.of_programs(),
        &built.compilers.of_programs(),
    );
    let programs = checks
        .iter_mut()
        .filter(|check| check.what != SHELL && !CONTRACTS.contains(&check.what.as_str()));
    for check in programs.filter(|check| check.verdict == Verdict::Different) {
        check.meaning = if check.expected.is_some() {
            why.clone()
        } else {
            "not recorded".into()
        };
    }
    checks
}

/// The contracts in Solidity besides the shell.
const CONTRACTS: [&str; 3] = [MARGINS, MARGIN, SESSIONS];

/// What is recorded of the contract of that name, and what it is in words.
fn contract<'a>(record: &'a BuildRecord, name: &str) -> (&'a ContractRecord, &'static str) {
    match name {
        MARGINS => (&record.margins, "factory of margin accounts"),
        MARGIN => (&record.margin, "margin account"),
        _ => (&record.sessions, "module for session keys"),
    }
}

fn built_contract(name: &str, recorded: &BuildRecord, built: &BuildRecord) -> Check {
    let ((then, _), (now, _)) = (contract(recorded, name), contract(built, name));
    let (verdict, meaning) = if now == then {
        (Verdict::Same, "as recorded".into())
    } else {
        let [recorded, built] = [recorded, built].map(|record| record.compilers.of_shell());
        (Verdict::Different, otherwise("its source", &recorded, &built))
    };
    let check = Check::new(name, now.address, verdict, meaning);
    check.hashes(Some(then.code_hash), now.code_hash)
}

fn built_program(recorded: &BuildRecord, built: &ProgramRecord) -> Check {
    let (verdict, meaning, expected) = match recorded.program(&built.name) {
        Some(same) if same == built => (Verdict::Same, "as recorded", Some(same.code_hash)),
        Some(other) if other.wasm_hash == built.wasm_hash => (
            Verdict::Equivalent,
            "the recorded module, compressed otherwise",
            Some(other.code_hash),
        ),
        Some(other) => (Verdict::Different, "", Some(other.code_hash)),
        None => (Verdict::Different, "", None),
    };
    Check::new(&built.name, built.address, verdict, meaning).hashes(expected, built.code_hash)
}

/// Why a build can differ from the record.
fn otherwise(source: &str, recorded: &str, built: &str) -> String {
    if recorded == built {
        format!("{source} has changed since it was recorded, or the build was not made by scripts/setup")
    } else {
        format!("built by another compiler, {built}: nothing can be said against a record made with {recorded}")
    }
}

/// What a program's code on a chain is; `expected` names what it should be.
pub fn program_code(recorded: &BuildRecord, expected: Option<&str>, address: Address, code: &[u8]) -> Check {
    let hash = keccak256(code);
    let module = module_of(code).map(keccak256);
    let exact = recorded.programs.iter().find(|program| program.code_hash == hash);
    let same_module = || {
        recorded
            .programs
            .iter()
            .find(|program| Some(program.wasm_hash) == module)
    };
    let found = exact.or_else(same_module);
    let what = expected
        .or(found.map(|program| program.name.as_str()))
        .unwrap_or("program");
    let (verdict, meaning) = match (found, expected) {
        (Some(found), Some(expected)) if found.name != expected => (
            Verdict::Different,
            format!("the recorded program {:?}, where {expected:?} should be", found.name),
        ),
        (Some(_), _) if exact.is_some() => (Verdict::Same, "the recorded program".into()),
        (Some(_), _) => (Verdict::Equivalent, "the recorded module, compressed otherwise".into()),
        (None, _) if code.is_empty() => (Verdict::Absent, "there is no code".into()),
        (None, _) if module.is_none() => (Verdict::Different, "no Stylus program that can be read".into()),
        (None, _) => (
            Verdict::Different,
            "a Stylus program, but none of the recorded ones".into(),
        ),
    };
    let wanted = expected.map_or(found, |name| recorded.program(name));
    Check::new(what, address, verdict, meaning).hashes(wanted.map(|program| program.code_hash), hash)
}

/// What a contract's code is that should be the shell, and the programs that it stands in front of: name and address.
pub fn shell_code<'a>(recorded: &'a BuildRecord, address: Address, code: &[u8]) -> (Check, Vec<(&'a str, Address)>) {
    let (shell, hash) = (&recorded.shell, keccak256(code));
    let check =
        |verdict, meaning: &str| Check::new(SHELL, address, verdict, meaning).hashes(Some(shell.code_hash), hash);
    if code.is_empty() {
        return (check(Verdict::Absent, "there is no code"), Vec::new());
    }
    if shell.template_of(code) != Some(shell.template_hash) {
        return (
            check(Verdict::Different, "a contract, but not the recorded shell"),
            Vec::new(),
        );
    }
    let mut programs = Vec::new();
    for (name, found) in shell.addresses_in(code) {
        match found {
            Some(found) if name == OWN_ADDRESS && found != address => {
                let meaning =
                    "the recorded shell's code, but it takes itself to be elsewhere: no constructor of ours made it";
                return (check(Verdict::Different, meaning), Vec::new());
            }
            Some(_) if name == OWN_ADDRESS => {}
            Some(found) => programs.push((name, found)),
            None => {
                let meaning =
                    "the recorded shell's code, but it holds contradicting addresses: no constructor of ours made it";
                return (check(Verdict::Different, meaning), Vec::new());
            }
        }
    }
    if hash == shell.code_hash {
        return (
            check(
                Verdict::Same,
                "the recorded shell, in front of the programs at their recorded addresses",
            ),
            programs,
        );
    }
    let meaning = "the recorded shell, at another address or in front of programs at others, which are checked too";
    (check(Verdict::Equivalent, meaning), programs)
}

/// What a contract's code is that should be the one of this name: `sessions`, `margins` or `margin`.
pub fn contract_code(recorded: &BuildRecord, name: &str, address: Address, code: &[u8]) -> Check {
    let (record, words) = contract(recorded, name);
    let hash = keccak256(code);
    let held = record.addresses_in(code);
    // Whatever address the constructor wrote follows from the contract's own.
    let misplaced = held.iter().any(|(held, found)| {
        let expected = if *held == MARGIN { margin_of(address) } else { address };
        *found != Some(expected)
    });
    let (verdict, meaning) = if code.is_empty() {
        (Verdict::Absent, "there is no code".to_owned())
    } else if record.template_of(code) != Some(record.template_hash) {
        (Verdict::Different, format!("a contract, but not the recorded {words}"))
    } else if misplaced {
        (
            Verdict::Different,
            format!("the recorded {words}'s code, but it takes itself to be elsewhere: no constructor of ours made it"),
        )
    } else if hash == record.code_hash {
        (Verdict::Same, format!("the recorded {words}"))
    } else {
        (Verdict::Equivalent, format!("the recorded {words}, at another address"))
    };
    Check::new(name, address, verdict, meaning).hashes(Some(record.code_hash), hash)
}

/// Looks at whatever is at an address: a program, a shell with all that is behind it, or an EOA that is delegated to one.
pub async fn address(client: &Client, recorded: &BuildRecord, address: Address) -> Result<Vec<Check>> {
    let code = client.code(address).await?;
    match Delegation::in_code(&code) {
        Some(Delegation::To(delegate)) => {
            let code = client.code(delegate).await?;
            if is_program(&code) {
                return Ok(vec![program(client, recorded, None, delegate).await?]);
            }
            shell(client, recorded, delegate, &code).await
        }
        Some(Delegation::None) => Ok(vec![Check::new(
            "account",
            address,
            Verdict::Absent,
            "there is no code, and no delegation",
        )]),
        None if is_program(&code) => Ok(vec![program(client, recorded, None, address).await?]),
        None => shell(client, recorded, address, &code).await,
    }
}

/// Looks at everything that the record of deployments names on this chain.
pub async fn deployment(client: &Client, recorded: &BuildRecord, deployed: &Deployment) -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    for name in program::PROGRAMS {
        if let Some(part) = deployed.of_program(name) {
            checks.push(program(client, recorded, Some(name), part.address).await?);
        }
    }
    if let Some(part) = &deployed.margins {
        for (name, at) in [(MARGINS, part.address), (MARGIN, margin_of(part.address))] {
            checks.push(contract_code(recorded, name, at, &client.code(at).await?));
        }
    }
    if let Some(part) = &deployed.account {
        let code = client.code(part.address).await?;
        let seen: BTreeSet<_> = checks.iter().filter_map(|check: &Check| check.address).collect();
        let behind = shell(client, recorded, part.address, &code).await?;
        checks.extend(
            behind
                .into_iter()
                .filter(|check| check.address.is_none_or(|at| !seen.contains(&at))),
        );
    }
    Ok(checks)
}

/// The shell, and the programs that it stands in front of.
async fn shell(client: &Client, recorded: &BuildRecord, address: Address, code: &[u8]) -> Result<Vec<Check>> {
    let (check, programs) = shell_code(recorded, address, code);
    let mut checks = vec![check];
    for (name, at) in programs {
        checks.push(if name == SESSIONS {
            contract_code(recorded, SESSIONS, at, &client.code(at).await?)
        } else {
            program(client, recorded, Some(name), at).await?
        });
    }
    Ok(checks)
}

async fn program(client: &Client, recorded: &BuildRecord, expected: Option<&str>, address: Address) -> Result<Check> {
    let code = client.code(address).await?;
    let mut check = program_code(recorded, expected, address, &code);
    if check.verdict.is_good() && !program::is_active(client, keccak256(&code)).await? {
        check.meaning += "; not activated, or expired: every call to it fails until somebody activates it (anyone can)";
    }
    Ok(check)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::build_record::{Compilers, ContractRecord};
    use std::collections::BTreeMap;

    const SHELL_ADDRESS: Address = Address::repeat_byte(0x11);
    const MANAGER: Address = Address::repeat_byte(0x22);
    const MODULE: Address = Address::repeat_byte(0x44);
    const FACTORY: Address = Address::repeat_byte(0x55);

    fn shell_of(own: Address, manager: Address) -> Vec<u8> {
        [
            &[0x60, 0x01][..],
            own.into_word().as_slice(),
            &[0x5b],
            manager.into_word().as_slice(),
        ]
        .concat()
    }

    fn program_named(name: &str, byte: u8) -> ProgramRecord {
        ProgramRecord {
            name: name.into(),
            wasm_hash: B256::repeat_byte(byte),
            wasm_size: 2,
            code_hash: B256::repeat_byte(byte + 1),
            size: 1,
            address: MANAGER,
        }
    }

    fn record() -> BuildRecord {
        let code = shell_of(SHELL_ADDRESS, MANAGER);
        let mut shell = ContractRecord {
            init_code_hash: B256::ZERO,
            code_hash: keccak256(&code),
            template_hash: B256::ZERO,
            size: code.len(),
            address: SHELL_ADDRESS,
            immutables: BTreeMap::from([(OWN_ADDRESS.into(), vec![2]), ("manager".into(), vec![35])]),
        };
        shell.template_hash = shell.template_of(&code).unwrap();
        BuildRecord {
            compilers: Compilers {
                rustc: "1.95.0".into(),
                std: "the toolchain's".into(),
                solc: "0.8.30".into(),
            },
            programs: vec![program_named("lens", 1), program_named("manager", 5)],
            margins: factory_record(),
            margin: margin_record(),
            sessions: module_record(),
            shell,
        }
    }

    fn module_of_address(own: Address) -> Vec<u8> {
        [&[0x60, 0x02][..], own.into_word().as_slice()].concat()
    }

    fn module_record() -> ContractRecord {
        contract_record(&module_of_address(MODULE), MODULE, &[(OWN_ADDRESS, 2)])
    }

    fn factory_of(margin: Address) -> Vec<u8> {
        [&[0x60, 0x03][..], margin.into_word().as_slice()].concat()
    }

    fn factory_record() -> ContractRecord {
        contract_record(&factory_of(margin_of(FACTORY)), FACTORY, &[(MARGIN, 2)])
    }

    fn margin_record() -> ContractRecord {
        contract_record(&[0x60, 0x04], margin_of(FACTORY), &[])
    }

    fn contract_record(code: &[u8], address: Address, immutables: &[(&str, usize)]) -> ContractRecord {
        let mut record = ContractRecord {
            init_code_hash: B256::ZERO,
            code_hash: keccak256(code),
            template_hash: B256::ZERO,
            size: code.len(),
            address,
            immutables: immutables
                .iter()
                .map(|(name, at)| ((*name).into(), vec![*at]))
                .collect(),
        };
        record.template_hash = record.template_of(code).unwrap();
        record
    }

    fn verdicts(checks: &[Check]) -> Vec<Verdict> {
        checks.iter().map(|check| check.verdict).collect()
    }

    #[test]
    fn a_build_is_compared_program_by_program() {
        use Verdict::{Absent, Different, Equivalent, Same};
        let recorded = record();
        assert_eq!(verdicts(&build(&recorded, &recorded)), [Same; 6]);
        let mut built = recorded.clone();
        built.programs[0].code_hash = B256::ZERO;
        built.programs[1].wasm_hash = B256::ZERO;
        built.programs.push(program_named("new", 9));
        let checks = build(&recorded, &built);
        assert_eq!(
            verdicts(&checks),
            [Equivalent, Different, Different, Same, Same, Same, Same]
        );
        assert!(checks[1].meaning.contains("has changed"), "{}", checks[1].meaning);
        assert_eq!(checks[2].meaning, "not recorded");
        built.programs.truncate(1);
        assert_eq!(
            verdicts(&build(&recorded, &built)),
            [Equivalent, Absent, Same, Same, Same, Same]
        );
        built.sessions.init_code_hash = B256::repeat_byte(1);
        built.margin.init_code_hash = B256::repeat_byte(1);
        let checks = build(&recorded, &built);
        assert_eq!(
            verdicts(&checks),
            [Equivalent, Absent, Same, Different, Different, Same]
        );
        for check in &checks[3..5] {
            assert!(check.meaning.contains("has changed"), "{}", check.meaning);
        }
    }

    #[test]
    fn a_difference_under_another_compiler_proves_nothing_and_says_so() {
        let recorded = record();
        for change in [
            |compilers: &mut Compilers| compilers.rustc = "1.96.0".into(),
            |compilers: &mut Compilers| compilers.std = "built from source".into(),
        ] {
            let mut built = recorded.clone();
            change(&mut built.compilers);
            built.programs[1].wasm_hash = B256::ZERO;
            let checks = build(&recorded, &built);
            assert!(checks[1].meaning.contains("another compiler"), "{}", checks[1].meaning);
            assert_eq!(checks[0].verdict, Verdict::Same);
        }
    }

    #[test]
    fn the_module_is_known_wherever_it_stands_and_only_as_its_constructor_made_it() {
        let (recorded, elsewhere) = (record(), Address::repeat_byte(0x33));
        let seen = |address, code: &[u8]| contract_code(&recorded, SESSIONS, address, code).verdict;
        assert_eq!(seen(MODULE, &module_of_address(MODULE)), Verdict::Same);
        assert_eq!(seen(elsewhere, &module_of_address(elsewhere)), Verdict::Equivalent);
        assert_eq!(seen(elsewhere, &module_of_address(MODULE)), Verdict::Different);
        assert_eq!(seen(MODULE, &[]), Verdict::Absent);
        for at in 0..recorded.sessions.size {
            let mut code = module_of_address(MODULE);
            code[at] ^= 1;
            assert_eq!(seen(MODULE, &code), Verdict::Different, "byte {at}");
        }
    }

    #[test]
    fn the_factory_is_known_by_the_margin_account_that_it_makes() {
        let (recorded, elsewhere) = (record(), Address::repeat_byte(0x33));
        let seen = |name, address, code: &[u8]| contract_code(&recorded, name, address, code).verdict;
        let own = factory_of(margin_of(FACTORY));
        assert_eq!(seen(MARGINS, FACTORY, &own), Verdict::Same);
        let other = factory_of(margin_of(elsewhere));
        assert_eq!(seen(MARGINS, elsewhere, &other), Verdict::Equivalent);
        // In front of a margin account that is not of its own making.
        assert_eq!(seen(MARGINS, FACTORY, &other), Verdict::Different);
        assert_eq!(seen(MARGIN, margin_of(elsewhere), &[0x60, 0x04]), Verdict::Same);
        assert_eq!(seen(MARGIN, margin_of(FACTORY), &[0x60, 0x05]), Verdict::Different);
    }

    #[test]
    fn the_shell_is_known_wherever_it_stands_and_only_as_its_constructor_made_it() {
        let recorded = record();
        let elsewhere = Address::repeat_byte(0x33);
        let seen = |address, code: &[u8]| {
            let (check, behind) = shell_code(&recorded, address, code);
            (check.verdict, behind)
        };
        assert_eq!(
            seen(SHELL_ADDRESS, &shell_of(SHELL_ADDRESS, MANAGER)),
            (Verdict::Same, vec![("manager", MANAGER)])
        );
        // Deployed elsewhere, or in front of another program: known, and the program is what is looked at next.
        assert_eq!(
            seen(elsewhere, &shell_of(elsewhere, elsewhere)),
            (Verdict::Equivalent, vec![("manager", elsewhere)])
        );
        // The very bytes, put somewhere else: the code takes itself to be the recorded shell.
        assert_eq!(
            seen(elsewhere, &shell_of(SHELL_ADDRESS, MANAGER)),
            (Verdict::Different, vec![])
        );
        assert_eq!(seen(SHELL_ADDRESS, &[]), (Verdict::Absent, vec![]));
        for at in 0..recorded.shell.size {
            let mut code = shell_of(SHELL_ADDRESS, MANAGER);
            code[at] ^= 1;
            assert_ne!(
                seen(SHELL_ADDRESS, &code),
                (Verdict::Same, vec![("manager", MANAGER)]),
                "byte {at}"
            );
        }
        let short = &shell_of(SHELL_ADDRESS, MANAGER)[..40];
        assert_eq!(seen(SHELL_ADDRESS, short).0, Verdict::Different);
    }
}
