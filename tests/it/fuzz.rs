//! The fuzz targets of `fuzz/` on stable Rust: each runs a bounded number of cases that are made from valid inputs and a fixed seed.
//!
//! `LEYDEN_FUZZ_CASES=20` runs twenty times as many cases, `LEYDEN_FUZZ_SEED=7` others.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

#[path = "../../fuzz/src/lib.rs"]
mod targets;

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

/// Bytes that end, nest, escape or overflow in one of the formats.
const AWKWARD: &[&[u8]] = &[
    b"\0",
    b"\r\n",
    b"\n",
    b"\r",
    b"\t",
    b" ",
    b"\"",
    b"'",
    b"\\",
    b"<",
    b">",
    b"&",
    b"&#x110000;",
    b"%",
    b"%zz",
    b"%00",
    b"[",
    b"]",
    b"(",
    b")",
    b"{",
    b"}",
    b"{1,99999999999}",
    b"*",
    b"+",
    b"?",
    b"|",
    b"^",
    b"$",
    b",",
    b";",
    b":",
    b"::",
    b"=",
    b"=?",
    b"?=",
    b"@",
    b"#",
    b"/",
    b"..",
    b"-",
    b"--",
    b"\xff",
    b"\xfe\xff",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\xe2\x82\xac",
    b"\xf0\x9f\x98\x80",
    b"\xed\xa0\x80",
    b"0",
    b"-1",
    b"18446744073709551616",
    b"4294967296",
    b"99999",
    b"1e999",
    b"]]>",
    b"-->",
    b"<![CDATA[",
    b"<!DOCTYPE",
    b"\x1b[0m",
    b"a",
    b"Z",
];

/// A case: one or two of the seeds, cut, doubled, spliced and overwritten.
fn case(random: &mut Random, seeds: &[&[u8]]) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].to_vec();
    for _ in 0..random.below(6) {
        let at = random.below(bytes.len() + 1);
        let end = (at + 1 + random.below(12)).min(bytes.len());
        match random.below(8) {
            0 => bytes.truncate(at),
            1 if at < end => drop(bytes.drain(at..end)),
            2 if at < bytes.len() => bytes[at] = random.next() as u8,
            3 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            4 => {
                let again = bytes[at..end].to_vec();
                for _ in 0..=random.below(3) {
                    bytes.splice(at..at, again.iter().copied());
                }
            }
            5 => {
                let other = seeds[random.below(seeds.len())];
                let from = random.below(other.len());
                let to = (from + 1 + random.below(40)).min(other.len());
                bytes.splice(at..at, other[from.min(to)..to].iter().copied());
            }
            _ => drop(bytes.splice(at..at, AWKWARD[random.below(AWKWARD.len())].iter().copied())),
        }
    }
    bytes
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text:?}")))
}

/// Runs a target on every seed and on `cases` cases. Longer than a second for one case is a fault too.
fn drive(target: fn(&[u8]), seeds: &[&[u8]], cases: u64) {
    let mut random = Random(setting("LEYDEN_FUZZ_SEED", 1));
    let cases = (0..cases * setting("LEYDEN_FUZZ_CASES", 1)).map(|_| case(&mut random, seeds));
    for bytes in seeds.iter().map(|seed| seed.to_vec()).chain(cases) {
        let start = Instant::now();
        if catch_unwind(AssertUnwindSafe(|| target(&bytes))).is_err() {
            panic!("this input fails: b\"{}\"", bytes.escape_ascii());
        }
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "this input takes {:?}: b\"{}\"",
            start.elapsed(),
            bytes.escape_ascii()
        );
    }
}

#[test]
fn re() {
    let seeds: &[&[u8]] = &[
        b"(?P<year>\\d{4})-(\\d\\d)\n2024-05-06 2024",
        b"(a|b)*?c(?=d)(?<!e)\\1\nabcd aabbc",
        b"(?i:[^a-z\\s]+)(?x) # c\nHELLO world",
        b"^\\bfoo$|(?<=x)y{2,3}+\nfoo\nxyyy",
        b"((?:a(?:b(?:c)?)?)+)(?(1)x|y)\nabcx",
        b"\\N{BULLET}[\\u00e9-\\U0001f600]\\w\n\xe2\x80\xa2\xc3\xa9a",
        b"(?>a+)b|[[:alpha:]]|.*?\\Z\naaab",
    ];
    drive(targets::re, seeds, 1500);
}

#[test]
fn css() {
    let seeds: &[&[u8]] = &[
        b"ul > li:nth-child(2n + 1 of .b) ~ li, #top p[title~='y' i]",
        b":is(p, li):not(.x):has(> a, + b) svg|a *|*",
        b"input:checked, input:in-range, :lang('en-*'), :root:empty",
        b"li:nth-last-of-type(-n+3)::-soup-contains('1', \"2\")",
        b"#\\31 23 .a\\.b [data-x|=\"a\\\nb\"] /* c */",
        b":where(:any-link, :dir(ltr), :placeholder-shown, :default)",
    ];
    drive(targets::css, seeds, 500);
}

