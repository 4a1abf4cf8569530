//! Content-Encoding: gzip, deflate, brotli and zstd. Decodes in steps of bounded size, so that a
//! decompression bomb never fills the memory.

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{InBuffer, Operation as _, OutBuffer};

/// The largest output of one step.
const STEP: usize = 64 * 1024;
/// The number of steps per [`Decoder::pull`], about a megabyte of work, after which the caller
/// checks the clock.
const STEPS: usize = 16;
/// The longest chain of encodings, as in urllib3.
const MAX_LINKS: usize = 5;

/// The decoders of a body, in reverse order of the encodings.
pub(in crate::requests) struct Decoder {
    stages: Vec<Stage>,
}

struct Stage {
    codec: Codec,
    input: Bytes,
    fed: bool,
    /// The number of bytes passed to the next stage.
    given: u64,
}

/// The result of [`Decoder::pull`].
pub(super) enum Pulled {
    Piece(Bytes),
    /// Needs more input.
    Hungry,
    /// No output yet after some work: call again.
    Working,
}

/// Why a body cannot be decoded.
#[derive(Debug)]
pub(super) enum Trouble {
    Corrupt(String),
    /// The output of one encoding exceeds the limit for a body.
    TooLarge,
}

enum Codec {
    Gzip {
        inflate: Box<Decompress>,
        place: Place,
    },
    /// `None` until the first two bytes distinguish the zlib format from raw deflate.
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

/// The largest zstd window over HTTP, 8 MiB (RFC 9659). It bounds the memory that a server can
/// request.
const ZSTD_WINDOW_LOG: u32 = 23;

/// The decoder's position in a gzip file.
enum Place {
    Member,
    /// After a member. Another member follows if the next bytes are [`MAGIC`], of which this many
    /// have arrived; otherwise padding follows.
    Between(usize),
    /// After the last member.
    Padding,
}

/// The start of every gzip member (RFC 1952 2.3.1): the two magic bytes, and the only compression
/// method.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

type BrotliState = brotli_decompressor::BrotliState<
    brotli_decompressor::StandardAlloc,
    brotli_decompressor::StandardAlloc,
    brotli_decompressor::StandardAlloc,
>;

impl Decoder {
    /// Creates the decoder for this header. `None` if there is nothing to decode: no encoding, or
    /// only unknown ones.
    pub(in crate::requests) fn new(content_encoding: &str) -> Result<Option<Decoder>, String> {
        let names: Vec<String> = content_encoding.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !matches!(*name, "" | "identity")).collect();
        let known = names.iter().filter(|name| Codec::is_known(name)).count();
        if known == 0 {
            return Ok(None);
        }
        // Check first, because each decoder allocates memory.
        if names.len() > MAX_LINKS {
            return Err(format!("more than {MAX_LINKS} encodings"));
        }
        // Decoding only a part of a chain would give unusable data.
        if known < names.len() {
            return Err("unknown encoding".into());
        }
        let codecs: Vec<Codec> = names.iter().filter_map(|name| Codec::new(name)).collect::<Result<_, _>>()?;
        let stages: Vec<Stage> =
            codecs.into_iter().rev().map(|codec| Stage { codec, input: Bytes::new(), fed: false, given: 0 }).collect();
        Ok(Some(Decoder { stages }))
    }

    /// Adds input. Call [`Decoder::pull`] until it needs more before the next chunk.
    pub(in crate::requests) fn push(&mut self, bytes: Bytes) {
        if let Some(first) = self.stages.first_mut() {
            first.fed |= !bytes.is_empty();
            first.input = bytes;
        }
    }

    /// Returns the next decoded chunk, after a bounded number of steps. At most `limit` bytes may
    /// pass between two encodings: a body can be a bomb in the middle of the chain and decode to
    /// nothing.
    pub(super) fn pull(&mut self, limit: Option<u64>) -> Result<Pulled, Trouble> {
        let Some(last) = self.stages.len().checked_sub(1) else { return Ok(Pulled::Hungry) };
        let mut at = last;
        let mut output = Vec::new();
        for _ in 0..STEPS {
            let stage = &mut self.stages[at];
            output.resize(STEP, 0);
            let input = &stage.input[..stage.input.len().min(STEP)];
            let (consumed, produced) = stage.codec.step(input, &mut output).map_err(Trouble::Corrupt)?;
            stage.input = stage.input.slice(consumed..);
            if produced > 0 {
                output.truncate(produced);
                let piece = Bytes::from(std::mem::take(&mut output));
                if at == last {
                    return Ok(Pulled::Piece(piece));
                }
                stage.given += produced as u64;
                if limit.is_some_and(|limit| stage.given > limit) {
                    return Err(Trouble::TooLarge);
                }
                at += 1;
                self.stages[at].fed = true;
                self.stages[at].input = piece;
            } else if !stage.input.is_empty() {
                if consumed == 0 {
                    return Err(Trouble::Corrupt("no output from the encoded data".into()));
                }
            } else if let Some(before) = at.checked_sub(1) {
                at = before;
            } else {
                return Ok(Pulled::Hungry);
            }
        }
        Ok(Pulled::Working)
    }

