"""Asks CPython's re about patterns, texts and operations; writes one JSON object a pattern.

    {"p": pattern, "f": flags, "b": 1 for a bytes pattern, "e": error}            what does not compile
    {"p": .., "g": groups, "n": names, "F": flags, "t": [[text, [[operation, arguments.., answer], ..]], ..]}

A match is [start, end, .. of each group (-1 if it took no part) .., lastindex or 0]; all positions count characters.
Bytes stand as Latin-1. An error is [type, msg, pos, lineno, colno].

usage: python3 tests/oracle/re.py [--seed N] [--patterns N] > tests/oracle/data/re.jsonl
       python3 tests/oracle/re.py --cpython > tests/oracle/data/re_cpython.jsonl
"""
import argparse
import json
import random
import re
import signal
import sys
import warnings

warnings.simplefilter("ignore")


class Slow(BaseException):
    pass


def slow(*_):
    raise Slow


signal.signal(signal.SIGALRM, slow)


def error(e):
    if isinstance(e, re.error):
        return ["error", e.msg, e.pos, e.lineno, e.colno]
    return [type(e).__name__, str(e.args[0] if e.args else ""), None, None, None]


def match(m):
    if m is None:
        return None
    return [x for span in m.regs for x in span] + [m.lastindex or 0]


def plain(x):
    if isinstance(x, bytes):
        return x.decode("latin-1")
    if isinstance(x, (list, tuple)):
        return [plain(y) for y in x]
    return x


def shown(m):
    """What the closure of `subf` makes of a match."""
    text = f"<{plain(m.group())}|{m.lastindex or 0}|{m.lastgroup or ''}>"
    return text.encode("latin-1") if isinstance(m.group(), bytes) else text


def ask(pattern, op, args, text):
    if op in ("search", "match", "fullmatch"):
        return match(getattr(pattern, op)(text, *args))
    if op == "finditer":
        return [match(m) for m in pattern.finditer(text, *args)]
    if op == "findall":
        return pattern.findall(text)
    if op == "split":
        return pattern.split(text, *args)
    if op == "sub":
        return list(pattern.subn(args[0], text, args[1]))
    if op == "expand":
        m = pattern.search(text)
        return m and m.expand(args[0])
    if op == "subf":
        return list(pattern.subn(shown, text, args[0]))
    if op == "info":
        m = pattern.search(text)
        return m and [m.lastindex, m.lastgroup, m.groups(), list(m.groupdict().items()), m.pos, m.endpos]
    raise AssertionError(op)


def case(pattern, flags, is_bytes, texts, ops):
    """Everything about one pattern; None if Python takes too long or breaks down itself."""
    encode = (lambda s: s.encode("latin-1")) if is_bytes else (lambda s: s)
    out = {"p": pattern, "f": flags}
    if is_bytes:
        out["b"] = 1
    try:
        signal.setitimer(signal.ITIMER_REAL, 1)
        try:
            compiled = re.compile(encode(pattern), flags)
        except (re.error, ValueError, OverflowError, IndexError) as e:
            return out | {"e": error(e)}
        out |= {"g": compiled.groups, "n": dict(compiled.groupindex), "F": compiled.flags, "t": []}
        for text in texts:
            answers = []
            for op, *args in ops(compiled):
                signal.setitimer(signal.ITIMER_REAL, 0.25)
                try:
                    answer = ask(compiled, op, [encode(a) if isinstance(a, str) else a for a in args], encode(text))
                except (re.error, IndexError) as e:
                    answer = {"e": error(e)}
                answers.append([op, *args, plain(answer)])
            out["t"].append([text, answers])
        return out
    except (Slow, RecursionError, SystemError, MemoryError):
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


# --- the generator

LETTERS = "aaabbbcABC01_ -\n"
UNICODE = "éÉßẞſKkKσςΣÅåıIİiµμǅ²½٣٤\u0301\u200d\u00a0\u2028中😀𐐀𐐨ᲀвВ"
SPECIAL = ".^$*+?{}[]()|\\"


