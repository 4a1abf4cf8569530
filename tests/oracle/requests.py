"""Asks the real requests 2.34.2 (urllib3 2.8.0) and writes tests/oracle/data/requests.jsonl. Seeded: a second run changes nothing.

    python3 -m venv venv && venv/bin/pip install -r tests/oracle/requirements-requests.txt && venv/bin/python tests/oracle/requests.py
"""
import sys

sys.path = [p for p in sys.path if not p.endswith("tests/oracle")]  # this file must not shadow the package

import base64, gzip, http.cookiejar, io, json, os, pathlib, random, time, warnings, zlib
from unittest import mock

import requests
import urllib3
from requests import cookies, models, sessions, utils
from requests.auth import HTTPDigestAuth, _basic_auth_str
from urllib3.util.retry import Retry

warnings.simplefilter("ignore")
assert requests.__version__ == "2.34.2", requests.__version__
for name in list(os.environ):
    if name.lower().endswith("_proxy"):
        del os.environ[name]

R = random.Random(2342)
NOW = 1_767_225_600  # 2026-01-01, when every world begins
OUT = []


def case(kind, ask, answer):
    try:
        out = {"ok": answer()}
    except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as e:
        out = {"err": type(e).__name__}
    except (ValueError, TypeError, AttributeError, UnicodeError, LookupError, OSError) as e:
        out = {"err": type(e).__name__}
    OUT.append({"kind": kind, "ask": ask, **out})


def b64(b):
    return base64.b64encode(b).decode()


# URLs ------------------------------------------------------------------------------------------------------------------
URLS = """http://example.com
https+x://É.com/
httpx://É/é
http+x://a..b/
http://EXAMPLE.com/Path
HTTP://Example.COM:80/
https://example.com:443/a
http://example.com:0/
http://example.com:00080/x
http://example.com:65535/
http://example.com:65536/
http://example.com:99999999/
http://example.com:/x
http://example.com:x/
http://example.com/a b
http://example.com/a%20b
http://example.com/a%2fb
http://example.com/%7Euser/%41
http://example.com/%zz
http://example.com/100%
http://example.com/%E4%BD%A0
http://example.com/ünï
http://example.com/ünï?q=ö#ä
http://example.com/a/./b/../c
http://example.com/../../x
http://example.com/a/..
http://example.com/a/.
http://example.com//double//slash
http://example.com/a;b=c?d;e
http://example.com/?a=1&b=2
http://example.com?a=1
http://example.com?
http://example.com/#frag
http://example.com/?q#f
http://example.com/?q=%zz&r=%41
http://example.com/a|b^c`d{e}f"g<h>i
http://example.com/[x]
http://example.com/?q=[x]|{y}
http://example.com/'quote'?q='x'
http://user:pass@example.com/
http://user@example.com/
http://us%20er:p%40ss@example.com/
http://us er:p ss@example.com/
http://a@b@example.com/
http://:pass@example.com/
http://[::1]/
http://[::1]:8080/x
http://[FE80::1%25eth0]/
http://[FE80::1%eth0]/
http://[::1/
http://[zz]/
http://127.0.0.1/
http://0x7F.1/
http://1/
http://example.com./
http://.example.com/
http://*.example.com/
http://*/
http://exa mple.com/
http://exa%20mple.com/
http://exa%41mple.com/
http://exa_mple.com/
http://bücher.example/
http://BÜCHER.example/
http://ジェーピーニック.jp
http://straße.de/
http://☃.net/
http://xn--n3h.net/
http://a..b/
http://-a-.com/
http:///path
http://
http:/example.com
http:example.com
//example.com/x
/path
example.com
example.com:80/x
example.com/path?q
localhost:8080
mailto:user@example.com
data:text/plain,hi
ftp://example.com/x
file:///etc/passwd
httpx://example.com/a b
http+unix://%2Fvar%2Frun/sock
HTTP+UNIX://Host/a b
  http://example.com/
http://example.com/ 
http://example.com\\evil.com/
http://example.com/a\\b
http://example.com?a=b?c
http://example.com#a?b
http://example.com/%
http://example.com/%4
http://example.com/%%41
http://example.com/a%2Fb%2fc
http://example.com/+plus?a+b
http://example.com/~tilde
http://example.com/!$&'()*,;=:@
http://example.com/\u00a0x
http://exa\u00admple.com/
http://ＥＸＡＭＰＬＥ.com/
http://faß.example/
http://1.2.3.4.5/
http://256.256.256.256/
http://example.com:80:80/
http://user:pa:ss@example.com/
http://user:pass@/x
http://@example.com/
ht!tp://example.com/
://example.com
:
?a=b
#x
""".split("\n")
PIECES = ["a", "B", "%41", "%2f", "%zz", "%", " ", "/", "//", ".", "..", "?", "#", "&", "=", "ü", "日", "'", '"', "<", "[", "]", "|", "\\", "^", "`", "{", "~", "+", ";", ":", "@", "!", "$", "*", ","]


