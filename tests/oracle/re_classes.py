"""Asks CPython's re what single classes and characters match over the whole of Unicode, and which names it knows.

    {"cased": all characters with case}
    {"p": pattern, "r": [first, last, ..]}      what it matches of all characters, as ranges of code points
    {"p": pattern, "c": characters}             what it matches of the cased ones
    {"n": name, "u": character}                 what `\\N{name}` means, or null

usage: python3 tests/oracle/re_classes.py > tests/oracle/data/re_classes.jsonl
"""
import json
import random
import re
import unicodedata
import warnings
import _sre

warnings.simplefilter("ignore")
POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
EVERY = "".join(map(chr, POINTS))
CASED = "".join(chr(c) for c in POINTS if _sre.unicode_iscased(c))


def put(**case):
    print(json.dumps(case, ensure_ascii=False, separators=(",", ":")))


put(cased=CASED)
CLASSES = [r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"[\w\s]", r"[^\w\s]", r"[^\W\d_]", ".", r"[a-zß-ÿ]", r"[^a-z]", r"[\W_]", "[k-s]",
           r"[\u0400-\u0450]", r"[\U00010400-\U00010410]", r"[\u0400-\U00010410]", r"[\U00010400]", r"[x\U00010400]", r"[^\U00010428x]",
           r"[\x00-\U0010ffff]", r"[A-Z\u0130-\u0180]", r"[İıſK]", r"[^İıſK]", r"[µμ\d]", r"[ǄǅǆΣ-ω]", r"[\ud7ff-\ue000]", r"[ᲀ-ᲈ]", r"[^\s\dK]"]
for prefix in ("", "(?i)", "(?a)", "(?ai)", "(?s)"):
    for pattern in CLASSES:
        ranges = []
        for found in re.findall(prefix + pattern, EVERY):
            c = ord(found)
            if ranges and ranges[-1] + 1 == c:
                ranges[-1] = c
            else:
                ranges += [c, c]
        if len(ranges) < 1600:
            put(p=prefix + pattern, r=ranges)
# A character with no other of its case class tells nothing: those with three or more, and a sample.
rng = random.Random("leyden")
for c in CASED:
    found = "".join(re.findall("(?i)" + re.escape(c), CASED))
    if len(found) > 2 or rng.random() < 0.75:
        put(p="(?i)" + re.escape(c), c=found)
    if rng.random() < 0.15:
        put(p=f"(?i)[{c}x]", c="".join(re.findall(f"(?i)[{c}x]", CASED)))
        if ord(c) < 0x1000:
            d = chr(ord(c) + 5)
            put(p=f"(?i)[{c}-{d}]", c="".join(re.findall(f"(?i)[{c}-{d}]", CASED)))
names = ["LINE FEED", "LF", "NULL", "SPACE", "line feed", "EM DASH", "em dash", "Em Dash", "EMDASH", "EM_DASH", "EM  DASH", " EM DASH", "EM-DASH",
         "HANGUL SYLLABLE GA", "CJK UNIFIED IDEOGRAPH-4E2D", "CJK UNIFIED IDEOGRAPH-4e2d", "CJK UNIFIED IDEOGRAPH-FFFF", "BELL", "ALERT",
         "KEYCAP NUMBER SIGN", "LATIN SMALL LETTER E WITH ACUTE", "NO SUCH NAME", "ZERO WIDTH JOINER", "ZWJ", "NO-BREAK SPACE", "NBSP",
         "BYTE ORDER MARK", "BOM", "TIBETAN LETTER -A", "HANGUL JUNGSEONG O-E", "SHAKING FACE", "MARK-1", "VS16", "VARIATION SELECTOR-16"]
names += [unicodedata.name(chr(c)) for c in rng.sample(POINTS, 3000) if unicodedata.name(chr(c), None)]
for name in names:
    try:
        c = re.compile("\\N{" + name + "}")
        c = next(u for u in [unicodedata.lookup(name)] if c.fullmatch(u))
    except re.error:
        c = None
    put(n=name, u=c)
