//! The proxy that the environment names. A setting that cannot be used is an error: ignored, it
//! would send the requests past the proxy.

use reqwest::{NoProxy, Proxy, Url};
use std::ffi::OsString;

/// A proxy setting that cannot be used. Never shown, since it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the proxy in the variable {variable} cannot be used: expected for example http://proxy.example.com:8080 or socks5h://localhost:1080"
)]
pub struct ProxyError {
    /// The variable.
    pub variable: &'static str,
}

/// The variables, the one that counts first. The API is reached over HTTPS.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

const SCHEMES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// The proxy that the environment names; `None` where it names none.
///
/// # Errors
/// When its setting cannot be used.
pub(super) fn from_environment() -> Result<Option<Proxy>, ProxyError> {
    let Some((variable, url)) = named(|name| std::env::var_os(name))? else {
        return Ok(None);
    };
    let proxy = Proxy::all(url).map_err(|_| ProxyError { variable })?;
    Ok(Some(proxy.no_proxy(NoProxy::from_env())))
}

fn named(
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Option<(&'static str, Url)>, ProxyError> {
    let set = VARIABLES.into_iter().find_map(|name| {
        let value = variable(name).filter(|value| !value.is_empty())?;
        Some((name, value))
    });
    let Some((variable, value)) = set else {
        return Ok(None);
    };
    let url = value.to_str().and_then(url_of);
    url.map(|url| Some((variable, url)))
        .ok_or(ProxyError { variable })
}

/// The URL of a proxy; without a scheme it is `http`.
fn url_of(text: &str) -> Option<Url> {
    let text = text.trim();
    let url = if text.contains("://") {
        Url::parse(text).ok()?
    } else {
        Url::parse(&format!("http://{text}")).ok()?
    };
    (SCHEMES.contains(&url.scheme()) && url.has_host()).then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &[(&str, &str)]) -> Result<Option<String>, ProxyError> {
        let found = named(|name| {
            let setting = settings.iter().find(|(it, _)| *it == name);
            setting.map(|(_, value)| value.into())
        });
        Ok(found?.map(|(_, url)| url.to_string()))
    }

    #[test]
    fn the_proxy_for_https_counts_first_and_a_blank_one_does_not() {
        let both = [("ALL_PROXY", "socks5h://a:1080"), ("https_proxy", "b:3128")];
        assert_eq!(of(&both).unwrap().unwrap(), "http://b:3128/");
        assert_eq!(of(&both[..1]).unwrap().unwrap(), "socks5h://a:1080");
        assert_eq!(of(&[("HTTPS_PROXY", "")]).unwrap(), None);
        assert_eq!(of(&[("HTTP_PROXY", "c:80")]).unwrap(), None);
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_without_its_password() {
        for bad in [
            "ftp://me:secret@a",
            "http://",
            "http://me:secret@a:port",
            "::secret",
        ] {
            let error = of(&[("HTTPS_PROXY", bad)]).unwrap_err();
            let text = error.to_string();
            assert!(
                text.contains("HTTPS_PROXY") && !text.contains("secret"),
                "{text}"
            );
        }
    }
}
