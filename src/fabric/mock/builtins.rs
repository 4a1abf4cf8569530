//! The commands that every host has, on its files.

use std::path::{Path, PathBuf};

use crate::error::errno::{EACCES, EEXIST, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, EROFS};
use crate::os::{MakeDirs, Os};

/// What a command has written, and its status.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) status: u32,
}

impl Output {
    pub(super) fn failed(status: u32, text: String) -> Output {
        Output { stderr: text.into_bytes(), status, ..Output::default() }
    }

    fn text(text: String) -> Output {
        Output { stdout: text.into_bytes(), ..Output::default() }
    }

    fn is(yes: bool) -> Output {
        Output { status: u32::from(!yes), ..Output::default() }
    }
}

type Done = Result<Output, String>;

/// Runs a command. None: it is not one of these, or its options are not modelled.
pub(super) fn run(os: &Os, user: &str, host: &str, argv: &[&str]) -> Option<Output> {
    let (name, args) = argv.split_first()?;
    let (flags, paths) = options(args);
    let done: Done = match *name {
        "true" | ":" => Ok(Output::default()),
        "false" => Ok(Output::is(false)),
        "echo" => match args {
            ["-n", words @ ..] => Ok(Output::text(words.join(" "))),
            words => Ok(Output::text(words.join(" ") + "\n")),
        },
        "pwd" => Ok(Output::text(format!("{}\n", os.getcwd().ok()?.display()))),
        "whoami" => Ok(Output::text(format!("{user}\n"))),
        "hostname" => Ok(Output::text(format!("{host}\n"))),
        "uname" if args == ["-n"] => Ok(Output::text(format!("{host}\n"))),
        "id" if args == ["-un"] => Ok(Output::text(format!("{user}\n"))),
        "id" if args == ["-u"] => Ok(Output::text(format!("{}\n", os.geteuid()))),
        "id" if args == ["-g"] => Ok(Output::text(format!("{}\n", os.getegid()))),
        "uname" if args.is_empty() || args == ["-s"] => Ok(Output::text("Linux\n".to_owned())),
        "test" => Ok(Output::is(test(os, args)?)),
        "[" => Ok(Output::is(test(os, args.strip_suffix(&["]"])?)?)),
        "cat" if flags.is_empty() && !paths.is_empty() => each(&paths, |path, out| {
            out.extend(os.read_bytes(path).map_err(|error| wrong("cat", path, &error))?);
            Ok(())
        }),
        "mkdir" if only(&flags, "p") => each(&paths, |path, _| {
            let made = if flags.contains('p') { os.makedirs(MakeDirs::new(path).exist_ok(true)) } else { os.mkdir(path) };
            made.map_err(|error| wrong("mkdir: cannot create directory", path, &error))
        }),
        "touch" if flags.is_empty() => each(&paths, |path, _| {
            let known = os.path.exists(path);
            let touched = if known { os.utime(path, None) } else { os.write_bytes(path, b"").map(drop) };
            touched.map_err(|error| wrong("touch: cannot touch", path, &error))
        }),
        "rm" if only(&flags, "rf") => each(&paths, |path, _| remove(os, path, &flags)),
        "rmdir" if flags.is_empty() => {
            each(&paths, |path, _| os.rmdir(path).map_err(|error| wrong("rmdir: failed to remove", path, &error)))
        }
        "mv" if only(&flags, "fT") => rename(os, &paths, flags.contains('T')),
        "ln" if flags.contains('s') && only(&flags, "sfnT") => link(os, &paths, &flags),
        "readlink" if only(&flags, "") => each(&paths, |path, out| {
            let target = os.readlink(path).map_err(|_| String::new())?;
            out.extend(format!("{}\n", target.display()).into_bytes());
            Ok(())
        }),
        "chmod" if flags.is_empty() => {
            let (mode, paths) = paths.split_first()?;
            let mode = u32::from_str_radix(mode, 8).ok()?;
            each(paths, |path, _| os.chmod(path, mode).map_err(|error| wrong("chmod: cannot access", path, &error)))
        }
        "ls" if only(&flags, "1a") => list(os, &paths, &flags),
        _ => return None,
    };
    Some(done.unwrap_or_else(|text| Output::failed(1, text)))
}

/// The letters of the options, and the other arguments.
fn options<'a>(args: &[&'a str]) -> (String, Vec<&'a str>) {
    let mut flags = String::new();
    let mut rest = Vec::new();
    let mut ended = false;
    for arg in args {
        match arg.strip_prefix('-') {
            Some("-") if !ended => ended = true,
            Some(letters) if !ended && !letters.is_empty() => flags.push_str(letters),
            _ => rest.push(*arg),
        }
    }
    (flags, rest)
}

fn only(flags: &str, allowed: &str) -> bool {
    flags.chars().all(|flag| allowed.contains(flag))
}