def prepared_url(url, params=None):
    p = models.PreparedRequest()
    p.prepare_method("GET")
    p.prepare_url(url, params)
    return p.url


for url in URLS:
    case("url", {"url": url}, lambda: prepared_url(url))
for _ in range(220):
    url = "http://example.com/" + "".join(R.choice(PIECES) for _ in range(R.randint(1, 9)))
    case("url", {"url": url}, lambda: prepared_url(url))
WORDS = ["a", "b c", "ü", "1", "", "x&y", "=", "+", "%20", "~", "/", "日本", "'", "(", "é=1"]
for _ in range(90):
    params = [[R.choice(WORDS), R.choice([R.choice(WORDS), None, [R.choice(WORDS) for _ in range(R.randint(0, 3))]])] for _ in range(R.randint(0, 4))]
    url = R.choice(["http://example.com/", "http://example.com/?x=1", "http://example.com/p#f", "http://example.com/?x#f"])
    case("params", {"url": url, "params": params}, lambda: prepared_url(url, [tuple(p) for p in params]))
for raw in ["a=b", "a b", "ü=1", "%41", "a&b=c d", "?", ""]:
    case("params_raw", {"params": raw}, lambda: prepared_url("http://example.com/?z=0", raw))
for _ in range(30):
    pool = ["a", "b", "c", "d"]
    own = {k: R.choice(WORDS + [None]) for k in R.sample(pool, R.randint(0, 3))}
    of_session = {k: R.choice(WORDS) for k in R.sample(pool, R.randint(0, 3))}
    def merged():
        s = sessions.Session()
        s.trust_env = False
        s.params = of_session
        return s.prepare_request(requests.Request("GET", "http://example.com/", params=own)).url
    case("params_merged", {"own": list(own.items()), "session": list(of_session.items())}, merged)


# Bodies ----------------------------------------------------------------------------------------------------------------
def body_of(method="POST", headers=None, **kw):
    with mock.patch("urllib3.filepost.choose_boundary", lambda: "BOUNDARY"):
        p = requests.Request(method, "http://example.com/", headers=headers or {}, **kw).prepare()
    body = p.body.encode() if isinstance(p.body, str) else p.body
    if body is not None and not isinstance(body, bytes):
        body = body.read()
    return {"body": None if body is None else b64(body), "headers": sorted((k.lower(), v) for k, v in p.headers.items())}


for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "custom"]:
    case("body", {"method": method}, lambda: body_of(method))
for text in ["", "x", "ü", "a=b&c=d", "日本" * 30]:
    case("body", {"method": "POST", "text": text}, lambda: body_of(data=text))
    case("body", {"method": "POST", "text": text, "headers": {"Content-Type": "text/x"}}, lambda: body_of(data=text, headers={"Content-Type": "text/x"}))
for _ in range(40):
    form = [[R.choice(WORDS), R.choice([R.choice(WORDS), None, [R.choice(WORDS) for _ in range(R.randint(0, 3))]])] for _ in range(R.randint(0, 4))]
    case("body", {"method": "POST", "form": form}, lambda: body_of(data=[tuple(p) for p in form]))
JSONS = [None, True, 0, -1, 1.5, 1e16, 1e-5, 1e22, 123456789.125, 0.0001, 5e-324, 1.7976931348623157e308, -0.0, 1e15, 123456789012345680.0, "", "ü", "\u2028", "\U0001f600", 'q"\\/\n\t\x01\x7f', [], {}, [1, [2, {}]], {"a": [1, None], "ü": "x"}, [[]], {"a": {"b": {}}}]
for value in JSONS:
    case("body", {"method": "POST", "json": value}, lambda: body_of(json=value))
case("body", {"method": "POST", "json": {"a": 1}, "text": "x"}, lambda: body_of(json={"a": 1}, data="x"))
for _ in range(30):
    fields = [[R.choice(["a", "b c", 'q"', "n\nl", "ü"]), R.choice(WORDS)] for _ in range(R.randint(0, 2))]
    files = [[R.choice(["f", 'x"y', "ü"]), R.choice([None, "n.txt", 'we"ird\r\n.txt', "日.bin"]), R.choice(["", "data", "l1\r\nl2"]), R.choice([None, "text/plain"])] for _ in range(R.randint(1, 2))]
    def tuples():
        return [(f, (n if n is not None else f, d, t) if t else (n if n is not None else f, d)) for f, n, d, t in files]
    case("multipart", {"fields": fields, "files": files}, lambda: body_of(data=[tuple(p) for p in fields], files=tuples()))

# Headers ---------------------------------------------------------------------------------------------------------------
for name in ["X-Ok", "x", "a:b", " a", "a b", "", "a\r\nb", "a\n", "é"]:
    case("header", {"name": name, "value": "v"}, lambda: utils.check_header_validity((name, "v")))
