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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use alloy::{
        primitives::U256,
        providers::{Provider, RootProvider},
        rpc::client::RpcClient,
        transports::IntoBoxTransport,
    };
    use hedgerow_devnode::{Config, Devnode};
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    use tokio::task::JoinSet;

    /// Counts what goes to a devnode.
    #[derive(Clone)]
    struct Counting(BoxTransport, Arc<AtomicUsize>);

    impl Service<RequestPacket> for Counting {
        type Response = ResponsePacket;
        type Error = TransportError;
        type Future = TransportFut<'static>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, packet: RequestPacket) -> Self::Future {
            self.1.fetch_add(1, Ordering::Relaxed);
            self.0.call(packet)
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_asked_at_the_same_time_takes_few_requests_and_each_gets_its_own_answer() {
        let devnode = Devnode::new(Config::default()).unwrap();
        let accounts = devnode.accounts().to_vec();
        let packets = Arc::new(AtomicUsize::new(0));
        let counting = Counting(devnode.transport().into_box_transport(), Arc::clone(&packets));
        let client = RpcClient::new(Batching::new(counting.into_box_transport()), true);
        let provider: RootProvider = RootProvider::new(client);
        let mut asking = JoinSet::new();
        for number in 0..90_usize {
            let (provider, account) = (provider.clone(), accounts[number % 2]);
            asking.spawn(async move {
                match number % 3 {
                    0 => provider.get_balance(account).await.map(|wei| wei > U256::ZERO),
                    1 => provider.get_chain_id().await.map(|id| id == 412_346),
                    _ => provider
                        .raw_request::<_, U256>("no_such".into(), ())
                        .await
                        .map(|_| false),
                }
            });
        }
        let answers = asking.join_all().await;
        let (right, refused) = (
            answers.iter().filter(|it| matches!(it, Ok(true))),
            answers.iter().filter(|it| it.is_err()),
        );
        assert_eq!(
            (right.count(), refused.count()),
            (60, 30),
            "an error is its asker's alone"
        );
        let sent = packets.load(Ordering::Relaxed);
        assert!(sent <= 9, "{sent} requests for 90 questions");
    }
}
