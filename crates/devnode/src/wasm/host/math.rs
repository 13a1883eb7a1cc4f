//! 256-bit arithmetic that would be dear in wasm. A zero divisor or modulus yields zero.

use alloy::primitives::U256;
use wasmtime::{Caller, Linker};

use super::pricing::{self, HOSTIO, PTR};
use super::{Host, HostResult, HostState};

const DIVISION: u64 = 20_000;
const ADD_MOD: u64 = 21_000;
const MUL_MOD: u64 = 24_100;

type C<'a> = Caller<'a, HostState>;

pub(super) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    let module = "vm_hooks";
    linker.func_wrap(module, "math_div", |c: C<'_>, a: u32, b: u32| {
        Ok(binary(
            Host::new(c)?,
            "math_div",
            |a, b| a.checked_div(b).unwrap_or_default(),
            (a, b),
        )?)
    })?;
    linker.func_wrap(module, "math_mod", |c: C<'_>, a: u32, b: u32| {
        Ok(binary(
            Host::new(c)?,
            "math_mod",
            |a, b| a.checked_rem(b).unwrap_or_default(),
            (a, b),
        )?)
    })?;
    linker.func_wrap(module, "math_pow", |c: C<'_>, a: u32, b: u32| {
        Ok(power(Host::new(c)?, (a, b))?)
    })?;
    linker.func_wrap(module, "math_add_mod", |c: C<'_>, a: u32, b: u32, m: u32| {
        Ok(modular(
            Host::new(c)?,
            "math_add_mod",
            ADD_MOD,
            U256::add_mod,
            (a, b, m),
        )?)
    })?;
    linker.func_wrap(module, "math_mul_mod", |c: C<'_>, a: u32, b: u32, m: u32| {
        Ok(modular(
            Host::new(c)?,
            "math_mul_mod",
            MUL_MOD,
            U256::mul_mod,
            (a, b, m),
        )?)
    })?;
    Ok(())
}

fn binary(mut host: Host<'_>, name: &'static str, f: fn(U256, U256) -> U256, (a, b): (u32, u32)) -> HostResult<()> {
    host.buy_ink(HOSTIO + 3 * PTR + DIVISION)?;
    let (left, right) = (host.read_word(a)?, host.read_word(b)?);
    let result = f(left.into(), right.into()).to_be_bytes::<32>();
    host.write(a, &result)?;
    host.record(name, &[left.as_slice(), right.as_slice()], &[&result]);
    Ok(())
}

fn power(mut host: Host<'_>, (a, b): (u32, u32)) -> HostResult<()> {
    host.buy_ink(HOSTIO + 3 * PTR)?;
    let (base, exponent) = (host.read_word(a)?, host.read_word(b)?);
    host.buy_ink(pricing::pow(&exponent.0))?;
    let result = U256::from_be_bytes(base.0)
        .wrapping_pow(exponent.into())
        .to_be_bytes::<32>();
    host.write(a, &result)?;
    host.record("math_pow", &[base.as_slice(), exponent.as_slice()], &[&result]);
    Ok(())
}

fn modular(
    mut host: Host<'_>,
    name: &'static str,
    price: u64,
    f: fn(U256, U256, U256) -> U256,
    (a, b, m): (u32, u32, u32),
) -> HostResult<()> {
    host.buy_ink(HOSTIO + 4 * PTR + price)?;
    let (left, right, modulus) = (host.read_word(a)?, host.read_word(b)?, host.read_word(m)?);
    let result = f(left.into(), right.into(), modulus.into()).to_be_bytes::<32>();
    host.write(a, &result)?;
    host.record(
        name,
        &[left.as_slice(), right.as_slice(), modulus.as_slice()],
        &[&result],
    );
    Ok(())
}
