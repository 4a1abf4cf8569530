//! Directory, environment, program, shell.

use super::fixture::Fixture;
use leyden::subprocess::Run;
use leyden::subprocess::mock::Reply;

fn pwd(fixture: &Fixture) {
    fixture.program("where", "pwd", |program| {
        program.runs(|call| Reply::new().stdout(format!("{}\n", call.cwd.display())));
    });
}

fn wherever(fixture: &Fixture, run: impl Into<Run>) -> String {
    String::from_utf8(fixture.subprocess.check_output(run).wait().unwrap()).unwrap().trim_end().to_owned()
}

pub fn the_directory_is_the_batteries_own(fixture: &Fixture) {
    pwd(fixture);
    assert_eq!(wherever(fixture, "where"), fixture.dir.to_str().unwrap());
    fixture.mkdir("sub");
    fixture.os.ambient().chdir(&fixture.dir.join("sub"));
    assert_eq!(wherever(fixture, "where"), fixture.dir.join("sub").to_str().unwrap());
}

pub fn cwd_is_where_it_runs(fixture: &Fixture) {
    pwd(fixture);
    assert_eq!(wherever(fixture, Run::new("where").cwd("/")), "/");
}

pub fn a_relative_cwd_is_relative_to_the_batteries(fixture: &Fixture) {
    pwd(fixture);
    fixture.mkdir("sub");
    assert_eq!(wherever(fixture, Run::new("where").cwd("sub")), fixture.dir.join("sub").to_str().unwrap());
}

pub fn a_relative_program_is_looked_for_in_cwd(fixture: &Fixture) {
    fixture.mkdir("sub");
    if let Some(world) = &fixture.world {
        world.subprocess.program("/case/sub/tool").reply("here\n", 0);
    } else {
        fixture.does("../sub/tool", "echo here", Reply::new());
    }
    assert_eq!(wherever(fixture, Run::new("./tool").cwd("sub")), "here");
    assert_eq!(wherever(fixture, "sub/tool"), "here");
    assert!(fixture.subprocess.run("./tool").wait().is_err());
}

fn environ(fixture: &Fixture) {
    fixture.program("variables", "/usr/bin/env | /usr/bin/sort", |program| {
        program.runs(|call| {
            let show =
                |(name, value): (&std::ffi::OsString, &std::ffi::OsString)| format!("{}={}\n", name.display(), value.display());
            Reply::new().stdout(call.environ.iter().map(show).collect::<String>())
        });
    });
}

/// What a shell adds of its own is left out.
fn variables(fixture: &Fixture, run: Run) -> Vec<String> {
    let text = wherever(fixture, run);
    text.lines()
        .filter(|line| !["PWD=", "_=", "SHLVL=", "OLDPWD="].iter().any(|own| line.starts_with(own)))
        .map(Into::into)
        .collect()
}

fn path(fixture: &Fixture) -> String {
    fixture.os.ambient().var("PATH").unwrap().into_string().unwrap()
}

pub fn the_environment_is_the_batteries_own(fixture: &Fixture) {
    environ(fixture);
    fixture.os.ambient().edit(|environ| environ.insert("LEYDEN_TEST".into(), "yes".into()));
    let variables = variables(fixture, Run::new("variables"));
    assert!(variables.contains(&"LEYDEN_TEST=yes".to_owned()), "{variables:?}");
    assert!(std::env::var_os("LEYDEN_TEST").is_none());
}

pub fn env_replaces_everything(fixture: &Fixture) {
    environ(fixture);
    fixture.os.ambient().edit(|environ| environ.insert("LEYDEN_TEST".into(), "yes".into()));
    let path = path(fixture);
    let run = Run::new("variables").env([("PATH", path.as_str()), ("B", "2 = two"), ("A", "")]);
    assert_eq!(variables(fixture, run), ["A=".to_owned(), "B=2 = two".into(), format!("PATH={path}")]);
}

pub fn env_update_adds_and_overrides(fixture: &Fixture) {
    environ(fixture);
    fixture.os.ambient().edit(|environ| environ.insert("LEYDEN_TEST".into(), "yes".into()));
    let run = Run::new("variables").env_update([("LEYDEN_TEST", "no"), ("LEYDEN_MORE", "1")]);
    let variables = variables(fixture, run);
    assert!(variables.contains(&"LEYDEN_TEST=no".to_owned()), "{variables:?}");
    assert!(variables.contains(&"LEYDEN_MORE=1".to_owned()), "{variables:?}");
    assert_eq!(fixture.os.ambient().var("LEYDEN_TEST").unwrap(), "yes");
}

pub fn the_childs_path_finds_the_program(fixture: &Fixture) {
    let other = fixture.dir.join("other");
    fixture.mkdir("other");
    if let Some(world) = &fixture.world {
        world.subprocess.program("/case/other/tool").reply("other\n", 0);
    } else {
        fixture.does("../other/tool", "echo other", Reply::new());
    }
    assert!(fixture.subprocess.run("tool").wait().is_err());
    let path = format!("/nowhere:{}:/usr/bin:/bin", other.display());
    assert_eq!(wherever(fixture, Run::new("tool").env([("PATH", path)])), "other");
}

pub fn without_a_path_there_is_bin(fixture: &Fixture) {
    fixture.real("true", |program| drop(program.reply("", 0)));
    assert_eq!(fixture.subprocess.call(Run::new("true").env([("A", "b")])).wait(), Ok(0));
    let error = fixture.subprocess.run(Run::new("true").env([("PATH", "/nowhere")])).wait().unwrap_err();
    assert_eq!(error.errno(), Some(2));
}

pub fn executable_replaces_the_program(fixture: &Fixture) {
    fixture.real("sh", |sh| drop(sh.runs(|call| Reply::new().stdout(format!("{}\n", call.arg(0))))));
    let run = Run::new(["another-name", "-c", "echo $0"]).executable("/bin/sh");
    assert_eq!(wherever(fixture, run), "another-name");
    let error = fixture.subprocess.run(Run::new("sh").executable("no-such-program")).wait().unwrap_err();
    assert_eq!(error.filename().unwrap().to_str(), Some("no-such-program"));
}

pub fn shell_runs_a_line(fixture: &Fixture) {
    fixture.shell("echo one; echo two", Reply::new().stdout("one\ntwo\n"));
    assert_eq!(wherever(fixture, Run::new("echo one; echo two").shell(true)), "one\ntwo");
    assert_eq!(wherever(fixture, Run::shell_line("echo one; echo two")), "one\ntwo");
}

pub fn shell_takes_arguments(fixture: &Fixture) {
    fixture.real("sh", |sh| drop(sh.runs(|call| Reply::new().stdout(format!("{} {}\n", call.arg(3), call.arg(4))))));
    assert_eq!(wherever(fixture, Run::new(["echo $0 $1", "zero", "one"]).shell(true)), "zero one");
}

pub fn a_shell_of_ones_own(fixture: &Fixture) {
    let script = r#"echo "$0 $1 $2""#;
    fixture.program("my-shell", script, |program| {
        program.runs(|call| Reply::new().stdout(format!("{} {} {}\n", call.arg(0), call.arg(1), call.arg(2))));
    });
    let text = wherever(fixture, Run::shell_line("exit 0").executable("my-shell"));
    // A script sees the path by which it was found.
    assert!(text.ends_with("my-shell -c exit 0"), "{text}");
}
