//! Blocks: their hashes and roots, tags, and what exists before the first.

use alloy::{
    consensus::{BlockHeader, proofs::calculate_transaction_root},
    eips::BlockNumberOrTag,
    primitives::{B256, U256, address, b256, hex, keccak256},
    providers::Provider,
    rpc::types::{BlockTransactionsKind, TransactionRequest},
};
use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_blocks_hash_is_that_of_its_header_and_chains_to_its_parent() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    deploy(&provider, &LOGS).await;
    let genesis = provider
        .get_block_by_number(BlockNumberOrTag::Earliest)
        .await
        .unwrap()
        .unwrap();
    let block = provider.get_block_by_number(1.into()).full().await.unwrap().unwrap();
    assert_eq!(block.header.inner.hash_slow(), block.header.hash);
    assert_eq!(block.header.parent_hash(), genesis.header.hash);
    assert_eq!(block.header.timestamp, genesis.header.timestamp + 1);
    assert_eq!(block.header.gas_limit, 1 << 50);
    assert_eq!(block.header.base_fee_per_gas, Some(100_000_000));
    assert_eq!(
        block.header.beneficiary,
        address!("a4b000000000000000000073657175656e636572")
    );
    let txs: Vec<_> = block.transactions.txns().map(|tx| tx.inner.inner().clone()).collect();
    assert_eq!(calculate_transaction_root(&txs), block.header.transactions_root);
    // An empty trie's root is keccak(rlp("")).
    assert_eq!(genesis.header.transactions_root, keccak256([0x80]));
    assert_eq!(
        provider
            .get_block_by_hash(block.header.hash)
            .await
            .unwrap()
            .unwrap()
            .header,
        block.header
    );
}

#[tokio::test]
async fn headers_carry_nitros_fields() {
    let devnode = devnode();
    result(&devnode, "evm_increaseTime", json!([60]));
    result(&devnode, "evm_mine", json!([]));
    let block = result(&devnode, "eth_getBlockByNumber", json!(["latest", false]));
    assert_eq!(block["l1BlockNumber"], format!("{:#x}", 26_000_005));
    // sendCount, L1 block number and ArbOS version, eight bytes each.
    let mix = [
        vec![0; 8],
        26_000_005u64.to_be_bytes().to_vec(),
        61u64.to_be_bytes().to_vec(),
        vec![0; 8],
    ]
    .concat();
    assert_eq!(block["mixHash"], format!("0x{}", hex::encode(mix)));
    assert_eq!(block["difficulty"], "0x1");
    assert_eq!(block["extraData"], json!(B256::ZERO));
}

#[tokio::test]
async fn the_same_transactions_give_the_same_blocks() {
    let mut hashes = Vec::new();
    for _ in 0..2 {
        let devnode = devnode();
        let provider = in_process(&devnode);
        deploy(&provider, &STORES).await;
        let tx = TransactionRequest::default().to(STRANGER).value(U256::from(3));
        hashes.push(
            provider
                .send_transaction(tx)
                .await
                .unwrap()
                .get_receipt()
                .await
                .unwrap()
                .block_hash,
        );
    }
    assert_eq!(hashes[0], hashes[1]);
}

#[tokio::test]
async fn tags_name_the_head_the_start_and_what_is_to_come() {
    let devnode = devnode();
    for _ in 0..3 {
        result(&devnode, "evm_mine", json!([]));
    }
    for (tag, number) in [
        ("latest", 3),
        ("safe", 3),
        ("finalized", 3),
        ("earliest", 0),
        ("pending", 4),
        ("0x2", 2),
    ] {
        let block = result(&devnode, "eth_getBlockByNumber", json!([tag, false]));
        assert_eq!(block["number"], format!("{number:#x}"), "{tag}");
    }
    assert_eq!(
        result(&devnode, "eth_getBlockByNumber", json!(["0x9", false])),
        json!(null)
    );
    assert_eq!(
        result(&devnode, "eth_getBlockByHash", json!([B256::ZERO, false])),
        json!(null)
    );
    assert_eq!(
        result(&devnode, "eth_getTransactionReceipt", json!([B256::ZERO])),
        json!(null)
    );
}

#[tokio::test]
async fn block_receipts_and_counts_agree_with_the_block() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &LOGS).await;
    let call = TransactionRequest::default().to(contract);
    let one = provider
        .send_transaction(call)
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    let receipts = provider.get_block_receipts(2.into()).await.unwrap().unwrap();
    assert_eq!(receipts, std::slice::from_ref(&one));
    assert_eq!(
        result(&devnode, "eth_getBlockTransactionCountByNumber", json!(["0x2"])),
        "0x1"
    );
    let tx = result(
        &devnode,
        "eth_getTransactionByBlockNumberAndIndex",
        json!(["0x2", "0x0"]),
    );
    assert_eq!(tx["hash"], json!(one.transaction_hash));
    let block = provider
        .get_block(2.into())
        .kind(BlockTransactionsKind::Hashes)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(block.transactions.hashes().collect::<Vec<_>>(), [one.transaction_hash]);
    assert_eq!(block.header.gas_used, one.gas_used);
}

