//! Sockets, and the handle to a running sandbox.
//!
//! Two faults need our own accept loop: a connection that is reset unread, and one that closes
//! instead of a response.

use super::fault_responses::HangUp;
use super::middleware::Shared;
use super::{ArrivedRequest, Options, StoredOrganization, routes};
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long to wait when the system has no sockets left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A running sandbox. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: DropGuard,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Binds to a port of 127.0.0.1 and begins to serve, on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When the port is in use, or the options are inconsistent
    /// ([`InvalidInput`](io::ErrorKind::InvalidInput)).
    pub async fn start(options: Options) -> io::Result<Self> {
        options.check()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(&options));
        let stop = CancellationToken::new();
        let server = tokio::spawn(serve(listener, Arc::clone(&shared), stop.clone()));
        Ok(Self {
            address,
            shared,
            stop: stop.drop_guard(),
            server,
        })
    }

    /// Its base URL, without a slash at the end: `http://127.0.0.1:…`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The key it accepts.
    pub fn api_key(&self) -> &str {
        &self.shared.api_key
    }

    /// Everything stored now, oldest first.
    pub fn organizations(&self) -> Vec<StoredOrganization> {
        let store = self.shared.store();
        let records = store.records.values();
        records
            .map(|record| StoredOrganization::clone(&record.organization))
            .collect()
    }

    /// The latest requests, in the order in which they were finished: at most
    /// [`Options::request_log`].
    pub fn requests(&self) -> Vec<ArrivedRequest> {
        self.shared.log.entries()
    }

    /// Waits until this many requests arrived since the start.
    pub async fn arrived(&self, count: u64) {
        self.shared.log.wait_for_arrivals(count).await;
    }

    /// Waits until this many requests were finished since the start: their changes are stored and
    /// logged. Their responses may still be in flight.
    pub async fn finished(&self, count: u64) {
        self.shared.log.wait_for_finished(count).await;
    }

    /// Stops: the port is free again and every connection is closed.
    pub async fn stop(self) {
        drop(self.stop);
        // An error could only be a panic of the server, which would have been reported already.
        let _ = self.server.await;
    }

    /// Serves until this future is dropped.
    pub async fn wait(self) {
        let _ = self.server.await;
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let router = routes::router(Arc::clone(&shared));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok((stream, _)) if shared.faults.refuses_connection() => reset(stream),
            Ok((stream, _)) => {
                connections.spawn(serve_connection(stream, router.clone()));
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve_connection(stream: TcpStream, router: Router) {
    // Only a matter of speed.
    let _ = stream.set_nodelay(true);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let response = router.call(request.map(Body::new));
        async move {
            match response.await {
                Ok(response) => match response.extensions().get::<HangUp>() {
                    Some(hang_up) => Err(*hang_up),
                    None => Ok(response),
                },
                Err(never) => match never {},
            }
        }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let result = Pin::new(&mut connection).await;
    let hang_up = result.as_ref().err().and_then(|error| {
        let source = error.source()?;
        source.downcast_ref::<HangUp>()
    });
    if hang_up.is_some_and(|hang_up| hang_up.is_reset) {
        reset(connection.into_parts().io.into_inner());
    }
}

/// Closes a connection by a reset.
fn reset(stream: TcpStream) {
    // Where it cannot be set, the connection closes in an orderly way: dropped all the same.
    let _ = stream.set_zero_linger();
    drop(stream);
}