fn wrong(what: &str, path: &str, error: &crate::os::Error) -> String {
    let why = match error.errno() {
        Some(ENOENT) => "No such file or directory",
        Some(EACCES) => "Permission denied",
        Some(EEXIST) => "File exists",
        Some(ENOTDIR) => "Not a directory",
        Some(EISDIR) => "Is a directory",
        Some(ENOSPC) => "No space left on device",
        Some(EROFS) => "Read-only file system",
        Some(ENOTEMPTY) => "Directory not empty",
        _ => "Input/output error",
    };
    if what.contains(' ') { format!("{what} '{path}': {why}\n") } else { format!("{what}: {path}: {why}\n") }
}

fn each(paths: &[&str], mut work: impl FnMut(&str, &mut Vec<u8>) -> Result<(), String>) -> Done {
    let mut output = Output::default();
    for path in paths {
        if let Err(text) = work(path, &mut output.stdout) {
            output.stderr.extend(text.into_bytes());
            output.status = 1;
        }
    }
    Ok(output)
}

fn remove(os: &Os, path: &str, flags: &str) -> Result<(), String> {
    if !os.path.lexists(path) {
        let missing = format!("rm: cannot remove '{path}': No such file or directory\n");
        return if flags.contains('f') { Ok(()) } else { Err(missing) };
    }
    let directory = os.path.isdir(path) && !os.path.islink(path);
    let removed = match (directory, flags.contains('r')) {
        (true, true) => os.shutil.rmtree(path),
        (true, false) => return Err(format!("rm: cannot remove '{path}': Is a directory\n")),
        (false, _) => os.remove(path),
    };
    removed.map_err(|error| wrong("rm: cannot remove", path, &error))
}

/// What a path is; None if it is not there. Any other failure is the command's.
fn look(os: &Os, what: &str, path: &str, follow: bool) -> Result<Option<crate::os::StatResult>, String> {
    let found = if follow { os.stat(path) } else { os.lstat(path) };
    match found {
        Ok(stat) => Ok(Some(stat)),
        Err(error) if error.errno() == Some(ENOENT) => Ok(None),
        Err(error) => Err(wrong(what, path, &error)),
    }
}

/// The path in a directory, where the destination is one.
fn within(os: &Os, what: &str, source: &str, target: &str, exact: bool) -> Result<PathBuf, String> {
    let base = Path::new(source).file_name().unwrap_or_default();
    let directory = !exact && look(os, what, target, true)?.is_some_and(|stat| stat.is_dir());
    Ok(if directory { Path::new(target).join(base) } else { PathBuf::from(target) })
}

fn rename(os: &Os, paths: &[&str], exact: bool) -> Done {
    let [sources @ .., target] = paths else { return Err("mv: missing file operand\n".to_owned()) };
    each(sources, |source, _| {
        let target = within(os, "mv: cannot stat", source, target, exact)?;
        os.replace(source, target).map_err(|error| wrong("mv: cannot stat", source, &error))
    })
}

fn link(os: &Os, paths: &[&str], flags: &str) -> Done {
    const WHAT: &str = "ln: failed to create symbolic link";
    let [target, path] = paths else { return Err("ln: missing file operand\n".to_owned()) };
    let known = look(os, WHAT, path, false)?;
    let exact = flags.contains('T') || (flags.contains('n') && known.is_some_and(|stat| stat.is_symlink()));
    let path = within(os, WHAT, target, path, exact)?;
    let shown = path.to_string_lossy().into_owned();
    if flags.contains('f') && look(os, WHAT, &shown, false)?.is_some() {
        // Beside and over it, so that the name is there at every moment, as ln from coreutils 8.31 on does.
        let temporary = path.with_extension("ln-new");
        let linked = os.symlink(target, &temporary).and_then(|()| os.replace(&temporary, &path));
        return linked.map(|()| Output::default()).map_err(|error| wrong(WHAT, &shown, &error));
    }
    os.symlink(target, &path).map(|()| Output::default()).map_err(|error| wrong(WHAT, &shown, &error))
}

fn list(os: &Os, paths: &[&str], flags: &str) -> Done {
    let paths = if paths.is_empty() { vec!["."] } else { paths.to_vec() };
    each(&paths, |path, out| {
        if !os.path.isdir(path) && os.path.lexists(path) {
            out.extend(format!("{path}\n").into_bytes());
            return Ok(());
        }
        let names = os.listdir(path).map_err(|error| wrong("ls: cannot access", path, &error))?;
        let mut names: Vec<String> = names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        for name in names.iter().filter(|name| flags.contains('a') || !name.starts_with('.')) {
            out.extend(format!("{name}\n").into_bytes());
        }
        Ok(())
    })
}

/// `test`. None: an expression that is not modelled.
fn test(os: &Os, args: &[&str]) -> Option<bool> {
    Some(match args {
        [] => false,
        ["!", rest @ ..] => !test(os, rest)?,
        ["-e", path] => os.path.exists(path),
        ["-f", path] => os.path.isfile(path),
        ["-d", path] => os.path.isdir(path),
        ["-L" | "-h", path] => os.path.islink(path),
        ["-s", path] => os.path.getsize(path).is_ok_and(|size| size > 0),
        ["-n", text] => !text.is_empty(),
        ["-z", text] => text.is_empty(),
        [text] => !text.is_empty(),
        [left, "=" | "==", right] => left == right,
        [left, "!=", right] => left != right,
        _ => return None,
    })
}
