//! The maths and decisions that Hedgerow's programs enforce and its command predicts.
#![no_std]
#![forbid(unsafe_code)]
