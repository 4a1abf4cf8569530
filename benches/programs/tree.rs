//! Work on whole trees: `tree leyden|peer walk|glob|copy|remove PATH [TO]`. Prints totals.
#![allow(missing_docs, clippy::disallowed_methods, clippy::print_stdout)]

use leyden::os::glob::Glob;
use leyden::prelude::*;
use std::path::Path;

fn leyden(what: &str, path: &str, to: &str) -> leyden::Result<[u64; 2]> {
    let Batteries { os, .. } = Batteries::included();
    let mut totals = [0; 2];
    match what {
        "walk" => {
            for step in os.walk(path) {
                for name in &step.filenames {
                    totals[0] += 1;
                    totals[1] += os.lstat(step.dirpath.join(name))?.st_size;
                }
            }
        }
        "glob" => totals[0] = os.glob.glob(Glob::new(format!("{path}/**/*.txt")).recursive(true)).len() as u64,
        "copy" => drop(os.shutil.copytree(path, to)?),
        _ => os.shutil.rmtree(path)?,
    }
    Ok(totals)
}

fn peer(what: &str, path: &str, to: &str) -> leyden::Result<[u64; 2]> {
    let mut totals = [0; 2];
    match what {
        "walk" | "glob" => {
            for entry in walkdir::WalkDir::new(path) {
                let entry = entry.map_err(leyden::Error::other)?;
                if what == "walk" && !entry.file_type().is_dir() {
                    totals[0] += 1;
                    totals[1] += entry.metadata().map_err(leyden::Error::other)?.len();
                } else if what == "glob" && entry.path().extension().is_some_and(|extension| extension == "txt") {
                    totals[0] += 1;
                }
            }
        }
        "copy" => {
            for entry in walkdir::WalkDir::new(path) {
                let entry = entry.map_err(leyden::Error::other)?;
                let target = Path::new(to).join(entry.path().strip_prefix(path).map_err(leyden::Error::other)?);
                if entry.file_type().is_dir() {
                    std::fs::create_dir_all(target)?;
                } else {
                    std::fs::copy(entry.path(), target)?;
                }
            }
        }
        _ => std::fs::remove_dir_all(path)?,
    }
    Ok(totals)
}

fn main() -> leyden::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let [_, which, what, path, rest @ ..] = args.as_slice() else {
        return Err(leyden::Error::other(std::io::Error::other("usage: tree leyden|peer walk|glob|copy|remove PATH [TO]")));
    };
    let to = rest.first().map_or("", String::as_str);
    let totals = if which == "peer" { peer(what, path, to)? } else { leyden(what, path, to)? };
    println!("{totals:?}");
    Ok(())
}
