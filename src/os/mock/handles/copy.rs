//! Copies from one open file to another.

use super::OpenFile;
use crate::os::mock::Core;
use crate::os::mock::errno::*;

/// Copies between two open files; whole files share their blocks until one of them changes.
pub(in crate::os::mock) fn copy_range(core: &Core, from: &OpenFile, to: &OpenFile, length: u64) -> Result<u64> {
    const AT_ONCE: u64 = 1 << 20;
    if !from.flags.read || !to.flags.write || to.flags.append {
        return Err(EBADF);
    }
    let mut state = core.lock();
    let tree = &mut state.tree;
    let (source, target) = (tree.node(from.ino)?, tree.node(to.ino)?);
    if source.is_dir() || target.is_dir() {
        return Err(EISDIR);
    }
    let (fs, content, present) = (source.fs, source.content()?.clone(), target.content()?.length());
    if fs != target.fs {
        return Err(EXDEV);
    }
    let (start, end) = (from.at(), to.at());
    let available = content.length().saturating_sub(start).min(length);
    if from.ino == to.ino && start < end + available && end < start + available {
        return Err(EINVAL);
    }
    if available == 0 {
        return Ok(0);
    }
    let copied = tree.change(to.ino, |target, free| {
        if (start, end, present) == (0, 0, 0) && content.allocated() <= free {
            *target = content;
            target.truncate(available);
            available
        } else {
            let mut buffer = vec![0; available.min(AT_ONCE) as usize];
            let read = content.read(start, &mut buffer);
            target.write(end, &buffer[..read], free) as u64
        }
    })?;
    if copied == 0 {
        return Err(ENOSPC);
    }
    tree.touch(to.ino)?;
    tree.accessed(from.ino);
    from.move_to(start + copied);
    to.move_to(end + copied);
    Ok(copied)
}
