//! `sftp`: files of another machine, after `paramiko.SFTPClient`.
//!
//! ```
//! use leyden::{Wait as _, World, fabric::sftp::SftpClient};
//!
//! let (here, there) = (World::new(), World::new()); // in memory: a machine with an SFTP server
//! there.os.write("/srv/in.txt", "hello");
//! let sftp = SftpClient::to_server(here.batteries().os, there.batteries().os, "/root").wait()?;
//! assert_eq!(sftp.listdir("/srv").wait()?, ["in.txt"]);
//! assert_eq!(sftp.open("/srv/in.txt", "r").wait()?.read(None).wait()?, b"hello");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Version 3 of the protocol, of our own: paths are bytes, reads and writes of whole files are pipelined, and OpenSSH's extensions are there.
//! Every operation is a [`Request`], ended by `.wait()` or `.await`. An error names the operation and the path, and its kind is that of Python's exception.
//!
//! | paramiko | leyden |
//! |---|---|
//! | `sftp.listdir(p)`, `.listdir_attr(p)`, `.listdir_iter(p)` | the same; [`SftpClient::listdir_iter`] gives a batch at a time |
//! | `sftp.stat(p).st_size` | `sftp.stat(p).wait()?.st_size`: an `Option`, as the server may not say |
//! | `sftp.open(p, "wb")`, `sftp.file(..)` | [`SftpClient::open`], [`SftpClient::file`]: an [`SftpFile`] |
//! | `sftp.get(remote, local, callback)`, `.put(..)` | [`SftpClient::get`], [`SftpClient::put`]: [`Copy`](struct@Copy) with `.callback(..)`, `.resume(true)`, `.atomic(true)`, `.confirm(false)` |
//! | `sftp.getfo(remote, file)`, `.putfo(file, remote)` | [`SftpClient::getfo`], [`SftpClient::putfo`] |
//! | `sftp.utime(p, None)` | `sftp.utime(p, (now, now))`: the caller has the clock |
//! | `SFTPClient.from_transport(t)` | [`SftpClient::from_stream`] |
//!
//! Beyond paramiko: [`SftpClient::hardlink`], [`SftpClient::statvfs`], [`SftpClient::lsetstat`], [`SftpClient::copy_data`], [`SftpClient::expand_path`],
//! [`SftpClient::names_of_ids`], [`SftpFile::sync`].
//!
//! # DIFFERENCE
//!
//! - Names are bytes, also those that are not UTF-8; paramiko fails at them, or changes them.
//! - `get` and `put` write a file of another name beside the target first only with `.atomic(true)`.
//! - A request without an answer for two minutes is an error; see [`SftpClient::set_timeout`].

mod attributes;
mod client;
mod copy;
mod file;
mod link;
mod pipeline;
pub(in crate::fabric) mod raw;
mod request;
mod server;
mod status;
mod wire;

pub use attributes::SftpAttributes;
pub use client::{ListDir, Names, SftpClient};
pub use copy::{Copy, Progress};

pub use file::SftpFile;
pub use request::Request;
pub use server::serve;
pub use status::SftpError;
pub(in crate::fabric) use wire::open_flag;
