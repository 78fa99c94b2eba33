//! `--rate-file`: a file with a rate that is read again whenever it changes.

use crate::engine::{Rate, RateControl};
use crate::text::untrusted;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::task::JoinHandle;

/// How often the file is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// A rate is a short word: more is not read.
const LONGEST: u64 = 1024;

/// The file, and what was in it last.
#[derive(Debug)]
pub(super) struct RateFile {
    path: PathBuf,
    content: Option<Result<String, String>>,
}

/// Follows the file until it is dropped.
#[derive(Debug)]
pub(super) struct Follower(JoinHandle<()>);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl RateFile {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            content: None,
        }
    }

    /// The rate of the file now, for the plan of a run.
    pub(super) fn rate_now(path: &Path) -> Option<Rate> {
        Self::new(path).change(read(path))?.ok()
    }

    /// Sets the rate of the file, now and when it changes. What it is now, `say` tells.
    pub(super) fn follow(mut self, control: RateControl, say: impl Fn(&str)) -> Follower {
        if let Some(words) = self.look(&control) {
            say(&words);
        }
        Follower(tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                if let Some(words) = self.look(&control) {
                    control.say(&words);
                }
            }
        }))
    }

    /// Sets the rate if the file has changed; returns what a user should know.
    fn look(&mut self, control: &RateControl) -> Option<String> {
        let words = match self.change(read(&self.path))? {
            Ok(rate) => {
                control.set(rate);
                rate_in_words(rate)
            }
            Err(reason) => format!("{reason}; the rate stays as it is"),
        };
        Some(format!("{}: {words}", self.path.display()))
    }

    /// The rate that a new content asks for, or why it asks for none; `None` where it is as before.
    fn change(&mut self, content: Result<String, String>) -> Option<Result<Rate, String>> {
        if self.content.as_ref() == Some(&content) {
            return None;
        }
        self.content = Some(content.clone());
        Some(content.and_then(|text| {
            let text = text.trim().trim_start_matches('\u{feff}');
            let refused =
                |expected| format!("\"{}\" is not a rate ({expected})", untrusted(text, 40));
            text.parse().map_err(refused)
        }))
    }
}

fn read(path: &Path) -> Result<String, String> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(LONGEST).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot read it: {error}"));
    read.map(|_| String::from_utf8_lossy(&bytes).into_owned())
}

fn rate_in_words(rate: Rate) -> String {
    match rate {
        Rate::Unlimited => "no limit from now on".to_owned(),
        Rate::Auto => "an automatic rate from now on".to_owned(),
        Rate::PerSecond(rate) => format!("{rate} requests per second from now on"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_counts_once_and_a_bad_one_changes_nothing() {
        let mut file = RateFile::new(Path::new("rate.txt"));
        let mut change = |text: &str| file.change(Ok(text.to_owned()));
        assert_eq!(change("20\n"), Some(Ok(Rate::PerSecond(20.0))));
        assert_eq!(change("20\n"), None);
        assert_eq!(change("\u{feff}auto\r\n"), Some(Ok(Rate::Auto)));
        let refused = change("fast\u{1b}[2J").unwrap().unwrap_err();
        assert!(
            refused.starts_with("\"fast\" is not a rate (expected "),
            "{refused}"
        );
        assert!(change("").unwrap().is_err());
        let gone = file.change(Err("cannot read it: not found".to_owned()));
        assert_eq!(gone, Some(Err("cannot read it: not found".to_owned())));
    }
}
