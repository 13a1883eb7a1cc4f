//! `hedgerow calc --stdin` and `--functions`.

use crate::{
    calculator,
    error::{Error, Result},
    output,
};
use std::io;

/// Answers questions until stdin ends.
pub fn serve() -> Result<()> {
    calculator::serve(io::stdin(), &mut io::stdout().lock()).map_err(Error::io("answering questions from stdin"))
}

/// Prints what can be asked.
pub fn list() -> Result<()> {
    let words = |words: &str| words.replace(' ', ", ");
    let rows = calculator::functions().map(|f| vec![f.name.to_owned(), words(f.takes), words(f.gives)]);
    output::print(&output::table(&["fn", "args", "ok"], rows.collect()))
}
