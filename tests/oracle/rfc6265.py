"""Writes tests/oracle/data/rfc6265.jsonl: what the algorithm of RFC 6265 (5.1 to 5.4), with the storage rules of rfc6265bis, makes of Set-Cookie.

It is written down here from the text of the RFC, line by line, and knows nothing of the Rust code. Seeded: a second run changes nothing.

    python3 tests/oracle/rfc6265.py
"""
import calendar, json, pathlib, random, re
from urllib.parse import urlsplit

R = random.Random(6265)
NOW = 1_767_225_600  # 2026-01-01, when every world begins
FOREVER = 10 ** 12

# The part of the public suffix list that the cases need. Its default rule is "*": a name without a dot is a suffix.
SUFFIXES = {"co.uk", "github.io"}


def is_suffix(domain):
    return "." not in domain or domain in SUFFIXES


def is_ip(host):
    # https://url.spec.whatwg.org/#ends-in-a-number-checker
    return host.rpartition(".")[2].isdigit()


# 5.1.1
def cookie_date(text):
    time = day = month = year = None
    for token in re.split(r"[\x09\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+", text):
        if time is None and (m := re.fullmatch(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D.*)?", token, re.ASCII | re.S)):
            time = tuple(map(int, m.groups()))
        elif day is None and (m := re.fullmatch(r"(\d{1,2})(?:\D.*)?", token, re.ASCII | re.S)):
            day = int(m[1])
        elif month is None and token[:3].lower() in ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"):
            month = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"].index(token[:3].lower()) + 1
        elif year is None and (m := re.fullmatch(r"(\d{2,4})(?:\D.*)?", token, re.ASCII | re.S)):
            year = int(m[1])
    if None in (time, day, month, year):
        return None
    if 70 <= year <= 99:
        year += 1900
    elif 0 <= year <= 69:
        year += 2000
    hour, minute, second = time
    if not 1 <= day <= 31 or year < 1601 or hour > 23 or minute > 59 or second > 59:
        return None
    if day > calendar.monthrange(year, month)[1]:
        return None
    return calendar.timegm((year, month, day, hour, minute, second))


# 5.1.3
def domain_match(host, domain):
    return host == domain or (host.endswith("." + domain) and not is_ip(host))


# 5.1.4
def default_path(path):
    if not path.startswith("/") or path.count("/") == 1:
        return "/"
    return path[:path.rindex("/")]


def path_match(path, cookie):
    return path == cookie or (path.startswith(cookie) and (cookie.endswith("/") or path[len(cookie)] == "/"))


WSP = " \t"


# 5.2
def parse(header):
    if re.search(r"[\x00-\x08\x0a-\x1f\x7f]", header):
        return None  # rfc6265bis 5.6
    pair, _, attributes = header.partition(";")
    name, equals, value = pair.partition("=")
    name, value = name.strip(WSP), value.strip(WSP)
    if not equals:
        name, value = "", name  # rfc6265bis 5.6: a cookie without a name
        if not value:
            return None
    elif not name:
        return None
    if len((name + value).encode()) > 4096:
        return None  # rfc6265bis 5.6
    given = {}
    for part in attributes.split(";"):
        key, _, text = part.partition("=")
        key, text = key.strip(WSP), text.strip(WSP)
        if len(text.encode()) > 1024:
            continue  # rfc6265bis 5.6
        match key.lower():
            case "expires":
                if (date := cookie_date(text)) is not None:
                    given["expires"] = date
            case "max-age":
                if re.fullmatch(r"-?[0-9]+", text):
                    seconds = int(text)
                    given["max-age"] = NOW + seconds if seconds > 0 else -FOREVER
            case "domain":
                given["domain"] = text.removeprefix(".").lower()
            case "path":
                given["path"] = text if text.startswith("/") else None
            case "secure":
                given["secure"] = True
    return name, value, given


# 5.3
def store(jar, url, header):
    parts = urlsplit(url)
    host, path, secure = parts.hostname, parts.path or "/", parts.scheme == "https"
    if (parsed := parse(header)) is None:
        return
    name, value, given = parsed
    expires = given.get("max-age", given.get("expires", FOREVER))
    domain = given.get("domain", "")
    if domain and is_suffix(domain):
        if domain != host:
            return
        domain = ""
    host_only = not domain
    if domain and not domain_match(host, domain):
        return
    cookie = {
        "name": name, "value": value, "domain": domain or host, "host_only": host_only, "path": given.get("path") or default_path(path),
        "secure": "secure" in given, "expires": expires,
    }
    if cookie["secure"] and not secure:
        return
    shown = (name or value).lower()
    if shown.startswith(("__secure-", "__host-")) and (not name or not cookie["secure"]):
        return
    if shown.startswith("__host-") and not (host_only and given.get("path") == "/"):
        return
    if not cookie["secure"] and not secure:
        for own in jar:
            related = domain_match(own["domain"], cookie["domain"]) or domain_match(cookie["domain"], own["domain"])
            if own["name"] == name and own["secure"] and related and path_match(cookie["path"], own["path"]):
                return
    key = ("name", "domain", "host_only", "path")
    jar[:] = [own for own in jar if any(own[k] != cookie[k] for k in key)] + [cookie]


# 5.4
def header(jar, url, now):
    parts = urlsplit(url)
    host, path, secure = parts.hostname, parts.path or "/", parts.scheme == "https"
    sent = [
        c["name"] + "=" + c["value"] if c["name"] else c["value"]
        for c in jar
        if (host == c["domain"] if c["host_only"] else domain_match(host, c["domain"]))
        and path_match(path, c["path"]) and (secure or not c["secure"]) and c["expires"] > now
    ]
    return sorted(sent)


OUT = []
LATER = [0, 99, 150, 400 * 86_400]


def case(steps, then):
    jar = []
    for url, line in steps:
        store(jar, url, line)
        # 5.3: expired cookies go at once.
        jar[:] = [own for own in jar if own["expires"] > NOW]
    OUT.append({"set": steps, "then": then, "sent": [[header(jar, url, NOW + later) for url in then] for later in LATER]})


HOSTS = ["https://www.example.com/a/b", "http://www.example.com/", "https://example.com/a/", "http://sub.www.example.com/a/bc", "https://other.com/a/b/c"]
VALUES = ["1", '"1"', '"1\\"2"', "", "a=b", "x y", "\u00a0x\u00a0", "é", '"', "{}", "a,b", "%20"]
ODD = {
    "Path": ["/", "/a", "/a/", "/a/b", "", "x", '"/"', '"/a"', "/\t", " /a ", "a/b", "\u00a0/a"],
    "Domain": ["", ".", "example.com", ".example.com", "..example.com", "EXAMPLE.com", '"example.com"', "www.example.com", "sub.www.example.com", "com", ".com", "ample.com", "other.com", "example.com.", "co.uk", "127.0.0.1"],
    "Max-Age": ["100", "0", "-1", "", "x", "-", "+5", "1_0", '"3600"', "100 ", "1.5", "0100", "99999999999999999999999", "-99999999999999999999999", "\u0661"],
    "Expires": [
        "Wed, 09 Jun 2027 10:18:14 GMT", '"Wed, 09 Jun 2027 10:18:14 GMT"', "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 01-Jan-70 00:00:00 GMT", "Wed Jun  9 10:18:14 2027",
        "09 Jun 2027", "2027-06-09T10:18:14Z", "10:18:14 09 jun 2027", "Wed, 31 Feb 2027 10:18:14 GMT", "Wed, 09 Foo 2027 10:18:14 GMT", "Wed, 09 June 27 10:18:14", "0", "-1", "",
        "Wed, 09 Jun 2027 24:00:00 GMT", "Wed, 09 Jun 2027 10:18:14 +0200", "09 Jun 1600 10:18:14", "09 Jun 99 1:2:3", "1 Jan 2026 0:1:40", "Thu, 01 Jan 2026 00:02:00 GMTx", "09 Jun 20270 10:18:14", "9th Jun 2027th 10:18:14pm",
    ],
    "Secure": [None, "", "false"],
    "HttpOnly": [None, "x"],
    "SameSite": ["Lax", "Strict", "None", "?"],
    "Version": ["0", "1", "2", "x"],
    "Comment": [None, "x"],
    "Unknown": ["x", None],
}


def attribute(key, value):
    key = R.choice([key, key.lower(), key.upper(), " " + key + " "])
    return key if value is None else f"{key}{R.choice(['=', ' = ', '='])}{value}"


def line(name="a"):
    keys = R.choices(list(ODD), k=R.choice([0, 1, 1, 2, 3, 4]))
    return "; ".join([f"{name}={R.choice(VALUES)}"] + [attribute(key, R.choice(ODD[key])) for key in keys])


for value in VALUES:
    case([[HOSTS[0], f"a={value}"]], HOSTS)
for key, values in ODD.items():
    for value in values:
        text = key if value is None else f"{key}={value}"
        for url in HOSTS[:2]:
            case([[url, f"a=1; {text}"]], HOSTS)
for odd in ["a", "=x", "=", "", ";", " a = 1 ; Path = / ", "a=1;;;Path=/", "a=1\x01", "a=1; Path=/\x7f", "a=1;\tSecure", f"a={'x' * 4095}", f"a={'x' * 4096}", f"a=1; Path=/{'x' * 1024}", "$a=1", "a=1, b=2"]:
    case([[HOSTS[0], odd]], HOSTS)
for name in ["__Host-a", "__host-a", "__Secure-a", "__SECURE-a", "__Hosta"]:
    for rest in ["", "; Secure", "; Path=/", "; Secure; Path=/", "; Secure; Path=/; Domain=www.example.com", "; Secure; Path=/a"]:
        for url in HOSTS[:2]:
            case([[url, f"{name}=1{rest}"]], HOSTS)
for first in ["a=1; Secure; Path=/", "a=1; Secure; Path=/a", "a=1; Secure; Domain=example.com; Path=/", "b=1; Secure; Path=/"]:
    for second in ["a=2; Path=/", "a=2; Path=/a/b", "a=; Path=/; Max-Age=0", "a=2; Domain=example.com; Path=/", "a=2; Secure; Path=/"]:
        case([[HOSTS[0], first], [HOSTS[1], second]], HOSTS)
# Hosts that must not reach each other's cookies.
PLACES = ["https://bank.com/", "https://www.bank.com/", "https://evil.com/", "https://github.io/", "https://me.github.io/", "https://you.github.io/", "https://example.co.uk/", "http://127.0.0.1/", "http://1.127.0.0.1/"]
for setter in PLACES:
    for domain in ["", "; Domain=bank.com", "; Domain=.bank.com", "; Domain=github.io", "; Domain=.github.io", "; Domain=co.uk", "; Domain=com", "; Domain=127.0.0.1", "; Domain=0.0.1"]:
        case([[setter, f"a=1{domain}; Path=/"]], PLACES)
        case([["https://www.bank.com/", "a=1; Domain=bank.com; Path=/"], ["https://me.github.io/", "a=1; Path=/"], [setter, f"a=; Max-Age=0{domain}; Path=/"]], PLACES)
for _ in range(600):
    case([[R.choice(HOSTS), line(R.choice("ab"))] for _ in range(R.randint(1, 4))], HOSTS)

path = pathlib.Path(__file__).parent / "data" / "rfc6265.jsonl"
path.write_text("".join(json.dumps(case, ensure_ascii=False) + "\n" for case in OUT))
print(len(OUT), "cases")