for value in ["v", "", " v", "v ", "\tv", "a\tb", "a\r\nb: c", "a\n", "a\rb", "é", "a b"]:
    case("header", {"name": "X", "value": value}, lambda: utils.check_header_validity(("X", value)))
TYPES = ["text/html", "text/html; charset=utf-8", "TEXT/HTML; CHARSET=UTF-8", "text/html;charset='utf-8'", 'text/html; charset="ISO-8859-15"', "application/json", "application/json; charset=latin1", "image/png", "", "text", "x; charset", "x; charset=", "x; a=b; charset=c; charset=d", "text/plain; charset = utf-8 ", "application/vnd.api+json", ";charset=x", "text/html; Charset=a;b"]
for t in TYPES:
    case("encoding", {"type": t}, lambda: utils.get_encoding_from_headers(requests.structures.CaseInsensitiveDict({"Content-Type": t})))
LINKS = ["", '<http://a/>; rel=next', '<http://a/>; rel="next", <http://b/>; rel="last"; type="text/x"', "<http://a/>", "<http://a>;", "<http://a>; rel", "<http://a>; rel=a=b; x=y", "<a>,<b>", "<a>, <b>; rel='n'", "<a>; title=\"x, y\"; rel=n", "  <a>  ; rel = n ", "'<a>'", "<http:/.../front.jpeg>; rel=front; type=\"image/jpeg\",<http://.../back.jpeg>; rel=back;type=\"image/jpeg\"", "<a>;rel=n;rel=m", "a; b=c", "<a>; =x", "<>", ",", "<a>,  <b>", "<a>;rel=\"\""]
def response_with(headers, status=200, reason="OK", body=b"", url="http://example.com/"):
    r = models.Response()
    r.status_code, r.reason, r.url, r._content, r._content_consumed = status, reason, url, body, True
    r.headers = requests.structures.CaseInsensitiveDict(headers)
    r.encoding = utils.get_encoding_from_headers(r.headers)
    return r
for link in LINKS:
    case("link_header", {"link": link}, lambda: [list(d.items()) for d in utils.parse_header_links(link)])
    case("links", {"link": link}, lambda: [[k, list(v.items())] for k, v in response_with({"Link": link}).links.items()])
DICTS = ['foo="is a fish", bar="as well"', "key_without_value", "a=b", 'a="b\\"c"', 'a="b, c", d', "a=b=c", "", ",", "a=,b=", 'realm="r", nonce="n", qop="auth,auth-int"', 'a="x\\\\y"', '"quoted"', 'a="', "a=\"b", " a = b ", "a=b,a=c", "token, \"quoted value\"", '"a\\"b", c', 'a"b"c', "'a'=b"]
for d in DICTS:
    case("dict_header", {"value": d}, lambda: list(utils.parse_dict_header(d).items()))
    case("list_header", {"value": d}, lambda: utils.parse_list_header(d))
for v in ['"a"', '"a\\"b"', "a", '""', '"', '"\\\\server\\share"', '"a\\\\b"', "", '"a', 'a"']:
    for f in [False, True]:
        case("unquote_header", {"value": v, "filename": f}, lambda: utils.unquote_header_value(v, f))

# Texts -----------------------------------------------------------------------------------------------------------------
TEXTS = ["plain", "naïve", "日本語テスト", "Ünï", "€", "привет", "😀x", ""]
ENCODINGS = ["utf-8", "UTF8", "latin-1", "ISO-8859-1", "iso-8859-15", "cp1252", "windows-1252", "cp1251", "koi8-r", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "ascii", "us-ascii", "shift_jis", "euc-jp", "gb18030", "big5", "euc-kr", "no-such-encoding", None]
for text in TEXTS:
    for enc in ENCODINGS:
        try:
            data = text.encode(enc or "utf-8")
        except (LookupError, UnicodeError):
            continue
        def as_text():
            r = response_with({}, body=data)
            r.encoding = enc
            return r.text
        if enc is None and not data.isascii():
            continue  # a guess
        case("text", {"encoding": enc, "data": b64(data)}, as_text)
for enc in ["utf-8", "ascii", "latin-1", "utf-16-le", "utf-8-sig"]:
    for data in [b"\xff", b"a\xc3", b"\xe2\x82", b"a\xf0\x9f\x98b", b"\xed\xa0\x80", b"\xc0\xaf", b"\x80abc", b"ab\xfe\xffcd", b"\xef\xbb\xbfx"]:
        def broken():
            r = response_with({}, body=data)
            r.encoding = enc
            return r.text
        case("text", {"encoding": enc, "data": b64(data)}, broken)
for value in ['{"a": 1}', "[1]", '"ü"', "null", "12345"]:
    for enc in ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]:
        data = value.encode(enc)
        case("guess_json", {"data": b64(data)}, lambda: utils.guess_json_utf(data))
        case("json", {"data": b64(data)}, lambda: response_with({}, body=data).json())
