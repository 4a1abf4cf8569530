r"""Asks for characters by name, right and wrong: what `\N{...}` of a pattern finds. Writes data/re_names.jsonl; seeded.

`re_names.py SEED COUNT FOLDER` asks others.
"""
import sys
here = sys.path.pop(0)
import json, pathlib, random, re, unicodedata

SEED, COUNT, FOLDER = (int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]) if len(sys.argv) > 3 else (20261130, 4000, pathlib.Path(here) / "data")
rng = random.Random(SEED)
names = [unicodedata.name(chr(code)) for code in range(0x110000) if unicodedata.name(chr(code), None)]
aliases = [line.split(";")[0] for line in (pathlib.Path(here).parent.parent / "src" / "re" / "unicode" / "aliases.txt").read_text().splitlines()]
wrong = ["-", "--", "-A", " ", "", "A-", "SHIFT-IN", "SUNDANESE LETTER ARCHAIC I", "cjk unified ideograph-4e00", "CJK UNIFIED IDEOGRAPH-4e00", "CJK UNIFIED IDEOGRAPH-", "CJK UNIFIED IDEOGRAPH-04E00", "CJK UNIFIED IDEOGRAPH-110000", "HANGUL SYLLABLE", "HANGUL SYLLABLE ", "hangul syllable ga", "HANGUL SYLLABLE GA", "HANGUL JUNGSEONG O-E", "HANGUL JUNGSEONG OE", "KEYCAP DIGIT ONE", "LATIN SMALL LETTER A WITH MACRON AND GRAVE", "TANGUT IDEOGRAPH-17000", "NUSHU CHARACTER-1B170", "CJK COMPATIBILITY IDEOGRAPH-F900", "A" * 300, "LATIN  SMALL LETTER A", "LATIN_SMALL_LETTER_A", " LATIN SMALL LETTER A", "LATIN SMALL LETTER A ", "BELL", "ALERT", "NBSP", "lf", "CARRIAGE RETURN (CR)"]


def spoilt(name):
    at = rng.randrange(len(name) + 1)
    return rng.choice([name[:at] + rng.choice("- _A0\u00e9(") + name[at:], name[:at] + name[at + 1:], name.replace("-", " ", 1), name.replace(" ", "-", 1), name.replace(" ", "", 1), "-" + name, name + "-", name.swapcase()])


def ask():
    name = rng.choice(rng.choice([names, names, aliases, wrong]))
    name = rng.choice([name, name, name.lower(), name.title()])
    return spoilt(name) if name and rng.random() < 0.5 else name


with open(pathlib.Path(FOLDER) / "re_names.jsonl", "w") as file:
    for name in wrong + aliases + [ask() for _ in range(COUNT)]:
        if "}" in name:
            continue
        try:
            re.compile("\\N{" + name + "}")
            r = unicodedata.lookup(name)
        except re.error as error:
            r = {"error": error.msg, "pos": error.pos}
        file.write(json.dumps({"name": name, "r": r}) + "\n")
