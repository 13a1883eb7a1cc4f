//! A node as public ones are: it passes everything on to another, but refuses logs of too many blocks at once.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

/// Starts one in front of `upstream` that serves logs of at most `limit` blocks at once (0: of none); returns its URL.
pub fn limited_node(upstream: SocketAddr, limit: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            thread::spawn(move || serve(stream, upstream, limit));
        }
    });
    url
}

fn serve(mut stream: TcpStream, upstream: SocketAddr, limit: u64) {
    let body = read_message(&mut stream);
    let request: Value = serde_json::from_slice(&body).unwrap();
    let answer = match refusal(&request, limit) {
        Some(answer) => answer.to_string().into_bytes(),
        None => {
            let mut upstream = TcpStream::connect(upstream).unwrap();
            write_message(&mut upstream, "POST / HTTP/1.1\r\nHost: node", &body);
            read_message(&mut upstream)
        }
    };
    write_message(&mut stream, "HTTP/1.1 200 OK", &answer);
}

fn refusal(request: &Value, limit: u64) -> Option<Value> {
    if request["method"] != "eth_getLogs" {
        return None;
    }
    let number = |name: &str| {
        let text = request["params"][0][name].as_str().unwrap();
        u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap()
    };
    let blocks = number("toBlock") - number("fromBlock") + 1;
    (blocks > limit).then(|| {
        let message = format!("block range {blocks} exceeds {limit}");
        json!({ "jsonrpc": "2.0", "id": request["id"], "error": { "code": -32005, "message": message } })
    })
}

fn write_message(stream: &mut TcpStream, first: &str, body: &[u8]) {
    let head = format!(
        "{first}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
}

fn read_message(stream: &mut TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    body
}
