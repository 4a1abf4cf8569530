//! Faults of mail that were found by use and by attack, and what must hold for every header.

use leyden::smtplib::email::{
    Address, Content, Defect, EmailMessage, Group, Policy, Refold, decode_header, getaddresses, parseaddr,
};

use crate::support::work::grows_linearly;

/// A generator of its own, seeded: the same headers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// No line but those of the headers that were set, none too long, and no character that ends one.
fn check(raw: &[u8], names: &[&str], most: usize) {
    let head = raw.windows(4).position(|four| four == b"\r\n\r\n").map_or(raw, |end| &raw[..end]);
    let text = String::from_utf8_lossy(head);
    for line in text.split("\r\n") {
        assert!(!line.contains(['\r', '\n', '\0']), "{line:?} in {text}");
        assert!(!line.trim().is_empty(), "an empty line in {text}");
        assert!(
            line.starts_with([' ', '\t']) || names.iter().any(|name| line.starts_with(&format!("{name}:"))),
            "{line:?} in {text}"
        );
        assert!(line.chars().count() <= most, "{} characters: {line}", line.len());
        assert!(!line.contains("=?utf-8?") || line.len() <= 76, "{} characters with an encoded word: {line}", line.len());
    }
}

// D1, D2, S1
#[test]
fn headers_are_folded_and_come_back() {
    let mut random = Random(20_261_130);
    let words = ["a", "report", "Grüße", "東京", "=?x?=", "=?utf-8?q?a=0D=0Ab?=", "a@b", "(x)", "\"q\"", "😀", "\t", "", "", ","];
    for number in 0..10_000 {
        let long = ["x", "é", "x,", "=?"][number % 4].repeat(random.below(400));
        let mut subject: Vec<&str> = (0..random.below(30)).map(|_| random.pick(&words)).collect();
        if number % 7 == 0 {
            subject.push(&long);
        }
        let subject = subject.join(" ");
        let mut message = EmailMessage::new();
        message.set("Subject", &subject).unwrap();
        let raw = message.as_bytes_with(Policy::SMTP);
        check(&raw, &["Subject"], 78);
        // White space around a value does not count.
        let (read, given) =
            (EmailMessage::from_bytes(&raw).get("Subject").unwrap(), EmailMessage::from_bytes(format!("Subject: {subject}\n\n")));
        assert_eq!(read.trim(), given.get("Subject").unwrap().trim(), "{}", String::from_utf8_lossy(&raw));
    }
}

// D1, A2
#[test]
fn lists_of_addresses_are_folded_and_come_back() {
    let mut random = Random(7);
    let names = [
        "",
        "Ann",
        "Smith, Ann",
        "Zoë",
        "田中 太郎",
        "J. R. Public",
        "a \"b\" c",
        "x@y",
        "=?utf-8?q?b=0D=0ABcc=3A?=",
        "(comment)",
    ];
    for number in 0..3_000 {
        let addresses: Vec<Address> = (0..=random.below(12))
            .map(|at| Address::new(random.pick(&names).repeat(1 + random.below(4)), format!("user{at}"), "example.com").unwrap())
            .collect();
        let list: Vec<String> = addresses.iter().map(ToString::to_string).collect();
        let mut message = EmailMessage::new();
        message.set("To", list.join(if number % 2 == 0 { "," } else { ", " })).unwrap();
        let raw = message.as_bytes_with(Policy::SMTP);
        check(&raw, &["To"], 78);
        let unfolded = String::from_utf8(raw).unwrap().replace("\r\n", "");
        let read: Vec<Address> = Group::parse_list(unfolded.trim_start_matches("To:"))
            .unwrap()
            .into_iter()
            .flat_map(|group| group.addresses)
            .collect();
        let specs = |list: &[Address]| list.iter().map(Address::addr_spec).collect::<Vec<_>>();
        assert_eq!(specs(&read), specs(&addresses), "{unfolded}");
    }
    let mut message = EmailMessage::new();
    message.set("To", vec!["user@example.com"; 120].join(",")).unwrap().set("Subject", "x".repeat(1_200)).unwrap();
    check(&message.as_bytes_with(Policy::SMTP), &["To", "Subject"], 78);
}