for data in [b"", b"\0", b"a\0", b"\0a", b"a\0b", b"\0\0a", b"{", b"\xff\xfe", b"\0\0\0\0", b"a\0\0", b"\0a\0b", b"nope!"]:
    case("guess_json", {"data": b64(data)}, lambda: utils.guess_json_utf(data))
    case("json", {"data": b64(data)}, lambda: response_with({}, body=data).json())
PAGES = ['<meta charset="utf-8">', "<META CHARSET=latin1>", '<meta http-equiv="Content-Type" content="text/html; charset=euc-jp">', '<meta content=";charset=x"><meta charset=y>', '<?xml version="1.0" encoding="ISO-8859-1"?>', "nothing", "<meta\ncharset=a>", "<p><meta name=x><meta charset='b'>", "<meta content=charset=q>"]
for page in PAGES:
    case("content_encodings", {"page": page}, lambda: utils.get_encodings_from_content(page))
for status, reason in [(200, "OK"), (301, "Moved"), (399, ""), (400, "Bad Request"), (404, "Not Found"), (418, "I'm a teapot"), (451, ""), (499, "x"), (500, "Internal Server Error"), (503, "ünï"), (599, "z"), (600, "q")]:
    def raised():
        try:
            response_with({}, status, reason, url="http://example.com/p?q").raise_for_status()
        except requests.HTTPError as e:
            return str(e)
    case("raise", {"status": status, "reason": reason}, raised)
for body in [b"", b"a", b"a\n", b"a\nb", b"a\r\nb\r\n", b"\n\n", b"a\rb", b"\r\n", b"a\n\nb"]:
    case("lines", {"data": b64(body), "delimiter": None}, lambda: [l.decode() for l in response_with({}, body=body).iter_lines()])
for body in [b"", b"a|b", b"a|b|", b"|", b"a||b", b"a"]:
    case("lines", {"data": b64(body), "delimiter": "|"}, lambda: [l.decode() for l in response_with({}, body=body).iter_lines(delimiter=b"|")])
for size in [1, 2, 3, 100, None]:
    case("chunks", {"data": b64(b"abcdefg"), "size": size}, lambda: [c.decode() for c in response_with({}, body=b"abcdefg").iter_content(size)])


# Decoding --------------------------------------------------------------------------------------------------------------
def decoded(encoding, data):
    raw = urllib3.HTTPResponse(body=io.BytesIO(data), headers={"Content-Encoding": encoding}, preload_content=False, status=200)
    r = models.Response()
    r.raw, r.status_code = raw, 200
    return b64(r.content)


def deflate(data, wbits):
    c = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return c.compress(data) + c.flush()


SOME = b"some text, some text, some text" * 20
gz = gzip.compress(SOME, mtime=0)
BODIES = [("gzip", gz + gz[:-1]), ("gzip", gz + b"\x1f\x8b\x08garbage"), ("gzip", gz + b"\0" * 9), ("gzip", gz), ("x-gzip", gz), ("GZIP", gz), ("gzip", gz + gz), ("gzip", gz + b"garbage"), ("gzip", b"garbage"), ("gzip", b""), ("gzip", gz[:10]), ("deflate", deflate(SOME, 15)), ("deflate", deflate(SOME, -15)), ("deflate", b"\xff\xff\xff\xff"), ("deflate", b""), ("deflate, gzip", gzip.compress(deflate(SOME, 15), mtime=0)), ("gzip, gzip", gzip.compress(gz, mtime=0)), ("identity", SOME), ("unknown", SOME), ("unknown, gzip", gz), ("gzip,gzip,gzip,gzip,gzip,gzip", gz), ("", SOME), ("deflate", deflate(b"", 15)), ("deflate", deflate(SOME, -15) + b"tail"), ("deflate", deflate(SOME, 15) + b"tail")]
for encoding, data in BODIES:
    case("decode", {"encoding": encoding, "data": b64(data)}, lambda: decoded(encoding, data))


# Cookies ---------------------------------------------------------------------------------------------------------------
class Headers:
    def __init__(self, values):
        self.values = values

    def get_all(self, name, default=None):
        return self.values if name == "Set-Cookie" else default


def jar_after(url, set_cookies, then):
    with mock.patch("time.time", lambda: float(NOW)):
        # The strictness that leyden has by default: a cookie without a domain is for its host.
        jar = cookies.RequestsCookieJar(policy=http.cookiejar.DefaultCookiePolicy(strict_ns_domain=http.cookiejar.DefaultCookiePolicy.DomainStrictNonDomain))
        p = requests.Request("GET", url).prepare()
        jar.extract_cookies(cookies.MockResponse(Headers(set_cookies)), cookies.MockRequest(p))
        kept = [[c.name, c.value, c.domain, c.path, c.secure, c.expires, c.discard, sorted(c._rest)] for c in jar]
        sent = [cookies.get_cookie_header(jar, requests.Request("GET", u).prepare()) for u in then]
    return {"kept": kept, "sent": sent}


