"""Asks time what it makes of random values of TZ: the rules that POSIX lets it spell out, and of others that spell out nothing. Seeded.

usage: LC_ALL=C.UTF-8 python3 -P tests/oracle/time_rules.py > tests/oracle/data/time_rules.jsonl (or with a seed and a count, for others)
"""
import json, os, random, sys, time

SEED, COUNT = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (20261126, 1500)
rng = random.Random(SEED)
YEAR = (365 * 24 + 6) * 3600
NOW = int(time.time()) // YEAR * YEAR  # all that the zone facts depend on


def name():
    return rng.choice(["EST", "CET", "abc", "LongerName", "XYZT", "<+03>", "<-0330>", "<A1b>", "<abc>", "<+1-2>", "UTC", "GMT"])


def offset(hours):
    text = rng.choice(["", "", "-", "+"]) + rng.choice(["{}", "{:02}"]).format(rng.choice(hours))
    if rng.random() < 0.3 and not text.endswith(("24", "167")):
        text += rng.choice([":30", ":45", ":00", ":59"])
        if rng.random() < 0.4:
            text += rng.choice([":00", ":15", ":59"])
    return text


def date(month):
    """In this month, and not near its ends."""
    start = (month - 1) * 30
    made = rng.choice([f"M{month}.{rng.randint(2, 3)}.{rng.randint(0, 6)}", f"M{month}.2.0", f"J{start + rng.randint(8, 20)}", str(start + rng.randint(8, 20))])
    return made + ("/" + offset([0, 1, 2, 3, 5, 9, 12, 23, 24, 25, 48, 100, 167]) if rng.random() < 0.4 else "")


HOURS = [0, 1, 3, 5, 9, 11, 12, 14, 24]
NONE = ["AB5", "<>5", "<AB>-3", "5", "+3", "/", "::", " CET-1", "Foo/Bar", "abc", "<abc>", "<abc", "A1C-3", "\u00e9t\u00e92", "-", "<+03>x", "EST,M3.2.0,M11.1.0", "LongerName", "<a b>3", "..", "../UTC", "CET/", "Q"]


def rule():
    """A value of TZ, and whether it leaves the dates out."""
    if rng.random() < 0.1:
        return rng.choice(NONE), False
    made = rng.choice(["", "", "", ":"]) + name() + offset(HOURS)
    if rng.random() < 0.25:
        return made, False
    made += name() + rng.choice([offset(HOURS), "", "", ""])
    if rng.random() < 0.15:
        return made, True
    # Not near New Year, and not near each other.
    one, other = rng.sample([2, 4, 6, 8, 10], 2)
    return made + "," + date(one) + "," + date(other), False


def asked(call, *args):
    try:
        return call(*args)
    except (OSError, OverflowError, ValueError) as error:
        return type(error).__name__


for _ in range(COUNT):
    tz, dateless = rule()
    os.environ["TZ"] = tz
    time.tzset()
    case = {"tz": tz, "now": NOW, "facts": [time.timezone, time.altzone, time.daylight, list(time.tzname)], "at": []}
    moments = [0, 1704067200 + rng.randrange(366 * 86400), 1735689600 + rng.randrange(365 * 86400), rng.randrange(-(2**31), 2**33), rng.randrange(2**31)]
    for at in moments:
        near = {time.gmtime(at + days * 86400).tm_mon for days in (-2, 2)}
        if dateless and (not 1199145600 < at < 2114380800 or near & {3, 11}):
            continue  # what there is no rule for, New York's file decides
        t = time.localtime(at)
        case["at"].append([at, list(t) + [t.tm_zone, t.tm_gmtoff], time.strftime("%Z %z", t)])
    print(json.dumps(case, separators=(",", ":")))
