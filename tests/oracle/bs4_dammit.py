"""Asks Beautiful Soup about encodings, entities and CSS identifiers, and writes what it answered. Seeded."""
import sys

sys.path.append(sys.path.pop(0))  # this folder has programs named like the modules that they ask

import json, logging, pathlib, random, warnings

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector, EntitySubstitution, UnicodeDammit
from bs4.element import CharsetMetaAttributeValue, ContentMetaAttributeValue, Doctype
import soupsieve

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
random.seed(4)
OUT = pathlib.Path(__file__).resolve().parent / "data" / "bs4_dammit.jsonl"
rows = []

TEXTS = ["plain ascii", "Sacr\u00e9 bleu!", "\u201csmart\u201d \u2018quotes\u2019 \u2014 \u2026 \u20ac", "\u043f\u0440\u0438\u0432\u0435\u0442", "\u65e5\u672c\u8a9e"]
ENCODINGS = ["utf-8", "windows-1252", "iso-8859-1", "utf-16-le", "utf-16-be", "utf-32-le", "koi8-r", "shift_jis", "euc-jp", "gb2312",
             "iso-8859-5", "windows-1251", "utf-16", "utf-8-sig"]
DECLARATIONS = ["", '<?xml version="1.0" encoding="%s"?>', "<meta charset=%s>", '<meta http-equiv=Content-Type content="text/html; charset=%s">',
                "<META   CHARSET = '%s' >", '<?xml encoding="" ?><meta charset="%s" />', "<!-- <meta charset=%s> -->"]


def attempt(function):
    try:
        return function()
    except Exception:
        return None


for text in TEXTS:
    for encoding in ENCODINGS:
        data = attempt(lambda: text.encode(encoding))
        if data is None:
            continue
        for known in ([], [encoding], ["ascii"], ["bogus"]):
            if not known and encoding not in ("utf-8", "utf-8-sig", "utf-16"):
                continue  # without a hint, the optional detector decides
            d = UnicodeDammit(data, known, is_html=True)
            if known and encoding not in known and encoding not in ("utf-8", "utf-8-sig", "utf-16"):
                continue
            rows.append({"dammit": data.hex(), "known": known, "text": d.unicode_markup, "encoding": d.original_encoding,
                         "declared": d.declared_html_encoding, "replaced": d.contains_replacement_characters,
                         "tried": [list(t) for t in d.tried_encodings], "markup": d.markup.hex()})
for data in (b"\x93a\x94 \x80 \x8d\x92", b"plain", bytes(range(0x80, 0x9f))):
    for to in ("ascii", "xml", "html"):
        d = UnicodeDammit(data, ["windows-1252"], smart_quotes_to=to)
        rows.append({"quotes": data.hex(), "to": to, "text": d.unicode_markup})
for declaration in DECLARATIONS:
    for name in ("utf-8", "ISO-8859-1", "x-bogus", "Shift_JIS", ""):
        markup = ("  " + declaration % name if "%s" in declaration else declaration) + "<p>x</p>"
        for is_html in (True, False):
            for whole in (True, False):
                found = EncodingDetector.find_declared_encoding(markup.encode(), is_html, whole)
                rows.append({"declared": markup, "html": is_html, "whole": whole, "found": found})
for data in (b"\xef\xbb\xbfx", b"\xff\xfex\x00", b"\xfe\xff\x00x", b"\x00\x00\xfe\xff\x00\x00\x00x", b"\xff\xfe\x00\x00x\x00\x00\x00", b"x", b"\xff\xfe", b""):
    stripped, encoding = EncodingDetector.strip_byte_order_mark(data)
    rows.append({"bom": data.hex(), "rest": stripped.hex(), "encoding": encoding})
for known, user, exclude in ((["a"], ["b"], []), (["utf-8", "UTF-8"], [], []), ([], ["latin-1"], ["utf-8"]), (["x"], ["x"], ["X"])):
    d = EncodingDetector(b'\xef\xbb\xbf<?xml version="1.0" encoding="koi8-r"?>', known, False, exclude, user)
    rows.append({"order": [known, user, exclude], "encodings": list(d.encodings)})