THEN = ["https://www.example.com/", "https://www.example.com/a/b", "https://example.com/a", "http://www.example.com/a/bc", "https://sub.www.example.com/a/", "https://other.com/"]
SET = """a=1
a=1; Path=/
a=1; Path=/a
a=1; Path=/a/b/
a=1; path=
a=1; Path=a
a=1; Path=/a b
a=1; Path=/%41%2f
a=1; Domain=example.com
a=1; Domain=.example.com; Path=/
a=1; Domain=www.example.com; Path=/
a=1; Domain=sub.www.example.com
a=1; Domain=other.com
a=1; Domain=ample.com
a=1; Domain=com
a=1; Domain=.com
a=1; Domain=
a=1; Domain
a=1; domain=EXAMPLE.COM
a=1; Secure
a=1; secure; httponly
a=1; HttpOnly; SameSite=Lax
a=1; Max-Age=100
a=1; Max-Age=0
a=1; Max-Age=-1
a=1; Max-Age=x
a=1; Max-Age=" 100"
a=1; Max-Age=1_0
a=1; Max-Age=100; Max-Age=200
a=1; Max-Age=100; Expires=Thu, 01 Jan 1970 00:00:00 GMT
a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=100
a=1; Expires=Wed, 09 Jun 2027 10:18:14 GMT
a=1; Expires="Wed, 09 Jun 2027 10:18:14 GMT"
a=1; Expires=Wednesday, 09-Jun-27 10:18:14 GMT
a=1; Expires=09 Jun 2027 10:18:14
a=1; Expires=09-Jun-2027
a=1; Expires=9/6/2027 10:18
a=1; Expires=Wed Jun  9 10:18:14 2027
a=1; Expires=Wed, 09 Jun 2027 10:18:14 +0200
a=1; Expires=Wed, 09 Jun 2027 10:18:14 -0230
a=1; Expires=Wed, 09 Jun 2027 10:18:14 EST
a=1; Expires=Wed, 09 Jun 2027 10:18:14 (UTC)
a=1; Expires=Wed, 09 Jun 2027 24:00:00 GMT
a=1; Expires=Wed, 31 Feb 2027 10:18:14 GMT
a=1; Expires=Wed, 32 Jun 2027 10:18:14 GMT
a=1; Expires=Wed, 09 Foo 2027 10:18:14 GMT
a=1; Expires=Wed, 09 Jun 27 10:18:14 GMT
a=1; Expires=Wed, 09 Jun 80 10:18:14 GMT
a=1; Expires=Wed, 09 Jun 99999 10:18:14 GMT
a=1; Expires=0
a=1; Expires=-1
a=1; Expires=
a=1; Expires
a="quoted"
a="q;b=2"
a=b=c
a=
a
=x
=
;
 a = 1 ; Path = / 
a=1; ; Path=/
a=1; Version=1; Path=/
a=1; Version=2
a=1; Version=x
a=1; Port
a=1; Port="80,443"
a=1; Port="81"
a=1; Discard
a=1; Comment=x
a=1; path=/x; path=/y
a=ü
$a=1
a=1; Unknown=Thing; Flag
a=1, b=2
""".split("\n")
for line in SET:
    for url in ["https://www.example.com/a/b", "http://www.example.com/"]:
        case("cookie", {"url": url, "set": [line], "then": THEN}, lambda: jar_after(url, [line], THEN))
for url in ["http://localhost/x/y", "http://127.0.0.1:8080/", "http://intranet/", "http://[::1]/", "https://example.co.uk/"]:
    for line in ["a=1", "a=1; Domain=localhost", "a=1; Domain=127.0.0.1", "a=1; Domain=.local", "a=1; Domain=intranet", "a=1; Path=/x"]:
        case("cookie", {"url": url, "set": [line], "then": [url, "http://localhost/", "http://127.0.0.1/", "http://127.0.0.10/", "http://intranet/x"]}, lambda: jar_after(url, [line], [url, "http://localhost/", "http://127.0.0.1/", "http://127.0.0.10/", "http://intranet/x"]))
for _ in range(40):
    lines = [f"{R.choice('abc')}={R.randint(0, 9)}; Path={R.choice(['/', '/a', '/a/b'])}" + R.choice(["", "; Domain=example.com", "; Max-Age=0", "; Max-Age=9"]) for _ in range(R.randint(2, 5))]
    case("cookie", {"url": "https://www.example.com/a/b", "set": lines, "then": THEN}, lambda: jar_after("https://www.example.com/a/b", lines, THEN))


# Redirects -------------------------------------------------------------------------------------------------------------
class Raw:
    _original_response = None

    def close(self):
        pass

    release_conn = close


