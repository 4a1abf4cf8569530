"""Asks shlex. Writes data/shlex.jsonl."""
import sys
sys.path.pop(0)  # this file's own name is the module's
import json, pathlib, random, shlex

random.seed(20240607)
OUT = pathlib.Path(__file__).with_name("data") / "shlex.jsonl"
rows, seen = [], set()


def ask(row, call):
    key = json.dumps(row, sort_keys=True)
    if key in seen:
        return
    seen.add(key)
    try:
        row["r"] = call()
    except ValueError as error:
        row["e"] = str(error)
    rows.append(row)


TEXTS = [
    "", " ", "a", "a b", " a  b ", "a\tb\nc\rd", "'a b'", '"a b"', "a'b'c", 'a"b"c', "''", '""', "'' a", "a ''", "a''b", "'a", '"a', "a\\", "'a\\'", '"a\\"', '"a\\""', "\\a", "\\ ",
    "a\\ b", "a\\\nb", '"a\\nb"', '"\\$x"', "'\\'", '"\\\\"', "#", "# a", "a # b", "a#b", "a #b\nc", "a#b\nc d", "'#'", "a\n#x\nb", "#a\n#b\nc", "é ü", "'é' ß", "日本 語", "a;b", "a&&b||c",
    "a>b 2>&1", "(a;b)", "a|b", "x=1 y='2 3'", "--opt='a b' -x", "a.b-c/d", "~/x *.py ?", "$HOME ${A}", "`ls`", "a\x00b", "a\u00a0b", "a\x0bb\x0cc", "\"a'b\"", "'a\"b'", "a\"'\"b", "\"\"''", "a\"\"", "\\'", '\\"',
    "ls -l 'foo bar' \"$HOME\" # comment", 'echo "It\'s" \'say "hi"\' end\\ here', "a\r\nb", "'a\nb' c", "foo#bar", "foo #bar", "a\\\\b", "'a'\\''b'", "tar -czf 'my file.tgz' --exclude=\"*.o\" src/",
]
ALPHABET = list("ab#'\"\\ \n;&|>()é=-./~*") + ["aa", "''", '""', "  ", "\\\\", "ß", "$", "日"]
texts = TEXTS + ["".join(random.choice(ALPHABET) for _ in range(random.randint(1, 12))) for _ in range(260)]

for text in texts:
    for comments in (False, True):
        for posix in (True, False):
            ask({"f": "split", "s": text, "comments": comments, "posix": posix}, lambda: shlex.split(text, comments=comments, posix=posix))
    ask({"f": "quote", "s": text}, lambda: shlex.quote(text))
for _ in range(60):
    words = random.sample(texts, random.randint(0, 4))
    ask({"f": "join", "s": words}, lambda: shlex.join(words))
for number in range(0x80):
    ask({"f": "quote", "s": "a" + chr(number)}, lambda: shlex.quote("a" + chr(number)))


def lexed(text, posix, punctuation, whitespace_split, changes):
    lexer = shlex.shlex(text, posix=posix, punctuation_chars=punctuation)
    lexer.whitespace_split = whitespace_split
    for name, value in changes.items():
        setattr(lexer, name, value)
    tokens = []
    while (token := lexer.get_token()) != lexer.eof:
        tokens.append([token, lexer.lineno])
    return tokens


CHANGES = [{}, {}, {}, {"commenters": ";"}, {"quotes": "'"}, {"whitespace": "-\n"}, {"escape": "/"}, {"escapedquotes": "'\""}, {"wordchars": "ab-/"}, {"commenters": "#;"}]
for text in texts:
    for posix in (True, False):
        for punctuation in ("", "();<>|&", ";|"):
            split = random.random() < 0.5
            changes = random.choice(CHANGES)
            ask({"f": "Shlex", "s": text, "posix": posix, "punctuation": punctuation, "split": split, "changes": changes},
                lambda: lexed(text, posix, punctuation, split, changes))

OUT.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
