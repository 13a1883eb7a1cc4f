//! The `hedgerow` command's library half: everything but `main`, so that the tests across the house use the same code.
//!
//! Arguments go to one module per command in [`commands`]; what they share stands beside. Maths and decisions are the core's.
#![forbid(unsafe_code)]

pub mod account;
pub mod action;
pub mod artifacts;
pub mod batch;
pub mod batching;
pub mod bindings;
pub mod build_record;
pub mod bundler;
pub mod calculator;
pub mod cli;
pub mod client;
pub mod commands;
pub mod confirm;
pub mod decimal;
pub mod delegation;
pub mod demo;
pub mod deployment;
pub mod document;
pub mod error;
pub mod hedge;
pub mod human;
pub mod keeper;
pub mod keys;
pub mod measure;
pub mod output;
pub mod paymaster;
pub mod paymaster_service;
pub mod plan;
pub mod plot;
pub mod policy;
pub mod pool;
pub mod position;
pub mod price;
pub mod program;
pub mod redelegation;
pub mod revert;
pub mod search;
pub mod session;
pub mod signed_batch;
pub mod sponsorship;
pub mod sweep;
pub mod typed_data;
pub mod user_operation;
pub mod userop;
pub mod verify;
pub mod watching;

pub use error::{Error, Result};
