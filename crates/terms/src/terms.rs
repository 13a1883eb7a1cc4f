//! The terms of a policy as a call brings them, and the hash by which the account knows them.

use alloc::vec::Vec;
use alloy_primitives::b256;
use hedgerow_core::policy::{Action, Guards, Proceeds, RangeKind, Rule};
use hedgerow_program::{
    abi::{Call, Malformed, Word, address, strict, uint, uint32, uint64, uint128},
    host::Host,
    listed, zeroed,
};

use crate::place::PLACE;

/// Words of the interface's `Guards`.
pub const GUARDS: usize = 21;
/// Words of the interface's `Rule`.
pub const RULE: usize = 18;
/// The argument that tells where the rules are.
pub const RULES: usize = PLACE + GUARDS;

/// The EIP-712 type hashes of `Guards`, `Rule`, and `Policy(Guards guards,Rule[] rules)` with both of them.
pub(crate) const GUARDS_TYPE: Word = b256!("11f3cf3bf135d5fac2c834ea3b45ad822e6f2729f3419b569e7bd563696b7a54").0;
const RULE_TYPE: Word = b256!("4f98a423126de997b69e1429937f95e2f77c39461355f6b4a82e952fa64dad0d").0;
const POLICY_TYPE: Word = b256!("3afe78938a016184cc9693b1b8803cd5b705a641f5458b3070d76057a201cb38").0;

/// What a call brings: the words as they are signed and hashed, and what they mean.
pub struct Terms<'a> {
    /// The position's words.
    pub place: &'a [Word; PLACE],
    /// The guards' words.
    pub guard_words: &'a [Word; GUARDS],
    /// The rules' words.
    pub rule_words: &'a [[Word; RULE]],
    /// The guards.
    pub guards: Guards,
    /// The rules.
    pub rules: Vec<Rule>,
}

impl<'a> Terms<'a> {
    /// The first arguments of every function that takes terms, read as strictly as Solidity reads them: whatever passes has one
    /// encoding only, so its hash is that of its words.
    #[inline(never)]
    pub fn decode(call: &Call<'a>) -> Result<Self, Malformed> {
        let words = call.head::<RULES>()?;
        let (place, rest) = words.split_first_chunk().ok_or(Malformed)?;
        let guard_words = rest.first_chunk().ok_or(Malformed)?;
        let rule_words = call.rows::<RULE>(RULES)?;
        Ok(Self {
            place,
            guard_words,
            rule_words,
            guards: guards(guard_words)?,
            rules: listed(rule_words, rule)?,
        })
    }

    /// The policy's id: the EIP-712 struct hash of `Policy`.
    #[inline(never)]
    pub fn id<H: Host>(&self, host: &H) -> Word {
        let mut hashes = zeroed(32 * self.rule_words.len());
        for (hash, words) in hashes.as_chunks_mut().0.iter_mut().zip(self.rule_words) {
            *hash = struct_hash(host, &RULE_TYPE, words);
        }
        let parts = [
            struct_hash(host, &GUARDS_TYPE, self.guard_words),
            host.keccak256(&hashes),
        ];
        struct_hash(host, &POLICY_TYPE, &parts)
    }
}

/// EIP-712's hash of a struct whose members' words are these.
#[inline(never)]
pub fn struct_hash<H: Host>(host: &H, of: &Word, members: &[Word]) -> Word {
    let mut data = [[0; 32]; 1 + GUARDS];
    data[0] = *of;
    for (slot, member) in data[1..].iter_mut().zip(members) {
        *slot = *member;
    }
    host.keccak256(data[..=members.len().min(GUARDS)].as_flattened())
}

/// The width of each field of `Guards` in bits; a `bool` counts as one.
const GUARD_BITS: [u8; GUARDS] = [
    160, 64, 32, 24, 24, 24, 32, 32, 16, 32, 24, 128, 8, 128, 24, 8, 160, 32, 1, 160, 0,
];
/// The same of `Rule`; an `int24` counts as zero, and is read strictly.
const RULE_BITS: [u8; RULE] = [8, 24, 32, 24, 0, 0, 128, 16, 32, 24, 8, 24, 24, 0, 16, 32, 32, 8];

/// Whether no word has a bit beyond its width; a width of zero stands for any word.
///
/// One loop for all fields: a check of its own for each made the programs longer by a kilobyte.
#[inline(never)]
pub(crate) fn fit(words: &[Word], bits: &[u8]) -> Result<(), Malformed> {
    let fits = words.iter().zip(bits).all(|(word, bits)| {
        let bits = u32::from(*bits);
        let (high, rest) = word.split_at((31 - bits.saturating_sub(1) / 8) as usize);
        bits == 0 || (high.iter().all(|byte| *byte == 0) && (bits > 1 || rest.iter().all(|byte| *byte <= 1)))
    });
    if fits { Ok(()) } else { Err(Malformed) }
}

#[inline(never)]
pub(crate) fn guards(words: &[Word; GUARDS]) -> Result<Guards, Malformed> {
    fit(words, &GUARD_BITS)?;
    Ok(Guards {
        keeper: address(&words[0]),
        expiry: uint64(&words[1]),
        twap_window: uint32(&words[2]),
        max_deviation: uint32(&words[3]),
        max_loss: uint32(&words[4]),
        max_period_loss: uint32(&words[5]),
        period: uint32(&words[6]),
        cooldown: uint32(&words[7]),
        max_per_day: uint32(&words[8]) as u16,
        max_runs: uint32(&words[9]),
        min_deployed: uint32(&words[10]),
        min_value: uint128(&words[11]),
        fee_token: words[12][31],
        max_fee: uint128(&words[13]),
        max_fee_share: uint32(&words[14]),
        native_token: words[15][31],
        sequencer_feed: address(&words[16]),
        sequencer_grace: uint32(&words[17]),
        keep_entry: words[18][31] == 1,
        entry_sqrt_price: uint(&words[19]),
        salt: words[20],
    })
}

#[inline(never)]
fn rule(words: &[Word; RULE]) -> Result<Rule, Malformed> {
    fit(words, &RULE_BITS)?;
    Ok(Rule {
        action: Action::from_code(words[0][31]).ok_or(Malformed)?,
        out_ticks: uint32(&words[1]),
        out_seconds: uint32(&words[2]),
        il: uint32(&words[3]),
        band: (strict::int24(&words[4])?, strict::int24(&words[5])?),
        fees_value: uint128(&words[6]),
        fees_gas_multiple: uint32(&words[7]) as u16,
        elapsed: uint32(&words[8]),
        delta_drift: uint32(&words[9]),
        range_kind: RangeKind::from_code(words[10][31]).ok_or(Malformed)?,
        width: uint32(&words[11]),
        max_width: uint32(&words[12]),
        bias: strict::int24(&words[13])?,
        vol_multiple: uint32(&words[14]) as u16,
        vol_window: uint32(&words[15]),
        vol_horizon: uint32(&words[16]),
        proceeds: Proceeds::from_code(words[17][31]).ok_or(Malformed)?,
    })
}