#[test]
fn html() {
    let seeds: &[&[u8]] = &[
        b"<!DOCTYPE html><html lang=en><head><meta charset=windows-1252><title>t</title><body class='a b'><p>one<p>two &amp; &notit; &#128;",
        b"<table><tr><td>1<b><table><td>x</b></table>out<caption>c<select><option>a<option>b</select>",
        b"<a href=x><a href=y><div><i><b></a></i>text</b><svg><foreignObject><p></svg><math><mi><plaintext>",
        b"<script>var a='</scr'</script><style><!-- </style><template><tr><td></template><frameset><noscript><!--x--!>",
        b"<ul><li>1<li>2<ul><li>3</ul></ul><form><input disabled><button><form></form><textarea>\n</textarea>",
    ];
    drive(targets::html, seeds, 400);
}

#[test]
fn xml() {
    let seeds: &[&[u8]] = &[
        b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a xmlns:x=\"urn:x\"><x:b c='d'>t&amp;&#233;</x:b><!-- c --><![CDATA[<>]]></a>",
        b"<!DOCTYPE a [<!ENTITY e \"v\">]><a b=\"&e;\"><?pi data?><c/></a>",
        b"\xff\xfe<\0a\0>\0x\0<\0/\0a\0>\0",
        b"<a><b><c></b></c></a></a>tail",
    ];
    drive(targets::xml, seeds, 500);
}

#[test]
fn email() {
    let seeds: &[&[u8]] = &[
        b"From: Ann <ann@example.com>\r\nTo: b@example.com, =?utf-8?q?C=C3=A9?= <c@example.com>\r\nSubject: =?utf-8?b?w6k=?= x\r\nDate: Mon, 20 Nov 1995 19:12:08 -0500\r\nMessage-ID: <1@x>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=\"utf-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nbody =C3=A9=\r\n end\r\n",
        b"Content-Type: multipart/mixed; boundary=\"b\"\n\npreamble\n--b\nContent-Type: text/html\n\n<p>\n--b\nContent-Type: application/octet-stream\nContent-Disposition: attachment; filename*0*=utf-8''a%C3%A9; filename*1=b\nContent-Transfer-Encoding: base64\n\nAAEC\n--b--\nepilogue",
        b"From x@y Mon Jan  1 00:00:00 2024\nSubject: folded\n\tline\n very long words without end aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nContent-Type: message/rfc822\n\nSubject: inner\n\nx",
        b"Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: multipart/related; boundary=ab\n\n--ab\n\n1\n--ab--\n--a\n\n2\n--a--",
        b"Content-Type: text/plain; charset=iso-2022-jp\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 f\n#0V%T\n`\nend\n",
    ];
    drive(targets::email, seeds, 600);
}

#[test]
fn addresses() {
    let seeds: &[&[u8]] = &[
        b"Ann Smith <ann@example.com>, \"Q. \\\"x\\\" Y\" <q@[127.0.0.1]>",
        b"team: a@x.org, b@y.org;, (comment (nested)) c (d) @ e . f",
        b"<@route,@b:user@host>, =?utf-8?q?=C3=A9_?= <u@xn--bcher-kva.example>",
        b"Mon, 20 Nov 1995 19:12:08 -0500 (EST)",
        b"20-Nov-95 7:2 PM +0530",
        b"=?iso-8859-1?q?a?= =?utf-8*en?b?w6k=?= plain",
        b"utf-8'en'a%20b%C3%A9",
    ];
    drive(targets::addresses, seeds, 3000);
}

#[test]
fn cookies() {
    let seeds: &[&[u8]] = &[
        b"id=7; Path=/; Domain=example.com; Secure; HttpOnly; SameSite=Lax\nb=\"x y\"; Max-Age=3600",
        b"a=1; Expires=Wed, 21 Oct 2099 07:28:00 GMT; Path=/cart\n=empty; Domain=.shop.example.com\nname",
        b"__Host-x=1; Secure; Path=/\n__Secure-y=2; Domain=com\nz=1; Expires=Thu, 01-Jan-70 00:00:10 GMT",
        b"# Netscape HTTP Cookie File\n.example.com\tTRUE\t/\tTRUE\t4070908800\tid\t7\n#HttpOnly_example.com\tFALSE\t/\tFALSE\t0\ta\tb",
    ];
    drive(targets::cookies, seeds, 1500);
}

#[test]
fn urls() {
    let seeds: &[&[u8]] = &[
        b"https://user:p%40ss@example.com:8080/a/../b;p?q=1&r=%e9#f",
        b"http://[2001:db8::1%25eth0]:80/%7Ex/ y?z",
        b"HTTP://B\xc3\xbccher.example/\xe2\x82\xac?\xc3\xa9=\xc3\xa9",
        b"//host/path",
        b"http://127.1/./a/././../../b//c",
        b"<https://x/1>; rel=\"next\"; title=\"a, b\", <y>; rel=last",
        b"Digest realm=\"a, b\", nonce=\"\\\"x\", qop=\"auth,auth-int\", stale=FALSE",
        b"machine h login l password \"p q\" macdef m\n x\n\ndefault login a password b",
        b"<meta charset=\"utf-8\"><?xml encoding='x'?>",
    ];
    drive(targets::urls, seeds, 1500);
}