    /// Checks the end of the body. Fails if a stream is truncated.
    ///
    /// DIFFERENCE: Python returns the readable part of a truncated gzip or deflate body, without an
    /// error.
    pub(in crate::requests) fn finish(&self) -> Result<(), String> {
        let cut_off = self.stages.iter().any(|stage| stage.fed && !stage.codec.is_done());
        if cut_off { Err("truncated encoded data".into()) } else { Ok(()) }
    }
}

/// Decodes a whole body, or the start of one, as far as possible. `None` if the encoding is unknown
/// or the body is not in it.
#[cfg(feature = "record")]
pub(crate) fn decoded(content_encoding: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    /// The size limit for a decoded recorded body.
    const MOST: usize = 64 << 20;
    // Names that `Decoder::new` would skip.
    let unknown = |name: &str| !matches!(name, "" | "identity") && !Codec::is_known(name);
    if content_encoding.split(',').any(|name| unknown(&name.trim().to_ascii_lowercase())) {
        return None;
    }
    let Some(mut decoder) = Decoder::new(content_encoding).ok()? else { return Some(bytes.to_vec()) };
    decoder.push(Bytes::copy_from_slice(bytes));
    let mut plain = Vec::new();
    while plain.len() <= MOST {
        match decoder.pull(Some(MOST as u64)).ok()? {
            Pulled::Piece(piece) => plain.extend_from_slice(&piece),
            Pulled::Hungry => return Some(plain),
            Pulled::Working => {}
        }
    }
    None
}

impl Codec {
    fn is_known(name: &str) -> bool {
        matches!(name, "gzip" | "x-gzip" | "deflate" | "br" | "zstd")
    }

    fn new(name: &str) -> Option<Result<Codec, String>> {
        Some(Ok(match name {
            "gzip" | "x-gzip" => Codec::Gzip { inflate: Box::new(Decompress::new_gzip(15)), place: Place::Member },
            "deflate" => Codec::Deflate { inflate: None, head: Vec::new(), done: false },
            "br" => {
                let alloc = brotli_decompressor::StandardAlloc::default;
                Codec::Brotli { state: Box::new(BrotliState::new(alloc(), alloc(), alloc())), done: false }
            }
            "zstd" => match zstd::stream::raw::Decoder::new().and_then(|mut decoder| {
                decoder.set_parameter(zstd::stream::raw::DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
                Ok(decoder)
            }) {
                Ok(decoder) => Codec::Zstd { decoder: Box::new(decoder), done: false },
                Err(error) => return Some(Err(error.to_string())),
            },
            _ => return None,
        }))
    }

    fn is_done(&self) -> bool {
        match self {
            Codec::Gzip { place, .. } => matches!(place, Place::Between(0) | Place::Padding),
            Codec::Deflate { done, .. } | Codec::Brotli { done, .. } | Codec::Zstd { done, .. } => *done,
        }
    }

    /// Returns the number of bytes consumed and produced.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<(usize, usize), String> {
        match self {
            Codec::Deflate { done: true, .. } | Codec::Brotli { done: true, .. } => {
                // Data after the end is ignored.
                Ok((input.len(), 0))
            }
            Codec::Gzip { inflate, place } => match place {
                Place::Padding => Ok((input.len(), 0)),
                // Padding after the last member is allowed, as in gzip(1). Bytes that begin a
                // member must be a valid one; otherwise a part would be accepted as the whole.
                Place::Between(seen) => {
                    let taken = input.iter().zip(&MAGIC[*seen..]).take_while(|(byte, magic)| byte == magic).count();
                    *seen += taken;
                    if *seen < MAGIC.len() {
                        if taken < input.len() && *seen > 0 {
                            return Err("the gzip data is corrupt".into());
                        }
                        if taken < input.len() {
                            *place = Place::Padding;
                            return Ok((input.len(), 0));
                        }
                        return Ok((taken, 0));
                    }
                    *place = Place::Member;
                    **inflate = Decompress::new_gzip(15);
                    run(inflate, &MAGIC, output).map(|_| (taken, 0))
                }
                Place::Member => {
                    let (step, ended) = run(inflate, input, output)?;
                    if ended {
                        *place = Place::Between(0);
                    }
                    Ok(step)
                }
            },
            Codec::Deflate { inflate, head, done } => {
                let mut taken = 0;
                if inflate.is_none() {
                    taken = input.len().min(2 - head.len());
                    head.extend_from_slice(&input[..taken]);
                    let &[first, second] = head.as_slice() else { return Ok((taken, 0)) };
                    let zlib = first & 0x0f == 8 && (u16::from(first) << 8 | u16::from(second)) % 31 == 0;
                    let inflate = inflate.insert(Box::new(Decompress::new(zlib)));
                    // Two bytes cannot end a stream or produce more than the buffer holds.
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
                    // Another frame follows.
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
