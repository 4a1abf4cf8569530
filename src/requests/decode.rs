//! Content-Encoding: gzip, deflate, brotli and zstd, in steps of bounded size, so that a bomb never unfolds in memory.

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{InBuffer, Operation as _, OutBuffer};

/// The largest piece that comes out of one step.
const STEP: usize = 64 * 1024;
/// The longest chain of encodings: as in urllib3.
const MAX_LINKS: usize = 5;

/// The decoders of a body, the last encoding first.
pub(super) struct Decoder {
    stages: Vec<Stage>,
}

struct Stage {
    codec: Codec,
    input: Bytes,
    fed: bool,
}

enum Codec {
    Gzip {
        inflate: Box<Decompress>,
        members: usize,
        done: bool,
    },
    /// None until the first two bytes tell whether it is zlib's format or raw deflate.
    Deflate {
        inflate: Option<Box<Decompress>>,
        head: Vec<u8>,
        done: bool,
    },
    Brotli {
        state: Box<BrotliState>,
        done: bool,
    },
    Zstd {
        decoder: Box<zstd::stream::raw::Decoder<'static>>,
        done: bool,
    },
}

type BrotliState = brotli_decompressor::BrotliState<
    brotli_decompressor::StandardAlloc,
    brotli_decompressor::StandardAlloc,
    brotli_decompressor::StandardAlloc,
>;

impl Decoder {
    /// For this header's text. None if there is nothing to decode: no encoding, or only ones that nobody asked for.
    pub(super) fn new(content_encoding: &str) -> Result<Option<Decoder>, String> {
        let names: Vec<String> = content_encoding.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !matches!(*name, "" | "identity")).collect();
        let codecs: Vec<Codec> = names.iter().filter_map(|name| Codec::new(name)).collect::<Result<_, _>>()?;
        if codecs.len() > MAX_LINKS {
            return Err(format!("more than {MAX_LINKS} encodings"));
        }
        // Decoding half of a chain would give something that is neither.
        if !codecs.is_empty() && codecs.len() < names.len() {
            return Err("an encoding is unknown".into());
        }
        let stages: Vec<Stage> = codecs.into_iter().rev().map(|codec| Stage { codec, input: Bytes::new(), fed: false }).collect();
        Ok((!stages.is_empty()).then_some(Decoder { stages }))
    }

    /// Takes in what came. Call [`Decoder::pull`] until it gives None before the next piece.
    pub(super) fn push(&mut self, bytes: Bytes) {
        if let Some(first) = self.stages.first_mut() {
            first.fed |= !bytes.is_empty();
            first.input = bytes;
        }
    }

    /// The next decoded piece; None: it needs more.
    pub(super) fn pull(&mut self) -> Result<Option<Bytes>, String> {
        pull(&mut self.stages)
    }

    /// At the end of the body: an error if a stream broke off.
    ///
    /// DIFFERENCE: Python gives what there is of a truncated gzip or deflate body, and says nothing.
    pub(super) fn finish(&self) -> Result<(), String> {
        let cut_off = self.stages.iter().any(|stage| stage.fed && !stage.codec.is_done());
        if cut_off { Err("the encoded data breaks off".into()) } else { Ok(()) }
    }
}

fn pull(stages: &mut [Stage]) -> Result<Option<Bytes>, String> {
    let Some((last, before)) = stages.split_last_mut() else { return Ok(None) };
    loop {
        let mut output = vec![0; STEP];
        let (consumed, produced) = last.codec.step(&last.input, &mut output)?;
        last.input = last.input.slice(consumed..);
        if produced > 0 {
            output.truncate(produced);
            return Ok(Some(output.into()));
        }
        if last.input.is_empty() {
            match pull(before)? {
                Some(more) => {
                    last.fed = true;
                    last.input = more;
                }
                None => return Ok(None),
            }
        } else if consumed == 0 {
            return Err("the encoded data makes no progress".into());
        }
    }
}

