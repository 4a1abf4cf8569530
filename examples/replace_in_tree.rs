//! Find and replace in a tree of files, with Python's regular expressions.
//!
//!     cargo run --example replace_in_tree                                                  shows itself, in a temporary directory
//!     replace_in_tree [--dry-run] [--glob '*.txt'] PATTERN REPLACEMENT [DIRECTORY]         the real thing
//!
//! Hidden files, links and files that are not text are skipped. Each file is replaced in one step and keeps its permissions and line ends. The exit
//! code is 0 if something was replaced, 1 if nothing matched, 2 if a file could not be read or written or the arguments are wrong.
//!
//! The Python original:
//!
//! ```python
//! parser = argparse.ArgumentParser()
//! parser.add_argument("--glob", default="*")
//! parser.add_argument("pattern", type=re.compile)
//! parser.add_argument("replacement")
//! parser.add_argument("directory", nargs="?", default=".")
//! args = parser.parse_args()
//!
//! total = files = failed = 0
//! for dirpath, dirnames, filenames in os.walk(args.directory):
//!     dirnames[:] = sorted(name for name in dirnames if not name.startswith("."))
//!     for name in sorted(fnmatch.filter(filenames, args.glob)):
//!         path = os.path.join(dirpath, name)
//!         if name.startswith(".") or os.path.islink(path):
//!             continue
//!         try:
//!             with open(path, newline="") as file:
//!                 text = file.read()
//!             for match in args.pattern.finditer(text):
//!                 line = text.count("\n", 0, match.start()) + 1
//!                 print(f"{path}:{line}: {match[0]!r} -> {match.expand(args.replacement)!r}")
//!             text, count = args.pattern.subn(args.replacement, text)
//!             if count:
//!                 with open(path, "w", newline="") as file:
//!                     file.write(text)
//!         except UnicodeDecodeError:
//!             continue
//!         except OSError as error:
//!             print(error, file=sys.stderr)
//!             failed += 1
//!         else:
//!             total, files = total + count, files + bool(count)
//! print(f"{total} replacements in {files} file(s)")
//! sys.exit(2 if failed else 0 if total else 1)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::layers::DryRun;
use leyden::os;
use leyden::prelude::*;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: replace_in_tree [--dry-run] [--glob '*.txt'] PATTERN REPLACEMENT [DIRECTORY]\n";

struct Args {
    glob: String,
    pattern: String,
    replacement: String,
    directory: PathBuf,
}

fn parse(argv: Vec<String>) -> Option<Args> {
    let (mut glob, mut rest) = ("*".to_owned(), Vec::new());
    let mut argv = argv.into_iter().skip(1);
    while let Some(arg) = argv.next() {
        match arg.as_str() {
            "--dry-run" => {} // see `main`
            "--glob" => glob = argv.next()?,
            _ => rest.push(arg),
        }
    }
    let mut rest = rest.into_iter();
    let (pattern, replacement) = (rest.next()?, rest.next()?);
    let directory = rest.next().unwrap_or_else(|| ".".into()).into();
    rest.next().is_none().then_some(Args { glob, pattern, replacement, directory })
}

