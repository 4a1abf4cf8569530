//! A filter, as it is written in a script: it numbers the lines of stdin, says on stderr how many there were, and ends with a
//! code. Without a terminal behind stdin it works on what comes in; else it shows itself on a scripted one.
//!
//! printf 'one\ntwo\n' | cargo run --example sys --features sys -- -v

use leyden::prelude::*;
use std::io::Write;
use std::process::ExitCode;

fn number_lines(Batteries { sys, .. }: &Batteries) -> leyden::Result<()> {
    let verbose = match sys.argv().get(1) {
        None => false,
        Some(option) if option == "-v" => true,
        Some(option) => match sys.exit(format!("unknown option {}", option.display()))? {},
    };
    let mut count = 0;
    for line in sys.stdin.lines() {
        count += 1;
        write!(&sys.stdout, "{count:4} {}", line?)?;
    }
    if verbose {
        writeln!(&sys.stderr, "{count} lines")?;
    }
    if count == 0 {
        sys.exit(3)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let batteries = Batteries::included();
    if !batteries.sys.stdin.isatty().unwrap_or(false) {
        return batteries.sys.finish(number_lines(&batteries));
    }
    let show = || -> leyden::Result<()> {
        let out = &batteries.sys.stdout;
        for (argv, stdin) in [(vec!["sys", "-v"], "one\r\ntwo\nthree"), (vec!["sys"], ""), (vec!["sys", "--help"], "")] {
            let world = World::new();
            world.sys.set_argv(argv.clone());
            world.sys.set_stdin(stdin);
            let result = number_lines(&world.batteries());
            let code = world.batteries().sys.status_of(result);
            writeln!(&mut &*out, "{argv:?} with stdin {stdin:?}")?;
            writeln!(&mut &*out, "  stdout {:?}\n  stderr {:?}\n  code   {code}", world.sys.stdout(), world.sys.stderr())?;
        }
        Ok(())
    };
    batteries.sys.finish(show())
}
