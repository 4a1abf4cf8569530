//! Whole files, and names: reading, replacing, renaming, linking, removing.

use std::path::{Path, PathBuf};

use super::file::{File, read_to_end};
use super::open::Open;
use crate::os::backend::{FileType, Files, OpenFlags};
use crate::os::{Error, Os, Result};
use crate::text::newline::Codec;

impl Os {
    /// Reads a whole text file, decoded and with translated newlines: `pathlib.Path.read_text`.
    /// [`Open`] has the options.
    ///
    /// # Errors
    /// [`Error::UnicodeDecode`]; the file system's errors.
    #[doc(alias = "pathlib.Path.read_text")]
    pub fn read_text(&self, path: impl Into<Open>) -> Result<String> {
        let open = path.into().with_mode("r")?;
        let plan = open.plan()?;
        let Some(codec) = plan.codec else { return Err(Error::Value("cannot read text in binary mode".into())) };
        let mut bytes = self.slurp("read_text", &open.path, plan.flags)?;
        let (encoding, mark) = codec.encoding.begin(&bytes);
        bytes.drain(..mark);
        Codec { encoding, ..codec }.decode(bytes).map_err(|wrong| Error::UnicodeDecode {
            path: open.path,
            encoding: encoding.name(),
            position: mark + wrong.at,
        })
    }

    /// Reads a whole file: `pathlib.Path.read_bytes`.
    #[doc(alias = "pathlib.Path.read_bytes")]
    pub fn read_bytes(&self, path: impl Into<Open>) -> Result<Vec<u8>> {
        let open = path.into().with_mode("rb")?;
        self.slurp("read_bytes", &open.path, open.plan()?.flags)
    }

    /// Replaces a file's contents by this text: `pathlib.Path.write_text`. [`Open`] has the
    /// options. Returns the number of characters.
    ///
    /// The file is replaced atomically: readers, and a crash at any moment, see either the old
    /// contents or the new ones. The new file is written beside the old one and renamed over it. It
    /// keeps the permissions, owner, group and extended attributes, or the call fails and the old
    /// file stays. A symbolic link is followed: its target is replaced. A file that is not regular
    /// (`/dev/null`, a pipe) is written in place.
    ///
    /// DIFFERENCE: Python empties the file and writes into it. Here, in contrast, the directory
    /// must be writable; other names of the file (hard links) keep the old contents; only root can
    /// replace a file of another user. To write in place, use [`Os::open`] with mode `"w"`.
    ///
    /// # Errors
    /// [`Error::UnicodeEncode`], before anything is written; [`Error::Permission`] also for a
    /// read-only file in a writable directory.
    #[doc(alias = "pathlib.Path.write_text")]
    pub fn write_text(&self, path: impl Into<Open>, text: impl AsRef<str>) -> Result<usize> {
        let open = path.into().with_mode("w")?;
        let plan = open.plan()?;
        let Some(codec) = plan.codec else { return Err(Error::Value("cannot write text in binary mode".into())) };
        let text = text.as_ref();
        let bytes = codec.encode(text).map_err(|error| Error::UnicodeEncode {
            path: open.path.clone(),
            encoding: codec.encoding.name(),
            character: error.character,
            position: error.position,
        })?;
        self.replace_contents("write_text", &open, plan.permissions, &[codec.encoding.mark(), &bytes])?;
        Ok(text.chars().count())
    }

    /// Atomically replaces a file's contents by these bytes, as [`Os::write_text`] does:
    /// `pathlib.Path.write_bytes`.
    #[doc(alias = "pathlib.Path.write_bytes")]
    pub fn write_bytes(&self, path: impl Into<Open>, bytes: impl AsRef<[u8]>) -> Result<usize> {
        let open = path.into().with_mode("wb")?;
        let bytes = bytes.as_ref();
        self.replace_contents("write_bytes", &open, open.plan()?.permissions, &[bytes])?;
        Ok(bytes.len())
    }

    fn slurp(&self, operation: &'static str, path: &Path, flags: OpenFlags) -> Result<Vec<u8>> {
        self.on(operation, path, |backend, at| {
            let handle = backend.open(at, flags, 0)?;
            let stat = handle.stat()?;
            let mut bytes = Vec::new();
            read_to_end(&*handle, &mut bytes, if stat.is_file() { stat.st_size } else { 0 })?;
            Ok(bytes)
        })
    }

    /// Removes a file or a link. A directory is [`Error::IsADirectory`]. <https://docs.python.org/3/library/os.html#os.remove>
    #[doc(alias = "os.remove")]
    pub fn remove(&self, path: impl AsRef<Path>) -> Result<()> {
        self.on("remove", path.as_ref(), Files::unlink)
    }

