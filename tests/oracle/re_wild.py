"""Asks CPython's re about what re.py's generator does not make: texts drawn from the pattern itself, so that most match deep inside;
verbose layouts, odd classes, octal and named escapes, big and empty repeats, look-behinds with references, scoped flags within each
other, the cases of letter case, templates with rare escapes; and a list of cases thought of by hand. The lines are re.py's.

usage: python3 tests/oracle/re_wild.py [--seed N] [--patterns N] [--long] > tests/oracle/data/re_wild.jsonl
"""
import sys
sys.path.pop(0)  # the neighbours bear the names of modules
import argparse, importlib.util, json, pathlib, random, re, warnings
import re._parser as parser

spec = importlib.util.spec_from_file_location("oracle_re", pathlib.Path(__file__).with_name("re.py"))
base = importlib.util.module_from_spec(spec)
spec.loader.exec_module(base)

# Letters that share a case class with others of it, or whose case changes are one-sided.
CASES = ["kK\u212a", "sSſ", "iIıİ", "ßẞ", "σςΣ", "åÅ\u212b", "µμΜ", "ǆǅǄ", "θϑΘϴ", "ωΩ\u2126", "ÿŸ", "ᾳᾼ", "ŉ", "ﬅﬆ", "ΐΐ", "ⅷⅧ", "ⓐⒶ", "вВᲀ",
         "𐐀𐐨", "ꙋꙊᲈ", "Ꭰꭰ", "ყᲧ", "ẛṡṠ", "ιͅΙι"]
ODD_SETS = ["[]a]", "[^]a]", "[a-]", "[-a]", "[\\w-]", "[--a]", "[a--]", "[a--b]", "[[a]", "[a||b]", "[&&a]", "[a~~b]", "[\\b]", "[^\\n]", "[\\^a]",
            "[a^]", "[\\]\\[]", "[ #]", "[^ \n]", "[\\0-\\377]", "[\\07a]", "[\\1]", "[\\101-C]", "[\\x00-\\x7f]", "[^\\x00-\\x7f]", "[\\W\\w]",
            "[^\\W\\w]", "[^\\s\\S]", "[\\d\\D]", "[.]", "[$^]", "[(|)]", "[*+?{}]", "[a-a]", "[aaa]", "[a-cb-d]", "[^a-cA-C]", "[\\-a]", "[a\\-c]",
            "[+--]", "[!-~]", "[\\t\\n\\v\\f\\r ]", "[\\\\]", "[\\a\\b]", "[#-&]", "[\\d-]", "[-\\d]", "[a\\d-]"]
WIDE_SETS = ["[\\N{DIGIT ONE}-\\N{digit nine}]", "[\\u0041-\\u005a]", "[\\U0001F600a]", "[K-s]", "[^ſ]", "[İ-ı]", "[à-þ]", "[À-Þ]", "[^À-Þ]", "[Α-Ω]",
             "[α-ω]", "[ß-ẞ]", "[\\W\u212a]", "[^\\W\\d_]", "[\U00010400-\U00010427]", "[^\U00010400]", "[\u2160-\u216f]", "[\u0100-\uffff]"]
ESCAPES = ["\\0", "\\00", "\\07", "\\012", "\\0123", "\\101", "\\377", "\\08", "\\x41", "\\a", "\\f", "\\v", "\\/", "\\#", "\\ ", "\\\"", "\\<", "\\_"[:1] + "=",
           "\\\n", "\\{", "\\}", "\\]", "\\~", "\\&", "\\-", "\\,", "\\@", "\\%", "\\!", "\\'", "\\;", "\\:", "\\`"]
WIDE_ESCAPES = ["\\u0041", "\\u00e9", "\\U0001F600", "\\N{LATIN SMALL LETTER SHARP S}", "\\N{em dash}", "\\N{GREEK SMALL LETTER FINAL SIGMA}", "\\é", "\\中",
                "\\N{HANGUL SYLLABLE GA}", "\\N{KELVIN SIGN}"]
REPEATS = ["{0}", "{0,0}", "{1}", "{0,1}", "{1,1}", "{2,2}", "{,}", "{0,}", "{,1}", "{3,}", "{00,02}", "{5}", "{2,7}", "{0,65535}", "{,65536}", "{1,100000}",
           "{,4294967294}", "{10,20}"]