class Generator:
    def __init__(self, rng, is_bytes):
        self.rng, self.bytes = rng, is_bytes
        self.groups, self.open, self.names = 0, [], []
        self.unicode = rng.random() < 0.3
        self.simple = rng.random() < 0.45
        self.alphabet = rng.sample("abcABC01_ -\n", rng.randint(1, 4))
        if self.unicode and not is_bytes:
            self.alphabet += rng.sample(UNICODE, rng.randint(1, 4))
        elif self.unicode:
            self.alphabet += rng.sample("\xe9\xc9\xdf\xb5\x00\xff", 2)

    def char(self):
        return self.rng.choice(self.alphabet)

    def literal(self):
        c = self.char()
        r = self.rng.random()
        if r < 0.06:
            return "\\x%02x" % ord(c) if ord(c) < 256 else "\\u%04x" % ord(c) if ord(c) < 65536 else "\\U%08x" % ord(c)
        if r < 0.08 and ord(c) < 256:
            return "\\%03o" % ord(c)
        if r < 0.12:
            return re.escape(c)
        if r < 0.14:
            return self.rng.choice(["\\n", "\\t", "\\.", "\\-", "\\ ", "{", "}", "]", "\\\\", "#", "\\0", "{a}", "{,", "{1", "{}"])
        return c if c not in SPECIAL else "\\" + c

    def category(self):
        return "\\" + self.rng.choice("dDsSwW")

    def set(self):
        items = []
        for _ in range(self.rng.randint(1, 4)):
            r = self.rng.random()
            if r < 0.2:
                items.append(self.category())
            elif r < 0.45:
                a, b = sorted((self.char(), self.char()))
                a, b = ("\\" + x if x in "]\\^-" else x for x in (a, b))
                items.append(self.rng.choice([f"{a}-{b}", f"{a}-{b}", "a-z", "A-Z", "0-9", "a-c", "\\x00-b"]))
            elif r < 0.5:
                items.append(self.rng.choice(["\\b", "\\n", "\\x41", "\\101", ".", "$", "[", "-", "(", "\\]", "&&", "||"]))
            else:
                c = self.char()
                items.append("\\" + c if c in "]\\^-" else c)
        return "[" + ("^" if self.rng.random() < 0.25 else "") + "".join(items) + "]"

    def quantifier(self):
        r = self.rng.random()
        if r < 0.6:
            q = self.rng.choice("*+?")
        else:
            m, n = sorted((self.rng.randint(0, 3), self.rng.randint(0, 4)))
            q = self.rng.choice([f"{{{m}}}", f"{{{m},}}", f"{{,{n}}}", f"{{{m},{n}}}"])
        r = self.rng.random()
        return q + ("?" if r < 0.25 else "+" if r < 0.33 and not self.simple else "")

    def flags(self):
        return "".join(self.rng.sample("imsx", self.rng.randint(1, 2)))

    def group(self, depth):
        r = self.rng.random()
        inner = lambda: self.alternation(depth - 1)
        if r < 0.4 or self.simple and r < 0.6:
            self.groups += 1
            number = self.groups
            self.open.append(number)
            name = ""
            if self.rng.random() < 0.2:
                name = f"n{number}"
                self.names.append((name, number))
            body = inner()
            self.open.remove(number)
            return f"(?P<{name}>{body})" if name else f"({body})"
        if r < 0.6 or self.simple:
            return f"(?:{inner()})"
        if r < 0.68:
            return f"(?{self.rng.choice(['=', '!'])}{inner()})"
        if r < 0.76:
            kind = self.rng.choice(["<=", "<!"])
            body = inner() if self.rng.random() < 0.2 else "".join(
                self.rng.choice([self.literal, self.set, lambda: ".", lambda: self.rng.choice(["\\b", "^", "$", "\\A"])])()
                for _ in range(self.rng.randint(0, 2)))
            return f"(?{kind}{body})"
        if r < 0.82:
            return f"(?>{inner()})"
        if r < 0.9 and self.groups:
            g = self.rng.randint(1, self.groups)
            g = dict((n, m) for m, n in self.names).get(g, g) if self.rng.random() < 0.5 else g
            no = "|" + self.sequence(depth - 1) if self.rng.random() < 0.6 else ""
            return f"(?({g}){self.sequence(depth - 1)}{no})"
        if r < 0.97:
            off = "-" + self.rng.choice("imsx") if self.rng.random() < 0.3 else ""
            on = self.flags() if not off or self.rng.random() < 0.3 else ""
            on = "".join(f for f in on if f not in off)
            if self.rng.random() < 0.15:
                on += "a" if self.rng.random() < 0.5 or self.bytes else "u"
            return f"(?{on}{off}:{inner()})"
        return "(?#c)"

    def atom(self, depth):
        r = self.rng.random()
        if r < 0.42:
            return self.literal()
        if r < 0.5:
            return self.category()
        if r < 0.58:
            return self.set()
        if r < 0.64:
            return "."
        if r < 0.7:
            return self.rng.choice(["^", "$", "\\b", "\\B", "\\A", "\\Z", "$", "$"])
        if r < 0.76 and not self.simple:
            closed = [g for g in range(1, self.groups + 1) if g not in self.open]
            if closed:
                g = self.rng.choice(closed)
                name = dict((n, m) for m, n in self.names).get(g)
                return f"(?P={name})" if name and self.rng.random() < 0.5 else f"\\{g}"
        if depth > 0:
            return self.group(depth)
        return self.literal()

    def sequence(self, depth):
        out = ""
        for _ in range(self.rng.choice([0, 1, 1, 1, 2, 2, 3, 4])):
            atom = self.atom(depth)
            if self.rng.random() < 0.38 and atom not in ("^", "$", "\\b", "\\B", "\\A", "\\Z", "(?#c)"):
                atom += self.quantifier()
            out += atom
        return out

    def alternation(self, depth):
        return "|".join(self.sequence(depth) for _ in range(self.rng.choice([1, 1, 1, 2, 2, 3])))

    def pattern(self):
        p = self.alternation(self.rng.randint(0, 4))
        if self.rng.random() < 0.12:
            p = f"(?{self.flags()})" + p
        if self.rng.random() < 0.05:
            # Something wrong, most of the time.
            i = self.rng.randint(0, len(p))
            junk = self.rng.choice(["(", ")", "[", "*", "{2}", "\\", "(?", "(?P<", "(?P<1>a)", "\\8", "(?(", "(?i)", "a**", "[b-a]",
                                    "(?P<n1>a)", "\\N{DIGIT ONE}", "\\N{x}", "\\x1", "\\u12", "\\U00110000", "(?<a)", "(?P=z)", "(?z)",
                                    "(?i", "(?-", "(?i-i:a)", "(?(1)a|b|c)", "(?<=a*)", "{3,1}", "\\q", "(?#", "(?P>", "[\\d-a]", "\n",
                                    "(?au:a)", "(?-a:b)", "(?(x)a)", "(?(0)a)", "(?( 1 )a)", "(?P<é>a)", "\\400", "[\\400]", "(?L)"])
            if not (self.bytes and any(ord(c) > 255 for c in junk)):
                p = p[:i] + junk + p[i:]
        return p

    def text(self):
        n = self.rng.choice([0, 1, 2, 3, 4, 5, 6, 8, 12])
        t = "".join(self.char() for _ in range(n))
        if self.rng.random() < 0.2:
            t += "\n"
        if self.rng.random() < 0.1:
            t += self.rng.choice("xyz.,%é²" if not self.bytes else "xyz.,%\xe9")
        return t

    def template(self):
        out = ""
        for _ in range(self.rng.randint(0, 3)):
            g = self.rng.randint(0, self.groups + (self.rng.random() < 0.1))
            out += self.rng.choice(["<", "x", f"\\{max(g, 1)}", f"\\g<{g}>", "\\g<0>", "\\n", "\\\\", "\\.", "\\0", "\\101", "é"]
                                   + [f"\\g<{name}>" for name, _ in self.names])
        if self.rng.random() < 0.04:
            out += self.rng.choice(["\\q", "\\g<", "\\g", "\\g<>", "\\g<n9>", "\\g<1", "\\99", "\\", "\\g<-1>", "\\400", "\\g<a b>", "\\g< 1>"])
        return out

    def ops(self, compiled):
        rng = self.rng
        window = lambda: [rng.randint(0, 6), rng.randint(0, 12)] if rng.random() < 0.3 else [] if rng.random() < 0.7 else [rng.randint(0, 4)]
        every = [["search", *window()], ["match", *window()], ["fullmatch", *window()], ["finditer", *window()], ["findall"],
                 ["split", rng.choice([0, 0, 1, 2])], ["sub", self.template(), rng.choice([0, 0, 1, 2])], ["expand", self.template()]]
        return rng.sample(every, 2)