    /// Same as [`Os::remove`]. <https://docs.python.org/3/library/os.html#os.unlink>
    #[doc(alias = "os.unlink")]
    pub fn unlink(&self, path: impl AsRef<Path>) -> Result<()> {
        self.on("unlink", path.as_ref(), Files::unlink)
    }

    /// Renames atomically, replacing an existing file.
    /// <https://docs.python.org/3/library/os.html#os.rename>
    #[doc(alias = "os.rename")]
    pub fn rename(&self, src: impl AsRef<Path>, dst: impl AsRef<Path>) -> Result<()> {
        self.on_both("rename", (src.as_ref(), dst.as_ref()), Files::rename)
    }

    /// Same as [`Os::rename`]. <https://docs.python.org/3/library/os.html#os.replace>
    #[doc(alias = "os.replace")]
    pub fn replace(&self, src: impl AsRef<Path>, dst: impl AsRef<Path>) -> Result<()> {
        self.on_both("replace", (src.as_ref(), dst.as_ref()), Files::rename)
    }

    /// Creates a hard link. A symbolic link is linked itself, as Python does on Linux whatever its
    /// `follow_symlinks`.
    ///
    /// <https://docs.python.org/3/library/os.html#os.link>
    #[doc(alias = "os.link")]
    pub fn link(&self, src: impl AsRef<Path>, dst: impl AsRef<Path>) -> Result<()> {
        self.on_both("link", (src.as_ref(), dst.as_ref()), |backend, original, link| backend.link(original, link, false))
    }

    /// Creates a symbolic link `dst` to `src`, which is stored unchanged and need not exist.
    ///
    /// <https://docs.python.org/3/library/os.html#os.symlink>
    #[doc(alias = "os.symlink")]
    pub fn symlink(&self, src: impl AsRef<Path>, dst: impl AsRef<Path>) -> Result<()> {
        let (src, dst) = (src.as_ref(), dst.as_ref());
        let link = self.ambient.resolve(dst);
        self.backend.symlink(src, &link).map_err(|error| Error::new("symlink", &error, Some(src), Some(dst)))
    }

    /// Returns the target of a symbolic link.
    /// <https://docs.python.org/3/library/os.html#os.readlink>
    #[doc(alias = "os.readlink")]
    pub fn readlink(&self, path: impl AsRef<Path>) -> Result<PathBuf> {
        self.on("readlink", path.as_ref(), Files::readlink)
    }

    /// Truncates a file, or extends it with zeros.
    /// <https://docs.python.org/3/library/os.html#os.truncate>
    #[doc(alias = "os.truncate")]
    pub fn truncate(&self, path: impl AsRef<Path>, length: u64) -> Result<()> {
        self.on("truncate", path.as_ref(), |backend, path| backend.truncate(path, length))
    }

    /// Creates a named pipe; `0o666` is Python's default mode.
    /// <https://docs.python.org/3/library/os.html#os.mkfifo>
    #[doc(alias = "os.mkfifo")]
    pub fn mkfifo(&self, path: impl AsRef<Path>, mode: u32) -> Result<()> {
        self.on("mkfifo", path.as_ref(), |backend, path| backend.mknod(path, FileType::Fifo, mode, 0))
    }

    /// Creates a file system node. The upper bits of the mode are its type (`S_IFIFO | 0o644`), by
    /// default a regular file.
    ///
    /// <https://docs.python.org/3/library/os.html#os.mknod>
    #[doc(alias = "os.mknod")]
    pub fn mknod(&self, path: impl AsRef<Path>, mode: u32, device: u64) -> Result<()> {
        let file_type = FileType::of_mode(mode);
        self.on("mknod", path.as_ref(), |backend, path| backend.mknod(path, file_type, mode & 0o7777, device))
    }

    /// Copies up to `count` bytes between two open files in the kernel, from their positions on.
    /// Returns the number of bytes.
    ///
    /// # Errors
    /// `EXDEV`, `EINVAL`, `EOPNOTSUPP`: not possible for these files; use read and write, as
    /// `shutil` does.
    ///
    /// <https://docs.python.org/3/library/os.html#os.copy_file_range>
    #[doc(alias = "os.copy_file_range")]
    pub fn copy_file_range(&self, src: &mut File, dst: &mut File, count: u64) -> Result<u64> {
        let copied =
            src.settle().and_then(|()| dst.settle()).and_then(|()| self.backend.copy_range(src.handle(), dst.handle(), count));
        copied.map_err(|error| Error::new("copy_file_range", &error, Some(src.name()), Some(dst.name())))
    }

    /// Writes all changes to the devices. <https://docs.python.org/3/library/os.html#os.sync>
    #[doc(alias = "os.sync")]
    pub fn sync(&self) {
        self.backend.sync();
    }
}
