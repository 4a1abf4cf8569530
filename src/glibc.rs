//! The version of the C library, for the native backends of `sys` and `platform`.
#![allow(clippy::disallowed_methods, reason = "this is part of their seam")]

use std::path::PathBuf;
use std::sync::OnceLock;

/// Returns `"2.36"`; `None` if the program uses another C library or none (a static binary).
///
/// `confstr(CS_GNU_LIBC_VERSION)` needs unsafe code. So the loaded library is searched once for its
/// banner: "GNU C Library (..) stable release version 2.36."
pub(crate) fn version() -> Option<String> {
    static VERSION: OnceLock<Option<String>> = OnceLock::new();
    VERSION.get_or_init(find).clone()
}

fn find() -> Option<String> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let paths = maps.lines().filter_map(|line| line.find('/').and_then(|at| line.get(at..)).map(PathBuf::from));
    let library = paths.into_iter().find(|path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name == "libc.so.6" || (name.starts_with("libc-2.") && name.ends_with(".so"))
    })?;
    let data = std::fs::read(library).ok()?;
    let banner = b"release version ";
    let at = data.windows(banner.len()).position(|window| window == banner)? + banner.len();
    let digits = data.get(at..)?.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.');
    let version: String = digits.map(|byte| char::from(*byte)).collect();
    Some(version.trim_end_matches('.').to_owned()).filter(|version| !version.is_empty())
}
