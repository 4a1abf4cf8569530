"""Asks fnmatch. Writes data/fnmatch.jsonl: one pattern a line, with its translation and the names of a list that it matches."""
import sys
sys.path.pop(0)  # this file's own name is the module's
import fnmatch, json, os, pathlib, random, warnings

warnings.simplefilter("ignore")  # re warns of "possible nested sets" in what fnmatch itself wrote
random.seed(20240607)
OUT = pathlib.Path(__file__).with_name("data") / "fnmatch.jsonl"


def enc(text):
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        return {"hex": os.fsencode(text).hex()}


NAMES = ["", "a", "b", "ab", "abc", "aXb", "a.txt", "b.txt", ".txt", "a.txt~", "A.TXT", "foo.py", "foo.pyc", ".hidden", "a/b", "a\nb", "\n", "é", "aé", "éa", "日本", "日本.txt", "\udcff", "a\udcff", "\udcc3", "\udcc3a",
         "[", "]", "[a]", "a]", "-", "a-b", "!", "^", "a!b", "\\", "a\\b", "&", "&&", "~", "|", "||", "--", "*", "?", "x", "z", "c", "q", "0", "9", "report-2024.csv", "aaaaaaaaab", "mississippi", "misspi", " "]
PATTERNS = ["", "*", "**", "***", "?", "??", "*?", "?*", "*??", "*???", "a", "a*", "*a", "*a*", "a*b", "a*b*c", "*.txt", "*.py[co]", "[ab]", "[!ab]", "[a-c]", "[!a-c]", "[c-a]", "[!c-a]", "[]", "[]a]", "[!]a]", "[!]", "[!", "[",
            "[[]", "[]]", "[]", "[^a]", "[a^]", "[[a]", "[a", "[a-", "[a-]", "[-a]", "[!-a]", "[--a]", "[a--]", "[+--]", "[!--a]", "[]-a]", "[!]-a]", "[a-c-e]", "[a-c-]", "[\\]", "[\\a]", "[a\\]b", "\\*", "\\", "\\a", "[&&]", "[a&&b]", "[~~]", "[||]",
            "[b-a!x]", "[b-a!]", "[b-a!-z]", "[b-ad-c!x]", "[b-a^c]", "[!b-a^c]", "[b-ac-d]", "[b-a-]", "[b-a!-]", "[b-a!- ]", "[z-ax-z]", "[!z-ax-z]", "[c-ab-a]", "[é-ü]", "[à-ÿ]", "[!é]", "?é", "é?", "*é", "\udcff", "?\udcff", "[\udcff]", "[\udc80-\udcff]",
            "[!\udc80-\udcff]", "\udcc3", "\udcc3*", "*\udcc3", "日*", "日?", "[日]本*", "*[0-9].csv", "report-[0-9]*.csv", "m*iss*pi", "*i*i*i*i", "*ss*ss*", "a*a*a*a*a*b", "*\n*", "?\n?", "a.b", "a+b", "(a|b)", "{a,b}", "$a^", "#a b",
            "[a-z]*[!0-9]", "**/*.py", "a**b", "[*]", "[?]", "[[]a[]]", "[!*]", "[a-\\]", "[\\-a]", "[\\-\\\\]", "[&-~]", "[|-~]", "[!&-~]"]
ALPHABET = list("ab*?[]!-^c\\z") + ["[a-c]", "[!", "[b-a", "é", "\udcff", "&", "~~"]
patterns = PATTERNS + ["".join(random.choice(ALPHABET) for _ in range(random.randint(1, 9))) for _ in range(500)]
extra = ["".join(random.choice(list("ab!-^c[]zé\udcff&")) for _ in range(random.randint(1, 6))) for _ in range(60)]
names = list(dict.fromkeys(NAMES + extra))

with OUT.open("w") as out:
    put = lambda row: out.write(json.dumps(row, separators=(",", ":")) + "\n")
    put({"names": [enc(name) for name in names]})
    for pattern in dict.fromkeys(patterns):
        matched = fnmatch.filter(names, pattern)
        assert matched == [name for name in names if fnmatch.fnmatchcase(name, pattern) and fnmatch.fnmatch(name, pattern)]
        put({"p": enc(pattern), "t": enc(fnmatch.translate(pattern)), "m": [names.index(name) for name in matched]})
