//! One module per command: arguments in, calls to the library, output.

pub mod account;
pub mod account_keys;
pub mod account_wipe;
pub mod action;
pub mod calc;
pub mod delegate;
pub mod demo;
pub mod deploy;
pub mod devnode;
pub mod hedge;
pub mod keeper;
pub mod plan;
pub mod policy;
pub mod position;
pub mod position_list;
pub mod position_watch;
pub mod positions;
pub mod relay;
pub mod run;
pub mod run_report;
pub mod sending;
pub mod undelegate;
pub mod userop;
pub mod verify;
