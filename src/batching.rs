//! A transport that gathers what is asked at the same time into one JSON-RPC batch: whoever reads many things at once, each in the ordinary
//! way, takes few round trips.

use alloy::{
    rpc::json_rpc::{Id, RequestPacket, ResponsePacket, SerializedRequest},
    transports::{BoxTransport, TransportError, TransportErrorKind, TransportFut},
};
use std::{
    collections::HashMap,
    task::{Context, Poll},
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};
use tower::Service;

/// Requests in one batch: most public nodes take a hundred.
const BATCH: usize = 100;
/// How long a batch waits for others that are about to ask.
const GATHERING: Duration = Duration::from_millis(1);

type Answer = Result<ResponsePacket, TransportError>;
type Waiting = (SerializedRequest, oneshot::Sender<Answer>);

/// Gathers requests on their way to another transport.
#[derive(Clone, Debug)]
pub struct Batching {
    queue: mpsc::UnboundedSender<Waiting>,
    inner: BoxTransport,
}

impl Batching {
    /// A transport before `inner`. It lives as long as somebody can ask through it.
    pub fn new(inner: BoxTransport) -> Self {
        let (queue, asked) = mpsc::unbounded_channel();
        tokio::spawn(gather(inner.clone(), asked));
        Self { queue, inner }
    }
}

impl Service<RequestPacket> for Batching {
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, packet: RequestPacket) -> Self::Future {
        let RequestPacket::Single(request) = packet else {
            return self.inner.call(packet);
        };
        let (tell, told) = oneshot::channel();
        let queued = self.queue.send((request, tell)).is_ok();
        Box::pin(async move {
            match told.await {
                Ok(answer) if queued => answer,
                _ => Err(TransportErrorKind::backend_gone()),
            }
        })
    }
}

async fn gather(inner: BoxTransport, mut asked: mpsc::UnboundedReceiver<Waiting>) {
    while let Some(first) = asked.recv().await {
        let mut waiting = vec![first];
        while waiting.len() < BATCH
            && let Ok(Some(next)) = tokio::time::timeout(GATHERING, asked.recv()).await
        {
            waiting.push(next);
        }
        tokio::spawn(send(inner.clone(), waiting));
    }
}

async fn send(mut inner: BoxTransport, waiting: Vec<Waiting>) {
    let (requests, waiters): (Vec<_>, Vec<_>) = waiting.into_iter().unzip();
    if requests.len() > 1 {
        let ids: Vec<Id> = requests.iter().map(|request| request.id().clone()).collect();
        match inner.call(RequestPacket::Batch(requests.clone())).await {
            Ok(ResponsePacket::Batch(responses)) => {
                let mut found: HashMap<Id, _> = responses.into_iter().map(|it| (it.id.clone(), it)).collect();
                for (id, waiter) in ids.into_iter().zip(waiters) {
                    let answer = found.remove(&id).map(ResponsePacket::Single);
                    // Whoever does not wait any more needs no answer.
                    let _ = waiter.send(answer.ok_or_else(|| TransportErrorKind::missing_batch_response(id)));
                }
                return;
            }
            // A node that takes no batches is asked one by one.
            Ok(ResponsePacket::Single(_)) => {}
            Err(error) => {
                let why = error.to_string();
                for waiter in waiters {
                    let _ = waiter.send(Err(TransportErrorKind::custom_str(&why)));
                }
                return;
            }
        }
    }
    for (request, waiter) in requests.into_iter().zip(waiters) {
        let _ = waiter.send(inner.call(RequestPacket::Single(request)).await);
    }
}