ALMOST = ["{", "}", "{}", "{a}", "{1", "{1,", "{,", "{1,2", "{-1}", "{ 1}", "{1 }", "{1, 2}", "{,,}", "{+1}", "{1.5}", "{é}", "{{2}}"]
WRONG = ["(?P=n0)", "(?P<n1", "(?P<a b>x)", "(?P<>x)", "(?P", "(?Px)", "(?", "(?<", "(?<x)", "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i", "(?i-", "(?i-s",
         "(?-)", "(?-:a)", "(?i-:a)", "(?ia-s:b)", "(?au:b)", "(?aa:b)", "(?ii:b)", "(?i-i:b)", "(?-a:b)", "(?-u:b)", "(?-L:b)", "(?L:b)", "(?iL)", "(?q:b)", "(?i-q:b)",
         "(?é:b)", "(?\\i:b)", "(?i\\)", "(?(", "(?()a)", "(?(1", "(?(1)", "(?(1)a|b|c)", "(?(1)a|b|", "(?(99)a)", "(?(-1)a)", "(?(+1)a)", "(?(1_0)a)", "(?(_1)a)",
         "(?( 1)a)", "(?(01)a)", "(?(?=a)b)", "(?(<x>)a)", "(?('x')a)", "(?(99999999999999999999)a)", "(?(1073741823)a)", "(?(1.0)a)", "(?#", "(?#a\\)b)", "(?'n'a)",
         "(?|a)", "(?R)", "(?1)", "(?&n)", "(?*a)", "(?+a)", "(?P>n)", "(?P!n)", "(?P(n)", "*", "+?", "?", "**", "a**", "a+*", "a??*", "a{2}{3}", "a{2}*", "a*+*",
         "a*++", "a{2}++", "a{2}+?", "^*", "$+", "\\b{2}", "\\A?", "(?:^)*", "(?:^|a)*", "(^)*", "(?=a)*", "(?!a){2}", "(?<=a)+", "(?<=a*)", "(?<=a|bc)", "(?<!a?)",
         "(?<=(?:a|b)+)", "(?<=\\b|a)", "(?<=(a)\\1)", "(?<=(?P<m>a)(?P=m))", "(?<=(a)(?(1)b|c))", "(?<=a{4294967295})", "a{4294967295}", "a{99999999999999999999}",
         "a{2,1}", "a{10,9}", "\\1", "\\2\\3", "\\9", "\\10", "\\18", "\\99", "\\100", "\\118", "\\377", "\\400", "\\777", "\\8", "\\x", "\\x4", "\\xg1", "\\x4g", "\\c", "\\e",
         "\\G", "\\h", "\\K", "\\p{L}", "\\Q", "\\R", "\\X", "\\z", "\\y", "\\_", "[\\A]", "[\\Z]", "[\\B]", "[\\8]", "[\\400]", "[\\x]", "[\\c]", "[b-a]", "[\\w-a]",
         "[a-\\w]", "[a-\\d-z]", "[", "[^", "[]", "[^]", "[a", "[a-", "[\\", "[a\\", ")", "a)", "())", "(()", "(a", "\\", "a\\", "(a\\", "[[:alpha:]]", "(?i)", "(?x)", "a|(?i)", "(?i)(?m)",
         " (?i)", "(?#c)(?i)", "(?:(?i)a)", "(?P<n>(?P=n))", "(\\1)", "(a\\1)", "((a)\\1)"]
WIDE_WRONG = ["\\u", "\\u12", "\\u12g4", "\\U0011", "\\U00110000", "\\Uffffffff", "\\N", "\\Nx", "\\N{", "\\N{}", "\\N{x}", "\\N{DIGIT  ONE}", "\\N{SPACE", "[\\N{x}]", "[\\N]",
              "\\N{KEYCAP DIGIT ONE}", "\\N{\\}", "(?P<\u00e9>a)(?P=\u00e9)", "(?P<\u00b2>a)", "(?P<a\u0301>a)", "(?P<\u0663>a)", "(?(\u0663)a)", "(?(\u00b2)a)", "(?P<\u2118>a)", "(?P<a\u00b7>x)",
              "\u00e9{2}\u00e9*+", "(?u)", "(?u:\\w)", "(?a-i:\\w)", "(?ai)"]
PIECES = ["\\1", "\\2", "\\9", "\\10", "\\11", "\\01", "\\1a", "\\g<1>1", "\\g<0>", "\\g<00>", "\\g<01>", "\\g<+1>", "\\g< 1 >", "\\g<1_0>", "\\g<_1>", "\\g<-0>", "\\g<-1>",
          "\\g<1.0>", "\\g<n1>", "\\g<n2>", "\\g<nn>", "\\g<n1", "\\g<", "\\g<>", "\\g1", "\\g", "\\g{1}", "\\g(1)", "\\G<1>", "\\n", "\\r\\t\\v\\f\\a\\b", "\\\\", "\\\\1",
          "\\\\\\1", "\\.", "\\&", "\\/", "\\ ", "\\\"", "\\-", "\\\n", "\\0", "\\00", "\\000", "\\0007", "\\08", "\\07", "\\8", "\\18", "\\101", "\\377", "\\400", "\\777", "\\1234",
          "\\x41", "\\u0041", "\\N{SPACE}", "\\c", "\\e", "\\d", "\\s", "\\w", "\\A", "\\Z", "\\q", "\\", "&", "$1", "${1}", "%s", "{0}", "<", "\n"]
