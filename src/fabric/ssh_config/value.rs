//! Values in the form that a lookup gives: checked, and written in one way.

use super::keyword::{Forwarding, Kind};
use super::lexer::Line;

type Checked = Result<Vec<String>, String>;

/// The values of a line.
pub(super) fn checked(keyword: &str, kind: Kind, line: &Line<'_>) -> Checked {
    let args: &[String] = &line.args;
    // What takes the rest of the line, and what takes any number of words.
    match kind {
        Kind::Ignored => return Ok(Vec::new()),
        Kind::Command => {
            let command = line.rest.trim_start_matches([' ', '\t', '\r', '\n', '=']);
            return Ok(vec![command.to_owned()]);
        }
        Kind::Jump => return jump(line.rest.trim_start_matches([' ', '\t', '\r', '\n', '='])),
        Kind::Texts => return texts(keyword, args),
        Kind::SendEnv => return send_env(keyword, args),
        Kind::SetEnv => return set_env(keyword, args),
        Kind::Domains => return domains(keyword, args),
        Kind::Cnames => return cnames(keyword, args),
        Kind::PermitOpen => return permit_open(keyword, args),
        _ => {}
    }
    let first = args.first().map(String::as_str).filter(|first| !first.is_empty()).ok_or("missing argument")?;
    let second = args.get(1).map(String::as_str);
    let (values, used) = match kind {
        Kind::Flag => (one(flag(first).ok_or_else(|| unsupported(first))?), 1),
        Kind::Word(words) => (one(word(words, first).ok_or_else(|| unsupported(first))?), 1),
        Kind::Time => (vec![if first == "none" { first.to_owned() } else { time(first)?.to_string() }], 1),
        Kind::Int => (vec![integer(first)?.to_string()], 1),
        Kind::Port => (vec![port(first).filter(|port| *port > 0).ok_or_else(|| format!("bad port '{first}'"))?.to_string()], 1),
        Kind::Text | Kind::Files => (one(first), 1),
        Kind::Agent if keyword == "forwardagent" => (one(flag(first).unwrap_or(first)), 1),
        Kind::Agent => (one(first), 1),
        Kind::Algorithms => (one(algorithms(first)?), 1),
        Kind::Forward(forwarding) => forward(forwarding, first, second)?,
        Kind::IpQos => ip_qos(first, second)?,
        Kind::RekeyLimit => rekey_limit(first, second)?,
        Kind::EscapeChar => (one(escape_char(first)?), 1),
        Kind::TunnelDevice => (vec![tunnel_device(first)?], 1),
        Kind::Mask => {
            let mask = i64::from_str_radix(first, 8).ok().filter(|mask| (0..=0o777).contains(mask));
            (vec![format!("0{:o}", mask.ok_or("bad mask")?)], 1)
        }
        Kind::ControlPersist => (vec![control_persist(first)?], 1),
        Kind::AddKeys => add_keys(first, second)?,
        // Answered above.
        _ => (Vec::new(), args.len()),
    };
    match args.get(used) {
        None => Ok(values),
        Some(_) => Err(format!("keyword {keyword} extra arguments at end of line")),
    }
}

fn one(value: &str) -> Vec<String> {
    vec![value.to_owned()]
}

fn unsupported(value: &str) -> String {
    format!("unsupported option \"{value}\"")
}

/// `yes` or `no`.
fn flag(text: &str) -> Option<&'static str> {
    let is = |word| text.eq_ignore_ascii_case(word);
    if is("yes") || is("true") {
        Some("yes")
    } else if is("no") || is("false") {
        Some("no")
    } else {
        None
    }
}

fn word(words: &[(&str, &'static str)], text: &str) -> Option<&'static str> {
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, meaning)| *meaning)
}

/// Seconds of `90`, `1m30s`, `1h`.
pub(super) fn time(text: &str) -> Result<u32, String> {
    let bad = || "invalid time value".to_owned();
    let mut rest = text;
    let mut total = 0.0_f64;
    let mut seconds_seen = false;
    if rest.is_empty() {
        return Err(bad());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let mut tail = tail.chars();
        let unit = tail.next().map_or('s', |c| c.to_ascii_lowercase());
        let factor = match unit {
            's' if !seconds_seen => {
                seconds_seen = true;
                1.0
            }
            'm' => 60.0,
            'h' => 3600.0,
            'd' => 86_400.0,
            'w' => 604_800.0,
            _ => return Err(bad()),
        };
        if number.contains('.') && (unit != 's' || !number.ends_with(|c: char| c.is_ascii_digit())) {
            return Err(bad());
        }
        total += number.parse::<f64>().map_err(|_| bad())? * factor;
        rest = tail.as_str();
    }
    if total > f64::from(i32::MAX) {
        return Err(bad());
    }
    Ok(total as u32)
}

fn integer(text: &str) -> Result<i64, String> {
    let number: i64 = text.parse().map_err(|_| "integer value invalid".to_owned())?;
    if text.starts_with('+') || number < 0 {
        return Err("integer value invalid".into());
    }
    if number > i64::from(i32::MAX) { Err("integer value too large".into()) } else { Ok(number) }
}

/// A number up to 65535, or a well-known service. 0 is answered, and for the caller to refuse.
pub(super) fn port(text: &str) -> Option<u16> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return text.parse().ok();
    }
    // The services of `getservbyname` that a configuration of SSH could mean.
    [("ssh", 22), ("telnet", 23), ("http", 80), ("https", 443), ("ftp", 21), ("smtp", 25), ("domain", 53)]
        .into_iter()
        .find(|(name, _)| *name == text)
        .map(|(_, port)| port)
}

