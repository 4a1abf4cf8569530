//! A check-up of this machine: what it is, how full its disks are, what lies in a directory; written as a report, and packed.
//!
//!     cargo run --example checkup [DIRECTORY]
//!
//! The exit code is 1 if a disk is nearly full, or if a step failed; the other steps are done all the same. Nothing is changed but
//! `target/checkup`. The job is a function over `&Batteries`; its tests, below, run it in memory.
#![allow(unreachable_pub, reason = "ops takes the job from here")]

use leyden::os::shutil::archive::MakeArchive;
use leyden::prelude::*;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

const REPORTS: &str = "target/checkup";

/// A disk that is fuller than this, in percent, is a problem.
const FULL: u64 = 90;

fn main() -> ExitCode {
    let batteries = Batteries::included();
    batteries.sys.finish(checkup(&batteries))
}

fn checkup(batteries: &Batteries) -> leyden::Result<()> {
    let sys = &batteries.sys;
    let directory = sys.argv().get(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    if !report(batteries, directory, REPORTS)?.is_empty() {
        sys.exit(1)?;
    }
    Ok(())
}

/// The job. Writes the report into a directory, packs it beside that, and returns the problems.
pub fn report(batteries: &Batteries, directory: PathBuf, out: &str) -> leyden::Result<Vec<String>> {
    let Batteries { os, sys, time, .. } = batteries;
    let mut report = format!("Check-up of {}\n\n", time.strftime("%Y-%m-%d %H:%M:%S %Z", None)?);
    let mut problems = Vec::new();
    // One step that fails is reported, and the rest goes on.
    for (title, step) in
        [("Machine", machine(batteries)), ("Disks", disks(batteries, &mut problems)), ("Files", files(batteries, directory))]
    {
        let text = step.unwrap_or_else(|error| {
            problems.push(format!("{title}: {error}"));
            format!("failed: {error}\n")
        });
        report += &format!("{title}\n{}\n{text}\n", "=".repeat(title.len()));
    }
    report += &match problems.len() {
        0 => "No problems.\n".to_owned(),
        _ => format!("Problems\n========\n{}\n", problems.join("\n")),
    };
    os.makedirs(MakeDirs::new(out).exist_ok(true))?;
    os.write_text(path::join(out, "report.txt"), &report)?;
    let archive = os.shutil.make_archive(out, MakeArchive::new("gztar").root_dir(out))?;
    sys.stdout.write(&report)?;
    sys.stdout.write(&format!("Written to {out}/report.txt, packed into {}\n", archive.display()))?;
    Ok(problems)
}

fn machine(Batteries { os, platform, .. }: &Batteries) -> leyden::Result<String> {
    let load = os.getloadavg().map_or_else(|_| "unknown".into(), |load| load.map(|value| format!("{value:.2}")).join(" "));
    Ok(format!(
        "host     {}\nsystem   {}\ncpus     {}\nload     {load}\npython   {}\n",
        platform.node(),
        platform.platform(),
        os.cpu_count().map_or_else(|| "unknown".into(), |count| count.to_string()),
        platform.python_version()?.unwrap_or_else(|| "none".into()),
    ))
}

fn disks(Batteries { subprocess, .. }: &Batteries, problems: &mut Vec<String>) -> leyden::Result<String> {
    let df = subprocess.run(["df", "-P", "-k"]).capture_output(true).check(true).timeout(secs(10)).wait()?;
    let text = df.stdout_text()?;
    let mut lines = String::new();
    let rows: Vec<(&str, &str)> = re::findall(r"(?m)^/dev/\S+(?:\s+\d+){3}\s+(\d+)%\s+(/.*)$", &*text)?;
    for (percent, mount) in rows {
        lines += &format!("{percent:>3} %  {mount}\n");
        if percent.parse().unwrap_or(0) > FULL {
            problems.push(format!("{mount} is {percent} % full"));
        }
    }
    Ok(lines)
}

fn files(Batteries { os, .. }: &Batteries, directory: PathBuf) -> leyden::Result<String> {
    let mut kinds: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut walk = os.walk(Walk::new(&directory));
    while let Some(step) = walk.step() {
        // Skips build output and hidden directories.
        step.dirnames.retain(|name| name != "target" && !name.to_string_lossy().starts_with('.'));
        for name in &step.filenames {
            let Ok(stat) = os.lstat(step.dirpath.join(name)) else { continue };
            let kind = path::splitext(name).1.to_string_lossy().into_owned();
            let (count, bytes) = kinds.entry(kind).or_default();
            (*count, *bytes) = (*count + 1, *bytes + stat.st_size);
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, (_, bytes))| std::cmp::Reverse(*bytes));
    let rows = kinds.iter().take(8).map(|(kind, (count, bytes))| {
        let kind = if kind.is_empty() { "(none)" } else { kind };
        format!("{kind:<10} {count:>6} files {:>10} KiB\n", bytes.div_ceil(1024))
    });
    Ok(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::sys::SystemExit;
    use leyden::world::torture;

    fn machine_with(df: &str) -> World {
        let world = World::new();
        world.subprocess.program("df").reply(df, 0);
        world.sys.set_argv(["checkup", "/srv"]);
        world.os.write("/srv/notes.txt", "remember");
        world.os.write("/srv/.git/objects/ab", "hidden");
        world
    }

    const ROOMY: &str = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 40 60 40% /\n";
    const TIGHT: &str = "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 97 3 97% /var log\n";

    fn code(result: leyden::Result<()>) -> u8 {
        result.map_or_else(|error| error.downcast_ref::<SystemExit>().unwrap().code(), |()| 0)
    }

    #[test]
    fn a_healthy_machine_has_no_problems() {
        let world = machine_with(ROOMY);
        assert_eq!(code(checkup(&world.batteries())), 0);
        let report = String::from_utf8(world.os.read("/target/checkup/report.txt").unwrap()).unwrap();
        assert!(
            report.contains(" 40 %  /\n") && report.contains(".txt            1 files") && report.ends_with("No problems.\n"),
            "{report}"
        );
        assert!(!report.contains("(none)"), "what is hidden was counted: {report}");
        assert!(world.os.exists("/target/checkup.tar.gz"));
    }

    #[test]
    fn a_full_disk_is_a_problem() {
        let world = machine_with(TIGHT);
        assert_eq!(code(checkup(&world.batteries())), 1);
        assert!(world.sys.stdout().contains("/var log is 97 % full"));
    }

    #[test]
    fn without_df_the_rest_goes_on() {
        let world = World::new();
        assert_eq!(code(checkup(&world.batteries())), 1);
        let report = world.sys.stdout();
        assert!(report.contains("Disks: ") && report.contains("Files\n====="), "{report}");
    }

    #[test]
    fn whatever_fails_no_half_report_is_left() {
        let whole = |text: &[u8]| text.ends_with(b"No problems.\n") || text.windows(9).any(|window| window == b"Problems\n");
        torture(
            |world| {
                world.subprocess.program("df").reply(ROOMY, 0);
                world.os.write("/srv/notes.txt", "remember");
            },
            checkup,
            |world, _| match world.os.read("/target/checkup/report.txt") {
                Some(text) if !whole(&text) => Err(String::from_utf8_lossy(&text).into_owned()),
                _ => Ok(()),
            },
        )
        .assert_ok();
    }
}