fn replace(batteries: &Batteries) -> leyden::Result<()> {
    let Batteries { os, sys, .. } = batteries;
    let Some(args) = parse(sys.argv().iter().map(|arg| arg.to_string_lossy().into_owned()).collect()) else {
        sys.stderr.write(USAGE)?;
        match sys.exit(2)? {}
    };
    // The pattern and the replacement are tried before a file is touched.
    let pattern = match re::compile(&args.pattern).and_then(|pattern| pattern.sub(&args.replacement, "").map(|_| pattern)) {
        Ok(pattern) => pattern,
        Err(error) => {
            sys.stderr.write(&format!("{error}\n"))?;
            match sys.exit(2)? {}
        }
    };
    let (mut total, mut files, mut failed) = (0, 0, 0);
    let mut walk = os.walk(&args.directory);
    while let Some(step) = walk.step() {
        let hidden = |name: &std::ffi::OsString| name.to_string_lossy().starts_with('.');
        step.dirnames.retain(|name| !hidden(name));
        step.dirnames.sort();
        step.filenames.sort();
        for name in fnmatch::filter(&step.filenames, &args.glob).into_iter().filter(|name| !hidden(name)) {
            let path = step.dirpath.join(name);
            if os.path.islink(&path) {
                continue;
            }
            match replace_in(batteries, &path, &pattern, &args) {
                Ok(count) => (total, files) = (total + count, files + usize::from(count > 0)),
                Err(error) if matches!(error.downcast_ref(), Some(os::Error::UnicodeDecode { .. })) => {}
                Err(error) if error.is::<os::Error>() => {
                    sys.stderr.write(&format!("{error}\n"))?;
                    failed += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
    sys.print(format_args!("{total} replacements in {files} file(s)"))?;
    if failed > 0 {
        sys.exit(2)?;
    }
    if total == 0 {
        sys.exit(1)?;
    }
    Ok(())
}

fn replace_in(Batteries { os, sys, .. }: &Batteries, path: &Path, pattern: &re::Pattern, args: &Args) -> leyden::Result<usize> {
    let file = Open::new(path).newline(""); // the line ends stay what they are
    let text = os.read_text(file.clone())?;
    for found in pattern.finditer(&text) {
        let found = found?;
        let line = text[..found.start()].matches('\n').count() + 1;
        let (old, new) = (found.group(0).unwrap_or_default(), found.expand(&args.replacement)?);
        sys.stdout.write(&format!("{}:{line}: {old:?} -> {new:?}\n", path.display()))?;
    }
    let (new, count) = pattern.subn(&args.replacement, &text)?;
    if count > 0 {
        os.write_text(file, new)?;
    }
    Ok(count)
}

fn main() -> ExitCode {
    let real = Batteries::included();
    let result = if real.sys.argv().len() > 1 { run(&real) } else { show(&real) };
    real.sys.finish(result)
}

/// The job, or its rehearsal: the same function over other batteries.
fn run(batteries: &Batteries) -> leyden::Result<()> {
    if !batteries.sys.args().iter().any(|arg| arg == "--dry-run") {
        return replace(batteries);
    }
    let rehearsal = DryRun::over(batteries);
    let result = replace(&rehearsal.batteries());
    batteries.sys.print(format_args!("{}", rehearsal.plan()))?;
    result
}

/// Real files, and arguments from a world: any battery can be exchanged.
fn show(Batteries { os, .. }: &Batteries) -> leyden::Result<()> {
    let directory = os.tempfile.temporary_directory(())?;
    os.chdir(directory.path())?; // of this handle; the process stays where it is
    os.makedirs("site/img")?;
    os.write_text("site/index.html", "<a href='http://example.com/'>home</a>\n<a href='http://example.org/a'>a</a>\n")?;
    os.write_text("site/about.html", "<p>no links\n")?;
    os.write_bytes("site/img/logo.html", b"\x89PNG \xff\xfe http://example.com/")?;
    for options in [&["--dry-run"][..], &[], &[]] {
        let world = World::new();
        let argv =
            [&["replace_in_tree"][..], options, &["--glob", "*.html", r"http://example\.(\w+)", r"https://example.\1", "site"]]
                .concat();
        println!("$ {}", shlex::join(&argv)?);
        world.sys.set_argv(argv);
        let batteries = Batteries::builder().os(os.clone()).sys(world.sys.handle()).build();
        let code = batteries.sys.status_of(run(&batteries));
        println!("{}{}exit code {code}", world.sys.stdout(), world.sys.stderr());
    }
    println!("{}", os.read_text("site/index.html")?.trim_end());
    directory.cleanup()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::world::torture;

    const OLD: &str = "colour,\r\ncolour and flavour\r\n";
    const NEW: &str = "color,\r\ncolor and flavor\r\n";

    fn arrange(world: &World, options: &[&str]) {
        world.sys.set_argv([&["replace_in_tree"][..], options, &[r"(col|flav)our", r"\1or", "/docs"]].concat());
        world.os.write("/docs/a.txt", OLD);
        world.os.chmod("/docs/a.txt", 0o600);
        world.os.write("/docs/deep/b.md", "colour");
        world.os.write("/docs/.git/config", "colour");
        world.os.write("/docs/binary", b"colour \xff");
        world.os.symlink("/docs/a.txt", "/docs/link.txt");
    }

    fn run_with(options: &[&str]) -> (World, u8) {
        let world = World::new();
        arrange(&world, options);
        let code = world.batteries().sys.status_of(run(&world.batteries()));
        (world, code)
    }

    #[test]
    fn texts_change_and_nothing_else() {
        let (world, code) = run_with(&[]);
        assert_eq!(code, 0);
        assert_eq!(world.os.read_text("/docs/a.txt").as_deref(), Some(NEW));
        assert_eq!(world.os.stat("/docs/a.txt").unwrap().permissions(), 0o600);
        assert_eq!(world.os.read_text("/docs/deep/b.md").as_deref(), Some("color"));
        assert_eq!(world.os.read_text("/docs/.git/config").as_deref(), Some("colour"));
        assert_eq!(world.os.read("/docs/binary").unwrap(), b"colour \xff");
        assert!(world.os.readlink("/docs/link.txt").is_some());
        assert!(world.sys.stdout().contains("/docs/a.txt:2: \"flavour\" -> \"flavor\"\n"), "{}", world.sys.stdout());
        assert!(world.sys.stdout().ends_with("4 replacements in 2 file(s)\n"), "{}", world.sys.stdout());
    }

    #[test]
    fn the_glob_chooses_and_a_dry_run_only_tells() {
        let (world, code) = run_with(&["--dry-run", "--glob", "*.txt"]);
        assert_eq!(code, 0);
        let plan = "~ /docs/a.txt (29 -> 26 bytes)\n\nPlan: 0 to create, 1 to change, 0 to remove.\n"; // private: no diff
        assert!(world.sys.stdout().ends_with(&format!("3 replacements in 1 file(s)\n{plan}")), "{}", world.sys.stdout());
        assert_eq!(world.os.read_text("/docs/a.txt").as_deref(), Some(OLD));
    }

    #[test]
    fn nothing_found_is_1_and_a_bad_pattern_2() {
        assert_eq!(run_with(&["--glob", "*.rst"]).1, 1);
        for (pattern, replacement, expected) in [("(", "", "unterminated"), ("a", r"\2", "group"), ("a", "", "")] {
            let world = World::new();
            arrange(&world, &[]);
            world.sys.set_argv(["replace_in_tree", pattern, replacement, "/nowhere"]);
            let code = world.batteries().sys.status_of(replace(&world.batteries()));
            assert_eq!(code, if expected.is_empty() { 1 } else { 2 });
            assert!(world.sys.stderr().contains(expected), "{}", world.sys.stderr());
        }
    }

    #[test]
    fn whatever_fails_each_file_is_whole() {
        torture(
            |world| arrange(world, &[]),
            replace,
            |world, _| match world.os.read_text("/docs/a.txt").as_deref() {
                Some(OLD | NEW) => Ok(()),
                other => Err(format!("{other:?}")),
            },
        )
        .assert_ok();
    }
}
