//! A server in front of the sandbox, for answers and listings that the sandbox does not give.

#![expect(
    clippy::disallowed_types,
    reason = "a proxy for tests is a client of the sandbox"
)]

use crate::support::{Finished, Running, TestEnv, finish};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// What happens to a request.
pub(crate) enum Fate {
    /// The sandbox answers.
    Pass,
    /// It never reaches the sandbox, and is answered so.
    Answer(u16, &'static [(&'static str, &'static str)], String),
    /// The sandbox carries it out, and the client gets this status and no body.
    PassAndAnswer(u16),
    /// The sandbox carries it out twice: an earlier request of the row takes effect only now.
    PassTwice,
    /// The answer of the sandbox is changed.
    Change(Box<dyn FnOnce(&mut Value) + Send>),
}

/// A request on its way to the sandbox.
pub(crate) struct Asked {
    /// Counted from 1, for each method.
    pub(crate) number: usize,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: String,
}

/// Whether a request creates an organization.
pub(crate) fn is_creation(asked: &Asked) -> bool {
    asked.method == "POST"
}

type Decide = Box<dyn FnMut(&Asked) -> Fate + Send>;

struct Shared {
    sandbox: String,
    decide: Mutex<(Decide, Vec<Method>)>,
    client: reqwest::Client,
}

fn plain_client() -> reqwest::Client {
    // The TLS library has to be told which cryptography to use, also where none is needed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// The server; it lives as long as this value.
pub(crate) struct Proxy {
    url: String,
    _runtime: Runtime,
}

impl Proxy {
    pub(crate) fn new(env: &TestEnv, decide: impl FnMut(&Asked) -> Fate + Send + 'static) -> Self {
        let runtime = Runtime::new().unwrap();
        let shared = Arc::new(Shared {
            sandbox: env.url(),
            decide: Mutex::new((Box::new(decide), Vec::new())),
            client: plain_client(),
        });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(shared);
        runtime.spawn(async { axum::serve(listener, router).await });
        Self {
            url,
            _runtime: runtime,
        }
    }

    pub(crate) fn command(&self, env: &TestEnv, arguments: &[&str]) -> Command {
        let mut command = env.command(arguments);
        command.env("WORKOS_BASE_URL", &self.url);
        command
    }

    pub(crate) fn run(&self, env: &TestEnv, arguments: &[&str]) -> Finished {
        finish(&mut self.command(env, arguments))
    }

    pub(crate) fn start(&self, env: &TestEnv, arguments: &[&str]) -> Running {
        env.start_command(self.command(env, arguments))
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path_and_query().unwrap().to_string();
    let fate = {
        let mut guard = shared.decide.lock().unwrap();
        let (decide, seen) = &mut *guard;
        seen.push(method.clone());
        decide(&Asked {
            number: seen.iter().filter(|it| **it == method).count(),
            method: method.clone(),
            path: path.clone(),
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    };
    let status = |code| StatusCode::from_u16(code).unwrap();
    let forward = || async {
        let url = format!("{}{path}", shared.sandbox);
        let request = shared
            .client
            .request(method.clone(), url)
            .body(body.clone());
        let request = ["authorization", "content-type"]
            .iter()
            .filter_map(|name| Some((*name, headers.get(*name)?)))
            .fold(request, |request, (name, value)| {
                request.header(name, value)
            });
        let Ok(response) = request.send().await else {
            // The sandbox has closed the connection: an answer is lost.
            return (StatusCode::BAD_GATEWAY, HeaderMap::new(), Bytes::new());
        };
        let (status, mut headers) = (response.status(), response.headers().clone());
        headers.remove("transfer-encoding");
        headers.remove("content-length");
        (status, headers, response.bytes().await.unwrap())
    };
    match fate {
        Fate::Pass => forward().await.into_response(),
        Fate::Answer(code, headers, body) => {
            let mut response = (status(code), body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            response
        }
        Fate::PassAndAnswer(code) => {
            forward().await;
            status(code).into_response()
        }
        Fate::PassTwice => {
            forward().await;
            forward().await.into_response()
        }
        Fate::Change(change) => {
            let (status, headers, body) = forward().await;
            let mut value: Value = serde_json::from_slice(&body).unwrap_or_default();
            change(&mut value);
            (status, headers, value.to_string()).into_response()
        }
    }
}
