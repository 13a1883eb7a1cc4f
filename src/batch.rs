//! Many view calls of one block in few round trips: JSON-RPC batches.

use crate::{
    client::Client,
    error::{Error, Result},
};
use alloy::{
    eips::BlockId,
    network::TransactionBuilder,
    primitives::{Address, Bytes},
    providers::Provider,
    rpc::{client::BatchRequest, types::TransactionRequest},
    sol_types::SolCall,
};

/// Calls in one batch: most public nodes take a hundred.
const BATCH: usize = 100;

/// Makes view calls at a block, in order; the first that fails is the error. `done` hears how many are answered.
pub async fn read_many<C: SolCall>(
    client: &Client,
    block: BlockId,
    calls: &[(Address, C)],
    done: impl Fn(usize),
) -> Result<Vec<C::Return>> {
    let mut answers = Vec::with_capacity(calls.len());
    for part in calls.chunks(BATCH) {
        answers.extend(read_part(client, block, part).await?);
        done(answers.len());
    }
    Ok(answers)
}

async fn read_part<C: SolCall>(client: &Client, block: BlockId, calls: &[(Address, C)]) -> Result<Vec<C::Return>> {
    // One is not worth a batch, and some nodes take none.
    if let [(to, call)] = calls {
        return Ok(vec![client.read_at(block, *to, call).await?]);
    }
    let refused = |error| client.error(C::SIGNATURE, error);
    let mut batch = BatchRequest::new(client.provider().client());
    let mut waiting = Vec::with_capacity(calls.len());
    for (to, call) in calls {
        let request = TransactionRequest::default().with_to(*to).with_input(call.abi_encode());
        waiting.push(
            batch
                .add_call::<_, Bytes>("eth_call", &(request, block))
                .map_err(refused)?,
        );
    }
    batch.send().await.map_err(refused)?;
    let mut answers = Vec::with_capacity(calls.len());
    for (waiter, (to, _)) in waiting.into_iter().zip(calls) {
        let answer = waiter.await.map_err(refused)?;
        answers.push(C::abi_decode_returns(&answer).map_err(|error| Error::NotDeployed {
            what: C::SIGNATURE,
            address: *to,
            chain_id: client.chain_id(),
            remedy: format!(
                "what is there answers {} bytes that do not decode ({error})",
                answer.len()
            ),
        })?);
    }
    Ok(answers)
}
