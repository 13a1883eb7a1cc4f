//! Nothing is spent before the user has seen what will happen and said yes: on a terminal by answering, elsewhere by `--yes`.

use crate::error::{Error, Result};
use clap::Args;
use std::io::{BufRead, IsTerminal, Write};

/// How a command that spends is confirmed, and how it reports.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ConfirmArgs {
    /// Go ahead without asking
    #[arg(long, short = 'y', conflicts_with = "dry_run")]
    pub yes: bool,
    /// Show what would happen, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON document, and ask nothing
    #[arg(long)]
    pub json: bool,
}

impl ConfirmArgs {
    /// Whether to go ahead, after the preview was shown. False only for a dry run; a no is [`Error::Declined`], and so that a
    /// script never hangs, neither JSON nor an input without a terminal is asked: they have to bring `--yes`.
    pub fn go_ahead(&self, question: &str) -> Result<bool> {
        if self.dry_run || self.yes {
            return Ok(!self.dry_run);
        }
        let (input, output) = (std::io::stdin(), std::io::stderr());
        if self.json || !input.is_terminal() || !output.is_terminal() {
            return Err(Error::missing(
                "a confirmation",
                "nothing was sent; repeat with --yes to go ahead, or with --dry-run to only look",
            ));
        }
        ask(question, &mut input.lock(), &mut output.lock()).map(|()| true)
    }
}

/// Asks until there is an answer that means something; only y and yes are a yes, an empty line is a no.
fn ask(question: &str, input: &mut impl BufRead, output: &mut impl Write) -> Result<()> {
    loop {
        write!(output, "{question} [y/N] ")
            .and_then(|()| output.flush())
            .map_err(Error::io("asking for confirmation"))?;
        let mut answer = String::new();
        let read = input
            .read_line(&mut answer)
            .map_err(Error::io("reading the confirmation"))?;
        match answer.trim().to_lowercase().as_str() {
            "y" | "yes" => return Ok(()),
            "" | "n" | "no" => return Err(Error::Declined),
            _ if read == 0 => return Err(Error::Declined),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn answered(text: &str) -> (Result<()>, usize) {
        let mut output = Vec::new();
        let result = ask("Send it?", &mut text.as_bytes(), &mut output);
        (
            result,
            String::from_utf8(output).unwrap().matches("Send it? [y/N] ").count(),
        )
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        for text in ["y\n", "yes\n", " YES \n", "y"] {
            assert!(answered(text).0.is_ok(), "{text:?}");
        }
        for text in ["\n", "n\n", "No\n", ""] {
            let error = answered(text).0.unwrap_err();
            assert!(matches!(error, Error::Declined), "{text:?}");
            assert_eq!(error.exit_code(), 2);
        }
    }

    #[test]
    fn an_unclear_answer_is_asked_again() {
        let (result, asked) = answered("maybe\nye\nyes\n");
        assert!(result.is_ok());
        assert_eq!(asked, 3);
        let (result, asked) = answered("maybe");
        assert!(matches!(result, Err(Error::Declined)));
        assert_eq!(asked, 2);
    }

    #[test]
    fn a_dry_run_never_goes_ahead_and_yes_always_does() {
        let dry = ConfirmArgs {
            dry_run: true,
            ..ConfirmArgs::default()
        };
        assert!(!dry.go_ahead("Send it?").unwrap());
        let yes = ConfirmArgs {
            yes: true,
            json: true,
            ..ConfirmArgs::default()
        };
        assert!(yes.go_ahead("Send it?").unwrap());
        let json = ConfirmArgs {
            json: true,
            ..ConfirmArgs::default()
        };
        let error = json.go_ahead("Send it?").unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("--yes"));
    }
}
