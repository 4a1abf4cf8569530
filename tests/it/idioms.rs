//! Idioms of Python scripts in both languages. tools/idioms.py counts their tokens and writes docs/idioms.md.
//!
//! An idiom begins with a line `idiom: title`; lines of Python follow; the Rust code goes up to a line `end`. The code runs, so that the
//! table shows what works.

use leyden::bs4::STRIP;
use leyden::prelude::*;

fn world() -> World {
    let world = World::new();
    world.sys.set_argv(["script", "www"]);
    world.os.set_environ([("LEVEL", "debug")]);
    for (name, text) in [("/a.txt", "one\ntwo\n"), ("/srv/www/index.html", "<p>"), ("/log/x.log", ""), ("/log/y.txt", "")] {
        world.os.write(name, text);
    }
    world.os.mkdir("/tmp");
    world.subprocess.program("df").reply("97%\n", 0);
    world.subprocess.program("nginx").reply("", 1);
    world.subprocess.program("sort").reply("a\nb\n", 0);
    world.requests.get("https://a.test/").reply(leyden::requests::mock::Reply::new(200).json(&["x"]));
    world.requests.post("https://a.test/").reply(201);
    world.boto3.s3.taken("other");
    world
}

#[test]
fn files() -> leyden::Result<()> {
    let world = world();
    let Batteries { os, sys, shutil, glob, tempfile, .. } = &world.batteries();
    // idiom: read a text file
    // > text = open("/a.txt").read()
    let text = os.read_text("/a.txt")?;
    // end
    assert_eq!(text, "one\ntwo\n");
    // idiom: write a text file
    // > open("/b.txt", "w").write("hi\n")
    os.write_text("/b.txt", "hi\n")?;
    // end
    // idiom: append a line
    // > open("/b.txt", "a").write("ho\n")
    os.open(Open::new("/b.txt").mode("a"))?.write_text("ho\n")?;
    // end
    assert_eq!(world.os.read("/b.txt").unwrap(), b"hi\nho\n");
    // idiom: go through the lines
    // > for line in open("/a.txt"):
    // >     print(line.strip())
    for line in os.open("/a.txt")? {
        sys.print(line?.trim())?;
    }
    // end
    assert_eq!(world.sys.stdout(), "one\ntwo\n");
    // idiom: remove a file if it exists
    // > if os.path.exists("/b.txt"):
    // >     os.remove("/b.txt")
    if os.path.exists("/b.txt") {
        os.remove("/b.txt")?;
    }
    // end
    // idiom: make directories
    // > os.makedirs("/out/reports", exist_ok=True)
    os.makedirs(MakeDirs::new("/out/reports").exist_ok(true))?;
    // end
    // idiom: names with a suffix
    // > logs = [name for name in os.listdir("/log") if name.endswith(".log")]
    let logs: Vec<_> = os.listdir("/log")?.into_iter().filter(|name| name.endswith(".log")).collect();
    // end
    assert_eq!(logs, ["x.log"]);
    // idiom: join a path
    // > path = os.path.join("/srv", "www", "index.html")
    let path = path::join("/srv", ["www", "index.html"]);
    // end
    // idiom: the size of a file
    // > size = os.path.getsize(path)
    let size = os.path.getsize(path)?;
    // end
    assert_eq!(size, 3);
    // idiom: walk a tree
    // > for dirpath, dirnames, filenames in os.walk("/srv"):
    // >     print(dirpath, len(filenames))
    for step in os.walk("/srv") {
        sys.print(format_args!("{} {}", step.dirpath.display(), step.filenames.len()))?;
    }
    // end
    // idiom: find files by a pattern
    // > pages = glob.glob("/srv/**/*.html", recursive=True)
    let pages = glob.glob(Glob::new("/srv/**/*.html").recursive(true));
    // end
    assert_eq!(pages.len(), 1);
    // idiom: copy and move
    // > shutil.copy("/a.txt", "/out")
    // > shutil.move("/out/a.txt", "/out/c.txt")
    shutil.copy("/a.txt", "/out")?;
    shutil.move_("/out/a.txt", "/out/c.txt")?;
    // end
    assert!(world.os.exists("/out/c.txt"));
    // idiom: remove a tree
    // > shutil.rmtree("/out")
    shutil.rmtree("/out")?;
    // end
    // idiom: a temporary directory
    // > with tempfile.TemporaryDirectory() as work:
    // >     open(os.path.join(work, "x"), "w").write("1")
    let work = tempfile.temporary_directory(())?;
    os.write_text(work.path().join("x"), "1")?;
    // end
    // idiom: an environment variable with a default
    // > level = os.environ.get("LEVEL", "info")
    let level = os.getenv_or("LEVEL", "info");
    // end
    assert_eq!(level, "debug");
    // idiom: go on if a file is missing
    // > try:
    // >     os.remove("/b.lock")
    // > except FileNotFoundError:
    // >     pass
    match os.remove("/b.lock") {
        Err(leyden::os::Error::FileNotFound(_)) => {}
        other => other?,
    }
    // end
    Ok(())
}

