//! The sandbox, seen from outside: every rule, limit, order and fault over real HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, by a panic"
)]
#![expect(
    clippy::disallowed_types,
    reason = "a client of its own, to try the server without our own client"
)]

mod changes;
mod faults;
mod limits;
mod pages;
mod rules;

use serde_json::{Value, json};
use workos_orgs::sandbox::{Options, Sandbox};

/// A sandbox and a client that knows its key.
struct Api {
    sandbox: Sandbox,
    http: reqwest::Client,
}

fn plain_client() -> reqwest::Client {
    // The TLS library has to be told which cryptography to use, also where none is needed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// An answer, read to its end.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

impl Api {
    /// WorkOS as documented.
    async fn new() -> Self {
        Self::with(Options::default()).await
    }

    async fn with(options: Options) -> Self {
        Self {
            sandbox: Sandbox::start(options).await.unwrap(),
            http: plain_client(),
        }
    }

    /// Sends a request with the right key.
    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, reqwest::Error> {
        let key = self.sandbox.api_key().to_owned();
        self.send_as(Some(&key), method, path, body).await
    }

    async fn send_as(
        &self,
        key: Option<&str>,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Answer, reqwest::Error> {
        let url = format!("{}{path}", self.sandbox.url());
        let mut request = self.http.request(method.parse().unwrap(), url);
        if let Some(key) = key {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let response = request.send().await?;
        Ok(Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().await?,
        })
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await.unwrap()
    }

    async fn post(&self, body: Value) -> Answer {
        self.send("POST", "/organizations", Some(body))
            .await
            .unwrap()
    }

    async fn put(&self, id: &str, body: Value) -> Answer {
        let path = format!("/organizations/{id}");
        self.send("PUT", &path, Some(body)).await.unwrap()
    }

    async fn delete(&self, id: &str) -> Answer {
        let path = format!("/organizations/{id}");
        self.send("DELETE", &path, None).await.unwrap()
    }

    /// Creates an organization that has nothing but a name, and answers its id.
    async fn create(&self, name: &str) -> String {
        self.create_from(json!({ "name": name })).await
    }

    async fn create_from(&self, body: Value) -> String {
        let answer = self.post(body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    fn names(&self) -> Vec<String> {
        let stored = self.sandbox.organizations().into_iter();
        stored.map(|organization| organization.name).collect()
    }
}

/// One domain, as `domain_data` wants it.
fn domain(name: &str) -> Value {
    json!([{ "domain": name, "state": "pending" }])
}
