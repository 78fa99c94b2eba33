//! A server for answers that the sandbox does not give.

use crate::support::{Finished, TestEnv, finish};
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

/// A server of our own, for answers that no sandbox gives.
pub(crate) struct Server {
    runtime: tokio::runtime::Runtime,
    pub(crate) mock: MockServer,
}

impl Server {
    /// It lists nothing and answers every creation so.
    pub(crate) fn answering(template: ResponseTemplate) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mock = runtime.block_on(async {
            let mock = MockServer::start().await;
            Mock::given(method("GET"))
                .and(path("/organizations"))
                .respond_with(ResponseTemplate::new(200).set_body_json(json!({
                    "data": [], "list_metadata": {"before": null, "after": null}
                })))
                .mount(&mock)
                .await;
            Mock::given(method("POST"))
                .respond_with(template)
                .mount(&mock)
                .await;
            mock
        });
        Self { runtime, mock }
    }

    /// It answers every list with this page.
    pub(crate) fn listing(page: &serde_json::Value) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mock = runtime.block_on(async {
            let mock = MockServer::start().await;
            Mock::given(method("GET"))
                .respond_with(ResponseTemplate::new(200).set_body_json(page))
                .mount(&mock)
                .await;
            mock
        });
        Self { runtime, mock }
    }

    pub(crate) fn count(&self, wanted: &str) -> usize {
        let requests = self
            .runtime
            .block_on(self.mock.received_requests())
            .unwrap();
        requests
            .iter()
            .filter(|it| it.method.as_str() == wanted)
            .count()
    }

    pub(crate) fn run(&self, env: &TestEnv, arguments: &[&str]) -> Finished {
        finish(
            env.command(arguments)
                .env("WORKOS_BASE_URL", self.mock.uri()),
        )
    }
}