def redirected(method, status, url, location):
    s = sessions.Session()
    s.trust_env = False
    p = requests.Request(method, url, data="body", headers={"Authorization": "x", "X-Own": "1", "Content-Type": "t"}).prepare()
    r = response_with({"Location": location}, status, url=p.url)
    r.raw, r.request = Raw(), p
    nxt = next(s.resolve_redirects(r, p, yield_requests=True), None)
    if nxt is None:
        return None
    return {"method": nxt.method, "url": nxt.url, "body": nxt.body is not None, "headers": sorted(k.lower() for k in nxt.headers)}


for status in [200, 300, 301, 302, 303, 304, 305, 307, 308]:
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE"]:
        case("redirect", {"method": method, "status": status, "url": "http://example.com/a", "location": "/b"}, lambda: redirected(method, status, "http://example.com/a", "/b"))
LOCATIONS = ["b", "../c", "/d", "?q=1", "#f", "", "//other.com/x", "http://other.com", "https://example.com/s", "http://EXAMPLE.com/U", "/a b", "/%zz", "/\u00c3\u00a9", "http://example.com:80/p", "http://example.com:8080/p", "/x?y=z#w", "./e", "../../../f", "ftp://x/y", "/a//b", ";p", "/%41", "//example.com:80/", "http:///x", "HTTP://other.com/", "x:y", "/a|b", "http://user:pw@example.com/", "/.", "g/../h", "mailto:x"]
for location in LOCATIONS:
    for url in ["http://example.com/a/b?c=d#frag", "https://example.com/"]:
        case("redirect", {"method": "GET", "status": 302, "url": url, "location": location}, lambda: redirected("GET", 302, url, location))
ORIGINS = ["http://a.com/", "http://a.com:80/", "https://a.com/", "https://a.com:443/", "http://a.com:8080/", "https://a.com:8443/", "http://b.com/", "http://A.com/", "http://sub.a.com/", "https://a.com:80/"]
for old in ORIGINS:
    for new in ORIGINS:
        case("strip_auth", {"old": old, "new": new}, lambda: sessions.Session().should_strip_auth(old, new))

# Auth ------------------------------------------------------------------------------------------------------------------
for user, pw in [("user", "pass"), ("", ""), ("ü", "é"), ("a:b", "c"), ("x" * 50, "y")]:
    case("basic", {"user": user, "password": pw}, lambda: _basic_auth_str(user, pw))
for realm in ["r", "a realm"]:
    for algorithm in [None, "MD5", "md5", "MD5-sess", "SHA", "SHA-256", "SHA-512", "UNKNOWN"]:
        for qop in [None, "auth", "auth,auth-int", "auth-int", ""]:
            challenge = f'Digest realm="{realm}", nonce="abc"' + (f", algorithm={algorithm}" if algorithm else "") + (f', qop="{qop}"' if qop is not None else "") + (', opaque="op"' if realm == "r" else "")
            url = "http://example.com/p?q=1" if qop else "http://example.com"

            def digests():
                a = HTTPDigestAuth("user", "pass")
                a.init_per_thread_state()
                a._thread_local.chal = utils.parse_dict_header(challenge.split(" ", 1)[1])
                return [a.build_digest_header("GET", url), a.build_digest_header("POST", url)]

            with mock.patch("os.urandom", lambda n: b"\1" * n), mock.patch("time.ctime", lambda: "x"):
                case("digest", {"challenge": challenge, "url": url}, digests)
NETRCS = ["machine a login l password p", "machine a\nlogin l\npassword p\nmachine b login m password q", "default login d password e", "machine a login l account c password p", "machine a password p", "machine a account c password p", "# comment\nmachine a login l # x\npassword p", 'machine a login "q u" password "p\\"w"', "machine a login l password p\\ w", "macdef m\nfoo\n\nmachine a login l password p", "machine a user l password p", "bogus", "machine", "machine a foo", "", "machine b login x password y\ndefault login d password e", "machine a login l password p\nmachine a login l2 password p2", "machine a login l password #p"]
for text in NETRCS:
    def from_netrc():
        path = pathlib.Path("/tmp/leyden-oracle-netrc")
        path.write_text(text)
        os.environ["NETRC"] = str(path)
        try:
            return utils.get_netrc_auth("http://a/x")
        finally:
            del os.environ["NETRC"]
            path.unlink()
    case("netrc", {"text": text}, from_netrc)

# Proxies ---------------------------------------------------------------------------------------------------------------
HOSTS = ["http://example.com/", "http://www.example.com:8080/", "http://notexample.com/", "http://127.0.0.1/", "http://10.1.2.3:99/", "http://[::1]/", "http://LOCALHOST/", "http://192.168.1.77/x", "file:///x"]
NO = ["", "*", "example.com", ".example.com", "www.example.com:8080", "127.0.0.1", "10.0.0.0/8", "192.168.1.0/24,localhost", " example.com , other ", "10.1.2.3:99", "0.0.0.0/0", "::1", "[::1]", "com", "EXAMPLE.com", "example.com,*", "192.168.1.0/33", "localhost"]
for url in HOSTS:
    for no in NO:
        case("bypass", {"url": url, "no_proxy": no, "env": {}}, lambda: utils.should_bypass_proxies(url, no))
        with mock.patch.dict(os.environ, {"no_proxy": no}):
            case("bypass", {"url": url, "no_proxy": None, "env": {"no_proxy": no}}, lambda: utils.should_bypass_proxies(url, None))