WIDE_PIECES = ["\\g<\u0661>", "\\g<\u00e9>", "\\g<\u00b2>", "\\\u00e9", "\u00e9", "\U0001F600", "\\g<\u4e2d>"]


class Wild(base.Generator):
    def __init__(self, rng, is_bytes):
        super().__init__(rng, is_bytes)
        self.verbose = rng.random() < 0.2
        self.odd = rng.random() < 0.6
        self.alphabet += rng.sample("{}|~@`[^/:\x7f'\"=,;.$&", 2) if rng.random() < 0.4 else []
        if self.unicode and not is_bytes:
            self.alphabet += list("".join(rng.sample(CASES, rng.randint(1, 3))))

    def wide(self, narrow, wide):
        return self.rng.choice(narrow if self.bytes else narrow + wide)

    def space(self):
        if not self.verbose or self.rng.random() < 0.6:
            return ""
        return self.rng.choice([" ", "\n", "\t ", "  ", "\x0b", "# c\n", "#(*[\n ", "#\n", " #\\\n", "(?#c)", "\\ ", "[ ]", "\\#", "\r", "\x0c", "#" if self.rng.random() < 0.1 else " ",
                                "\xa0", "\x1c" if self.rng.random() < 0.2 else " "])

    def literal(self):
        r = self.rng.random()
        if self.odd and r < 0.08:
            return self.wide(ESCAPES, WIDE_ESCAPES)
        if self.odd and r < 0.1:
            return self.rng.choice([x for x in ALMOST if not self.bytes or x.isascii()])
        return super().literal()

    def set(self):
        if self.odd and self.rng.random() < 0.35:
            return self.wide(ODD_SETS, WIDE_SETS)
        return super().set()

    def quantifier(self):
        if self.odd and self.rng.random() < 0.2:
            return self.rng.choice(REPEATS) + self.rng.choice(["", "", "?", "+"])
        return super().quantifier()

    def group(self, depth):
        r = self.rng.random()
        if not self.simple and self.rng.random() < 0.06:
            # What a possessive loop leaves in its groups.
            inner = self.alternation(depth - 1)
            return f"(?:{inner}|{super().group(depth)}){self.rng.choice(['*+', '++', '?+', '{2}+', '{1,3}+'])}"
        if self.odd and not self.simple and r < 0.16:
            closed = [g for g in range(1, self.groups + 1) if g not in self.open]
            ref = f"\\{self.rng.choice(closed)}" if closed and max(closed) < 10 else ""
            inner = lambda: self.sequence(depth - 1)
            look = self.rng.choice(["(?=", "(?!", "(?<=", "(?<!"])
            one = lambda: self.rng.choice([self.literal, self.set, self.category])()
            if r < 0.04:
                return f"(?<{self.rng.choice('=!')}{ref}{one()})"
            if r < 0.07:
                return f"(?<{self.rng.choice('=!')}{one()}(?{self.rng.choice(['=', '!', '<=', '<!'])}{one()}))"
            if r < 0.1 and closed:
                return f"(?({self.rng.choice(closed)}){look}{one()})|{self.rng.choice(['', inner()])})"
            if r < 0.12:
                return f"(?<{self.rng.choice('=!')}(?:{one()}{one()}|{one()}{one()}))"
            if r < 0.14:
                return f"(?:{inner()}){self.quantifier()}"
            return f"(?{self.rng.choice(['i', 's', 'm', 'x', 'is'])}:{inner()}(?-{self.rng.choice('imsx')}:{inner()}){inner()})"
        return super().group(depth)

    def sequence(self, depth):
        if self.odd and self.rng.random() < 0.04:
            # Alternatives that begin alike, which the parser takes apart.
            head = self.rng.choice([self.literal, self.set, self.category, lambda: "^", lambda: "."])()
            return "(?:" + "|".join(head + super(Wild, self).sequence(depth - 1) for _ in range(self.rng.randint(2, 3))) + ")"
        return super().sequence(depth)

    def atom(self, depth):
        return self.space() + super().atom(depth) + self.space()

    def pattern(self):
        p = self.alternation(self.rng.randint(0, 4))
        if self.rng.random() < 0.12:
            p = f"(?{self.flags()})" + p
        if self.rng.random() < 0.12:
            i = self.rng.randint(0, len(p))
            p = p[:i] + self.wide(WRONG, WIDE_WRONG) + p[i:]
        return p

    def template(self):
        if self.rng.random() < 0.5:
            return super().template()
        return "".join(self.wide(PIECES, WIDE_PIECES) for _ in range(self.rng.randint(1, 3)))

    def drawn(self, parsed):
        """A text that the pattern may well match, sometimes not quite."""
        groups = {}

        def member(items):
            op, av = self.rng.choice(items)
            if op is parser.LITERAL:
                return chr(av)
            if op is parser.RANGE:
                return chr(self.rng.choice([av[0], av[1], self.rng.randint(*av)]))
            return {"DIGIT": "7", "SPACE": " ", "WORD": "a_9", "NOT_DIGIT": "a ", "NOT_SPACE": "b1", "NOT_WORD": "- "}[str(av)[9:]][:1] if op is parser.CATEGORY else self.char()

        def draw(items):
            out = ""
            for op, av in items:
                if len(out) > 40:
                    break
                if op is parser.LITERAL:
                    out += chr(av)
                elif op in (parser.NOT_LITERAL, parser.ANY):
                    out += self.char()
                elif op is parser.IN:
                    out += member(av)
                elif op is parser.BRANCH:
                    out += draw(self.rng.choice(av[1]))
                elif op in (parser.MAX_REPEAT, parser.MIN_REPEAT, parser.POSSESSIVE_REPEAT):
                    least, most = min(int(av[0]), 30), min(int(av[1]), 30)
                    for _ in range(self.rng.randint(least, max(least, min(most, least + 3)))):
                        out += draw(av[2])
                elif op is parser.SUBPATTERN:
                    text = draw(av[3])
                    if av[0]:
                        groups[av[0]] = text
                    out += text
                elif op is parser.ATOMIC_GROUP:
                    out += draw(av)
                elif op is parser.GROUPREF:
                    out += groups.get(av, "")
                elif op is parser.GROUPREF_EXISTS:
                    branch = av[1] if av[0] in groups else av[2]
                    out += draw(branch) if branch else ""
                elif op is parser.ASSERT and self.rng.random() < 0.5:
                    out += draw(av[1])
                elif op is parser.AT and self.rng.random() < 0.15:
                    out += "\n"
            return out

        text = draw(parsed)
        rng = self.rng
        if rng.random() < 0.25:
            text = "".join(rng.choice([c.swapcase, lambda: c])() for c in text)
        if rng.random() < 0.4:
            text = self.text()[:4] + text
        if rng.random() < 0.4:
            text += self.text()[:4]
        if text and rng.random() < 0.25:
            i = rng.randrange(len(text))
            text = text[:i] + rng.choice(["", self.char(), text[i] * 2]) + text[i + 1:]
        if rng.random() < 0.1:
            text += text
        return "".join(c for c in text if not 0xD800 <= ord(c) < 0xE000 and (not self.bytes or ord(c) < 256))

    def ops(self, compiled):
        rng = self.rng
        more = [["subf", rng.choice([0, 0, 1, 2])], ["info"], ["sub", self.template(), 0], ["expand", self.template()], ["split", rng.choice([0, 1, 3])],
                ["search", rng.randint(0, 20)], ["finditer", rng.randint(0, 6), rng.randint(0, 30)], ["match", rng.randint(0, 9), rng.randint(0, 9)],
                ["fullmatch", rng.randint(0, 3), rng.randint(0, 30)], ["finditer"]]
        return super().ops(compiled)[:1] + rng.sample(more, 2)