#[test]
fn archives() {
    use leyden::os::shutil::archive::MakeArchive;

    let os = leyden::World::new().batteries().os;
    for dir in ["/srv", "/srv/site", "/srv/site/css"] {
        os.mkdir(dir).unwrap();
    }
    os.write_text("/srv/site/index.html", "<p>").unwrap();
    os.write_text("/srv/site/css/a.css", "p { color: red }".repeat(50)).unwrap();
    os.symlink("css/a.css", "/srv/site/link").unwrap();
    let seeds: Vec<Vec<u8>> = ["tar", "gztar", "bztar", "xztar", "zip"]
        .map(|format| {
            let made =
                os.shutil.make_archive(format!("/{format}"), MakeArchive::new(format).root_dir("/srv").base_dir("site")).unwrap();
            os.read_bytes(made).unwrap()
        })
        .into();
    drive(targets::archives, &seeds.iter().map(Vec::as_slice).collect::<Vec<_>>(), 150);
}

#[test]
fn cron() {
    let seeds: &[&[u8]] = &[
        b"*/15 0-6,22-23/2 1,15 JAN-jun MON-FRI",
        b"0 30 2 L * ?",
        b"0 9 LW * 5#2",
        b"5/15 * 29 2 6L",
        b"0 0 15W 1-12/3 SUN",
        b"@monthly",
    ];
    drive(targets::cron, seeds, 1500);
}

#[test]
fn ssh_config() {
    let seeds: &[&[u8]] = &[
        b"Host web* !web9\n  HostName %h.example.com\n  User=\"deploy\"\n  Port 2222\n  ProxyJump a@b:22,[::1]:23\n  IdentityFile ~/.ssh/%r@%h\nHost *\n  ServerAliveInterval 10\n",
        b"Match host web1 user root exec \"test -f %d\" originalhost w*\n  ForwardAgent yes\nMatch all\n  LocalForward 8080 [::1]:80\n",
        b"Include ~/.ssh/conf.d/*\nCanonicalizeHostname yes\nCanonicalDomains example.com\nCanonicalizeMaxDots 1\nSetEnv A=1 \"B=2 3\"\n",
        b"a@[fe80::1%eth0]:22",
        b"Host \"a b\" c\\ d 'e\n\tConnectTimeout none # c\nProxyCommand nc %h %p %%\n",
    ];
    drive(targets::ssh_config, seeds, 800);
}

#[test]
fn known_hosts() {
    let seeds: &[&[u8]] = &[
        b"web1,10.0.0.? ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl comment\n",
        b"|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n",
        b"@cert-authority *.example.com,!db* ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n@revoked * ssh-rsa AAAA\n",
        b"[db.example.com]:2222 ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY= # x\n\n# c\n",
    ];
    drive(targets::known_hosts, seeds, 3000);
}

#[test]
fn smtp_reply() {
    let seeds: &[&[u8]] = &[
        b"220 mx.test ESMTP\r\n250-mx.test\r\n250-SIZE 1000\r\n250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8\r\n250 ok\r\n221 bye\r\n",
        b"220-a\r\n220-b\n220 c\r\n502 no\r\n250 mx\r\n250 ok\r\n",
        b"421 4.3.2 closing\r\n",
        b"220 mx.test ESMTP\r\n250-x\r\n250-AUTH=LOGIN\r\n250 SIZE\r\nxyz\r\n99999 a\r\n2",
    ];
    drive(targets::smtp_reply, seeds, 250);
}

#[test]
fn http_reply() {
    let seeds: &[&[u8]] = &[
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\nSet-Cookie: a=1; Path=/\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5;x=y\r\nhello\r\n0\r\nX: 1\r\n\r\n",
        b"HTTP/1.0 301 Moved\r\nLocation: ../a b?\xc3\xa9\r\nLink: <x>; rel=next\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabV\xb2R0\x04\x00\x9d\xc5>\x1c\x06\x00\x00\x00",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n X: folded\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204\r\nContent-Encoding: br, deflate, zstd\r\n\r\n",
    ];
    drive(targets::http_reply, seeds, 250);
}

#[test]
fn s3_xml() {
    let seeds: &[&[u8]] = &[
        b"<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>true</IsTruncated><Contents><Key>a%20b</Key><Size>5</Size><LastModified>2024-05-06T07:08:09.000Z</LastModified><ETag>\"x\"</ETag></Contents><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes><EncodingType>url</EncodingType></ListBucketResult>",
        b"<AccessControlPolicy><Owner><ID>1</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>1</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
        b"<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter><And><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>",
        b"<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>",
    ];
    drive(targets::s3_xml, seeds, 60);
}