ENVS = [{"http_proxy": "http://p:1"}, {"HTTP_PROXY": "http://P:1"}, {"http_proxy": "http://p:1", "HTTP_PROXY": "http://P:1"}, {"http_proxy": "", "HTTP_PROXY": "http://P:1"}, {"HTTP_PROXY": "http://P:1", "REQUEST_METHOD": "GET"}, {"http_proxy": "http://p:1", "REQUEST_METHOD": "GET"}, {"all_proxy": "socks5://s:1", "https_proxy": "http://p:2"}, {"no_proxy": "example.com", "http_proxy": "http://p:1"}, {"Http_Proxy": "http://mixed:1"}, {"ftp_proxy": "x"}, {"_proxy": "odd"}]
for env in ENVS:
    with mock.patch.dict(os.environ, env):
        case("getproxies", {"env": env}, lambda: utils.getproxies())
        for url in ["http://example.com/", "https://example.com/", "http://other.com/"]:
            case("environ_proxies", {"env": env, "url": url}, lambda: utils.get_environ_proxies(url))
            case("resolve_proxies", {"env": env, "url": url, "proxies": {"https": "http://own:9"}}, lambda: utils.resolve_proxies(requests.Request("GET", url).prepare(), {"https": "http://own:9"}))
PROXIES = [{"http": "p1"}, {"all": "p2"}, {"http://example.com": "p3", "http": "p1"}, {"all://example.com": "p4", "all": "p2"}, {"https": "p5"}, {}]
for proxies in PROXIES:
    for url in ["http://example.com/", "https://example.com/", "http://EXAMPLE.com:80/", "http://other/", "file:///x"]:
        case("select_proxy", {"url": url, "proxies": proxies}, lambda: utils.select_proxy(url, proxies))

# Small helpers ---------------------------------------------------------------------------------------------------------
for url in URLS + ["http://a:b@c/d#e", "a/b", "//a@b/c", "http://a/b;c?d#e"]:
    case("urldefragauth", {"url": url}, lambda: utils.urldefragauth(url))
    case("requote", {"url": url}, lambda: utils.requote_uri(url))
    case("auth_from_url", {"url": url}, lambda: list(utils.get_auth_from_url(url)))
for url in ["example.com", "example.com:80/x", "http://a/b", "//a/b", "user:pw@h:1/p", "h/p?q#f", "", "[::1]:80"]:
    case("prepend", {"url": url}, lambda: utils.prepend_scheme_if_needed(url, "http"))
for ip in ["1.2.3.4", "127.1", "1", "0x7f.0.0.1", "256.1.1.1", "a.b.c.d", "", "1.2.3.4.5", "01.02.03.04", "08.1.1.1", "1.2.3", "1.2.65536", "1.2.65535", "4294967295", "4294967296", "1.2.3.4 x", " 1.2.3.4", "::1", "1.2.3."]:
    case("is_ipv4", {"ip": ip}, lambda: utils.is_ipv4_address(ip))
