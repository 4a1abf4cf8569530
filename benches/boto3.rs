//! S3 transfers against boto3's and Amazon's transfer manager's: a large object up and down, many small ones, peak memory, the time until the first
//! answer.
//!
//! All talk to one server, in a process of its own, which keeps no bytes. `LEYDEN_PYTHON` names a Python that has boto3, `LEYDEN_BENCH_RIVAL` the program that `benches/transfer-manager` builds (without it, that
//! comparison is left out); `LEYDEN_BENCH_MIB` the size of the large object (default 1024) and `LEYDEN_BENCH_FILES` the number of small ones (default 2000). Run on a
//! quiet machine: the figures are ratios of medians of [`RUNS`] runs, which alternate.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout)]

#[path = "support/s3.rs"]
mod server;
mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use leyden::boto3::s3::Client;
use leyden::boto3::s3::transfer::TransferConfig;
use leyden::prelude::*;

const RUNS: usize = 3;
const ROLE: &str = "LEYDEN_BENCH_ROLE";
/// Who vouches for the server.
const AUTHORITY: &str = "authority.pem";

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

fn main() {
    // `cargo test --benches` asks every bench to be quick about it.
    let (mib, files) = if std::env::args().any(|arg| arg == "--test" || arg == "--quick") { (16, 20) } else { (1024, 2000) };
    let (mib, files) = (number("LEYDEN_BENCH_MIB", mib), number("LEYDEN_BENCH_FILES", files));
    match std::env::var(ROLE).as_deref() {
        Ok("serve") => server::serve(&Path::new(&std::env::var("LEYDEN_BENCH_DIR").unwrap()).join(AUTHORITY)),
        Ok(role) => once(role),
        Err(_) => all(mib, files),
    }
}

fn client(url: &str, dir: &Path) -> Client {
    let clients = Batteries::included().boto3.client().endpoint_url(url).region_name("us-east-1").verify(dir.join(AUTHORITY));
    clients.aws_access_key_id("AKID").aws_secret_access_key("secret").s3()
}

