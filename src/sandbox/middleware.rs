//! What every request passes before its endpoint and after: key, rate limits, faults, latency, log.

use super::answer::Refusal;
use super::fault_responses::HangUp;
use super::faults::{FaultKind, Faults, InjectedFault, RequestKind};
use super::log::{ArrivedRequest, RequestLog};
use super::options::FORBIDDEN_API_KEY;
use super::rate_limit::SlidingWindow;
use super::rules::Rules;
use super::store::Store;
use super::{Options, examples, random};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The largest request body: far more than any organization needs.
const BODY_MAX: usize = 1 << 20;

/// The state of a sandbox, shared by its parts.
#[derive(Debug)]
pub(super) struct Shared {
    store: Mutex<Store>,
    window: Option<Mutex<SlidingWindow>>,
    delete_window: Option<Mutex<SlidingWindow>>,
    pub(super) faults: Faults,
    pub(super) log: RequestLog,
    pub(super) rules: Rules,
    pub(super) delete_status: StatusCode,
    pub(super) delete_delay: Duration,
    pub(super) api_key: String,
    seed: u64,
    latency: Duration,
    fault_delay: Duration,
}

impl Shared {
    pub(super) fn new(options: &Options) -> Self {
        let mut store = Store::new(options.seed, options.unique_domains);
        if options.examples {
            examples::fill(&mut store);
        }
        let window = |limit| Mutex::new(SlidingWindow::new(limit));
        Self {
            store: Mutex::new(store),
            window: options.rate_limit.map(window),
            delete_window: options.delete_rate_limit.map(window),
            faults: Faults::new(&options.faults, options.seed),
            log: RequestLog::new(options.request_log),
            rules: Rules::from(options),
            delete_status: StatusCode::from_u16(options.delete_status)
                .unwrap_or(StatusCode::ACCEPTED),
            delete_delay: options.delete_delay,
            api_key: options.api_key.clone(),
            seed: options.seed,
            latency: options.latency,
            fault_delay: options.fault_delay,
        }
    }

    /// The store, locked. Do not await while holding it.
    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks the key and the rate limits.
    fn admit(&self, arrival: &Arrival, headers: &HeaderMap) -> Result<(), Refusal> {
        let key = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        match key {
            Some(key) if key == self.api_key.as_bytes() => {}
            Some(key) if key == FORBIDDEN_API_KEY.as_bytes() => return Err(Refusal::Forbidden),
            _ => return Err(Refusal::Unauthorized),
        }
        let windows = [
            self.window.as_ref(),
            self.delete_window
                .as_ref()
                .filter(|_| arrival.kind == RequestKind::Delete),
        ];
        for window in windows.into_iter().flatten() {
            let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(retry_after) = window.admit(arrival.at) {
                return Err(Refusal::TooManyRequests { retry_after });
            }
        }
        Ok(())
    }

    /// Logs a request and adds its id, before the response is sent.
    fn finish(&self, arrival: Arrival, mut response: Response) -> Response {
        let status = match response.extensions().get::<HangUp>() {
            Some(_) => None,
            None => Some(response.status().as_u16()),
        };
        let entry = arrival.path.map(|path| ArrivedRequest {
            arrived: arrival.at,
            method: arrival.method,
            path,
            status,
        });
        if let Ok(id) = HeaderValue::from_str(&request_id(self.seed, arrival.number)) {
            response
                .headers_mut()
                .insert(HeaderName::from_static("x-request-id"), id);
        }
        self.log.finish(entry);
        response
    }
}

/// A request in progress.
#[derive(Debug)]
struct Arrival {
    number: u64,
    at: Instant,
    method: Method,
    kind: RequestKind,
    /// `None` if no log is kept.
    path: Option<Cow<'static, str>>,
}

impl Arrival {
    fn new(shared: &Shared, request: &Request) -> Self {
        Self {
            at: Instant::now(),
            number: shared.log.arrive(),
            method: request.method().clone(),
            kind: RequestKind::of(request.method(), request.uri().path()),
            path: shared.log.keeps_entries().then(|| path(request.uri())),
        }
    }
}

fn path(uri: &Uri) -> Cow<'static, str> {
    match uri.path_and_query().map_or("/", |path| path.as_str()) {
        "/organizations" => Cow::Borrowed("/organizations"),
        other => Cow::Owned(other.to_owned()),
    }
}

/// A UUID like WorkOS's; the same for the same request of the same seed.
fn request_id(seed: u64, number: u64) -> String {
    let high = random::number(!seed, number * 2);
    let low = random::number(!seed, number * 2 + 1);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | (low >> 48) & 0x3fff,
        low & 0xffff_ffff_ffff,
    )
}

/// Handles a request.
pub(super) async fn handle(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let arrival = Arrival::new(&shared, &request);
    let admission = shared.admit(&arrival, request.headers());
    let fault = match &admission {
        Ok(()) => shared.faults.inject(arrival.kind),
        Err(_) => None,
    };
    let latency = shared.latency;
    let response = match (admission, fault) {
        (Ok(()), None) => shared.finish(arrival, next.run(request).await),
        (Ok(()), Some(fault)) => {
            // A task of its own: a client that disconnects does not cancel the work.
            let work = tokio::spawn(run_with_fault(shared, arrival, fault, request, next));
            work.await
                .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
        (Err(refusal), _) => {
            // Read the body, so that the response is not lost in a reset.
            let _ = axum::body::to_bytes(request.into_body(), BODY_MAX).await;
            shared.finish(arrival, refusal.into_response())
        }
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    response
}

/// Handles a request with an injected fault.
async fn run_with_fault(
    shared: Arc<Shared>,
    arrival: Arrival,
    fault: InjectedFault,
    request: Request,
    next: Next,
) -> Response {
    let (head, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, BODY_MAX).await else {
        // It never arrived in full, so no endpoint handles it.
        return shared.finish(arrival, fault.hang_up());
    };
    let work = async |body: Bytes| next.run(Request::from_parts(head, Body::from(body))).await;
    let delay = shared.fault_delay;
    let response = match fault.kind {
        FaultKind::DelayBefore => {
            tokio::time::sleep(delay).await;
            work(body).await
        }
        FaultKind::DelayAfter => {
            let response = shared.finish(arrival, work(body).await);
            tokio::time::sleep(delay).await;
            return response;
        }
        FaultKind::ServerErrorBefore => fault.server_error(),
        FaultKind::ServerErrorAfter => {
            work(body).await;
            fault.server_error()
        }
        FaultKind::DropBefore | FaultKind::Refuse => fault.hang_up(),
        FaultKind::DropAfter => {
            work(body).await;
            fault.hang_up()
        }
        FaultKind::Garbage => fault.garble(work(body).await).await,
        FaultKind::TooManyRequests => fault.too_many_requests(),
    };
    shared.finish(arrival, response)
}
