//! A chain that is against the account: whoever is called answers with the truth of a small market, or with what the fuzzer
//! says instead, and may call back in. What the program asks of it is judged as it is asked.

use crate::Input;
use alloy_primitives::{Address, U256, address, keccak256};
use hedgerow_core::tick::{sqrt_price_at_tick, tick_at_sqrt_price};
use hedgerow_positions::{
    authority::{ACTION, BATCH, ENTRY_POINTS},
    slots::{CALLBACK_MAXIMA, CALLBACK_POOL, CALLBACK_TOKENS, LOCK, ZERO},
};
use hedgerow_program::{
    abi::{Encode, Word, uint},
    host::Host,
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

/// The acting account.
pub const ACCOUNT: Address = Address::repeat_byte(0xee);
/// The position manager that sensible calldata names, its factory, and the pool's tokens.
pub const MANAGER: Address = Address::repeat_byte(0x40);
/// The factory.
pub const FACTORY: Address = Address::repeat_byte(0x30);
/// Token0 and token1.
pub const TOKENS: [Address; 2] = [Address::repeat_byte(0x10), Address::repeat_byte(0x20)];
/// Seconds since 1970.
pub const NOW: u64 = 1_700_000_000;
const STRANGER: Address = address!("00000000000000000000000000000000000bad00");
const SPACING: i32 = 60;

/// A program's function for all calls.
pub type Answer = for<'h, 'b, 'i> fn(&'h Hostile<'b>, &'i [u8]) -> Result<Vec<u8>, Vec<u8>>;

/// What the caller of a program asked for, as far as it decides what the program may do.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The position manager that was named, if one was.
    pub manager: Option<Address>,
    /// What of the account's own tokens may be used: the token, and how much of it.
    pub named: [(Address, U256); 2],
    /// The last timestamp.
    pub deadline: U256,
}

/// What was seen of one token.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// The first and the last balance that was answered.
    balance: Option<(U256, U256)>,
    /// The first allowance that was answered, and what the program last read or set.
    allowance: Option<(U256, U256)>,
}

/// The chain.
#[derive(Debug)]
pub struct Hostile<'a> {
    lies: RefCell<Input<'a>>,
    program: Answer,
    asked: Asked,
    caller: Cell<Address>,
    found: u32,
    inside: Cell<bool>,
    transient: RefCell<BTreeMap<Word, Word>>,
    balances: RefCell<BTreeMap<Address, U256>>,
    allowances: RefCell<BTreeMap<Address, U256>>,
    owed: Cell<[U256; 2]>,
    seen: RefCell<BTreeMap<Address, Seen>>,
    /// Calls of either kind.
    calls: Cell<usize>,
    logs: Cell<usize>,
    tick: i32,
}