/// One transfer in a process of its own, which tells its peak of memory in KiB, or how long its first answer took.
fn once(role: &str) {
    let began = Instant::now();
    let (url, dir) = (std::env::var("LEYDEN_BENCH_URL").unwrap(), PathBuf::from(std::env::var("LEYDEN_BENCH_DIR").unwrap()));
    let s3 = client(&url, &dir);
    match role {
        "upload" => drop(s3.upload_file(dir.join("large"), "bench", "memory").wait().unwrap()),
        "download" => s3.download_file("bench", "large", dir.join("memory")).wait().unwrap(),
        "first" => {
            s3.head_bucket(|head| head.bucket("bench")).wait().unwrap();
            println!("{}", began.elapsed().as_nanos());
            return;
        }
        role => panic!("no role {role}"),
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    println!("{}", line.split_whitespace().nth(1).unwrap());
}

/// Amazon's transfer manager, in a process of its own, which measures itself.
struct Rival {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Rival {
    fn start(url: &str, dir: &Path) -> Option<Rival> {
        let program = std::env::var_os("LEYDEN_BENCH_RIVAL")?;
        let mut command = Command::new(program);
        command.env("LEYDEN_BENCH_URL", url).env("SSL_CERT_FILE", dir.join(AUTHORITY));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Some(Rival { child, output })
    }

    fn time(&mut self, task: &str) -> Duration {
        writeln!(self.child.stdin.as_mut().unwrap(), "{task}").unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        Duration::from_nanos(line.trim().parse().unwrap())
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

struct Bench {
    server: Child,
    urls: [String; 2],
    dir: PathBuf,
    python: support::Python,
    rivals: [Option<Rival>; 2],
}

/// Which of the server's URLs.
#[derive(Clone, Copy)]
enum Over {
    Tcp,
    Tls,
}

impl Bench {
    fn start() -> Bench {
        let dir = std::env::temp_dir().join(format!("leyden-bench-boto3-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let mut server = Command::new(std::env::current_exe().unwrap())
            .env(ROLE, "serve")
            .env("LEYDEN_BENCH_DIR", &dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
        let urls = [(); 2].map(|()| lines.next().unwrap().unwrap());
        let rivals = [0, 1].map(|at: usize| Rival::start(&urls[at], &dir));
        Bench { server, dir, python: support::Python::start(), rivals, urls }
    }

    fn client(&self, over: Over) -> Client {
        client(&self.urls[over as usize], &self.dir)
    }

    fn role(&self, role: &str) -> u64 {
        let output = Command::new(std::env::current_exe().unwrap())
            .env(ROLE, role)
            .env("LEYDEN_BENCH_URL", &self.urls[0])
            .env("LEYDEN_BENCH_DIR", &self.dir)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
    }

    fn setup(&self, over: Over) -> String {
        let (url, dir) = (&self.urls[over as usize], self.dir.display());
        format!(
            "import boto3, concurrent.futures; dir = '{dir}'; s3 = boto3.client('s3', endpoint_url='{url}', region_name='us-east-1', \
             verify=dir + '/{AUTHORITY}', aws_access_key_id='AKID', aws_secret_access_key='secret')"
        )
    }

    /// The medians of all, and how often leyden's goes into the others'.
    fn compare(&mut self, name: &str, over: Over, mut leyden: impl FnMut(), rival: Option<&str>, python: &str) {
        let setup = self.setup(over);
        let (mut ours, mut rivals, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let began = Instant::now();
            leyden();
            ours.push(began.elapsed());
            if let (Some(rival), Some(task)) = (&mut self.rivals[over as usize], rival) {
                rivals.push(rival.time(task));
            }
            theirs.push(self.python.time(name, &setup, python, 1));
        }
        let ours = median(ours).as_secs_f64();
        let raw =
            if rivals.is_empty() { String::new() } else { format!("raw/leyden {:.2}x | ", median(rivals).as_secs_f64() / ours) };
        println!("RATIO | {name} | {raw}python/leyden {:.2}x", median(theirs).as_secs_f64() / ours);
    }

    /// A large object, there and back.
    fn large(&mut self, mib: usize, over: Over) {
        let (s3, dir) = (self.client(over), self.dir.clone());
        let how = if matches!(over, Over::Tls) { " over TLS" } else { "" };
        let upload = || s3.upload_file(dir.join("large"), "bench", "large").wait().unwrap();
        let rival = format!("up {} large-rival", dir.join("large").display());
        let python = "s3.upload_file(dir + '/large', 'bench', 'large-python')";
        self.compare(&format!("upload {mib} MiB{how}"), over, upload, Some(&rival), python);
        let download = || s3.download_file("bench", "large", dir.join("back")).wait().unwrap();
        let rival = format!("down large {}", dir.join("back-rival").display());
        let python = "s3.download_file('bench', 'large', dir + '/back-python')";
        self.compare(&format!("download {mib} MiB{how}"), over, download, Some(&rival), python);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn fill(path: &Path, length: usize) {
    let block: Vec<u8> = (0..1 << 20).map(|at: usize| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut file = std::fs::File::create(path).unwrap();
    for start in (0..length).step_by(block.len()) {
        file.write_all(&block[..block.len().min(length - start)]).unwrap();
    }
}

fn all(mib: usize, files: usize) {
    let mut bench = Bench::start();
    fill(&bench.dir.join("large"), mib << 20);
    bench.large(mib, Over::Tcp);
    bench.large(mib, Over::Tls);
    let (s3, dir) = (bench.client(Over::Tcp), bench.dir.clone());
    std::fs::create_dir(dir.join("small")).unwrap();
    for number in 0..files {
        fill(&dir.join(format!("small/{number:05}")), 16 << 10);
    }
    let mut round = 0;
    let up = || {
        // An empty prefix each time, so that all of them go.
        round += 1;
        drop(s3.sync(dir.join("small"), format!("s3://bench/small-{round}")).wait().unwrap().check().unwrap());
    };
    let python = format!(
        "with concurrent.futures.ThreadPoolExecutor(10) as pool:\n    \
         list(pool.map(lambda n: s3.upload_file(f'{{dir}}/small/{{n:05}}', 'bench', f'python/{{n:05}}'), range({files})))"
    );
    bench.compare(&format!("upload {files} files of 16 KiB"), Over::Tcp, up, None, &python);
    let mut round = 0;
    let down = || {
        round += 1;
        drop(s3.sync("s3://bench/small-1", dir.join(format!("down-{round}"))).wait().unwrap().check().unwrap());
    };
    std::fs::create_dir(dir.join("python")).unwrap();
    let python = format!(
        "with concurrent.futures.ThreadPoolExecutor(10) as pool:\n    \
         list(pool.map(lambda n: s3.download_file('bench', f'python/{{n:05}}', f'{{dir}}/python/{{n:05}}'), range({files})))"
    );
    bench.compare(&format!("download {files} files of 16 KiB"), Over::Tcp, down, None, &python);
    let config = TransferConfig::default();
    let limit = ((config.max_concurrency as u64 * config.multipart_chunksize) >> 20) + 64;
    for role in ["upload", "download"] {
        let peak = bench.role(role) >> 10;
        println!(
            "MEMORY | largest resident set, {role} {mib} MiB | {peak} MiB, where concurrency x part + 64 MiB are {limit} MiB"
        );
    }
    let ours = median((0..5).map(|_| Duration::from_nanos(bench.role("first"))).collect());
    let program = std::env::var("LEYDEN_PYTHON").unwrap_or_else(|_| "python3".into());
    let python = format!("{}; s3.head_bucket(Bucket='bench')", bench.setup(Over::Tcp));
    let times = (0..5).map(|_| {
        let began = Instant::now();
        assert!(Command::new(&program).args(["-c", &python]).status().unwrap().success());
        began.elapsed()
    });
    println!("RATIO | start to first answer | python/leyden {:.1}x", median(times.collect()).as_secs_f64() / ours.as_secs_f64());
}