// S1: every builder, with every character that ends a line somewhere.
#[test]
fn no_builder_writes_a_line_end_into_a_header() {
    for evil in ["x\r\nBcc: e@e", "x\nBcc: e@e", "x\rBcc: e@e", "x\0y", "\u{2028}Bcc: e@e", "\u{85}Bcc: e@e", "x\"; y=\"z"] {
        let mut message = EmailMessage::new();
        message.set("Subject", "x").unwrap();
        let _ = message.set("X", evil).map(|_| ());
        let _ = message.set(evil, "x").map(|_| ());
        let _ = message.set_raw("Y", evil);
        let _ = message.add_header("Z", "v", [("name", evil)]);
        let _ = message.add_header("Z", evil, [(evil, "x")]);
        let _ = message.add_attachment(Content::text("x").filename(evil));
        let _ = message.add_attachment(Content::text("x").cid(evil).param(evil, evil).header(evil, evil).disposition(evil));
        let _ = message.add_attachment(Content::bytes("x", evil, evil));
        let _ = message.set_boundary(evil);
        let _ = message.set_param("p", evil);
        let _ = Address::new(evil, "a", "b").map(|address| message.set("To", address).map(|_| ()));
        message.preamble = Some(evil.into());
        for policy in [Policy::SMTP, Policy { refold_source: Refold::All, eight_bit: false, ..Policy::SMTP }] {
            let raw = message.as_bytes_with(policy);
            let read = EmailMessage::from_bytes(&raw);
            assert!(read.walk().all(|part| !part.contains("Bcc")), "{evil:?}: {}", String::from_utf8_lossy(&raw));
            let again = EmailMessage::from_bytes(read.as_bytes_with(policy));
            assert!(again.walk().all(|part| !part.contains("Bcc")), "{evil:?}");
        }
    }
    // A boundary of a received message that is percent-encoded.
    let raw = "Content-Type: multipart/mixed; boundary*=utf-8''b%0D%0ABcc:e\n\n--b\n\nx\n";
    assert!(!String::from_utf8(EmailMessage::from_bytes(raw).as_bytes()).unwrap().contains("\nBcc:e"));
}

// S16
#[test]
fn no_part_ends_another() {
    let mut inner = EmailMessage::new();
    inner.set_content("inner\n").unwrap();
    inner.add_attachment(Content::text("y")).unwrap();
    let mut outer = EmailMessage::new();
    outer.set_content("outer\n").unwrap();
    outer.add_attachment(Content::message(inner.clone())).unwrap();
    for _ in 0..5 {
        let boundary = EmailMessage::from_bytes(outer.as_bytes()).get_boundary().unwrap();
        let smuggled = format!("--{boundary}\nContent-Type: text/html\n\n<b>evil</b>\n--{boundary}--\n");
        for place in 0..3 {
            let mut evil = inner.clone();
            match place {
                0 => evil.epilogue = Some(smuggled.clone()),
                1 => evil.preamble = Some(smuggled.clone()),
                _ => evil = EmailMessage::from_bytes(format!("X: y\n\n{smuggled}")),
            }
            outer = EmailMessage::new();
            outer.set_content("outer\n").unwrap();
            outer.add_attachment(Content::message(evil)).unwrap();
            let read = EmailMessage::from_bytes(outer.as_bytes());
            assert_eq!(read.iter_parts().count(), 2, "{}", String::from_utf8_lossy(&outer.as_bytes()));
        }
    }
}