/// Words, of which none is empty; `none` alone.
fn texts(keyword: &str, args: &[String]) -> Checked {
    if args.iter().any(String::is_empty) {
        return Err(format!("keyword {keyword} empty argument"));
    }
    if args.is_empty() {
        return Err("missing argument".into());
    }
    alone(keyword, args, &["none"])?;
    Ok(args.to_vec())
}

fn alone(keyword: &str, args: &[String], words: &[&str]) -> Result<(), String> {
    let special = args.iter().find(|arg| words.iter().any(|word| word.eq_ignore_ascii_case(arg)));
    match special {
        Some(word) if args.len() > 1 => Err(format!("keyword {keyword} \"{word}\" argument must appear alone")),
        _ => Ok(()),
    }
}

fn send_env(keyword: &str, args: &[String]) -> Checked {
    if args.is_empty() {
        return Err(format!("no {keyword} specified"));
    }
    match args.iter().find(|arg| arg.is_empty() || arg.contains('=')) {
        Some(_) => Err("invalid environment name".into()),
        None => Ok(args.to_vec()),
    }
}

fn set_env(keyword: &str, args: &[String]) -> Checked {
    let mut values: Vec<String> = Vec::new();
    for arg in args {
        let (name, _) = arg.split_once('=').ok_or("invalid SetEnv")?;
        // The first of a name counts.
        if !values.iter().any(|value| value.split_once('=').is_some_and(|(seen, _)| seen == name)) {
            values.push(arg.clone());
        }
    }
    if values.is_empty() { Err(format!("no {keyword} specified")) } else { Ok(values) }
}

fn domains(keyword: &str, args: &[String]) -> Checked {
    alone(keyword, args, &["none"])?;
    if args.is_empty() {
        return Err(format!("no {keyword} specified"));
    }
    let mut domains = Vec::new();
    for arg in args {
        let name = arg.strip_suffix('.').unwrap_or(arg);
        if name.is_empty() {
            return Err("empty domain name".into());
        }
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(format!("domain name \"{arg}\" starts with invalid character"));
        }
        if name.contains("..") {
            return Err(format!("domain name \"{arg}\" contains consecutive separators"));
        }
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
            return Err(format!("domain name \"{arg}\" contains invalid characters"));
        }
        domains.push(name.to_ascii_lowercase());
    }
    Ok(domains)
}