for net in ["10.0.0.0/8", "10.0.0.0/0", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0", "10/8", "a/8", "10.0.0.0/8/9", "1.2.3.4/32", "1.2.3.4/1"]:
    case("cidr", {"net": net}, lambda: utils.is_valid_cidr(net))
for ip, net in [("192.168.1.1", "192.168.1.0/24"), ("192.168.1.1", "192.168.100.0/24"), ("10.0.0.1", "10.0.0.0/8"), ("1.2.3.4", "1.2.3.4/32"), ("1.2.3.5", "1.2.3.4/32"), ("200.1.1.1", "128.0.0.0/1")]:
    case("in_network", {"ip": ip, "net": net}, lambda: utils.address_in_network(ip, net))
for bits in [1, 8, 16, 24, 31, 32]:
    case("netmask", {"bits": bits}, lambda: utils.dotted_netmask(bits))
for name in dir(requests.codes) + ["ok", "OK", "nope", "\\o/", "✓", "not_found", "im_a_teapot", "uri_too_long", "early-hints"]:
    if not name.startswith("__") and name not in ("get", "name", "clear", "copy", "fromkeys", "items", "keys", "pop", "popitem", "setdefault", "update", "values"):
        case("code", {"name": name}, lambda: requests.codes.get(name))

# Retries ---------------------------------------------------------------------------------------------------------------
KINDS = {"connect": lambda: urllib3.exceptions.ConnectTimeoutError(), "read": lambda: urllib3.exceptions.ProtocolError(), "timeout": lambda: urllib3.exceptions.ReadTimeoutError(None, "/", ""), "other": lambda: urllib3.exceptions.SSLError()}
for _ in range(90):
    options = {k: R.choice([None, 0, 1, 2, 5]) for k in ("connect", "read", "status", "other")}
    options["total"] = R.choice([None, 0, 1, 3, 10])
    options["backoff_factor"] = R.choice([0, 0.1, 1, 50])
    options["status_forcelist"] = R.choice([[], [500, 503]])
    steps = [R.choice(["connect", "read", "timeout", "other", 500, 503]) for _ in range(R.randint(1, 6))]
    method = R.choice(["GET", "POST", "PUT"])

    def story():
        retry, out = Retry(**options), []
        for step in steps:
            try:
                if isinstance(step, int):
                    retry = retry.increment(method, "/", response=urllib3.HTTPResponse(status=step))
                else:
                    retry = retry.increment(method, "/", error=KINDS[step]())
            except urllib3.exceptions.HTTPError:
                out.append(None)
                break
            out.append([float(retry.get_backoff_time()), retry.is_retry(method, 503, True), retry.is_retry(method, 500), retry.is_retry(method, 404, True)])
        return out

    case("retry", {"options": options, "steps": steps, "method": method}, story)
for text in ["0", "10", " 10 ", "-1", "1.5", "99999999", "Thu, 01 Jan 2026 00:01:00 GMT", "Wed, 31 Dec 2025 00:00:00 GMT", "Thursday, 01-Jan-26 00:02:00 GMT"]:
    with mock.patch("time.time", lambda: float(NOW)):
        case("retry_after", {"text": text}, lambda: float(Retry().parse_retry_after(text)))

# What urlparse takes for parameters, names that only Python has for encodings, the oldest form of a date ------------------
for location in [";", "a;", "/a;", "/a;b", "/a;b;", "a;b/c;", "..;", "..;x", "../;", "/;?q", ";#f", "//other.com/x;", "http://other.com/;", "/a;/b"]:
    for url in ["http://example.com/a/b?c=d#frag", "http://example.com/a;p/b;q?x", "http://example.com"]:
        case("redirect", {"method": "GET", "status": 302, "url": url, "location": location}, lambda: redirected("GET", 302, url, location))
for url in ["http://a/b;", "http://a/b;c", "http://a/b;c;", "http://a/b;/c", "http:/a;b", "http:a/;b", "http://a;b/c", "http://u:p@a/;#x"]:
    case("urldefragauth", {"url": url}, lambda: utils.urldefragauth(url))
ALIASES = {
    "Ünï": "1252 1254 iso8859_15 iso8859-1 iso8859 8859 latin9 L9 latin10 l10 iso-ir-226 iso_8859_16_2001 mac-roman MacRoman mac_roman cp1252 latin8 l8 iso_celtic",
    "привет": "1251 cp1251 mac-cyrillic maccyrillic koi8_r iso8859_5 iso_8859_5_1988 cyrillic 866 cp866 ibm866",
    "日本語": "932 cp932 ms932 mskanji ms_kanji s_jis shiftjis sjis eucjp ujis u_jis euc_jp iso2022jp iso2022_jp csiso2022jp",
    "中文": "936 cp936 ms936 euccn euc_cn eucgb2312_cn gb2312_80 gb2312_1980 chinese gbk gb18030_2000 950 ms950 big5_tw csbig5 cp950",
    "한국": "949 cp949 ms949 uhc euckr ks_c_5601 ks_c_5601_1987 ks_x_1001 ksx1001 korean",
    "Ελλ": "1253 cp1253 elot_928 iso8859_7 iso_8859_7_1987 greek8",
    "สวัสดี": "thai tis620 tis_620 tis_620_0 tis_620_2529_1 iso_8859_11_2001 iso8859_11",
    "ąęł": "1250 iso8859_2 iso_8859_2_1987 l2",
    "שלום": "1255 iso8859_8 iso_8859_8_1988 hebrew",
    "a€": "unicodebigunmarked unicodelittleunmarked utf_16_be u16 u32 u8",
}
for sample, names in ALIASES.items():
    for enc in names.split():
        data = sample.encode(enc)
        def as_text():
            r = response_with({}, body=data)
            r.encoding = enc
            return r.text
        case("text", {"encoding": enc, "data": b64(data)}, as_text)
for text in ["Thu Jan  1 00:01:00 2026", "Fri Jan 02 00:00:00 2026", "Thu Jan  1 00:01 2026", "1 Jan 2026 00:00:10"]:
    with mock.patch("time.time", lambda: float(NOW)):
        case("retry_after", {"text": text}, lambda: float(Retry().parse_retry_after(text)))

path = pathlib.Path(__file__).parent / "data" / "requests.jsonl"
path.parent.mkdir(exist_ok=True)
with path.open("w") as f:
    for one in OUT:
        f.write(json.dumps(one, separators=(",", ":"), ensure_ascii=False) + "\n")
print(len(OUT), "cases", path.stat().st_size, "bytes")
