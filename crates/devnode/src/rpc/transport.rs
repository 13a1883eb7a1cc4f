//! An alloy transport that reaches the devnode without a socket.

use std::task::{Context, Poll};

use alloy::{
    rpc::json_rpc::{RequestPacket, ResponsePacket},
    transports::{TransportError, TransportErrorKind, TransportFut},
};
use serde_json::Value;
use tower::Service;

use crate::Devnode;

/// Carries an alloy client's requests straight to a devnode in this process.
#[derive(Clone, Debug)]
pub struct InProcess {
    devnode: Devnode,
}

impl InProcess {
    /// A transport to this devnode.
    pub fn new(devnode: Devnode) -> Self {
        Self { devnode }
    }
}

impl Service<RequestPacket> for InProcess {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> Self::Future {
        let devnode = self.devnode.clone();
        Box::pin(async move {
            let text = packet.serialize().map_err(TransportError::ser_err)?;
            let message: Value = serde_json::from_str(text.get()).map_err(TransportError::ser_err)?;
            let answer = devnode.request(message).await.to_string();
            serde_json::from_str(&answer).map_err(TransportErrorKind::custom)
        })
    }
}
