// Compiles: what the other files of this folder do wrong, done right.
use leyden::prelude::*;

fn main() -> leyden::Result<()> {
    let Batteries { os, requests, schedule, subprocess, time, .. } = World::new().batteries();
    let numbers: Vec<&str> = re::findall(r"\d+", "1 2")?;
    let soup = BeautifulSoup::new("<a>");
    let names = vec!["a", "b"];
    assert_eq!((numbers.len(), soup.find_all(&names[..]).len()), (2, 1));
    schedule.every(1).hour().do_(|batteries: &Batteries| batteries.subprocess.run("ls").wait().map(drop))?;
    time.sleep(5).wait();
    subprocess.run("ls").wait().ok();
    requests.get("https://a.test/").auth(("user", "password")).wait().ok();
    assert!(std::path::Path::new("a.jpg").endswith([".jpg", ".png"]));
    os.makedirs("/out")?;
    Ok(())
}