#[tokio::test]
async fn several_transactions_share_a_block_when_mining_waits() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let contract = deploy(&provider, &LOGS).await;
    result(&devnode, "evm_setAutomine", json!([false]));
    let send = |from| {
        result(
            &devnode,
            "eth_sendTransaction",
            json!([{ "from": from, "to": contract, "gas": "0x186a0" }]),
        )
    };
    let hashes = [send(ALICE), send(ALICE), send(BOB)];
    assert_eq!(
        result(&devnode, "eth_getTransactionCount", json!([ALICE, "pending"])),
        "0x3"
    );
    assert_eq!(
        result(&devnode, "eth_getTransactionCount", json!([ALICE, "latest"])),
        "0x1"
    );
    assert_eq!(
        result(&devnode, "eth_getTransactionByHash", json!([hashes[0]]))["blockNumber"],
        json!(null)
    );
    result(&devnode, "evm_mine", json!([]));
    let receipts = provider.get_block_receipts(2.into()).await.unwrap().unwrap();
    assert_eq!(receipts.len(), 3);
    let mut total = 0;
    for (index, receipt) in receipts.iter().enumerate() {
        total += receipt.gas_used;
        assert_eq!(json!(receipt.transaction_hash), hashes[index]);
        assert_eq!(receipt.transaction_index, Some(index as u64));
        assert_eq!(receipt.inner.cumulative_gas_used(), total);
        assert_eq!(
            receipt.inner.logs()[0].log_index,
            Some(index as u64),
            "log indices run through the block"
        );
    }
    result(&devnode, "evm_setAutomine", json!([true]));
}

#[tokio::test]
async fn the_deterministic_deployer_deploys() {
    let devnode = devnode();
    let provider = in_process(&devnode);
    let deployer = address!("4e59b44847b379578588920cA78FbF26c0B4956C");
    let code = provider.get_code_at(deployer).await.unwrap();
    assert_eq!(code.len(), 69);
    // The code hash that the project's own documentation and every explorer give for it.
    assert_eq!(
        keccak256(&code),
        b256!("2fa86add0aed31f33a762c9d88e807c475bd51d0f52bd0955754b2608f7e4989")
    );
    let salt = B256::with_last_byte(7);
    let init = creation(&STORES);
    let input = [salt.as_slice(), &init].concat();
    let tx = TransactionRequest::default()
        .to(deployer)
        .input(alloy::primitives::Bytes::from(input).into());
    assert!(
        provider
            .send_transaction(tx)
            .await
            .unwrap()
            .get_receipt()
            .await
            .unwrap()
            .status()
    );
    assert_eq!(
        provider
            .get_code_at(deployer.create2_from_code(salt, &init))
            .await
            .unwrap(),
        STORES
    );
}

#[tokio::test]
async fn arbos_precompiles_have_code() {
    let provider = in_process(&devnode());
    for last in [0x64u8, 0x6b, 0x6c, 0x70, 0x71, 0x72] {
        let code = provider
            .get_code_at(alloy::primitives::Address::with_last_byte(last))
            .await
            .unwrap();
        assert_eq!(code.as_ref(), [0xfe]);
    }
}

#[tokio::test]
async fn fees_are_flat() {
    let provider = in_process(&devnode());
    assert_eq!(provider.get_gas_price().await.unwrap(), 100_000_000);
    assert_eq!(provider.get_max_priority_fee_per_gas().await.unwrap(), 0);
    for _ in 0..3 {
        provider.raw_request::<_, String>("evm_mine".into(), ()).await.unwrap();
    }
    let history = provider
        .get_fee_history(2, BlockNumberOrTag::Latest, &[20.0, 50.0])
        .await
        .unwrap();
    assert_eq!(history.base_fee_per_gas, [100_000_000; 3]);
    assert_eq!(history.oldest_block, 2);
    assert_eq!(history.reward, Some(vec![vec![0, 0]; 2]));
    let whole = provider
        .get_fee_history(1_000, BlockNumberOrTag::Latest, &[])
        .await
        .unwrap();
    assert_eq!((whole.oldest_block, whole.gas_used_ratio.len()), (0, 4));
}

#[tokio::test]
async fn the_real_entry_point_lands_at_its_canonical_address() {
    let path = "node_modules/@account-abstraction/contracts/artifacts/EntryPoint.json";
    let artifact = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .find_map(|folder| std::fs::read(folder.join(path)).ok())
        .expect("no EntryPoint artifact in node_modules: run scripts/setup, which installs it");
    let artifact: serde_json::Value = serde_json::from_slice(&artifact).unwrap();
    let init = hex::decode(artifact["bytecode"].as_str().unwrap()).unwrap();
    let salt = hex!("0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9");
    let provider = in_process(&devnode());
    let input = alloy::primitives::Bytes::from([salt.as_slice(), &init].concat());
    let deployer = address!("4e59b44847b379578588920cA78FbF26c0B4956C");
    let tx = TransactionRequest::default().to(deployer).input(input.into());
    let receipt = provider
        .send_transaction(tx)
        .await
        .unwrap()
        .get_receipt()
        .await
        .unwrap();
    assert!(receipt.status());
    // 5.03 million on other chains.
    assert!(
        (4_900_000..5_200_000).contains(&receipt.gas_used),
        "{}",
        receipt.gas_used
    );
    let entry_point = address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108");
    assert_eq!(provider.get_code_at(entry_point).await.unwrap().len(), 21_738);
}
