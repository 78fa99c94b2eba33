//! How many requests per second are sent: a number, no limit, or found by the program.

/// Requests per second, or no limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// As fast as it goes: for a server of one's own.
    Unlimited,
    /// At most this many requests per second.
    PerSecond(f64),
    /// Starts low and learns what the key allows.
    Auto,
}

impl Rate {
    /// What WorkOS documents that a key may do: 6,000 requests per 60 seconds.
    pub const DOCUMENTED: f64 = 100.0;
    /// Three quarters of that: the rest is left to the user's own application.
    pub const DEFAULT: f64 = 75.0;

    /// This part of what WorkOS allows a key.
    pub fn share(part: f64) -> Self {
        Self::PerSecond(part * Self::DOCUMENTED)
    }

    /// The first rate of a run; `None` if there is no limit.
    pub const fn at_start(self) -> Option<f64> {
        match self {
            Self::Unlimited => None,
            Self::PerSecond(rate) => Some(rate),
            Self::Auto => Some(Self::DEFAULT),
        }
    }
}

impl std::str::FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "unlimited" => Ok(Self::Unlimited),
            "auto" => Ok(Self::Auto),
            _ => text
                .parse()
                .ok()
                .filter(|rate| (0.01..=1_000_000.0).contains(rate))
                .map(Self::PerSecond)
                .ok_or_else(|| {
                    "expected requests per second such as 90, or `auto`, or `unlimited`".to_owned()
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_they_are_written() {
        assert_eq!("90".parse(), Ok(Rate::PerSecond(90.0)));
        assert_eq!("0.5".parse(), Ok(Rate::PerSecond(0.5)));
        assert_eq!("unlimited".parse(), Ok(Rate::Unlimited));
        assert_eq!("auto".parse(), Ok(Rate::Auto));
        for bad in ["0", "-1", "NaN", "inf", "fast", ""] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
    }
}