def generated(seed, patterns, long):
    for i in range(patterns):
        rng = random.Random(f"{seed}/{i}")
        g = Wild(rng, rng.random() < 0.15)
        pattern = g.pattern()
        flags = 0
        for flag, chance in ((re.I, 0.2), (re.M, 0.12), (re.S, 0.12), (re.X, 0.75 if g.verbose else 0.05), (re.A, 0.12), (re.U, 0.02)):
            if rng.random() < chance:
                flags |= int(flag)
        try:
            parsed = parser.parse(pattern.encode("latin-1") if g.bytes else pattern, flags)
            texts = [g.drawn(parsed) for _ in range(rng.randint(1, 3))] + [g.text()] * (rng.random() < 0.3)
        except (re.error, ValueError, OverflowError, IndexError, RecursionError):
            texts = [g.text()]
        if long:
            texts = [g.text() * rng.randint(1, 40) + text + g.char() * rng.randint(0, 300) + text for text in texts]
        found = base.case(pattern, flags, g.bytes, texts, g.ops)
        if found:
            yield found


# Thought of by hand: patterns, flags (as letters, b for bytes) and texts.
WORDS = "{name} |x| ~y~ @z`w` [a]^b_ 1:2 \x7fq /c/ 'd' e'f é{ß}~İ|中 a\u0301"
CASED = "kK\u212a sS\u017f iI\u0130\u0131 ßẞss µμΜ σςΣ ǆǅǄ åÅ\u212b \ufb05\ufb06 θϑϴΘ ῼῳ ΐ\u1fd3 ŉ ÿŸ 𐐀𐐨 ᲀвВ ꙋᲈꙊ Ꭰꭰ"
HAND = [
    (r"\b\w+\b", "", [WORDS]), (r"\b\w+\b", "a", [WORDS]), (r"\b\w+\b", "b", ["{name} |x| ~y~ @z` \xe9{\xdf}"]), (r"\b", "", [WORDS]), (r"\B", "", [WORDS, "", "a", " "]),
    (r"\B\W\B", "", [WORDS]), (r"(?=\b)\W|\w\b(?!~)", "", [WORDS]), (r"\b.", "s", [WORDS]), (r".\b", "as", [WORDS]), (r"(?<=\b)[^\w\s](?=\w)", "", [WORDS]),
    (r"\{(\w+)\}|\$(\w+)\b", "", ["{a} $b} {c $d{ $e| $f~"]), (r"\b[a-z]+\b", "i", [WORDS, CASED]),
    ("k", "i", [CASED]), ("\u212a", "i", [CASED]), ("ſ", "i", [CASED]), ("[s]", "i", [CASED]), ("[^s]", "i", [CASED]), ("ß", "i", [CASED]), ("ẞ", "i", [CASED]), ("ss", "i", [CASED]),
    ("i", "i", [CASED]), ("I", "i", [CASED]), ("İ", "i", [CASED]), ("ı", "i", [CASED]), ("[iı]", "i", [CASED]), ("[^İ]", "i", [CASED]), ("[I-J]", "i", [CASED]), ("σ", "i", [CASED]),
    ("[ς]", "i", [CASED]), ("µ", "i", [CASED]), ("ǅ", "i", [CASED]), ("[ǆ]", "i", [CASED]), ("ﬅ", "i", [CASED]), ("ΐ", "i", [CASED]), ("𐐀", "i", [CASED]), ("[𐐀]", "i", [CASED]), ("[𐐀-𐐁]", "i", [CASED]),
    ("ᲀ", "i", [CASED]), ("[в]", "i", [CASED]), ("Ꭰ", "i", [CASED]), ("(.)\\1", "i", [CASED]), ("(?:(.)(?=.*\\1))", "i", [CASED]), ("[k-s]+", "i", [CASED]), ("[K-S]+", "ia", [CASED]), ("[a-z]", "i", [CASED]),
    ("[A-Z]", "i", [CASED]), ("[^a-z]", "i", [CASED]), ("[A-z]", "i", [CASED]), ("(?a:k)|(?i:s)", "i", [CASED]), ("(?i:k)(?-i:k)", "", ["kk Kk KK", "\u212ak"]), ("(?ai:k)+", "", [CASED]), ("(?i)(?a:ſ)", "", [CASED]),
    (r"\w+", "a", [CASED]), (r"\d+", "", ["12٣٤५²½"]), (r"\d+", "a", ["12٣٤५"]), (r"\s+", "", ["a\x1c\x1d\x1e\x1f\x85\xa0\u2028\u3000\u200b\ufeffb"]), (r"\s+", "a", ["a\x1c \xa0\t\x0b\x0cb"]), (r"\s+", "b", ["a\x1c \xa0\x85\t\x0b\x0cb"]),
    (r"^", "m", ["a\nb\n", "\n\n", ""]), (r"$", "m", ["a\nb\n", "\n\n", ""]), (r"$", "", ["a\nb\n", "\n", "", "a"]), (r"^$", "m", ["a\n\nb", "\n"]), (r"\Z", "m", ["a\n"]), (r"a$", "", ["a\n", "a\n\n", "a"]), (r"(a$)\n?", "", ["a\n", "a"]),
    (r"$\n", "", ["a\n", "a\n\n"]), (r"(?m:^a$)|b$", "", ["a\na\nb\n"]), (r"\n^", "m", ["a\n", "a\nb"]), (r".*$", "", ["a\nb\n"]), (r".*", "", ["abc", "a\nb", ""]), (r".*?", "", ["ab"]), (r".*", "s", ["a\nb"]), (r"x*", "", ["axb", "xx", ""]),
    (r"(x*)", "", ["axb"]), (r"(?:x*|a)", "", ["xaxx"]), (r"(|a)+", "", ["aaa"]), (r"(a|)+", "", ["aab"]), (r"(a|)+?b", "", ["aab"]), (r"(?:a|(b)|)*c", "", ["abac"]), (r"(a*)*", "", ["aab"]), (r"(a*)+", "", ["aab", "b"]), (r"(a*?)*", "", ["aab"]),
    (r"(a*?)+?b", "", ["aab"]), (r"(?:(a)|b)*", "", ["ab", "ba", "abb"]), (r"(?:(a)|(b))*", "", ["ab", "aba"]), (r"((a)|b)*", "", ["ab"]), (r"(?:(a)?b)*", "", ["abb", "bab"]), (r"(a)?(b)?(c)?", "", ["ac", "b", "x"]), (r"(?:(a)|b){2}", "", ["ab", "ba"]),
    (r"(?:(a)|b)*?c", "", ["abc"]), (r"(?:(a)|b)*+c", "", ["abc", "bac"]), (r"(?>(a)|b)*c", "", ["abc"]), (r"(?=(a+))a*b\1", "", ["baaabac"]), (r"(?=(a+))", "", ["baaabac"]), (r"(.*?)(?<=)(?!b)\1", "", ["abab"]), (r"(?!(a))b|(a)", "", ["ab"]), (r"(?:(?!(a)b).)*", "", ["xxab"]),
    (r"(?<!(a))b", "", ["ab cb b"]), (r"(?<=(a))b", "", ["ab cb b"]), (r"(?<=(a)(b))c", "", ["abc"]), (r"(a)(?<=\1)b", "", ["ab"]), (r"(ab)(?<=\1)c", "", ["abc"]), (r"(?P<x>a)(?<!(?P=x))b|(?<=^a)b", "", ["ab"]), (r"(?<=a(?=b))b", "", ["ab"]), (r"(?<=(?<=a)b)c", "", ["abc bc"]),
    (r"(?<=(?<!a)b)c", "", ["abc bc"]), (r"(?<!^)b", "", ["bab"]), (r"(?<=^)b", "m", ["b\nb ab"]), (r"(?<=\n)", "", ["a\nb\n"]), (r"(?<=$)", "m", ["a\nb"]), (r"(?<=\b)a", "", ["a aa"]), (r"(?<=é)b", "", ["éb eb"]), (r"(?<=😀.)b", "", ["😀éb"]), (r"(?<!..)b", "", ["b ab aab"]),
    (r"(a)?(?(1)b|c)", "", ["ab", "c", "ac", "b"]), (r"(a)?(?(1)b)", "", ["ab", "a", "x"]), (r"(?P<q>[\"'])?\w+(?(q)(?P=q))", "", ["'a' \"b\" 'c\" d"]), (r"(<)?\w+@\w+(?(1)>|$)", "", ["<a@b>", "a@b", "<a@b", "a@b>"]), (r"(?:(a)|b)(?(1)c|d)", "", ["ac bd ad bc"]),
    (r"(a)?(?(1)(?=b)|(?!b))\w", "", ["ab", "b", "ac"]), (r"(?(1)a|b)(c)?", "", ["bc"]), (r"(?:(?(1)b|(a)))+", "", ["abb"]), (r"(?(1)a|(b)){2,}", "", ["ba baa"]), (r"^(?:(a)|c)((?(1)b|d))$", "", ["ab", "cd", "ad"]), (r"(a)?(?(1)|b)", "", ["a", "b", "c"]),
    (r"a++a", "", ["aaa"]), (r"a*+b", "", ["aaab"]), (r"a?+a", "", ["a", "aa"]), (r"(?:ab)?+ab", "", ["ab", "abab"]), (r"a{1,2}+a", "", ["aa", "aaa"]), (r"(?>a|ab)c", "", ["abc", "ac"]), (r"(?>(a+))b", "", ["aab"]), (r"(?:a(b)?)*+", "", ["abaab"]), (r"(?>a*?)b", "", ["ab"]), (r"(?:(a)|b)++", "", ["ab"]),
    (r"(?>(?=(a))|b)+", "", ["ab"]), (r"((?>a+)b)*", "", ["aabab"]), (r"(?:x|(?>y+))+z", "", ["xyyxz"]), (r"(a|b)*+\1?", "", ["ab"]), (r"(?:(\w)\1?+)+", "", ["aabbc"]), (r"(?:a*(b)|aa)*+", "", ["abaa"]), (r"(?:(?:(a)|b)*+c)*+", "", ["abcbc"]), (r"(?:(?:(a)|b)++c)+", "", ["abcbc"]),
    ("a # comment\n b", "x", ["ab"]), ("a\\ b[ ]c\\#", "x", ["a b c#"]), ("[a #]+ # set", "x", ["a #"]), ("a{2 }", "x", ["a{2 }", "aa", "a{2}"]), ("a {2}", "x", ["aa"]), ("a * ?", "x", ["aa"]), ("( ?:a)", "x", ["a"]), ("(?: a )", "x", ["a"]), ("(?x: a b ) c", "", ["ab c"]),
    ("(?-x: a b) c", "x", [" a bc"]), ("(?x)a b # c", "", ["ab"]), ("#", "x", ["", "#"]), ("a#)\nb", "x", ["ab"]), ("(?#x)a(?#)", "", ["a"]), ("a(?#x)*", "", ["aaa"]), ("a(?#x)+?", "", ["aaa"]), ("(a # )\n)", "x", ["a"]), ("(?P<n> a)(?P=n)", "x", ["aa"]), ("\\x 41", "x", ["A"]), ("[\n]", "x", ["\n"]),
    (r"\0", "", ["\0"]), (r"\07", "", ["\x07"]), (r"\012", "", ["\n"]), (r"\0123", "", ["\n3"]), (r"(a)\11", "", ["a\t"]), (r"(a)\111", "", ["aI"]), (r"(a)\1111", "", ["aI1"]), (r"(a)\18", "", ["aa8"]), (r"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\10", "", ["abcdefghijj"]), (r"[\1\11\111]", "", ["\x01\tI1"]),
    (r"[\b]", "", ["\x08b"]), (r"\x41\x4a", "i", ["aj AJ"]), (r"\u0130\U0001F600?", "", ["İ😀"]), (r"\N{EM DASH}[\N{DIGIT ZERO}-\N{DIGIT NINE}]", "", ["—5"]), (r"\a\f\n\r\t\v\\", "", ["\a\f\n\r\t\v\\"]), (r"\-\/\ \#\:", "", ["-/ #:"]), (r"\x80-\xff", "b", ["\x80-\xff"]), (r"[\x80-\xff]+", "b", ["a\x80\xffb"]), (r"\u0041", "b", ["A"]), (r"\N{SPACE}", "b", [" "]),
    (r"[^a]", "", ["a\nb"]), (r"[]]", "", ["]"]), (r"[^]]", "", ["]a"]), (r"[a\]]", "", ["]a"]), (r"[-a]", "", ["-a"]), (r"[a-]", "", ["-a"]), (r"[\w-]+", "", ["a-b c"]), (r"[\w.+-]+@[\w-]+\.[\w.-]+", "", ["x a.b+c@d-e.co.uk, y@z"]), (r"[[]", "", ["["]), (r"[[:alpha:]]", "", ["a:]"]), (r"[a&&b]+", "", ["a&b"]), (r"[a||b]+", "", ["a|b"]), (r"[a--b]", "", ["-"]), (r"[+--]", "", ["+,-"]),
    (r"a{,2}", "", ["aaa", "a{,2}"]), (r"a{2,}", "", ["aaaa"]), (r"a{,}", "", ["aaa"]), (r"a{}", "", ["a{}"]), (r"a{1", "", ["a{1"]), (r"a{1,b}", "", ["a{1,b}"]), (r"{1}", "", ["{1}"]), (r"a|{1}", "", ["a"]), (r"({1})", "", ["{1}"]), (r"x{0}y", "", ["xy"]), (r"(x){0}y\1?", "", ["xy"]), (r"(?:){3}a", "", ["a"]), (r"(){2,}b", "", ["b"]), (r"(a{2}){2}", "", ["aaaa"]), (r"(?:a{2}){1,2}", "", ["aaaaa"]), (r"a{0,3}?b", "", ["aaaab"]),
    (r"abc|abd|ab", "", ["abd ab abc"]), (r"(abc|abd|ab)c?", "", ["abd abc"]), (r"a|b|[cd]|\d", "", ["abcd1"]), (r"a||b", "", ["ab"]), (r"|a", "", ["a"]), (r"(?:|a)(b|)", "", ["ab"]), (r"(a|ab)(c|bcd)(d*)", "", ["abcd"]), (r"(ab|a)(bc|c)?", "", ["abc"]), (r"^a|b$|^$", "m", ["a\n\nb"]), (r"(?i:a|b)|A", "", ["aAbB"]), (r"(?:ab|cd)+?e", "", ["abcde"]), (r"(?:a.|.b)c", "", ["abc"]),
    (r"(\w+) (\w+)", "", ["hello world foo bar"]), (r"(?P<a>\d+)(?:-(?P<b>\d+))?", "", ["1-2 3", "x"]), (r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)", "", ["on 2024-02-29 and 1999-12-31"]), (r",\s*", "", ["a, b,c,  d,"]), (r"(,)\s*", "", ["a, b,c"]), (r"(,)|(;)", "", ["a,b;c"]), (r"\b", "", ["ab cd"]), (r"(?=b)", "", ["abab"]), (r"(?<=a)", "", ["abab"]), (r"", "", ["ab", ""]),
    (r"(?:\b|_)", "", ["a_b"]), (r"\s*", "", ["a b"]), (r"(\s)*", "", ["a  b"]), (r"[^,]*", "", ["a,,b"]), (r"(?s:.)(?-s:.)", "s", ["\n\n", "a\nb"]), (r"(?m)^#.*$\n?", "", ["#a\nb\n#c"]), (r"'(?:[^'\\]|\\.)*'", "", ["x 'a\\'b' y"]), (r'"(?:\\.|[^"\\])*"', "s", ['a "b\\"c" d']), (r"<(\w+)[^>]*>(.*?)</\1>", "s", ["<b>x</b><i a='1'>y</i>"]),
    (r"^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$", "", ["192.168.1.1", "256.1.1.1", "1.2.3.4\n"]), (r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])", "", ["1 2.5 a3 4. 6.7.8 9"]), (r"(?=.*\d)(?=.*[a-z])(?!.*\s)\S{4,}", "", ["ab1c", "abcd", "a 1bc"]), (r"(\d)(?=(?:\d{3})+$)", "", ["1234567"]), (r"(?<=[a-z])(?=[A-Z])", "", ["camelCaseString"]), (r"([a-z])([A-Z])", "", ["camelCaseString"]),
    (r"(.)(.)(.)\3\2\1", "", ["xabccbay"]), (r"(?P<c>.)(?P=c)+", "", ["aabbbc"]), (r"\b(\w+)\s+\1\b", "i", ["the The cat cat's dog"]), (r"(a)|b\1", "", ["b a ba"]), (r"(?:(a)|b)\1", "", ["aa ba"]), (r"(\1a|b)", "", ["b"]), (r"(?:(\w)(?=\1))*", "", ["aaab"]), (r"^(.)(.*)\1$", "", ["abca", "abc"]), (r"(é)\1", "i", ["éÉ"]), (r"(.)\1", "ia", ["éÉaA"]),
    ("(?P<n>a)(?P<m>b)?", "", ["a", "ab"]), ("((a)(b))", "", ["ab"]), ("(a)(b)?", "", ["a"]), ("((a)|(b))+", "", ["ab"]), ("(?:(?P<x>a)|(?P<y>b))+", "", ["ab", "ba"]), ("(a(b(c)))", "", ["abc"]), ("(?P<out>(?P<in>a)b)", "", ["ab"]), ("()", "", ["a"]), ("(a)|()", "", ["ba"]),
]


