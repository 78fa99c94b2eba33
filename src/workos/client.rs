//! The API over HTTP: the only user of reqwest's client.

use super::failure::{http_date, retry_after};
use super::{
    Answer, ApiKey, BaseUrl, Failure, Lost, Organization, OrganizationsApi, Page, Refusal,
};
use bytes::Bytes;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Request, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use std::error::Error;
use std::time::Duration;

/// A client of the WorkOS organizations API.
///
/// It never repeats a request and never follows a redirect. It speaks HTTP/1.1, so that a lost
/// connection costs one answer, not all that are on their way.
#[derive(Clone, Debug)]
#[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
pub struct Client {
    http: reqwest::Client,
    base_url: BaseUrl,
    organizations: Url,
}

/// Why no client could be made, for example because the system's certificates cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up")]
pub struct ClientError(#[from] reqwest::Error);

/// How long a connection may take to come about; shorter than any useful request timeout, so that
/// a server that cannot be reached is told apart from one that does not answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The greatest number of organizations on a page that WorkOS allows.
const PAGE_SIZE: &str = "100";

impl Client {
    /// A client for the API at `base_url` that waits at most `timeout` for each answer.
    ///
    /// # Errors
    /// When the TLS set-up of the machine is unusable.
    #[expect(clippy::disallowed_types, reason = "this is the file that owns it")]
    pub fn new(base_url: BaseUrl, key: &ApiKey, timeout: Duration) -> Result<Self, ClientError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, key.authorization());
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("workos-orgs/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(timeout)
            .connect_timeout(CONNECT_TIMEOUT.min(timeout))
            .http1_only();
        if base_url.is_loopback() {
            // Plain HTTP must not leave this machine by way of a proxy.
            builder = builder.no_proxy();
        }
        Ok(Self {
            http: builder.build()?,
            organizations: base_url.path(&["organizations"]),
            base_url,
        })
    }

    async fn send(&self, request: Request) -> Result<Response, Failure> {
        self.http.execute(request).await.map_err(failure)
    }

    async fn get(&self, url: Url) -> Result<Response, Failure> {
        self.send(Request::new(reqwest::Method::GET, url)).await
    }

    /// Asks for one organization; 404 is the answer that there is none.
    async fn get_one(&self, segments: &[&str]) -> Result<Answer<Option<Organization>>, Failure> {
        let response = self.get(self.base_url.path(segments)).await?;
        if response.status() == StatusCode::NOT_FOUND {
            let (request_id, date) = (request_id(&response), date(&response));
            return Ok(Answer {
                value: None,
                request_id,
                date,
            });
        }
        let answer = read::<Organization>(response).await?;
        Ok(answer.map(|(organization, body)| Some(with_json(organization, body))))
    }

    async fn list(&self, query: &[(&str, &str)]) -> Result<Answer<Page>, Failure> {
        let mut url = self.organizations.clone();
        url.query_pairs_mut()
            .extend_pairs([("limit", PAGE_SIZE), ("order", "desc")])
            .extend_pairs(query);
        let answer = read::<Page>(self.get(url).await?).await?;
        Ok(answer.map(|(page, _)| page))
    }
}

impl OrganizationsApi for Client {
    async fn create(&self, body: Bytes) -> Result<Answer<Organization>, Failure> {
        let mut request = Request::new(reqwest::Method::POST, self.organizations.clone());
        request.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        *request.body_mut() = Some(body.into());
        let answer = read::<Organization>(self.send(request).await?).await?;
        Ok(answer.map(|(organization, body)| with_json(organization, body)))
    }

    async fn by_id(&self, id: &str) -> Result<Answer<Option<Organization>>, Failure> {
        self.get_one(&["organizations", id]).await
    }

    async fn by_external_id(
        &self,
        external_id: &str,
    ) -> Result<Answer<Option<Organization>>, Failure> {
        self.get_one(&["organizations", "external_id", external_id])
            .await
    }

    async fn by_domains(&self, domains: &[&str]) -> Result<Answer<Page>, Failure> {
        self.list(&[("domains", &domains.join(","))]).await
    }

    async fn newest(&self, after: Option<&str>) -> Result<Answer<Page>, Failure> {
        match after {
            Some(after) => self.list(&[("after", after)]).await,
            None => self.list(&[]).await,
        }
    }
}

fn with_json(organization: Organization, body: Bytes) -> Organization {
    Organization {
        json: Some(body),
        ..organization
    }
}

fn request_id(response: &Response) -> Option<String> {
    let id = response.headers().get("x-request-id")?.to_str().ok()?;
    Some(id.to_owned())
}

fn date(response: &Response) -> Option<jiff::Timestamp> {
    http_date(response.headers().get(header::DATE)?.to_str().ok()?)
}

/// Reads an answer: its value and its body where the status is a success, else a failure.
async fn read<T: DeserializeOwned>(response: Response) -> Result<Answer<(T, Bytes)>, Failure> {
    let status = response.status();
    let (request_id, date) = (request_id(&response), date(&response));
    let wait = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| retry_after(value.to_str().ok()?, date));
    let lost = |detail: String, timed_out: bool| {
        Failure::Lost(Lost {
            detail,
            timed_out,
            http_status: Some(status.as_u16()),
            request_id: request_id.clone(),
        })
    };
    let body = match response.bytes().await {
        Ok(body) => body,
        // Of an error answer the status says enough; of a success the body is needed.
        Err(_) if !status.is_success() => Bytes::new(),
        Err(error) => {
            let detail = format!("the answer broke off ({})", root_cause(&error));
            return Err(lost(detail, error.is_timeout()));
        }
    };
    if !status.is_success() {
        let refusal = Refusal::from_body(status.as_u16(), &body);
        return Err(Failure::Refused(Box::new(Refusal {
            request_id,
            retry_after: wait,
            ..refusal
        })));
    }
    match serde_json::from_slice::<T>(&body) {
        Ok(value) => Ok(Answer {
            value: (value, body),
            request_id,
            date,
        }),
        Err(_) => Err(lost(
            format!("the answer to a request that succeeded (HTTP {status}) could not be read"),
            false,
        )),
    }
}

/// Tells apart what never left from what may have arrived.
fn failure(error: reqwest::Error) -> Failure {
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        return Failure::NotSent {
            detail: root_cause(&error),
        };
    }
    Failure::Lost(Lost {
        detail: if error.is_timeout() {
            "no answer within the timeout".to_owned()
        } else {
            format!(
                "the connection was lost before an answer came ({})",
                root_cause(&error)
            )
        },
        timed_out: error.is_timeout(),
        http_status: None,
        request_id: None,
    })
}

/// The innermost cause: what the operating system or the TLS library said.
fn root_cause(error: &reqwest::Error) -> String {
    if error.is_connect() && error.is_timeout() {
        return "no connection within the timeout".to_owned();
    }
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
