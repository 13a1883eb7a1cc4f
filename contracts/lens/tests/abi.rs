//! The lens, called as a contract calls it: ABI in by alloy, ABI out read by alloy.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use alloy_primitives::{Address, I256, U256, aliases::I24, aliases::U160};
use alloy_sol_types::{SolCall, SolError};
use hedgerow_lens::interface::{
    ICoreErrors,
    ILens::{self, ILensCalls},
};
use hedgerow_program::{abi::Word, host::Host};

/// A chain on which nothing answers.
#[derive(Default)]
struct Desert {
    ether: u64,
}

impl Host for Desert {
    fn this(&self) -> Address {
        Address::ZERO
    }
    fn caller(&self) -> Address {
        Address::ZERO
    }
    fn value(&self) -> U256 {
        U256::from(self.ether)
    }
    fn timestamp(&self) -> u64 {
        0
    }
    fn keccak256(&self, data: &[u8]) -> Word {
        alloy_primitives::keccak256(data).0
    }
    fn transient(&self, _: &Word) -> Word {
        [0; 32]
    }
    fn set_transient(&self, _: &Word, _: &Word) {}
    fn log(&self, _: usize, _: &[Word]) {}
    fn call(&self, _: &Address, _: &[u8], _: &mut [u8]) -> Option<usize> {
        None
    }
    fn static_call(&self, _: &Address, _: &[u8], _: &mut [u8]) -> Option<usize> {
        Some(0)
    }
    fn return_data(&self, _: usize) -> Vec<u8> {
        Vec::new()
    }
}

fn answer(host: &Desert, input: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    hedgerow_lens::answer(host, input).map_err(|revert| revert.0)
}

fn ask<C: SolCall>(call: &C) -> Result<C::Return, Vec<u8>> {
    answer(&Desert::default(), &call.abi_encode()).map(|data| C::abi_decode_returns_validate(&data).unwrap())
}

fn tick(value: i32) -> I24 {
    I24::try_from(value).unwrap()
}

#[test]
fn every_function_of_the_interface_is_answered() {
    // All-zero arguments are well formed for every static type, so only an unknown function answers with nothing.
    for selector in ILensCalls::SELECTORS {
        let call = [selector.as_slice(), &[0; 32 * 8]].concat();
        let reply = answer(&Desert::default(), &call);
        assert!(
            reply.as_ref().unwrap_or_else(|data| data).len() >= 4,
            "{selector:02x?}: {reply:02x?}"
        );
    }
    assert_eq!(answer(&Desert::default(), &[0xde, 0xad, 0xbe, 0xef]), Err(Vec::new()));
    assert_eq!(answer(&Desert::default(), &[]), Err(Vec::new()));
}

#[test]
fn il_of_a_fourfold_price_is_exactly_a_fifth() {
    let (entry, now) = (U256::from(25), U256::from(100));
    let fifth = I256::try_from(-200_000_000_000_000_000_i64).unwrap();
    assert_eq!(
        ask(&ILens::ilConstantProductCall {
            entryPrice: entry,
            price: now
        })
        .unwrap(),
        fifth
    );
    assert_eq!(
        ask(&ILens::ilConstantProductCall {
            entryPrice: now,
            price: entry
        })
        .unwrap(),
        fifth
    );
    // Published: r = 4, w = 0.8 gives -0.10840201969977.
    let weight0 = U256::from(800_000_000_000_000_000_u64);
    let il = ask(&ILens::ilWeightedCall {
        entryPrice: entry,
        price: now,
        weight0,
    })
    .unwrap();
    let published = I256::try_from(-108_402_019_699_770_000_i64).unwrap();
    assert!((il - published).abs() < I256::try_from(10_000).unwrap(), "{il}");
}