fn selector(signature: &str) -> [u8; 4] {
    let hash = keccak256(signature);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The word at this place behind the selector.
fn argument(data: &[u8], at: usize) -> U256 {
    let start = 4 + 32 * at;
    data.get(start..start + 32).map_or(U256::ZERO, U256::from_be_slice)
}

fn address_of(word: U256) -> Address {
    Address::from_word(word.into())
}

impl<'a> Hostile<'a> {
    /// A chain on which `lies` decides who calls, what the lock holds, and where an answer is not the truth.
    pub fn new(program: Answer, asked: Asked, lies: &'a [u8]) -> Self {
        let mut lies = Input::new(lies);
        let caller = match lies.byte() % 8 {
            0 => STRANGER,
            1 => ENTRY_POINTS[0],
            2 => ENTRY_POINTS[1],
            _ => ACCOUNT,
        };
        let found = match lies.byte() % 8 {
            0 => ACTION,
            1 | 2 => BATCH,
            3 => 7,
            _ => 0,
        };
        let tick = i32::from(lies.byte() as i8) * 20;
        let balance = |lies: &mut Input<'_>| U256::from(lies.u64() >> (lies.byte() % 64));
        let balances = TOKENS.map(|token| (token, balance(&mut lies)));
        let allowances = TOKENS.map(|token| {
            (
                token,
                if lies.byte().is_multiple_of(4) {
                    balance(&mut lies)
                } else {
                    U256::ZERO
                },
            )
        });
        Self {
            program,
            asked,
            caller: caller.into(),
            found,
            inside: false.into(),
            transient: BTreeMap::from([(LOCK, found.word())]).into(),
            balances: BTreeMap::from(balances).into(),
            allowances: BTreeMap::from(allowances).into(),
            owed: [U256::ZERO; 2].into(),
            seen: RefCell::default(),
            calls: 0.into(),
            logs: 0.into(),
            tick,
            lies: lies.into(),
        }
    }

    /// Whether the caller may make the account act now.
    fn authorised(&self) -> bool {
        let own = self.caller.get() == ACCOUNT;
        (own || ENTRY_POINTS.contains(&self.caller.get())) && (self.found == 0 || own && self.found == BATCH)
    }

    /// What must hold once the program has answered.
    pub fn judge(&self, answer: &Result<Vec<u8>, Vec<u8>>) {
        if answer.is_err() {
            assert_eq!(self.logs.get(), 0, "an event of something that did not happen");
            return;
        }
        assert_eq!(
            self.transient(&LOCK),
            self.found.word(),
            "the lock is not as it was found"
        );
        for slot in [CALLBACK_POOL, CALLBACK_MAXIMA[0], CALLBACK_MAXIMA[1]] {
            assert_eq!(self.transient(&slot), ZERO, "an announcement is left behind");
        }
        for (token, seen) in self.seen.borrow().iter() {
            if let Some((found, left)) = seen.allowance {
                assert_eq!(found, left, "the allowance of {token} is not as it was found");
            }
        }
        assert!(
            self.calls.get() == 0 || self.logs.get() == 1,
            "{} events",
            self.logs.get()
        );
    }

    /// What the program may use of a token, by the balances that it was told.
    fn available(&self, token: Address) -> U256 {
        let named = self
            .asked
            .named
            .iter()
            .find(|(named, _)| *named == token)
            .map_or(U256::ZERO, |(_, amount)| *amount);
        let seen = self.seen.borrow().get(&token).copied().unwrap_or_default();
        seen.balance.map_or(U256::ZERO, |(first, last)| {
            last.saturating_sub(first.saturating_sub(named))
        })
    }

    /// Before anything is called.
    fn judge_call(&self) {
        assert!(
            !self.inside.get(),
            "a program called something from inside its own action"
        );
        assert!(
            self.authorised(),
            "called by {} with the lock at {}",
            self.caller.get(),
            self.found
        );
        assert!(U256::from(NOW) <= self.asked.deadline, "called after the deadline");
        assert_eq!(self.transient(&LOCK), ACTION.word(), "called without the lock");
        self.calls.set(self.calls.get() + 1);
    }

    /// Before anything is called that could change something: only these functions, and only in the account's favour.
    fn judge_change(&self, to: Address, data: &[u8]) {
        let own = U256::from_be_slice(ACCOUNT.as_slice());
        let announced = address_of(uint(&self.transient(&CALLBACK_POOL)));
        let is = |signature| data.starts_with(&selector(signature));
        assert!(to != ACCOUNT, "the account calls itself");
        let callback = if is("approve(address,uint256)") {
            let (spender, amount) = (address_of(argument(data, 0)), argument(data, 1));
            assert_eq!(
                Some(spender),
                self.asked.manager,
                "an allowance for somebody who was not named"
            );
            let found = self
                .seen
                .borrow()
                .get(&to)
                .and_then(|seen| seen.allowance)
                .map(|(found, _)| found);
            assert!(
                amount.is_zero() || found == Some(amount) || amount <= self.available(to),
                "an allowance of {amount}, found {found:?}, of {} that there is",
                self.available(to)
            );
            false
        } else if is("swap(address,bool,int256,uint160,bytes)") {
            assert_eq!(argument(data, 0), own, "somebody else is paid");
            true
        } else if is("mint(address,int24,int24,uint128,bytes)") {
            assert_eq!(argument(data, 0), own, "somebody else's liquidity");
            true
        } else if is("collect(address,int24,int24,uint128,uint128)") {
            assert_eq!(argument(data, 0), own, "somebody else is paid");
            false
        } else if is("collect((uint256,address,uint128,uint128))") {
            assert_eq!(argument(data, 1), own, "somebody else is paid");
            false
        } else if is("mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))") {
            assert_eq!(argument(data, 9), own, "somebody else's position");
            false
        } else {
            let known = [
                "decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))",
                "increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))",
                "burn(uint256)",
                "burn(int24,int24,uint128)",
            ];
            assert!(
                known.into_iter().any(is),
                "calls {:02x?} of {to}",
                &data[..data.len().min(4)]
            );
            false
        };
        if !callback {
            assert_eq!(announced, Address::ZERO, "a callback is open while {to} is called");
            return;
        }
        assert_eq!(announced, to, "a callback is open for somebody else");
        for (token, maximum) in CALLBACK_TOKENS.iter().zip(&CALLBACK_MAXIMA) {
            let (token, maximum) = (address_of(uint(&self.transient(token))), uint(&self.transient(maximum)));
            let there = if maximum.is_zero() {
                maximum
            } else {
                self.available(token)
            };
            assert!(maximum <= there, "a callback may take {maximum} of {there}");
        }
    }

    /// The callee calls the account: whoever it is, and whatever it wants, nothing happens.
    fn call_back(&self) {
        let (caller, kind, data) = {
            let mut lies = self.lies.borrow_mut();
            if !lies.byte().is_multiple_of(8) || self.inside.get() {
                return;
            }
            let caller = [ACCOUNT, ENTRY_POINTS[0], ENTRY_POINTS[1], STRANGER][usize::from(lies.byte() % 4)];
            let signatures = crate::account::functions();
            let at = usize::from(lies.byte()) % signatures.len();
            (
                caller,
                at,
                crate::account::sensible(signatures[at].1, signatures[at].0, &mut lies),
            )
        };
        let before = (self.transient.borrow().clone(), self.logs.get());
        let outer = self.caller.replace(caller);
        self.inside.set(true);
        let answer = (self.program)(self, &data);
        self.inside.set(false);
        self.caller.set(outer);
        let is_version = crate::account::functions()[kind].1.starts_with("version(");
        assert!(
            answer.is_err() || is_version,
            "{caller} acted in the middle of an action"
        );
        assert_eq!(
            (self.transient.borrow().clone(), self.logs.get()),
            before,
            "a refused call left something"
        );
    }

    fn reply(&self, to: Address, data: &[u8], out: &mut [u8]) -> Option<usize> {
        let mut words = self.truth(to, data)?;
        let length = {
            let mut lies = self.lies.borrow_mut();
            match lies.byte() % 24 {
                0 => return None,
                1 => usize::from(lies.byte()),
                2 => {
                    words.iter_mut().for_each(|word| *word = lies.word());
                    32 * words.len()
                }
                3 | 4 => {
                    let at = usize::from(lies.byte()) % words.len().max(1);
                    let lie = lies.word();
                    if let Some(word) = words.get_mut(at) {
                        *word = lie;
                    }
                    32 * words.len()
                }
                _ => 32 * words.len(),
            }
        };
        self.note(to, data, words.first().copied().unwrap_or_default(), length);
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes::<32>()).collect();
        for (slot, byte) in out.iter_mut().zip(bytes.iter().take(length)) {
            *slot = *byte;
        }
        Some(length)
    }

    /// Remembers what the program was told, if it was told enough to believe it.
    fn note(&self, to: Address, data: &[u8], word: U256, length: usize) {
        let mut seen = self.seen.borrow_mut();
        let is = |signature| data.starts_with(&selector(signature));
        if is("balanceOf(address)") && length >= 32 {
            let entry = &mut seen.entry(to).or_default().balance;
            *entry = Some((entry.map_or(word, |(first, _)| first), word));
        } else if is("allowance(address,address)") && length >= 32 {
            let entry = &mut seen.entry(to).or_default().allowance;
            *entry = Some((entry.map_or(word, |(first, _)| first), word));
        } else if is("approve(address,uint256)") {
            let entry = &mut seen.entry(to).or_default().allowance;
            *entry = entry.map(|(first, _)| (first, argument(data, 1)));
        }
    }

    /// What an honest chain answers; nothing for a call that reverts.
    fn truth(&self, to: Address, data: &[u8]) -> Option<Vec<U256>> {
        let is = |signature| data.starts_with(&selector(signature));
        let sqrt_price = sqrt_price_at_tick(self.tick).unwrap_or_default();
        let number = |value: u128| U256::from(value);
        let signed = |tick: i32| uint(&tick.word());
        let small = |this: &Self| {
            let mut lies = this.lies.borrow_mut();
            U256::from(lies.u64() >> (lies.byte() % 64))
        };
        Some(if is("balanceOf(address)") {
            vec![self.balances.borrow().get(&to).copied().unwrap_or_default()]
        } else if is("allowance(address,address)") {
            vec![self.allowances.borrow().get(&to).copied().unwrap_or_default()]
        } else if is("approve(address,uint256)") {
            self.allowances.borrow_mut().insert(to, argument(data, 1));
            vec![U256::ONE]
        } else if is("ownerOf(uint256)") {
            vec![U256::from_be_slice(ACCOUNT.as_slice())]
        } else if is("factory()") {
            vec![U256::from_be_slice(FACTORY.as_slice())]
        } else if is("positions(uint256)") {
            let [token0, token1] = TOKENS.map(|token| U256::from_be_slice(token.as_slice()));
            let zero = U256::ZERO;
            let (lower, upper) = (signed(-600), signed(600));
            vec![
                zero,
                zero,
                token0,
                token1,
                number(3000),
                lower,
                upper,
                small(self),
                zero,
                zero,
                zero,
                zero,
            ]
        } else if is("positions(bytes32)") {
            vec![small(self), U256::ZERO, U256::ZERO, small(self), small(self)]
        } else if is("tickSpacing()") {
            vec![signed(SPACING)]
        } else if is("slot0()") {
            let tick = signed(tick_at_sqrt_price(sqrt_price).unwrap_or_default());
            vec![
                sqrt_price,
                tick,
                U256::ZERO,
                U256::ONE,
                U256::ONE,
                U256::ZERO,
                U256::ONE,
            ]
        } else if is("liquidity()") {
            vec![number(1 << 70)]
        } else if is("observe(uint32[])") {
            let window = argument(data, 2).to::<u64>() as i64;
            let then = signed(0);
            let now = U256::from_be_slice(&i256(i64::from(self.tick) * window));
            let two = number(2);
            vec![number(64), number(160), two, then, now, two, U256::ZERO, U256::ZERO]
        } else if is("tickBitmap(int16)") {
            vec![if self.lies.borrow_mut().byte().is_multiple_of(4) {
                small(self)
            } else {
                U256::ZERO
            }]
        } else if is("ticks(int24)") {
            vec![
                small(self),
                small(self),
                U256::ZERO,
                U256::ZERO,
                U256::ZERO,
                U256::ZERO,
                U256::ZERO,
                U256::ONE,
            ]
        } else if is("decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))") || is("burn(int24,int24,uint128)")
        {
            let amounts = [small(self), small(self)];
            self.owed.set(amounts);
            amounts.to_vec()
        } else if is("collect((uint256,address,uint128,uint128))") || is("collect(address,int24,int24,uint128,uint128)")
        {
            let owed = self
                .owed
                .replace([U256::ZERO; 2])
                .map(|amount| amount + (small(self) >> 8));
            for (token, amount) in TOKENS.into_iter().zip(owed) {
                *self.balances.borrow_mut().entry(token).or_default() += amount;
            }
            owed.to_vec()
        } else if is("swap(address,bool,int256,uint160,bytes)") {
            let (sold, amount) = (usize::from(argument(data, 1).is_zero()), argument(data, 2));
            let bought = amount - amount / number(100);
            self.shift(TOKENS[sold], amount, false);
            self.shift(TOKENS[1 - sold], bought, true);
            let mut deltas = [amount; 2];
            deltas[1 - sold] = U256::ZERO.wrapping_sub(bought);
            deltas.to_vec()
        } else if is("mint(address,int24,int24,uint128,bytes)") {
            let taken = [0, 1].map(|i| uint(&self.transient(&CALLBACK_MAXIMA[i])));
            (0..2).for_each(|i| self.shift(TOKENS[i], taken[i], false));
            taken.to_vec()
        } else if is("mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))")
            || is("increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))")
        {
            let taken = TOKENS.map(|token| {
                let allowed = self
                    .allowances
                    .borrow_mut()
                    .insert(token, U256::ZERO)
                    .unwrap_or_default();
                self.shift(token, allowed, false);
                allowed
            });
            let minted = [number(77), small(self) + U256::ONE, taken[0], taken[1]];
            minted[usize::from(is(
                "increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))",
            ))..]
                .to_vec()
        } else {
            vec![]
        })
    }

    fn shift(&self, token: Address, amount: U256, comes: bool) {
        let mut balances = self.balances.borrow_mut();
        let balance = balances.entry(token).or_default();
        *balance = if comes {
            balance.saturating_add(amount)
        } else {
            balance.saturating_sub(amount)
        };
    }
}

