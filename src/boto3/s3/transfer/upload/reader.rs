//! Uploads from a reader of unknown length.

use std::io::Read;
use std::sync::Arc;

use aws_sdk_s3::types::CompletedPart;
use bytes::Bytes;

use super::{Job, in_memory};
use crate::boto3::s3::transfer::config::adjust_chunksize;
use crate::boto3::s3::transfer::pool::Pool;
use crate::boto3::s3::transfer::progress::Event;
use crate::boto3::s3::transfer::uploaded::Uploaded;
use crate::boto3::{Error, Result};
use crate::wait::driver;

type Stream = Box<dyn Read + Send>;

/// Reads, after the bytes read before, up to a length or the end.
async fn fill(native: bool, mut stream: Stream, mut bytes: Vec<u8>, length: u64) -> (Stream, Result<Vec<u8>>) {
    let reading = move || {
        let missing = length.saturating_sub(bytes.len() as u64);
        let read = (&mut stream).take(missing).read_to_end(&mut bytes).map(|_| bytes);
        (stream, read.map_err(|source| Error::Stream { what: "reading what is to be uploaded", source }))
    };
    driver::blocking(native, reading).await
}

enum Step {
    Read(Stream, Result<Vec<u8>>),
    Sent(Result<CompletedPart>),
}

pub(in crate::boto3::s3::transfer) async fn upload(job: &Arc<Job>, stream: Stream, size: Option<u64>) -> Result<Uploaded> {
    if let Some(size) = size {
        job.observers.tell(Event::Total(size));
    }
    let config = &job.engine.config;
    let (native, threshold) = (job.engine.context.native, config.multipart_threshold);
    let (stream, first) = job.budget.run(async { Ok(fill(native, stream, Vec::new(), threshold).await) }).await?;
    let first = first?;
    if (first.len() as u64) < threshold {
        return job.budget.run(job.put(&in_memory(job, first.into()))).await;
    }
    let upload = job.budget.run(job.create()).await?;
    let chunk = adjust_chunksize(config.multipart_chunksize, size);
    let sent = job.budget.run(parts(job, upload.id(), stream, first.into(), chunk)).await;
    let (sent, size) = sent.map_or_else(|error| (Err(error), 0), |(parts, size)| (Ok(parts), size));
    job.complete(upload, sent, size).await
}

/// Reads and sends together: one part is read while others are on their way. Gives the parts, and how many bytes they have.
async fn parts(
    job: &Arc<Job>,
    id: Option<String>,
    stream: Stream,
    first: Bytes,
    chunk: u64,
) -> Result<(Vec<CompletedPart>, u64)> {
    let lanes = job.engine.config.lanes().min(job.engine.config.max_in_memory_upload_chunks).max(1);
    let (mut idle, mut ahead, mut number) = (Some(stream), first, 0);
    let (mut pool, mut done, mut size) = (Pool::new(), Vec::new(), 0);
    loop {
        // The complete parts of the data that was read to determine the size.
        while ahead.len() as u64 >= chunk && pool.len() < lanes {
            let part = ahead.split_to(usize::try_from(chunk).unwrap_or(usize::MAX).min(ahead.len()));
            number += 1;
            size += part.len() as u64;
            send(&mut pool, job, &id, number, part);
        }
        if (ahead.len() as u64) < chunk
            && pool.len() < lanes
            && let Some(stream) = idle.take()
        {
            let (native, started) = (job.engine.context.native, std::mem::take(&mut ahead).to_vec());
            pool.push(
                0,
                Box::pin(async move {
                    let (stream, read) = fill(native, stream, started, chunk).await;
                    Step::Read(stream, read)
                }),
            );
        }
        match pool.next().await {
            None => break,
            Some((_, Step::Sent(part))) => done.push(part?),
            Some((_, Step::Read(stream, read))) => {
                let read = Bytes::from(read?);
                // Less than a part is the end.
                if read.len() as u64 >= chunk {
                    idle = Some(stream);
                }
                if !read.is_empty() {
                    number += 1;
                    size += read.len() as u64;
                    send(&mut pool, job, &id, number, read);
                }
            }
        }
    }
    done.sort_by_key(|part: &CompletedPart| part.part_number());
    Ok((done, size))
}

fn send(pool: &mut Pool<Step>, job: &Arc<Job>, id: &Option<String>, number: u64, bytes: Bytes) {
    let (job, id) = (job.clone(), id.clone());
    pool.push(
        1,
        Box::pin(async move {
            let piece = in_memory(&job, bytes);
            Step::Sent(job.part(id, number, piece).await)
        }),
    );
}
