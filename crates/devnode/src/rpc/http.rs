//! JSON-RPC over HTTP: `POST /`.

use std::{
    net::{SocketAddr, TcpListener},
    thread::JoinHandle,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::Value;
use tokio::sync::oneshot;

use super::{error::RpcError, failure};
use crate::{Devnode, error::Error};

/// Bytes that one request may have: a batch of full-size deployments fits.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// A running HTTP server; dropping it stops it.
#[derive(Debug)]
pub struct Server {
    /// Where it listens, the port being the real one even if 0 was asked for.
    pub addr: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// `http://address`, for clients.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Blocks until the server ends, which it only does by failing.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic in the server has been printed by its own thread.
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Serves a devnode on its own thread and runtime, so that it works inside and outside of any other.
///
/// # Errors
/// The address cannot be bound.
pub fn serve(devnode: Devnode, addr: SocketAddr) -> Result<Server, Error> {
    let bind = |source| Error::Bind { addr, source };
    let listener = TcpListener::bind(addr).map_err(bind)?;
    listener.set_nonblocking(true).map_err(bind)?;
    let addr = listener.local_addr().map_err(bind)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Error::Thread)?;
    let (stop, stopped) = oneshot::channel::<()>();
    let run = move || {
        runtime.block_on(async {
            let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
                return;
            };
            let app = Router::new()
                .route("/", post(answer))
                .layer(DefaultBodyLimit::max(BODY_LIMIT))
                .with_state(devnode);
            let serving = axum::serve(listener, app).into_future();
            // Connections that stay open must not keep the server: they are dropped with the runtime.
            tokio::select! {
                _ = serving => {}
                _ = stopped => {}
            }
        });
    };
    let thread = std::thread::Builder::new()
        .name("devnode-http".to_owned())
        .spawn(run)
        .map_err(Error::Thread)?;
    Ok(Server {
        addr,
        stop: Some(stop),
        thread: Some(thread),
    })
}

async fn answer(State(devnode): State<Devnode>, body: Bytes) -> Response {
    let answer = match serde_json::from_slice::<Value>(&body) {
        Ok(message) => devnode.request(message).await,
        Err(error) => failure(Value::Null, &RpcError::parse(error)),
    };
    if answer.is_null() {
        return StatusCode::NO_CONTENT.into_response();
    }
    ([(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}
