//! Lines in, answers out, in order: read by one thread, answered by as many as there are cores, written by the caller's.
//!
//! Whatever has arrived is answered at once, so a caller that writes a line and waits gets its answer; a caller that writes
//! without waiting is answered in blocks.

use super::{answer, answer::error, argument::Fault};
use std::{
    io::{self, ErrorKind, Read, Write},
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

/// The longest line that is answered, in bytes.
pub const MAX_LINE: usize = 4 << 20;
/// How much is read at once; a pipe holds 64 KiB.
const BLOCK: usize = 128 << 10;

/// Complete lines, and where their answers go.
struct Job {
    lines: Vec<u8>,
    /// After the lines stood one that was too long to keep.
    oversized: bool,
    reply: SyncSender<Vec<u8>>,
}

/// Answers every line of `input` on `output` until the input ends. A reader that has gone away ends it too, and is no error.
pub fn serve(input: impl Read + Send + 'static, output: &mut impl Write) -> io::Result<()> {
    let workers = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let (jobs, taken) = sync_channel::<Job>(workers);
    // As many blocks as are in the works at once: memory stays bounded when the reader of the answers is slow.
    let (promise, promised) = sync_channel::<Receiver<Vec<u8>>>(2 * workers);
    let taken = Arc::new(Mutex::new(taken));
    for _ in 0..workers {
        let taken = Arc::clone(&taken);
        thread::spawn(move || work(&taken));
    }
    // Nobody waits for this thread when the output breaks: it may sit in a read that never ends.
    let reader = thread::spawn(move || read(input, &jobs, &promise));
    for reply in promised {
        // A worker drops its end only by panicking, which it has no reason to: answers missing in silence would be worse.
        let answers = reply.recv().map_err(|_| io::Error::other("a worker stopped"))?;
        match output.write_all(&answers).and_then(|()| output.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            other => other?,
        }
    }
    reader.join().unwrap_or(Ok(()))
}

fn work(taken: &Mutex<Receiver<Job>>) {
    loop {
        let job = taken.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        let mut answers = Vec::with_capacity(job.lines.len());
        let complete = job.lines.strip_suffix(b"\n").unwrap_or(&job.lines);
        if !job.lines.is_empty() {
            for line in complete.split(|byte| *byte == b'\n') {
                answer(line, &mut answers);
            }
        }
        if job.oversized {
            error(&Fault::line_too_long(), &mut answers);
            answers.push(b'\n');
        }
        // Nobody to receive it means that the output broke.
        let _ = job.reply.send(answers);
    }
}

/// Reads blocks and hands on their complete lines.
fn read(mut input: impl Read, jobs: &SyncSender<Job>, promise: &SyncSender<Receiver<Vec<u8>>>) -> io::Result<()> {
    let hand_on = |lines: Vec<u8>, oversized: bool| {
        let (reply, answers) = sync_channel(1);
        let job = Job {
            lines,
            oversized,
            reply,
        };
        promise.send(answers).is_ok() && jobs.send(job).is_ok()
    };
    let mut pending: Vec<u8> = Vec::new();
    let mut skipping = false;
    loop {
        let seen = pending.len();
        pending.resize(seen + BLOCK, 0);
        let count = match input.read(&mut pending[seen..]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            Ok(0) => {
                pending.truncate(seen);
                if !skipping && !pending.is_empty() {
                    hand_on(pending, false);
                }
                return Ok(());
            }
            other => other?,
        };
        pending.truncate(seen + count);
        let mut new = seen;
        if skipping {
            let Some(end) = pending.iter().position(|byte| *byte == b'\n') else {
                pending.clear();
                continue;
            };
            pending.drain(..=end);
            new = 0;
        }
        let complete = pending[new..]
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |end| new + end + 1);
        let rest = pending.split_off(complete);
        let oversized = rest.len() > MAX_LINE;
        if (complete > 0 || oversized) && !hand_on(pending, oversized) {
            return Ok(());
        }
        skipping = oversized;
        pending = if oversized { Vec::new() } else { rest };
    }
}
