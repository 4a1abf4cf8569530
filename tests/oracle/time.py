"""Asks the real time module; seeded: running it again changes nothing on the same glibc and tzdata.

usage: LC_ALL=C.UTF-8 python3 -P tests/oracle/time.py > tests/oracle/data/time.jsonl
"""
import json, os, random, sys, time

random.seed(20260101)
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "EST5EDT,M3.2.0,M11.1.0",
    "America/Sao_Paulo", "America/St_Johns", "Europe/Lisbon", "Pacific/Apia", "<+0330>-3:30", "CET-1CEST,M3.5.0,M10.5.0/3", "",
    "Nowhere/Land", ":Europe/London", "NZST-12NZDT,M9.5.0,M4.1.0/3",
]
YEAR = (365 * 24 + 6) * 3600
NOW = int(time.time()) // YEAR * YEAR  # all that the zone facts depend on


def emit(**case):
    print(json.dumps(case, separators=(",", ":")))


def asked(call, *args):
    """What Python answers: a value, or the class and the text of its exception."""
    try:
        answer = call(*args)
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}
    if isinstance(answer, time.struct_time):
        return {"value": list(answer) + [answer.tm_zone, answer.tm_gmtoff]}
    return {"value": answer}


def zone(name):
    os.environ["TZ"] = name
    time.tzset()


def fresh_mktime(name, t):
    """glibc's mktime starts from the offset it found last: let that be 0, as in a new process."""
    zone("UTC")
    time.mktime((1970, 1, 2, 0, 0, 0, 0, 0, 0))
    zone(name)
    return asked(time.mktime, t)


def moments():
    yield from (0, -1, 1, 951782400, 1709164800, 2**31, 2**33, -(2**31), -(2**33), 253402300799, 253402300800, 2**40, -(2**36), -62135596801)
    for _ in range(22):
        yield random.randrange(-(2**32), 2**33)
    for year in (1971, 2024, 2025, 2026):
        for _ in range(3):
            yield int((year - 1970) * 31556952) + random.randrange(31556952)


for name in ZONES:
    zone(name)
    # The four facts are of the year in which they are asked: `now` goes along.
    emit(ask="facts", tz=name, now=NOW, timezone=time.timezone, altzone=time.altzone, daylight=time.daylight, tzname=list(time.tzname))
    for moment in moments():
        emit(ask="localtime", tz=name, at=moment, **asked(time.localtime, moment))
        emit(ask="ctime", tz=name, at=moment, **asked(time.ctime, moment))

for moment in list(moments()) + [2**45, 2**62, -(2**62)]:
    emit(ask="gmtime", at=moment, **asked(time.gmtime, moment))

# Gaps, folds and their neighbourhood, then anything.
EDGES = {
    "Europe/Berlin": [(2026, 3, 29, 2), (2026, 10, 25, 2), (1945, 5, 24, 2), (1980, 4, 6, 2)],
    "America/New_York": [(2026, 3, 8, 2), (2026, 11, 1, 1), (1974, 1, 6, 2)],
    "Australia/Lord_Howe": [(2026, 4, 5, 1), (2026, 10, 4, 2)],
    "EST5EDT,M3.2.0,M11.1.0": [(2026, 3, 8, 2), (2026, 11, 1, 1)],
    "Pacific/Apia": [(2011, 12, 30, 12)],
    "Europe/Lisbon": [(2026, 3, 29, 1), (2026, 10, 25, 1)],
    "Asia/Kolkata": [(2026, 1, 1, 0)],
    "UTC": [(2026, 1, 1, 0)],
}
for name, edges in EDGES.items():
    for edge in edges:
        for minute in (-61, -1, 0, 1, 15, 29, 30, 31, 59, 60, 61):
            for isdst in (-1, 0, 1):
                t = (*edge, minute, 0, 0, 0, isdst)
                emit(ask="mktime", tz=name, t=t, **fresh_mktime(name, t))
for _ in range(350):
    name = random.choice(ZONES)
    t = (random.choice([1900, 1970, 1999, 2024, 2026, 2050, 5, -3, 12000]), random.randrange(-15, 30), random.randrange(-40, 70),
         random.randrange(-30, 60), random.randrange(-90, 150), random.choice([0, 59, 60, 61, -1, 5, 3600]), 0, 0, random.choice([-1, -1, -1, 0, 1]))
    emit(ask="mktime", tz=name, t=t, **fresh_mktime(name, t))