fn i256(value: i64) -> [u8; 32] {
    let mut word = [if value < 0 { 0xff } else { 0 }; 32];
    word[24..].copy_from_slice(&value.to_be_bytes());
    word
}

impl Host for Hostile<'_> {
    fn this(&self) -> Address {
        ACCOUNT
    }
    fn caller(&self) -> Address {
        self.caller.get()
    }
    fn value(&self) -> U256 {
        U256::ZERO
    }
    fn timestamp(&self) -> u64 {
        NOW
    }
    fn keccak256(&self, data: &[u8]) -> Word {
        keccak256(data).0
    }
    fn transient(&self, slot: &Word) -> Word {
        self.transient.borrow().get(slot).copied().unwrap_or(ZERO)
    }
    fn set_transient(&self, slot: &Word, value: &Word) {
        self.transient.borrow_mut().insert(*slot, *value);
    }
    fn log(&self, topics: usize, words: &[Word]) {
        assert!(
            topics == 4 && words.len() == 14,
            "an event of {topics} topics and {} words",
            words.len()
        );
        self.logs.set(self.logs.get() + 1);
    }
    fn call(&self, to: &Address, data: &[u8], out: &mut [u8]) -> Option<usize> {
        self.judge_call();
        self.judge_change(*to, data);
        self.call_back();
        self.reply(*to, data, out)
    }
    fn static_call(&self, to: &Address, data: &[u8], out: &mut [u8]) -> Option<usize> {
        self.judge_call();
        self.reply(*to, data, out)
    }
    fn return_data(&self, limit: usize) -> Vec<u8> {
        vec![0xee; limit.min(usize::from(self.lies.borrow_mut().byte()) * 5)]
    }
}