def generated(seed, patterns):
    for i in range(patterns):
        rng = random.Random(f"{seed}/{i}")
        g = Generator(rng, rng.random() < 0.15)
        pattern = g.pattern()
        flags = 0
        for flag in (re.I, re.M, re.S, re.X, re.A):
            if rng.random() < 0.12:
                flags |= int(flag)
        if rng.random() < 0.02:
            flags |= int(re.U)
        found = case(pattern, flags, g.bytes, [g.text() for _ in range(rng.randint(1, 3))], g.ops)
        if found:
            yield found


# --- CPython's own tests

def cpython():
    from test import re_tests
    every = lambda compiled: [["search"], ["match"], ["fullmatch"], ["finditer"], ["findall"], ["split", 0], ["sub", "<\\g<0>>", 0]]
    for pattern, text, *_ in re_tests.tests:
        for flags in (0, int(re.I), int(re.M | re.S), int(re.X)):
            for is_bytes in (False, True):
                if is_bytes and any(ord(c) > 255 for c in pattern + text):
                    continue
                yield case(pattern, flags, is_bytes, [text], every)
    for pattern, text in re_tests.benchmarks:
        yield case(pattern, 0, False, [text], every)
    # Every pattern and text that test_re.py hands to re, heard while its tests run.
    import test.test_re as test_re
    import unittest
    heard = {}
    texts = {}
    real = re._compile

    def listen(pattern, flags):
        if isinstance(pattern, (str, bytes)) and len(pattern) < 500:
            heard.setdefault((pattern, int(flags)), set())
        return real(pattern, flags)

    class Names:
        def __getattr__(self, name):
            function = getattr(re, name)
            if name not in ("search", "match", "fullmatch", "findall", "finditer", "split", "sub", "subn"):
                return function

            def call(pattern, *args, **kwargs):
                text = args[1] if name in ("sub", "subn") and len(args) > 1 else args[0] if args else None
                if isinstance(pattern, (str, bytes)) and isinstance(text, type(pattern)) and len(text) < 200:
                    texts.setdefault(pattern, set()).add(text)
                return function(pattern, *args, **kwargs)
            return call

    re._compile = listen
    test_re.re = Names()
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(test_re.ReTests)
    unittest.TextTestRunner(stream=open("/dev/null", "w")).run(suite)
    re._compile = real
    for (pattern, flags), _ in sorted(heard.items(), key=repr):
        is_bytes = isinstance(pattern, bytes)
        mine = sorted(texts.get(pattern, ()))[:6] or ([b"", b"ab a1"] if is_bytes else ["", "ab a1"])
        show = lambda x: x.decode("latin-1") if is_bytes else x
        try:
            show(pattern).encode(), [show(t).encode() for t in mine]
        except UnicodeEncodeError:
            continue
        if flags & int(re.L | re.DEBUG | re.T) or flags > 511:
            continue
        yield case(show(pattern), flags, is_bytes, [show(t) for t in mine], every)


def put(found):
    """Writes what was found, if it can be written."""
    try:
        line = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
        line.encode()
    except UnicodeEncodeError:
        return
    print(line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default="leyden")
    parser.add_argument("--patterns", type=int, default=5000)
    parser.add_argument("--cpython", action="store_true")
    arguments = parser.parse_args()
    for found in cpython() if arguments.cpython else generated(arguments.seed, arguments.patterns):
        if found:
            put(found)


if __name__ == "__main__":
    main()