#[test]
fn a_position_at_price_one_has_the_amounts_of_its_closed_form() {
    // L = 1e18 in [-887272, 887272] at price 1: each amount is L (1 - 2^-64), so 999999999999999999; there is no IL.
    let one = U160::from(1_u8) << 96;
    let call = ILens::figuresCall {
        liquidity: 1_000_000_000_000_000_000,
        entrySqrtPriceX96: one,
        sqrtPriceX96: one,
        tickLower: tick(-887_272),
        tickUpper: tick(887_272),
    };
    let figures = ask(&call).unwrap();
    assert_eq!(figures.amount0, U256::from(999_999_999_999_999_999_u64));
    assert_eq!(figures.amount1, U256::from(999_999_999_999_999_999_u64));
    assert_eq!(figures.value, figures.hold);
    assert_eq!(figures.il, I256::ZERO);
    // -L/2 * sqrt(P) at P = 1, as a wad.
    let half =
        I256::try_from(-500_000_000_000_000_000_i64).unwrap() * I256::try_from(1_000_000_000_000_000_000_i64).unwrap();
    assert_eq!((figures.gamma, figures.dollarGamma), (half, half));
}

#[test]
fn refusals_are_the_errors_of_the_interface() {
    let zero = ILens::ilConstantProductCall {
        entryPrice: U256::ZERO,
        price: U256::ONE,
    };
    assert_eq!(ask(&zero).unwrap_err(), ICoreErrors::ZeroPrice {}.abi_encode());

    let weight0 = U256::from(10).pow(U256::from(18));
    let weight = ILens::ilWeightedCall {
        entryPrice: U256::ONE,
        price: U256::ONE,
        weight0,
    };
    assert_eq!(
        ask(&weight).unwrap_err(),
        ICoreErrors::WeightOutOfRange { weight0 }.abi_encode()
    );

    let one = U160::from(1_u8) << 96;
    let concentrated = |entry: U160, lower: i32, upper: i32| {
        ask(&ILens::ilConcentratedCall {
            entrySqrtPriceX96: entry,
            sqrtPriceX96: one,
            tickLower: tick(lower),
            tickUpper: tick(upper),
        })
        .unwrap_err()
    };
    let least = U160::from(4_295_128_738_u64);
    assert_eq!(
        concentrated(least, -60, 60),
        ICoreErrors::SqrtPriceOutOfRange { sqrtPriceX96: least }.abi_encode()
    );
    assert_eq!(
        concentrated(one, -887_273, 60),
        ICoreErrors::TickOutOfRange { tick: tick(-887_273) }.abi_encode()
    );
    let empty = ICoreErrors::EmptyRange {
        tickLower: tick(60),
        tickUpper: tick(-60),
    };
    assert_eq!(concentrated(one, 60, -60), empty.abi_encode());

    let id = U256::from(7);
    let nobody = ILens::positionCall {
        positionManager: Address::repeat_byte(1),
        tokenId: id,
        entrySqrtPriceX96: one,
    };
    assert_eq!(
        ask(&nobody).err().unwrap(),
        ILens::UnknownPosition { tokenId: id }.abi_encode()
    );
}

#[test]
fn malformed_calls_and_ether_are_refused_without_data() {
    let call = ILens::ilConcentratedCall {
        entrySqrtPriceX96: U160::from(1_u8) << 96,
        sqrtPriceX96: U160::from(1_u8) << 96,
        tickLower: tick(-60),
        tickUpper: tick(60),
    }
    .abi_encode();
    assert!(answer(&Desert::default(), &call).is_ok());
    assert_eq!(answer(&Desert { ether: 1 }, &call), Err(Vec::new()));
    assert_eq!(answer(&Desert::default(), &call[..call.len() - 1]), Err(Vec::new()));
    // A bit above the uint160, and a tick that is not sign-extended.
    for (byte, bits) in [(4 + 11, 1), (4 + 64, 0)] {
        let mut dirty = call.clone();
        dirty[byte] = bits;
        assert_eq!(answer(&Desert::default(), &dirty), Err(Vec::new()), "byte {byte}");
    }
}