// A3
#[test]
fn text_that_a_charset_lacks_is_an_error() {
    for (text, charset) in
        [("café", "us-ascii"), ("日本", "iso-8859-1"), ("日本", "koi8-r"), ("€", "latin-1"), ("é", "ascii"), ("😀", "shift_jis")]
    {
        let error = EmailMessage::new().set_content(Content::text(text).charset(charset)).map(|_| ()).unwrap_err();
        assert!(error.to_string().contains("cannot encode"), "{error}");
    }
    let mut message = EmailMessage::new();
    message.set_content(Content::text("café").charset("iso-8859-1")).unwrap();
    assert_eq!(message.get_text().unwrap(), "café\n");
}

// A6
#[test]
fn padding_within_base64_is_a_defect() {
    let read =
        |body: &str| EmailMessage::from_bytes(format!("Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{body}"));
    for (body, text, defects) in [
        ("aGVsbG8=\nd29ybGQ=\n", "helloworld", &[Defect::InvalidBase64Characters][..]),
        ("aA==aQ==ag==", "hij", &[Defect::InvalidBase64Characters]),
        ("=aGk=", "hi", &[Defect::InvalidBase64Characters]),
        ("aGk", "hi", &[Defect::InvalidBase64Padding]),
        ("a", "a", &[Defect::InvalidBase64Length]),
        ("aG!k=", "hi", &[Defect::InvalidBase64Characters]),
        ("aGk=", "hi", &[]),
        ("", "", &[]),
    ] {
        let message = read(body);
        assert_eq!((message.get_text().unwrap().as_str(), &message.defects[..]), (text, defects), "{body}");
    }
}

// Bytes that are no text come out as they went in.
#[test]
fn bytes_of_headers_are_kept() {
    let raw = b"Subject: caf\xe9\nX: \xff\xfe\n y\xe9\n\nx\n";
    assert_eq!(EmailMessage::from_bytes(raw).as_bytes(), raw);
}

// S7
#[test]
fn mail_is_read_in_linear_time() {
    let numbered = |number: usize, unit: &str| unit.replace('#', &number.to_string());
    for unit in [
        " ",
        "a ",
        "a",
        ",",
        "<",
        "\"",
        "(",
        "((",
        ")",
        "[",
        "@",
        ".",
        ":",
        ";",
        "=?",
        "=?a?b?x",
        "=?utf-8?q?x?= ",
        "=?a?b?x?=",
        "a:b;",
        "\\",
        "<@",
        "a@b,",
        "x(=?",
        "\"=?",
        "é ",
    ] {
        grows_linearly(unit, 300, numbered, |text| {
            parseaddr(text);
            getaddresses([text]);
            let _ =
                (Group::parse_list(text).is_ok(), Address::parse(&format!("a{text}b@c")).is_ok(), decode_header(text).is_ok());
            for name in ["To", "Subject", "Content-Type", "Content-Disposition", "References", "X"] {
                let message = EmailMessage::from_bytes(format!("{name}: é{text}\n\nx"));
                let _ = (message.get(name), message.as_bytes_with(Policy { refold_source: Refold::All, ..Policy::SMTP }));
            }
        });
    }
    for unit in ["; a#*0=x", "; a*#=x", "; a*#*=%41", "; a#=b", ";", "; a=\"", "; a*=x'"] {
        grows_linearly(unit, 500, numbered, |text| {
            let message = EmailMessage::from_bytes(format!("Content-Type: text/plain{text}\n\nx"));
            let _ = (message.get_params(), message.as_bytes_with(Policy { refold_source: Refold::All, ..Policy::SMTP }));
        });
    }
    for unit in [
        "A#: b\n",
        " x\n",
        "--b\n",
        "--b\n\n",
        "\r",
        "--b\nContent-Type: multipart/mixed; boundary=b\n\n",
        "=\n",
        "--===============\n",
    ] {
        grows_linearly(unit, 300, numbered, |text| {
            for kind in ["multipart/mixed; boundary=b", "message/delivery-status", "message/rfc822", "text/plain"] {
                EmailMessage::from_bytes(format!("Content-Type: {kind}\n\n{text}")).as_bytes();
            }
            EmailMessage::from_bytes(text).as_bytes();
        });
    }
}