impl Codec {
    fn new(name: &str) -> Option<Result<Codec, String>> {
        Some(Ok(match name {
            "gzip" | "x-gzip" => Codec::Gzip { inflate: Box::new(Decompress::new_gzip(15)), members: 0, done: false },
            "deflate" => Codec::Deflate { inflate: None, head: Vec::new(), done: false },
            "br" => {
                let alloc = brotli_decompressor::StandardAlloc::default;
                Codec::Brotli { state: Box::new(BrotliState::new(alloc(), alloc(), alloc())), done: false }
            }
            "zstd" => match zstd::stream::raw::Decoder::new() {
                Ok(decoder) => Codec::Zstd { decoder: Box::new(decoder), done: false },
                Err(error) => return Some(Err(error.to_string())),
            },
            _ => return None,
        }))
    }

    fn is_done(&self) -> bool {
        match self {
            Codec::Gzip { members, done, .. } => *done || *members > 0,
            Codec::Deflate { done, .. } | Codec::Brotli { done, .. } | Codec::Zstd { done, .. } => *done,
        }
    }

    /// How much it took, how much it gave.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), String> {
        match self {
            Codec::Gzip { done: true, .. } | Codec::Deflate { done: true, .. } | Codec::Brotli { done: true, .. } => {
                // What follows the end is nobody's.
                Ok((input.len(), 0))
            }
            Codec::Gzip { inflate, members, done } => match run(inflate, input, output) {
                Ok((step, ended)) => {
                    if ended {
                        *members += 1;
                        inflate.reset(false);
                        **inflate = Decompress::new_gzip(15);
                    }
                    Ok(step)
                }
                // Garbage after a member is let pass, as other clients do.
                Err(_) if *members > 0 => {
                    *done = true;
                    Ok((input.len(), 0))
                }
                Err(error) => Err(error),
            },
            Codec::Deflate { inflate, head, done } => {
                let mut taken = 0;
                if inflate.is_none() {
                    taken = input.len().min(2 - head.len());
                    head.extend_from_slice(&input[..taken]);
                    let &[first, second] = head.as_slice() else { return Ok((taken, 0)) };
                    let zlib = first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(second)) % 31 == 0;
                    let inflate = inflate.insert(Box::new(Decompress::new(zlib)));
                    // Two bytes can end no stream and give no output worth more than the buffer.
                    let ((_, produced), ended) = run(inflate, head, output)?;
                    *done = ended;
                    if produced > 0 || ended {
                        return Ok((taken, produced));
                    }
                }
                let Some(inflate) = inflate else { return Ok((taken, 0)) };
                let ((consumed, produced), ended) = run(inflate, &input[taken..], output)?;
                *done = ended;
                Ok((taken + consumed, produced))
            }
            Codec::Brotli { state, done } => {
                let (mut left, mut consumed) = (input.len(), 0);
                let (mut room, mut produced, mut total) = (output.len(), 0, 0);
                let result = brotli_decompressor::BrotliDecompressStream(
                    &mut left,
                    &mut consumed,
                    input,
                    &mut room,
                    &mut produced,
                    output,
                    &mut total,
                    state,
                );
                match result {
                    brotli_decompressor::BrotliResult::ResultFailure => return Err("brotli data is corrupt".into()),
                    brotli_decompressor::BrotliResult::ResultSuccess => *done = true,
                    _ => {}
                }
                Ok((consumed, produced))
            }
            Codec::Zstd { decoder, done } => {
                if input.is_empty() && *done {
                    return Ok((0, 0));
                }
                if *done {
                    // Another frame.
                    decoder.reinit().map_err(|error| error.to_string())?;
                }
                let (mut source, mut target) = (InBuffer::around(input), OutBuffer::around(output));
                let hint = decoder.run(&mut source, &mut target).map_err(|error| error.to_string())?;
                *done = hint == 0;
                Ok((source.pos(), target.pos()))
            }
        }
    }
}

fn run(inflate: &mut Decompress, input: &[u8], output: &mut [u8]) -> Result<((usize, usize), bool), String> {
    let before = (inflate.total_in(), inflate.total_out());
    let status = inflate.decompress(input, output, FlushDecompress::None).map_err(|error| error.to_string())?;
    let step = ((inflate.total_in() - before.0) as usize, (inflate.total_out() - before.1) as usize);
    Ok((step, status == Status::StreamEnd))
}