for name in ("utf8", "UTF-8", "macintosh", "x-sjis", "latin1", "iso8859-1", "bogus-codec", "windows_1252", "Shift-JIS", "euc_jp", ""):
    rows.append({"codec": name, "found": UnicodeDammit.find_codec(UnicodeDammit(b"x"), name)})
for data in ("\u2603".encode() + b" \x93x\x94 \xe9", b"ascii", b"\xc3\xa9", b"\x81\x8d", b"a\xe9b\xffc", b"\xf0\x9f\x98\x80\x85"):
    rows.append({"detwingle": data.hex(), "fixed": UnicodeDammit.detwingle(data).hex()})
for number in [0, 1, 9, 13, 31, 65, 127, 128, 129, 130, 141, 145, 150, 153, 159, 160, 225, 255, 9731, 0xd800, 0xdfff, 0xfdd0, 0xfffe, 0x1f600, 0x10ffff, 0x110000]:
    rows.append({"reference": number, "found": list(UnicodeDammit.numeric_character_reference(number))})

E = EntitySubstitution
PIECES = ["&", "<", ">", '"', "'", "&amp;", "&lt;", "&eacute;", "&bogus;", "&#65;", "&#x41;", "&#X41;", "& ", "\u00e9", "\u00a0", "\u2267", "\u2267\u0338",
          "\u2264", "fj", "=\u20e5", "<\u20d2", "\U0001d504", "\u2026", "x", " ", "|", "\n", "\u0338", "&a_1;", "&;", "\u03b1", "\u2009"]
strings = PIECES + ["".join(random.choice(PIECES) for _ in range(random.randrange(2, 12))) for _ in range(250)]
for text in strings:
    rows.append({"entities": text, "xml": E.substitute_xml(text), "containing": E.substitute_xml_containing_entities(text),
                 "html": E.substitute_html(text), "html5": E.substitute_html5(text), "raw": E.substitute_html5_raw(text),
                 "quoted": E.quoted_attribute_value(text)})
for text in ["a", "-", "-a", "--a", "1a", "-1a", "a b", "a:b", "\u00e9", "a\x00", "\x7f", "", "#.[]", "\u2190", "\ud7ff", "A_9-z"]:
    rows.append({"escape": text, "escaped": soupsieve.escape(text)})
for value in ["text/html; charset=utf-8", "charset=x; charset=y", "a\ncharset=x", "text/html;charset=utf-8;x=1", "no", ";  charset=", "xcharset=1"]:
    for encoding in ("koi8-r", "idna"):
        rows.append({"content": value, "to": encoding, "found": ContentMetaAttributeValue(value).substitute_encoding(encoding),
                     "charset": CharsetMetaAttributeValue(value).substitute_encoding(encoding)})
for ids in (["html", None, None], ["html", "p", None], ["x", "p", "s"], ["x", None, "s"], ["", "", ""]):
    rows.append({"doctype": ids, "found": str(Doctype.for_name_and_ids(*ids))})

HTML_BYTES = ["<meta charset=%s><p>", "<p>", "<!DOCTYPE html><html><head><title>x</title><meta http-equiv=content-type content='text/html;charset=%s'>"]
for text in TEXTS[1:5]:
    for encoding in ("utf-8", "windows-1252", "koi8-r", "shift_jis", "iso-8859-5"):
        for template in HTML_BYTES:
            markup = (template % encoding if "%s" in template else template) + text
            data = attempt(lambda: markup.encode(encoding))
            if data is None or "%s" not in template:
                continue
            soup = BeautifulSoup(data, "html5lib")
            rows.append({"bytes": data.hex(), "from": None, "str": str(soup), "encoding": soup.original_encoding})
            soup = BeautifulSoup(text.encode(encoding), "html5lib", from_encoding=encoding)
            rows.append({"bytes": text.encode(encoding).hex(), "from": encoding, "str": str(soup), "encoding": soup.original_encoding})
            xml = ('<?xml version="1.0" encoding="%s"?><r>%s</r>' % (encoding, text)).encode(encoding)
            if encoding != "shift_jis":
                soup = BeautifulSoup(xml, "xml")
                rows.append({"xml": xml.hex(), "str": str(soup), "encoding": soup.original_encoding})
OUT.write_text("".join(json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n" for row in rows))
print(len(rows), "rows,", OUT.stat().st_size, "bytes")