LETTERS = "aAbBcCdDeFgGhHIjklmMnNoOpPqQrRsStTuUvVwWxXyYzZ%JKLf:+?!"
TIMES = [
    (2026, 1, 1, 0, 0, 0, 3, 1, 0), (1999, 12, 31, 23, 59, 59, 4, 365, 0), (2024, 2, 29, 12, 5, 9, 3, 60, -1), (2026, 7, 5, 13, 30, 61, 6, 186, 0),
    (5, 3, 4, 1, 2, 3, 4, 63, 0), (-5, 12, 31, 9, 8, 7, 2, 365, 0), (12345, 6, 7, 12, 0, 0, 5, 158, 0), (2020, 12, 28, 10, 0, 0, 0, 363, 1),
    (2021, 1, 3, 10, 0, 0, 6, 3, 0), (0, 0, 0, 0, 0, 0, 0, 0, 0), (1900, 1, 1, 0, 0, 0, 0, 1, -1),
]
BAD = [
    (2026, 13, 1, 0, 0, 0, 0, 1, 0), (2026, -1, 1, 0, 0, 0, 0, 1, 0), (2026, 1, 32, 0, 0, 0, 0, 1, 0), (2026, 1, -1, 0, 0, 0, 0, 1, 0),
    (2026, 1, 1, 24, 0, 0, 0, 1, 0), (2026, 1, 1, 0, 60, 0, 0, 1, 0), (2026, 1, 1, 0, 0, 62, 0, 1, 0), (2026, 1, 1, 0, 0, -1, 0, 1, 0),
    (2026, 1, 1, 0, 0, 0, -2, 1, 0), (2026, 1, 1, 0, 0, 0, -1, 1, 0), (2026, 1, 1, 0, 0, 0, 9, 1, 0), (2026, 1, 1, 0, 0, 0, 0, 367, 0),
    (2026, 1, 1, 0, 0, 0, 0, -1, 0), (2026, 1, 1, 0, 0, 0, 0, 1, 5), (2026, 1, 1, 0, 0, 0, 0, 1, -7),
]


def fmt_case(name, t, form):
    zone("UTC")
    time.mktime((1970, 1, 2, 0, 0, 0, 0, 0, 0))  # for %s, as above
    zone(name)
    emit(ask="strftime", tz=name, t=t, format=form, **asked(time.strftime, form, t))


for letter in LETTERS:
    for modifier in ("", "E", "O"):
        fmt_case("UTC", TIMES[0], f"%{modifier}{letter}|")
    for t in TIMES[1:]:
        fmt_case("Europe/Berlin", t, f"%{letter}")
    for flag in ("-", "_", "0", "^", "#", "5", "010", "_7", "-8", "^12", "#12", "-_", "^#", "1", "0_"):
        fmt_case("America/New_York", random.choice(TIMES), f"<%{flag}{letter}>")
for t in BAD:
    fmt_case("UTC", t, "%Y-%m-%d %H:%M:%S %a %j %w %Z%z")
    emit(ask="asctime", t=t, **asked(time.asctime, t))
for t in TIMES:
    emit(ask="asctime", t=t, **asked(time.asctime, t))
for form in ("", "%", "%%", "plain", "%5", "%-", "%E", "%2000d", "%300000d", "%99999999999Y", "grün %A ✓", "%5\u00fc", "a\0b", "% d", "%Y%m%dT%H%M%S", "%%%d%%"):
    fmt_case("UTC", TIMES[0], form)
for _ in range(300):
    name = random.choice(["UTC", "Europe/Berlin", "America/New_York", "EST5EDT,M3.2.0,M11.1.0"])
    form = "".join(random.choice([" ", "-", "x", "%" + random.choice(["", "", "-", "_", "^", "#", "0", "6"]) + random.choice(LETTERS)]) for _ in range(random.randrange(1, 7)))
    fmt_case(name, random.choice(TIMES), form)


def parse_case(name, text, form):
    zone(name)
    emit(ask="strptime", tz=name, now=NOW, text=text, format=form, **asked(time.strptime, text, form))


