//! The URL of the API: HTTPS, or plain HTTP to this machine only.

use reqwest::Url;
use std::fmt;
use std::str::FromStr;

/// The base URL of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why a base URL cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// It is not an absolute URL. Not shown: it may be a key, or hold a password.
    #[error(
        "invalid URL in --base-url or WORKOS_BASE_URL: expected for example https://api.workos.com"
    )]
    Malformed,
    /// The key would travel unencrypted.
    #[error(
        "{0} would send the API key unencrypted: expected https://, or http:// to this machine"
    )]
    Unencrypted(String),
    /// WorkOS with a path: every request would be answered by 404.
    #[error("the URL of WorkOS has no path: expected https://api.workos.com")]
    Path,
    /// It has more than scheme, host, port and path.
    #[error("the base URL must not contain a user name, password, query or fragment")]
    Surplus,
}

/// The host of WorkOS.
const HOST: &str = "api.workos.com";

impl BaseUrl {
    /// WorkOS itself.
    pub const WORKOS: &str = "https://api.workos.com";

    /// Whether its host is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether its host is that of WorkOS.
    pub fn is_workos(&self) -> bool {
        self.0.host_str() == Some(HOST)
    }

    /// Whether it is reached over TLS.
    pub(super) fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The URL of a path of these segments, each percent-encoded.
    pub(super) fn path(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost" | "[::1]") => true,
        Some(host) => host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback()),
        None => false,
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text.trim())
            .ok()
            .filter(|url| !url.cannot_be_a_base() && url.has_host())
            .ok_or(BaseUrlError::Malformed)?;
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(BaseUrlError::Surplus);
        }
        if url.host_str() == Some(HOST) && url.path() != "/" {
            return Err(BaseUrlError::Path);
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            _ => Err(BaseUrlError::Unencrypted(url.to_string())),
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in [
            "https://api.workos.com",
            "http://localhost:4100",
            "http://127.0.0.1:1/",
            "http://[::1]:80/x",
        ] {
            assert!(good.parse::<BaseUrl>().is_ok(), "{good}");
        }
        for bad in [
            "http://api.workos.com",
            "http://localhost.evil.com",
            "http://127.0.0.1.evil.com",
            "ftp://localhost",
            "api.workos.com",
            "https://user:password@api.workos.com",
            "https://api.workos.com?key=1",
            "https://api.workos.com/organizations",
        ] {
            assert!(bad.parse::<BaseUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_of_another_host_comes_before_every_path() {
        for base in ["https://proxy.test/workos", "https://proxy.test/workos/"] {
            let base: BaseUrl = base.parse().unwrap();
            assert_eq!(base.to_string(), "https://proxy.test/workos");
            let path = base.path(&["organizations"]);
            assert_eq!(path.as_str(), "https://proxy.test/workos/organizations");
        }
    }

    #[test]
    fn path_segments_are_percent_encoded() {
        let base: BaseUrl = "https://api.workos.com/".parse().unwrap();
        assert_eq!(
            base.path(&["organizations", "external_id", "a/b?c"])
                .as_str(),
            "https://api.workos.com/organizations/external_id/a%2Fb%3Fc"
        );
    }
}
