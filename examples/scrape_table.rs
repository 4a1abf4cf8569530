//! Scrapes a table from a web page into CSV.
//!
//!     cargo run --example scrape_table --features requests,bs4          a rehearsal, in memory
//!     scrape_table URL [SELECTOR [FILE.csv]]                            the real thing; without FILE to standard output
//!
//! The exit code is 0, or 1 if the page or the table does not exist; FILE is then unchanged.
//!
//! The Python original:
//!
//! ```python
//! url = sys.argv[1]
//! selector = sys.argv[2] if len(sys.argv) > 2 else "table"
//! out = sys.argv[3] if len(sys.argv) > 3 else None
//! response = requests.get(url, timeout=30)
//! response.raise_for_status()
//! soup = BeautifulSoup(response.content, "html5lib")
//! table = soup.select_one(selector)
//! if table is None:
//!     sys.exit(f"{url} has no table {selector!r}")
//! rows = [[cell.get_text().strip() for cell in row.find_all(["th", "td"])] for row in table.find_all("tr")]
//! file = open(out, "w", newline="") if out else sys.stdout
//! csv.writer(file, lineterminator="\n").writerows(rows)
//! print(f"{len(rows) - 1} rows", file=sys.stderr)
//! ```
//!
//! What Python's does not do: cells over several columns or rows are repeated, and the file is replaced in one step.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::prelude::*;
use leyden::requests::mock::Reply;
use std::process::ExitCode;

const USAGE: &str = "usage: scrape_table URL [SELECTOR [FILE.csv]]";

fn scrape(Batteries { os, sys, requests, .. }: &Batteries) -> leyden::Result<()> {
    let args: Vec<String> = sys.argv().iter().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let (url, selector, out) = match &args[..] {
        [url] => (url, "table", None),
        [url, selector] => (url, selector.as_str(), None),
        [url, selector, out] => (url, selector.as_str(), Some(out)),
        _ => match sys.exit(USAGE)? {},
    };
    let page = requests.get(url).timeout(secs(30)).wait()?.raise_for_status()?;
    let soup = BeautifulSoup::new(&page.content()?[..]);
    let Some(table) = soup.table(selector)? else { match sys.exit(format!("{url} has no table {selector:?}"))? {} };
    let csv: String =
        std::iter::once(&table.header).filter(|header| !header.is_empty()).chain(&table.rows).map(|row| line(row)).collect();
    match out {
        Some(out) => os.write_text(out, csv)?,
        None => sys.stdout.write(&csv)?,
    };
    sys.stderr.write(&format!("{} rows\n", table.rows.len()))?;
    Ok(())
}

/// A line of CSV, as `csv.writer` writes it: quoted where it must be.
fn line(cells: &[String]) -> String {
    let quoted = cells.iter().map(|cell| match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    });
    quoted.collect::<Vec<_>>().join(",") + "\n"
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.argv().len() > 1 {
        return real.sys.finish(scrape(&real));
    }
    let world = rehearsal();
    let code = world.batteries().sys.status_of(scrape(&world.batteries()));
    print!("{}{}", world.sys.stdout(), world.sys.stderr());
    println!("exit code {code}");
    ExitCode::SUCCESS
}

/// A page with tables, one of which is wanted.
fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv(["scrape_table", "https://pets.test/prices", "#prices"]);
    world.requests.get("https://pets.test/prices").reply(Reply::new(200).html(
        r#"<table><tr><td>only for the layout</table>
           <table id=prices><tr><th>Pet<th>Kind<th>Price
           <tr><td>Rex, the dog<td rowspan=2>mammal<td>200
           <tr><td>Tom &quot;Tiger&quot;<td>120
           <tr><td>Nemo<td>fish<td>7 </table>"#,
    ));
    world
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::world::torture;

    const CSV: &str = "Pet,Kind,Price\n\"Rex, the dog\",mammal,200\n\"Tom \"\"Tiger\"\"\",mammal,120\nNemo,fish,7\n";

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(scrape(&world.batteries()))
    }

    #[test]
    fn the_table_becomes_csv() {
        let world = rehearsal();
        assert_eq!(code(&world), 0);
        assert_eq!(world.sys.stdout(), CSV);
        assert_eq!(world.sys.stderr(), "3 rows\n");
    }

    #[test]
    fn into_a_file_whole_or_not_at_all() {
        torture(
            |world| {
                world.sys.set_argv(["scrape_table", "https://pets.test/prices", "#prices", "/prices.csv"]);
                let page = "<table id=prices><tr><th>Pet<tr><td>Nemo</table>";
                world.requests.get("https://pets.test/prices").reply(Reply::new(200).html(page));
                world.os.write("/prices.csv", "yesterday's\n");
            },
            scrape,
            |world, _| match world.os.read_text("/prices.csv").as_deref() {
                Some("yesterday's\n" | "Pet\nNemo\n") => Ok(()),
                other => Err(format!("{other:?}")),
            },
        )
        .assert_ok();
    }

    #[test]
    fn reports_what_is_missing_and_keeps_the_old_file() {
        for (url, selector, expected) in [
            ("https://pets.test/prices", "#food", "has no table \"#food\""),
            ("https://pets.test/gone", "table", "404"),
            ("https://down.test/", "table", "down.test"),
        ] {
            let world = rehearsal();
            world.requests.get("https://pets.test/gone").reply(404);
            world.requests.get("https://down.test/").refuse();
            world.os.write("/prices.csv", CSV);
            world.sys.set_argv(["scrape_table", url, selector, "/prices.csv"]);
            assert_eq!(code(&world), 1);
            assert!(world.sys.stderr().contains(expected), "{}", world.sys.stderr());
            assert_eq!(world.os.read_text("/prices.csv").as_deref(), Some(CSV));
        }
    }
}
