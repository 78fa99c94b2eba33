//! The API over HTTP: the only user of reqwest's client.

use super::response::{Reply, failure, is_done, read, read_if_found, succeed};
use super::types::{Items, is_workos_id};
use super::{
    Answer, ApiKey, BaseUrl, Dependent, DetailsApi, Failure, ListQuery, Lost, Organization,
    OrganizationChanges, OrganizationDetails, OrganizationsApi, Page, Refusal,
};
use super::{ProxyError, TlsError, proxy, tls};
use bytes::Bytes;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Method, Request, StatusCode, Url};
use serde_json::json;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_64;

/// A client of the WorkOS organizations API.
///
/// It never repeats a request and never follows a redirect. It uses HTTP/1.1, so that a lost
/// connection costs one response, not all in flight. Responses are bounded: 8 MiB of body, and 64
/// headers in about 400 KiB. More counts as a lost response.
#[derive(Clone, Debug)]
#[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
pub struct Client {
    http: reqwest::Client,
    base_url: BaseUrl,
    organizations: Url,
    key: ApiKey,
    /// Digests of the ids of all organizations that were created.
    created: Arc<Mutex<HashSet<u64>>>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The certificates cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The proxy cannot be used.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// The library refuses its settings.
    #[error("cannot set up the HTTP client")]
    Library(#[from] reqwest::Error),
}

impl ClientError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Tls(TlsError::Library(_)) | Self::Library(_) => None,
            Self::Tls(_) => Some(
                "name a PEM file of certificate authorities with --ca-file or SSL_CERT_FILE, or a folder of them with SSL_CERT_DIR",
            ),
            Self::Proxy(_) => Some("fix the variable, or remove it to connect without a proxy"),
        }
    }
}

/// The connect timeout. Shorter than the request timeout, to tell an unreachable server from a slow
/// one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The most headers of a response.
const MOST_HEADERS: usize = 64;

impl Client {
    /// A client for the API at `base_url` that waits at most `timeout` for each response.
    ///
    /// # Errors
    /// When the certificates or the proxy of the machine cannot be used.
    pub fn new(base_url: BaseUrl, key: &ApiKey, timeout: Duration) -> Result<Self, ClientError> {
        Self::trusting(base_url, key, timeout, None)
    }

    /// The same, which also trusts the certificates in a file.
    ///
    /// # Errors
    /// When the certificates or the proxy of the machine cannot be used.
    #[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
    pub fn trusting(
        base_url: BaseUrl,
        key: &ApiKey,
        timeout: Duration,
        ca_file: Option<&Path>,
    ) -> Result<Self, ClientError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, key.authorization());
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("workos-orgs/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .http1_only()
            .http1_max_headers(MOST_HEADERS)
            .tls_backend_preconfigured(if base_url.is_encrypted() {
                tls::trusting(ca_file)?
            } else {
                tls::unused(ca_file)?
            });
        if base_url.is_loopback() {
            // Plain HTTP must not leave this machine through a proxy.
            builder = builder.no_proxy();
        } else if let Some(proxy) = proxy::from_environment()? {
            builder = builder.proxy(proxy);
        }
        Ok(Self {
            http: builder.build()?,
            organizations: base_url.path(&["organizations"]),
            base_url,
            key: key.clone(),
            created: Arc::default(),
        })
    }

    /// Whether no other organization of this run was created with this id.
    fn is_new(&self, id: &str) -> bool {
        let mut created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        created.insert(xxh3_64(id.as_bytes()))
    }

    async fn send(&self, request: Request) -> Result<Reply, Failure> {
        let response = self.http.execute(request).await.map_err(failure)?;
        Ok(Reply {
            response,
            key: self.key.clone(),
        })
    }

    async fn get(&self, url: Url) -> Result<Reply, Failure> {
        self.send(Request::new(Method::GET, url)).await
    }

    async fn send_json(&self, method: Method, url: Url, body: Bytes) -> Result<Reply, Failure> {
        let mut request = Request::new(method, url);
        request.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        *request.body_mut() = Some(body.into());
        self.send(request).await
    }

    /// The URL of an organization. `None` for an invalid id: otherwise, deleting `..` would be a
    /// `DELETE /organizations`.
    fn organization(&self, id: &str) -> Option<Url> {
        is_workos_id(id, "org_").then(|| self.base_url.path(&["organizations", id]))
    }

    /// The URL of a domain of an organization; `None` for an invalid id.
    fn domain(&self, id: &str) -> Option<Url> {
        is_workos_id(id, "org_domain_").then(|| self.base_url.path(&["organization_domains", id]))
    }

    /// The URL that lists one of what belongs to an organization; `None` for an invalid id.
    fn dependents(&self, organization_id: &str, kind: Dependent) -> Option<Url> {
        if !is_workos_id(organization_id, "org_") {
            return None;
        }
        let mut url = self.base_url.path(match kind {
            Dependent::Connection => &["connections"],
            Dependent::Directory => &["directories"],
            Dependent::Membership => &["user_management", "organization_memberships"],
        });
        let mut pairs = url.query_pairs_mut();
        pairs
            .append_pair("organization_id", organization_id)
            .append_pair("limit", "1");
        if kind == Dependent::Membership {
            // Without this, WorkOS lists active ones only.
            pairs.append_pair("statuses", "active,inactive,pending");
        }
        drop(pairs);
        Some(url)
    }

    /// The URL of a list, with the parameters that are set.
    fn list_url(&self, query: &ListQuery<'_>) -> Url {
        let mut url = self.organizations.clone();
        let mut pairs = url.query_pairs_mut();
        pairs
            .append_pair("limit", &query.limit.to_string())
            .append_pair("order", query.order.as_str());
        for (name, value) in [
            ("after", query.after),
            ("before", query.before),
            ("search", query.search),
        ] {
            if let Some(value) = value {
                pairs.append_pair(name, value);
            }
        }
        if !query.domains.is_empty() {
            pairs.append_pair("domains", &query.domains.join(","));
        }
        drop(pairs);
        url
    }
}