PARSABLE = "aAbBcdfHIjmMpSuUVwWxXyYzZG%"
PAIRS = [
    ("Thu Jan  1 00:00:00 1970", "%a %b %d %H:%M:%S %Y"), ("thu JAN 1 0:0:0 1970", "%c"), ("01/02/03", "%x"), ("23:59:61", "%X"),
    ("  3", "%d"), (" 3", "%d"), ("3 ", "%d"), ("3", " %d"), ("a  3", "a %d"), ("a3", "a %d"), ("a\t\n3", "a %d"), ("31 2 2026", "%d %m %Y"),
    ("29 2", "%d %m"), ("30 2", "%d %m"), ("68", "%y"), ("69", "%y"), ("00", "%y"), ("2026 366", "%Y %j"), ("2024 366", "%Y %j"),
    ("2026 0", "%Y %j"), ("9999 366", "%Y %j"), ("2026 00 1", "%Y %U %w"), ("2026 53 6", "%Y %W %w"), ("0001 00 0", "%Y %W %w"),
    ("0001 00 0", "%Y %U %w"), ("9999 53 6", "%Y %U %w"), ("2026 10 Mon", "%Y %U %a"), ("2026 10", "%Y %U"), ("2026-W01-1", "%G-W%V-%u"),
    ("2020-W53-7", "%G-W%V-%u"), ("2026 1", "%G %V"), ("2026 1 1", "%Y %V %u"), ("1", "%V"), ("1 1", "%V %u"), ("2026", "%G"), ("2026 1 1 100", "%G %V %u %j"),
    ("0000", "%Y"), ("0000 1 1", "%G %V %u"), ("0001 1 1", "%G %V %u"), ("99999", "%Y"), ("12 AM", "%I %p"), ("12 pm", "%I %p"), ("1 PM", "%I %p"), ("13 PM", "%I %p"),
    ("12", "%I"), ("11pm", "%I%p"), ("PM", "%p"), ("123456", "%f"), ("1", "%f"), ("1234567", "%f"), ("+0130", "%z"), ("-01:30", "%z"), ("+01:30:45", "%z"),
    ("+013045.123456", "%z"), ("+01:30:45.5", "%z"), ("Z", "%z"), ("z", "%z"), ("+0130:45", "%z"), ("+01:3045", "%z"), ("+01", "%z"), ("+1:30", "%z"), ("-0000", "%z"),
    ("UTC", "%Z"), ("gmt", "%Z"), ("CET", "%Z"), ("cest", "%Z"), ("EST", "%Z"), ("XYZ", "%Z"), ("CEST +0200", "%Z %z"), ("a", "%q"), ("a", "%-d"), ("a", "% d"), ("a", "%."),
    ("a", "%"), ("%", "%%"), ("5%", "%d%%"), ("a", "%e"), ("a", "%D"), ("a", "%s"), ("it's", "%d"), ('it\'s "x"', "%d"), ("tab\t", "%d"), ("\x01", "%d"), ("back\\slash", "%d"),
    ("2026-01-01T00:00:00", "%Y-%m-%dT%H:%M:%S"), ("2026-01-01t00:00:00", "%Y-%m-%dT%H:%M:%S"), ("20260101", "%Y%m%d"), ("2026111", "%Y%m%d"), ("1112026", "%d%m%Y"),
    ("Sunday", "%A"), ("Sun", "%A"), ("sunday", "%a"), ("May", "%B"), ("May", "%b"), ("September", "%b"), ("60", "%S"), ("61", "%S"), ("62", "%S"), ("24", "%H"), ("2", "%H"), ("60", "%M"),
    ("7", "%w"), ("0", "%u"), ("", ""), ("", "%d"), ("x", ""), ("(1+1)*2", "(%d+%m)*%H"), ("a.b", "a.b"), ("axb", "a.b"), ("\u00a0x", " x"), ("a  b", "a b"), ("a b", "a  b"),
    ("Mon 2026", "%a %Y"), ("Tue 5 1 2026", "%a %d %m %Y"), ("Ünïcode 3", "ünïCODE %d"), ("54", "%U"), ("54", "%V"), ("0 1 2026", "%V %u %G"), ("2026 2026", "%Y %G"),
    ("26 2025", "%y %Y"), ("2025 26", "%Y %y"), ("Jan February", "%b %B"), ("January feb", "%B %b"), ("1 Tue", "%w %a"), ("3 2", "%u %w"), ("13 5", "%H %I"), ("5 13", "%I %H"),
]
for text, form in PAIRS:
    parse_case("Europe/Berlin", text, form)
for text in ("EST", "EDT", "IST", "UTC", "+1030", "CET", "-03", "<+0330>", "+0330", "Nowhere", "NZDT"):
    for name in ZONES:
        parse_case(name, text, "%Z")
MESS = ["", "x", " ", "0", "9", "-"]
for _ in range(600):
    letters = random.sample(PARSABLE, random.randrange(1, 5))
    form = random.choice(["", " ", "-", "T"]).join("%" + letter for letter in letters)
    zone("Europe/Berlin")
    try:
        t = time.gmtime(random.randrange(0, 2**32))
        text = time.strftime(form.replace("%f", str(random.randrange(10**6))), t)
    except Exception:
        continue
    if random.random() < 0.3 and text:
        at = random.randrange(len(text))
        text = text[:at] + random.choice(MESS) + text[at + random.randrange(2):]
    parse_case("Europe/Berlin", text, form)
