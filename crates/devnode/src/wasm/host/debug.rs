//! `console` and `debug`: free host functions that only debug chains let a program import. They print to standard error.

use wasmtime::{Caller, Linker};

use super::{Host, HostResult, HostState};

type C<'a> = Caller<'a, HostState>;

pub(super) fn link(linker: &mut Linker<HostState>) -> wasmtime::Result<()> {
    let module = "console";
    linker.func_wrap(module, "log_txt", |c: C<'_>, text: u32, len: u32| {
        Ok(log_text(Host::new(c)?, text, len)?)
    })?;
    linker.func_wrap(module, "log_i32", |value: u32| eprintln!("program: {value}"))?;
    linker.func_wrap(module, "log_i64", |value: u64| eprintln!("program: {value}"))?;
    linker.func_wrap(module, "log_f32", |value: f32| eprintln!("program: {value}"))?;
    linker.func_wrap(module, "log_f64", |value: f64| eprintln!("program: {value}"))?;
    linker.func_wrap(module, "tee_i32", |value: u32| tee(value))?;
    linker.func_wrap(module, "tee_i64", |value: u64| tee(value))?;
    linker.func_wrap(module, "tee_f32", |value: f32| tee(value))?;
    linker.func_wrap(module, "tee_f64", |value: f64| tee(value))?;
    linker.func_wrap("debug", "null_host", || {})?;
    linker.func_wrap("debug", "start_benchmark", || {})?;
    linker.func_wrap("debug", "end_benchmark", || {})?;
    Ok(())
}

fn log_text(mut host: Host<'_>, text: u32, len: u32) -> HostResult<()> {
    let bytes = host.read(text, len)?;
    eprintln!("program: {}", String::from_utf8_lossy(&bytes));
    host.record("console_log_text", &[&bytes], &[]);
    Ok(())
}

fn tee<T: std::fmt::Display>(value: T) -> T {
    eprintln!("program: {value}");
    value
}
