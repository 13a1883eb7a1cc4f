//! The `hedgerow` command's library half.