impl OrganizationsApi for Client {
    async fn create(&self, body: Bytes) -> Result<Answer<Organization>, Failure> {
        let url = self.organizations.clone();
        let answer = read(self.send_json(Method::POST, url, body).await?).await?;
        let answer = answer.map(with_json);
        if self.is_new(&answer.value.id) {
            return Ok(answer);
        }
        Err(Failure::Lost(Lost {
            detail: "WorkOS responded with the id of another organization of this run".to_owned(),
            http_status: Some(StatusCode::CREATED.as_u16()),
            request_id: answer.request_id,
            date: answer.date,
            timed_out: false,
        }))
    }

    async fn by_id(&self, id: &str) -> Result<Answer<Option<Organization>>, Failure> {
        let Some(url) = self.organization(id) else {
            return Ok(Answer::without_request(None));
        };
        let answer = read_if_found(self.get(url).await?).await?;
        Ok(answer.map(|found| found.map(with_json)))
    }

    async fn by_external_id(
        &self,
        external_id: &str,
    ) -> Result<Answer<Option<Organization>>, Failure> {
        let segments = ["organizations", "external_id", external_id];
        let response = self.get(self.base_url.path(&segments)).await?;
        let answer = read_if_found(response).await?;
        Ok(answer.map(|found| found.map(with_json)))
    }

    async fn list(&self, query: &ListQuery<'_>) -> Result<Answer<Page>, Failure> {
        let answer = read::<Page>(self.get(self.list_url(query)).await?).await?;
        Ok(answer.map(|(page, _)| page))
    }
}

impl DetailsApi for Client {
    async fn list_details(
        &self,
        query: &ListQuery<'_>,
    ) -> Result<Answer<Page<OrganizationDetails>>, Failure> {
        let answer =
            read::<Page<OrganizationDetails>>(self.get(self.list_url(query)).await?).await?;
        Ok(answer.map(|(page, _)| page))
    }
}

impl OrganizationChanges for Client {
    async fn update(&self, id: &str, body: Bytes) -> Result<Answer<Organization>, Failure> {
        let Some(url) = self.organization(id) else {
            return Err(not_an_id());
        };
        let answer = read(self.send_json(Method::PUT, url, body).await?).await?;
        Ok(answer.map(with_json))
    }

    async fn delete(&self, id: &str) -> Result<Answer<bool>, Failure> {
        let Some(url) = self.organization(id) else {
            return Err(not_an_id());
        };
        is_done(self.send(Request::new(Method::DELETE, url)).await?).await
    }

    async fn add_domain(&self, organization_id: &str, domain: &str) -> Result<Answer<()>, Failure> {
        if !is_workos_id(organization_id, "org_") {
            return Err(not_an_id());
        }
        let body = json!({"organization_id": organization_id, "domain": domain});
        let url = self.base_url.path(&["organization_domains"]);
        let body = Bytes::from(body.to_string());
        succeed(self.send_json(Method::POST, url, body).await?).await
    }

    async fn remove_domain(&self, domain_id: &str) -> Result<Answer<bool>, Failure> {
        let Some(url) = self.domain(domain_id) else {
            return Err(not_an_id());
        };
        is_done(self.send(Request::new(Method::DELETE, url)).await?).await
    }

    async fn has_dependents(
        &self,
        organization_id: &str,
        kind: Dependent,
    ) -> Result<Answer<bool>, Failure> {
        let Some(url) = self.dependents(organization_id, kind) else {
            return Err(not_an_id());
        };
        let answer = read::<Items>(self.get(url).await?).await?;
        Ok(answer.map(|(items, _)| !items.data.is_empty()))
    }
}

fn with_json((organization, body): (Organization, Bytes)) -> Organization {
    Organization {
        json: Some(body),
        ..organization
    }
}

/// The response for an unknown id, without a request.
fn not_an_id() -> Failure {
    Failure::Refused(Box::new(Refusal {
        http_status: StatusCode::NOT_FOUND.as_u16(),
        message: "not an id of WorkOS".to_owned(),
        ..Refusal::default()
    }))
}