def by_hand():
    letters = dict(i=re.I, m=re.M, s=re.S, x=re.X, a=re.A)
    templates = ["<\\g<0>>", "\\1", "[\\g<1>|\\2]"]
    every = lambda compiled: [["finditer"], ["findall"], ["split", 0], ["split", 1], ["match"], ["fullmatch"], ["search", 1], ["finditer", 1, 5], ["match", 2], ["subf", 0],
                              ["info"], *(["sub", t, n] for t in templates for n in (0, 1))]
    for pattern, flags, texts in HAND:
        yield base.case(pattern, sum(int(letters[f]) for f in flags if f != "b"), "b" in flags, texts, every)
    # Every escape and every odd template, alone and after something.
    for is_bytes in (False, True):
        for c in map(chr, range(33, 127)):
            for pattern in ("\\" + c, "(a)[\\" + c + "]", "(?" + c + ")", "(?" + c + "a)", "(?P" + c + "a)", "(?i" + c + "a)", "(?-" + c + ":a)", "a{1" + c + "2}", "a" + c + "+"):
                yield base.case(pattern, 0, is_bytes, ["a\x08AB1"], lambda compiled: [["finditer"]])
            yield base.case("(a)(?P<n1>b)?", 0, is_bytes, ["-ac-ab"], lambda compiled: [["sub", x, 0] for x in ("\\" + c, "\\1" + c, "\\g" + c + "1>", "\\g<1" + c, "\\0" + c)])
        for wrong in WRONG + ([] if is_bytes else WIDE_WRONG):
            for pattern in (wrong, "(a)" + wrong, "(?P<n0>a)\n" + wrong + "b)"):
                yield base.case(pattern, 0, is_bytes, ["aab"], lambda compiled: [["finditer"]])
        for piece in PIECES + ([] if is_bytes else WIDE_PIECES):
            yield base.case("(a)(?P<n1>b)?", 0, is_bytes, ["-ac-ab"], lambda compiled: [["sub", x, 0] for x in (piece, "<\n" + piece + ">", piece + "1")])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", default="wild")
    arguments.add_argument("--patterns", type=int, default=4000)
    arguments.add_argument("--long", action="store_true")
    arguments = arguments.parse_args()
    for found in [*filter(None, by_hand()), *generated(arguments.seed, arguments.patterns, arguments.long)]:
        base.put(found)


main()