#[test]
fn programs_and_time() -> leyden::Result<()> {
    let world = world();
    let Batteries { os: _, sys, subprocess, time, .. } = &world.batteries();
    // idiom: the first argument
    // > name = sys.argv[1]
    let name = &sys.args()[0];
    // end
    assert_eq!(name, "www");
    // idiom: print
    // > print("cleaning", name)
    sys.print(format_args!("cleaning {name}"))?;
    // end
    // idiom: the output of a program
    // > out = subprocess.run(["df", "/"], capture_output=True, text=True, check=True).stdout
    let out = subprocess.run(["df", "/"]).capture_output(true).check(true).wait()?.stdout_text()?;
    // end
    assert_eq!(out, "97%\n");
    // idiom: the exit code of a program
    // > down = subprocess.run(["nginx", "-t"]).returncode != 0
    let down = subprocess.run(["nginx", "-t"]).wait()?.returncode != 0;
    // end
    assert!(down);
    // idiom: a program with input and a timeout
    // > subprocess.run(["sort"], input="b\na\n", text=True, timeout=60)
    subprocess.run("sort").input("b\na\n").timeout(60).wait()?;
    // end
    // idiom: sleep
    // > time.sleep(5)
    time.sleep(5).wait();
    // end
    // idiom: the date
    // > today = time.strftime("%Y-%m-%d")
    let today = time.strftime("%Y-%m-%d", None)?;
    // end
    assert_eq!(today, "2026-01-01");
    // idiom: try again with pauses
    // > for attempt in range(3):
    // >     if subprocess.run(["nginx"]).returncode == 0:
    // >         break
    // >     time.sleep(2 ** attempt)
    for attempt in 0..3 {
        if subprocess.run("nginx").wait()?.returncode == 0 {
            break;
        }
        time.sleep(1 << attempt).wait();
    }
    // end
    Ok(())
}

#[test]
fn text() -> leyden::Result<()> {
    let html = "<a class=post href=/1> First </a><a href=/2>Second</a>";
    // idiom: search with a group
    // > year = re.search(r"(\d{4})-", "on 2026-01-31")[1]
    let year = re::search(r"(\d{4})-", "on 2026-01-31")?.unwrap().group(1).unwrap();
    // end
    assert_eq!(year, "2026");
    // idiom: find all
    // > words = re.findall(r"\w+", "to be or")
    let words: Vec<&str> = re::findall(r"\w+", "to be or")?;
    // end
    assert_eq!(words.len(), 3);
    // idiom: replace
    // > date = re.sub(r"(\d+)-(\d+)", r"\2.\1", "01-31")
    let date = re::sub(r"(\d+)-(\d+)", r"\2.\1", "01-31")?;
    // end
    assert_eq!(date, "31.01");
    // idiom: the links of a page
    // > soup = BeautifulSoup(html, "html5lib")
    // > for a in soup.find_all("a"):
    // >     print(a["href"], a.get_text(strip=True))
    let soup = BeautifulSoup::new(html);
    for a in soup.find_all("a") {
        println!("{} {}", a.get("href").unwrap(), a.get_text(STRIP));
    }
    // end
    // idiom: select by CSS
    // > first = soup.select_one("a.post").text
    let first = soup.select_one("a.post")?.unwrap().text();
    // end
    assert_eq!(first, " First ");
    Ok(())
}

#[test]
fn networks() -> leyden::Result<()> {
    let world = world();
    let Batteries { requests, smtplib, boto3, schedule, .. } = &world.batteries();
    // idiom: get JSON
    // > jobs = requests.get("https://a.test/", timeout=10).json()
    let jobs: Vec<String> = requests.get("https://a.test/").timeout(10).wait()?.json()?;
    // end
    assert_eq!(jobs, ["x"]);
    // idiom: fail unless it succeeds
    // > requests.get("https://a.test/").raise_for_status()
    requests.get("https://a.test/").wait()?.raise_for_status()?;
    // end
    // idiom: post a form
    // > requests.post("https://a.test/", data={"name": "build"})
    requests.post("https://a.test/").data([("name", "build")]).wait()?;
    // end
    // idiom: send a mail
    // > message = EmailMessage()
    // > message["From"] = "a@example.com"
    // > message["To"] = "b@example.com"
    // > message["Subject"] = "disk full"
    // > message.set_content("97 %\n")
    // > smtplib.SMTP("localhost").send_message(message)
    let mut message = EmailMessage::new();
    message.set("From", "a@example.com")?.set("To", "b@example.com")?.set("Subject", "disk full")?;
    message.set_content("97 %\n")?;
    smtplib.smtp("localhost", 25).wait()?.send_message(&message).wait()?.check()?;
    // end
    assert_eq!(world.smtplib.outbox().len(), 1);
    // idiom: a client of S3
    // > s3 = boto3.client("s3", region_name="us-east-1")
    let s3 = boto3.client().region_name("us-east-1").s3();
    // end
    s3.create_bucket(|create| create.bucket("logs")).wait()?;
    // idiom: upload a file
    // > s3.upload_file("/a.txt", "logs", "a.txt")
    s3.upload_file("/a.txt", "logs", "a.txt").wait()?;
    // end
    // idiom: put an object
    // > s3.put_object(Bucket="logs", Key="b.txt", Body="hi")
    s3.put_object(|put| put.bucket("logs").key("b.txt").content("hi")).wait()?;
    // end
    // idiom: read an object
    // > data = s3.get_object(Bucket="logs", Key="b.txt")["Body"].read()
    let data = s3.get_object(|get| get.bucket("logs").key("b.txt")).wait()?.read()?;
    // end
    assert_eq!(data, "hi");
    // idiom: a job every hour
    // > schedule.every().hour.do(job)
    fn job(_: &Batteries) {}
    schedule.every(1).hour().do_(job)?;
    // end
    Ok(())
}
