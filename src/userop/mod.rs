//! User operations that a person builds, looks at, signs and sends, step by step, with a file between the steps.
//!
//! [`mod@file`] is that file, [`draft`] what it may leave out, [`entry`] what it is to do, [`reader`] how JSON is read so that what is wrong has a path. [`calls`]
//! makes calldata of calls and calls of calldata; [`words`] tells what they do; [`any`] takes whatever form an operation comes in.
//! [`estimate`] finds gas limits where no bundler does; [`status`] looks what became of an operation.

pub mod any;
pub mod calls;
pub mod draft;
pub mod entry;
pub mod estimate;
pub mod file;
pub mod reader;
pub mod status;
pub mod words;

pub use file::OperationFile;