fn cnames(keyword: &str, args: &[String]) -> Checked {
    alone(keyword, args, &["none"])?;
    if args.is_empty() {
        return Err(format!("no {keyword} specified"));
    }
    let mut rules = Vec::new();
    for arg in args {
        let rule = arg.to_ascii_lowercase();
        let valid = rule == "none" || rule == "*" || rule.split_once(':').is_some_and(|(_, target)| !target.is_empty());
        if !valid {
            return Err(format!("invalid permitted CNAME \"{arg}\""));
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn permit_open(keyword: &str, args: &[String]) -> Checked {
    alone(keyword, args, &["none", "any"])?;
    if args.is_empty() {
        return Err(format!("missing {keyword} specification"));
    }
    for arg in args {
        let whole = arg.eq_ignore_ascii_case("none") || arg.eq_ignore_ascii_case("any");
        let port_of = |arg: &str| arg.rsplit_once(':').is_some_and(|(_, p)| p == "*" || port(p).is_some_and(|p| p > 0));
        if !whole && !port_of(arg) {
            return Err(format!("bad port number in {keyword}"));
        }
    }
    Ok(args.to_vec())
}

fn algorithms(text: &str) -> Result<&str, String> {
    let names = text.strip_prefix(['+', '-', '^']).unwrap_or(text);
    if names.is_empty() || names.split(',').any(str::is_empty) { Err(format!("bad algorithms '{text}'")) } else { Ok(text) }
}

/// Classes of traffic and their values in the IP header. <https://man.openbsd.org/ssh_config#IPQoS>
const TRAFFIC: [(&str, u8); 26] = [
    ("af11", 0x28),
    ("af12", 0x30),
    ("af13", 0x38),
    ("af21", 0x48),
    ("af22", 0x50),
    ("af23", 0x58),
    ("af31", 0x68),
    ("af32", 0x70),
    ("af33", 0x78),
    ("af41", 0x88),
    ("af42", 0x90),
    ("af43", 0x98),
    ("cs0", 0x00),
    ("cs1", 0x20),
    ("cs2", 0x40),
    ("cs3", 0x60),
    ("cs4", 0x80),
    ("cs5", 0xa0),
    ("cs6", 0xc0),
    ("cs7", 0xe0),
    ("ef", 0xb8),
    ("le", 0x01),
    ("va", 0xb0),
    ("lowdelay", 0x10),
    ("throughput", 0x08),
    ("reliability", 0x04),
];

fn ip_qos(first: &str, second: Option<&str>) -> Result<(Vec<String>, usize), String> {
    let class = |text: &str| {
        let lower = text.to_ascii_lowercase();
        if lower == "none" || TRAFFIC.iter().any(|(name, _)| *name == lower) {
            return Ok::<String, String>(lower);
        }
        let digits = lower.strip_prefix("0x");
        let number = digits.map_or_else(|| lower.parse::<u8>().ok(), |digits| u8::from_str_radix(digits, 16).ok());
        let number = number.ok_or_else(|| format!("bad IPQoS value: {text}"))?;
        let name = TRAFFIC.iter().find(|(_, value)| *value == number).map(|(name, _)| (*name).to_owned());
        Ok(name.unwrap_or_else(|| format!("0x{number:02x}")))
    };
    let interactive = class(first)?;
    let (bulk, used) = match second {
        Some(second) => (class(second)?, 2),
        None => (interactive.clone(), 1),
    };
    Ok((vec![interactive, bulk], used))
}

fn rekey_limit(first: &str, second: Option<&str>) -> Result<(Vec<String>, usize), String> {
    let bytes = if first == "default" { 0 } else { scaled(first).ok_or_else(|| format!("bad number '{first}'"))? };
    if bytes != 0 && bytes < 16 {
        return Err("RekeyLimit too small".into());
    }
    let (seconds, used) = match second {
        Some("none") => (0, 2),
        Some(second) => (time(second)?, 2),
        None => (0, 1),
    };
    Ok((vec![bytes.to_string(), seconds.to_string()], used))
}

/// `1G` and its smaller siblings.
fn scaled(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1 << 10,
        "m" => 1 << 20,
        "g" => 1 << 30,
        "t" => 1 << 40,
        "p" => 1 << 50,
        "e" => 1 << 60,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor).filter(|bytes| i64::try_from(*bytes).is_ok())
}

fn escape_char(text: &str) -> Result<&str, String> {
    let control =
        |text: &str| text.len() == 2 && text.starts_with('^') && text.as_bytes().get(1).is_some_and(|b| (64..128).contains(b));
    if text == "none" || text.len() == 1 || control(text) { Ok(text) } else { Err("bad escape character".into()) }
}

fn tunnel_device(text: &str) -> Result<String, String> {
    let unit = |text: &str| {
        let number = text.parse::<u32>().ok().filter(|number| *number <= 0x7fff_fffd);
        if text.eq_ignore_ascii_case("any") { Some("any".to_owned()) } else { number.map(|number| number.to_string()) }
    };
    let (local, remote) = text.split_once(':').map_or((text, "any"), |(local, remote)| (local, remote));
    match (unit(local), unit(remote)) {
        (Some(local), Some(remote)) => Ok(format!("{local}:{remote}")),
        _ => Err("bad tun device".into()),
    }
}

fn control_persist(text: &str) -> Result<String, String> {
    match text {
        "no" | "false" => Ok("no".into()),
        "yes" | "true" => Ok("yes".into()),
        _ => time(text).map(|seconds| seconds.to_string()).map_err(|_| "bad ControlPersist argument".into()),
    }
}

fn add_keys(first: &str, second: Option<&str>) -> Result<(Vec<String>, usize), String> {
    let word = flag(first).or_else(|| word(&[("ask", "ask"), ("confirm", "confirm")], first));
    match (word, second) {
        (Some("confirm"), Some(second)) => Ok((vec!["confirm".into(), time(second)?.to_string()], 2)),
        (Some(word), None) => Ok((one(word), 1)),
        (None, None) => Ok((vec![time(first).map_err(|_| unsupported(first))?.to_string()], 1)),
        _ => Err(unsupported(first)),
    }
}

/// A comma-separated way of jumps, the first hop first. `none` is a value of its own.
fn jump(text: &str) -> Checked {
    if text.eq_ignore_ascii_case("none") {
        return Ok(one("none"));
    }
    let text = text.split('#').next().unwrap_or_default().trim_end();
    for hop in text.split(',') {
        super::jump::Jump::parse(hop).ok_or_else(|| format!("invalid ProxyJump \"{text}\""))?;
    }
    Ok(one(text))
}

fn forward(kind: Forwarding, first: &str, second: Option<&str>) -> Result<(Vec<String>, usize), String> {
    let (spec, dynamic, used) = match (kind, second.filter(|second| !second.is_empty())) {
        (Forwarding::Dynamic, _) => (first.to_owned(), true, 1),
        (Forwarding::Local, None) => return Err("missing target argument".into()),
        (Forwarding::Remote, None) => (first.to_owned(), true, 1),
        (_, Some(second)) => (format!("{first}:{second}"), false, 2),
    };
    let valid = super::forward::Forward::parse(&spec, dynamic, kind == Forwarding::Remote);
    Ok((vec![valid.ok_or("bad forwarding specification")?.to_string()], used))
}
