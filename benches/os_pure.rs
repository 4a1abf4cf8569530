//! The pure modules of `os` against Python's: paths as text, `shlex`, `fnmatch`.
#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use leyden::os::{fnmatch, path, shlex};
use std::hint::black_box;
use std::time::Duration;
use support::{Python, compare};

const NONE: Option<&mut dyn FnMut()> = None;

fn paths(c: &mut Criterion, py: &mut Python) {
    let setup = "import os.path\np = '/srv/www/site/../assets/./img//logo.tar.gz'\nq = '/srv/www/site/index.html'\nenv = os.environ\nenv['LEYDEN_X'] = 'www'";
    let p = black_box("/srv/www/site/../assets/./img//logo.tar.gz");
    let q = black_box("/srv/www/site/index.html");
    compare(c, py, "path.join", || path::join(q, ["a", "b.txt"]), NONE, (setup, "os.path.join(q, 'a', 'b.txt')"));
    compare(c, py, "path.split", || path::split(q), NONE, (setup, "os.path.split(q)"));
    compare(c, py, "path.splitext", || path::splitext(p), NONE, (setup, "os.path.splitext(p)"));
    compare(c, py, "path.basename", || path::basename(q), NONE, (setup, "os.path.basename(q)"));
    compare(c, py, "path.dirname", || path::dirname(q), NONE, (setup, "os.path.dirname(q)"));
    compare(c, py, "path.normpath", || path::normpath(p), NONE, (setup, "os.path.normpath(p)"));
    compare(c, py, "path.isabs", || path::isabs(q), NONE, (setup, "os.path.isabs(q)"));
    compare(c, py, "path.abspath", || path::abspath("a/../b", "/srv/www"), NONE, (setup, "os.path.abspath('a/../b')"));
    compare(c, py, "path.relpath", || path::relpath(q, "/srv/log", "/"), NONE, (setup, "os.path.relpath(q, '/srv/log')"));
    compare(c, py, "path.commonpath", || path::commonpath([p, q]), NONE, (setup, "os.path.commonpath([p, q])"));
    compare(c, py, "path.commonprefix", || path::commonprefix([p, q]), NONE, (setup, "os.path.commonprefix([p, q])"));
    compare(
        c,
        py,
        "path.expandvars",
        || path::expandvars("/srv/$LEYDEN_X/a", |_| Some("www".into())),
        NONE,
        (setup, "os.path.expandvars('/srv/$LEYDEN_X/a')"),
    );
}

fn words(c: &mut Criterion, py: &mut Python) {
    let setup = r#"import shlex
s = "tar -czf 'my file.tgz' --exclude=\"*.o\" src/ README.md"
long = ' '.join([s] * 100)
words = shlex.split(s)"#;
    let s = black_box(r#"tar -czf 'my file.tgz' --exclude="*.o" src/ README.md"#);
    let long = [s; 100].join(" ");
    let words = shlex::split(s).unwrap();
    compare(c, py, "shlex.split", || shlex::split(s), NONE, (setup, "shlex.split(s)"));
    compare(c, py, "shlex.split of 5 KB", || shlex::split(&long), NONE, (setup, "shlex.split(long)"));
    compare(
        c,
        py,
        "shlex.quote plain",
        || shlex::quote("src/main.rs").map(|q| q.len()),
        NONE,
        (setup, "shlex.quote('src/main.rs')"),
    );
    compare(c, py, "shlex.quote", || shlex::quote("it's a file").map(|q| q.len()), NONE, (setup, "shlex.quote(\"it's a file\")"));
    compare(c, py, "shlex.join", || shlex::join(&words), NONE, (setup, "shlex.join(words)"));
}

fn patterns(c: &mut Criterion, py: &mut Python) {
    let setup = "import fnmatch\nnames = [f'report-{i:05}.{e}' for i in range(1000) for e in ('csv', 'txt')]";
    let names: Vec<String> = (0..1000).flat_map(|i| ["csv", "txt"].map(|e| format!("report-{i:05}.{e}"))).collect();
    compare(
        c,
        py,
        "fnmatch.fnmatch",
        || fnmatch::fnmatch(&names[7], "report-*.txt"),
        NONE,
        (setup, "fnmatch.fnmatch(names[7], 'report-*.txt')"),
    );
    for pattern in ["*.txt", "report-*[0-4].c?v", "*-*9*.csv"] {
        compare(
            c,
            py,
            &format!("fnmatch.filter {}", pattern.replace('*', "+")),
            || fnmatch::filter(&names, pattern).len(),
            NONE,
            (setup, &format!("fnmatch.filter(names, {pattern:?})")),
        );
    }
    compare(
        c,
        py,
        "fnmatch.translate",
        || fnmatch::translate("a*[b-d]?.txt"),
        NONE,
        (setup, "fnmatch.translate('a*[b-d]?.txt')"),
    );
}

fn all(c: &mut Criterion) {
    let mut python = Python::start();
    paths(c, &mut python);
    words(c, &mut python);
    patterns(c, &mut python);
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600));
    targets = all
}
criterion_main!(benches);
