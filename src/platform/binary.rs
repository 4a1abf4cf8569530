//! Properties of an executable file: C library, word size, format.

use std::cmp::Ordering;

/// Returns the C library of a program, found as in Python by symbol versions and library names in
/// its bytes.
pub(super) fn libc_ver(binary: &[u8], lib: &str, version: &str) -> (String, String) {
    let (mut lib, mut version) = (lib.to_owned(), version.to_owned());
    let mut at = 0;
    while let Some(start) = binary.get(at..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'_' | b'G' | b'l'))) {
        at += start;
        let rest = binary.get(at..).unwrap_or(&[]);
        if let Some(after) = rest.strip_prefix(b"__libc_init") {
            if lib.is_empty() {
                lib = "libc".into();
            } // else: CPython's next branches use groups that have not matched.
            at = binary.len() - after.len();
        } else if let Some((found, length)) = rest.strip_prefix(b"GLIBC_").map(digits_and_dots).filter(|(_, length)| *length > 0)
        {
            if lib != "glibc" || compare(&found, &version) == Ordering::Greater {
                version = found;
            }
            lib = "glibc".into();
            at += 6 + length;
        } else if let Some((threads, so, length)) = shared_object(rest) {
            if lib != "glibc" {
                lib = "libc".into();
                if !so.is_empty() && (version.is_empty() || compare(&so, &version) == Ordering::Greater) {
                    version = so;
                }
                if !version.ends_with(&threads) {
                    version.push_str(&threads);
                }
            }
            at += length;
        } else {
            at += 1;
        }
    }
    (lib, version)
}

/// `[0-9.]*` at the start, and its length.
fn digits_and_dots(bytes: &[u8]) -> (String, usize) {
    let found: String =
        bytes.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').map(|byte| char::from(*byte)).collect();
    let length = found.len();
    (found, length)
}

/// `libc(_\w+)?\.so(?:\.(\d[0-9.]*))?`: the thread library, the version, the length.
fn shared_object(bytes: &[u8]) -> Option<(String, String, usize)> {
    let rest = bytes.strip_prefix(b"libc")?;
    let word = if rest.first() == Some(&b'_') {
        rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
    } else {
        0
    };
    if word == 1 {
        return None;
    }
    let threads: String = rest.iter().take(word).map(|byte| char::from(*byte)).collect();
    let after = rest.get(word..)?.strip_prefix(b".so")?;
    let (version, length) = match after.strip_prefix(b".") {
        Some(digits) if digits.first().is_some_and(u8::is_ascii_digit) => digits_and_dots(digits),
        _ => (String::new(), 0),
    };
    let dot = usize::from(length > 0);
    Some((threads, version, 4 + word + 3 + dot + length))
}

/// Compares versions by their numbers (2.9 before 2.10) and the rank of words: CPython's
/// `_comparable_version`.
fn compare(a: &str, b: &str) -> Ordering {
    comparable(a).cmp(&comparable(b))
}

/// Returns the kind and value of each number and word. A longer number is greater.
fn comparable(version: &str) -> Vec<(u8, usize, &str)> {
    let mut parts = Vec::new();
    for part in version.split(['.', '_', '+', '-']) {
        let mut rest = part;
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
            let (found, after) = rest.split_at(end);
            let number = found.trim_start_matches('0');
            parts.push(if digits { (100, number.len(), number) } else { (stage(found), 0, found) });
            rest = after;
        }
    }
    parts
}

fn stage(word: &str) -> u8 {
    match word {
        "dev" => 10,
        "alpha" | "a" => 20,
        "beta" | "b" => 30,
        "c" => 40,
        "RC" | "rc" => 50,
        "pl" | "p" => 200,
        _ => 0,
    }
}

/// Returns word size and format of a program or library: `("64bit", "ELF")`; `None` for other
/// bytes.
pub(super) fn architecture(binary: &[u8]) -> Option<(&'static str, &'static str)> {
    if let Some(header) = binary.strip_prefix(b"\x7fELF") {
        let big_endian = header.get(1) == Some(&2);
        let kind = [*header.get(12)?, *header.get(13)?];
        let kind = if big_endian { u16::from_be_bytes(kind) } else { u16::from_le_bytes(kind) };
        let bits = match header.first()? {
            1 => "32bit",
            2 => "64bit",
            _ => return None,
        };
        // An executable or a shared object. Object files and core dumps are not programs.
        return matches!(kind, 2 | 3).then_some((bits, "ELF"));
    }
    if binary.starts_with(b"MZ") {
        let field = |at: usize, length: usize| {
            let bytes = binary.get(at..at + length)?;
            Some(bytes.iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte)))
        };
        let header = field(0x3c, 4)?;
        if binary.get(header..header.checked_add(4)?)? == b"PE\0\0" {
            let bits = if field(header + 24, 2)? == 0x20b { "64bit" } else { "32bit" };
            return Some((bits, "WindowsPE"));
        }
    }
    None
}
