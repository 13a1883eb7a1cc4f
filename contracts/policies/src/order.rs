//! A policy that the account's own key signed and anybody carries.

use alloc::vec::Vec;
use alloy_primitives::{Address, U256, b256};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_positions::errors::{OrRevert, Revert};
use hedgerow_program::{
    abi::{Call, Encode, Word, address, head, revert, uint},
    host::{Host, Storage},
    words,
};

use hedgerow_terms::{
    interfaces::{IPolicies, IShell},
    store::Store,
    terms::{RULES, Terms, struct_hash},
};

use crate::set;

/// The EIP-712 type hash of `Place`.
const PLACE_TYPE: Word = b256!("dac2fd05c2f18cc3efae0a2355dbfa2f0d7632a37414047f36355c5c69f0b6f8").0;
/// That of `PolicyOrder(Place place,Policy policy,uint256 deadline,uint256 generation)` with all that it refers to.
const ORDER_TYPE: Word = b256!("b6e7f4c3ae879a9968c96b4abb8749fbfab2f449ebf4d40ca6649258b568bf96").0;
/// That of the account's domain, `EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)`,
/// and the hashes of its name and version.
const DOMAIN_TYPE: Word = b256!("d87cd6ef79d4e2b95e15ce8abf732db51ec771f1ca2edccf22a46c729ac56472").0;
const NAME: Word = b256!("cfb050080ac94528354d6157cae7ca34c3465615b33d34ceda36fe52a4516aa3").0;
const VERSION: Word = b256!("c89efdaa54c0f20c7adf612882df0950f5a951637e0307cdcb4c672f298b8bc6").0;
/// The precompile that recovers a signer.
const ECRECOVER: Address = Address::with_last_byte(1);
/// Half the order of secp256k1, rounded down (EIP-2): of a signature and its mirror only the lower s is accepted.
const HIGHEST_S: U256 =
    U256::from_be_bytes(b256!("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0").0);

/// `placeOrder`. Once placed its terms are used, so that no order is placed twice. Errors: `OrderExpired`, `InvalidOrder`, and those of
/// [`set::set`].
#[inline(never)]
pub fn place<H: Storage>(host: &H, call: &Call<'_>) -> Result<Vec<u8>, Revert> {
    let terms = Terms::decode(call)?;
    let [.., deadline, _] = call.head::<{ RULES + 3 }>()?;
    let signature = call.bytes(RULES + 2)?;
    let now = U256::from(host.timestamp());
    if now > uint(deadline) {
        return Err(revert(IPolicies::OrderExpired::SELECTOR, &words![deadline, now]));
    }
    let store = Store::open(host)?;
    let order = [
        struct_hash(host, &PLACE_TYPE, terms.place),
        terms.id(host),
        *deadline,
        store.generation.word(),
    ];
    let digest = digest(host, &struct_hash(host, &ORDER_TYPE, &order))?;
    if !signed(host, &digest, signature) {
        return Err(revert(IPolicies::InvalidOrder::SELECTOR, &[]));
    }
    set::set(host, &store, &terms)
}

/// EIP-712's digest of a struct in the account's own domain, whose salt is the shell: that the shell tells.
#[inline(never)]
fn digest<H: Storage>(host: &H, struct_hash_: &Word) -> Result<Word, Revert> {
    let this = host.this();
    let mut answer = [[0; 32]; 6];
    host.view(&this, &[head(IShell::eip712DomainCall::SELECTOR)], &mut answer)
        .or_revert(host, &this)?;
    let [.., salt] = answer;
    let domain = struct_hash(host, &DOMAIN_TYPE, &words![NAME, VERSION, host.chain_id(), this, salt]);
    let mut data = [0; 66];
    data[..2].copy_from_slice(&[0x19, 0x01]);
    data[2..34].copy_from_slice(&domain);
    data[34..].copy_from_slice(struct_hash_);
    Ok(host.keccak256(&data))
}

/// Whether the account's own key signed: 65 bytes, low s, v 27 or 28.
#[inline(never)]
fn signed<H: Host>(host: &H, digest: &Word, signature: &[u8]) -> bool {
    let Some(([r, s], [v])) = signature
        .split_first_chunk::<64>()
        .map(|(words, v)| (words.as_chunks::<32>().0, v))
    else {
        return false;
    };
    if uint(s) > HIGHEST_S {
        return false;
    }
    // It answers nothing at all where it recovers nobody, for any other v among the rest.
    let mut answer = [0; 32];
    let input = words![digest, u32::from(*v), r, s];
    let length = host.static_call(&ECRECOVER, input.as_flattened(), &mut answer);
    length == Some(32) && address(&answer) == host.this()
}
