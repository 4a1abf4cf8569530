"""Asks cronsim 2.8; seeded: running it again changes nothing on the same tz data.

usage: pip install cronsim==2.8 tzdata; python3 -P tests/oracle/cron.py [--seed N] [--cases N] > tests/oracle/data/cron.jsonl

A case is an expression, a zone, a moment and the moments that follow, all in seconds since 1970; or an expression that cronsim refuses.
The whole run of 24,000 expressions is `--cases 24000`; the committed file is a sample.
"""
import argparse, json, random
import zoneinfo
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

# The zones of the package tzdata, not of the machine.
zoneinfo.reset_tzpath([])
arguments = argparse.ArgumentParser()
arguments.add_argument("--seed", default="20261130")
arguments.add_argument("--cases", type=int, default=3000)
arguments = arguments.parse_args()
dice = random.Random(arguments.seed)

ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "America/St_Johns", "Pacific/Auckland", "America/Santiago",
    "Africa/Casablanca", "Europe/London", "Asia/Kathmandu", "Pacific/Chatham", "Europe/Dublin", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "America/Havana",
]
DAYS = "SUN MON TUE WED THU FRI SAT".split()
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def number(low, high, names=()):
    n = dice.randint(low, high)
    if names and n - low < len(names) and dice.randrange(3) == 0:
        name = names[n - low]
        return dice.choice([name, name.lower(), name.title()])
    return str(n)


def term(low, high, names=()):
    kind = dice.randrange(12)
    if kind < 5:
        return number(low, high, names)
    if kind < 7:
        a, b = sorted((dice.randint(low, high), dice.randint(low, high)))
        return f"{a}-{b}"
    if kind < 9:
        return f"*/{dice.randint(1, high)}"
    if kind < 10:
        a, b = sorted((dice.randint(low, high), dice.randint(low, high)))
        return f"{a}-{b}/{dice.randint(1, 9)}"
    if kind < 11:
        return f"{dice.randint(low, high)}/{dice.randint(1, high)}"
    return "*"


def field(low, high, names=(), star=0.4):
    if dice.random() < star:
        return "*"
    return ",".join(term(low, high, names) for _ in range(dice.choice([1, 1, 1, 2, 3])))


def expression():
    day = field(1, 31, star=0.55)
    weekday = field(0, 7, DAYS, star=0.55)
    if dice.randrange(12) == 0:
        day = dice.choice(["L", "LW", "L,15", "1,LW", "29", "30", "31", "29,30", "L/2"])
    if dice.randrange(10) == 0:
        weekday = dice.choice([f"{dice.randint(0, 7)}#{dice.randint(1, 5)}", f"{dice.choice(DAYS)}#{dice.randint(1, 5)}", f"{dice.randint(0, 7)}L", "1#1,5L", "MON-FRI", "mon-fri", "SUN"])
    parts = [field(0, 59, star=0.3), field(0, 23, star=0.4), day, field(1, 12, MONTHS, star=0.7), weekday]
    if dice.randrange(10) == 0:
        parts.insert(0, field(0, 59, star=0.2))
    return dice.choice([" ", " ", "  ", "\t"]).join(parts)


def night():
    """Times of day around which clocks change."""
    minute = dice.choice(["0", "30", "0,30", "15", "*/15", "5-55/10", "*", "59", "*/30"])
    hour = dice.choice(["0", "1", "2", "3", "1-3", "2,3", "*/2", "*", "0-4", "1,2", "23"])
    return f"{minute} {hour} {dice.choice(['*', '*', '*', '*/2', '1', 'L'])} * {dice.choice(['*', '*', '*', 'SUN', '6,0', 'MON-FRI'])}"


JUNK = [
    "", "*", "* * * *", "* * * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 0 *", "* * * 13 *", "* * * * 8", "-1 * * * *", "*/0 * * * *", "5-1 * * * *",
    "a * * * *", "* * * * MONDAY", "* * * FEBR *", "1, * * * *", ",1 * * * *", "1,,2 * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "1/ * * * *", "/2 * * * *", "- * * * *", "1- * * * *",
    "* * 30 2 *", "* * 31 2,4,6 *", "* * 31 4 */2", "* * 30 2 1", "* * 29 2 *", "* * * * 1#0", "* * * * 1#6", "* * * * #1", "* * * * 1#", "* * * * L", "* * * * MONL", "* * * * 1-5L", "* * WL * *",
    "* * 1-L * *", "* * L-3 * *", "* * LW/2 * *", "* * L/0 * *", "* * * * MON-SUN", "* * * * 5-7", "* * * * SUN-SAT", "*-5 * * * *", "*/5-10 * * * *", "+1 * * * *", "1.5 * * * *", "* * * * MON/2", "* * * JAN/3 *",
    "* * * * 7/1", "0x1 * * * *", "\u0661 * * * *", "00 00 01 01 00", "0 0 * * 007", "* * * * 1#1#1", "** * * * *", "* * ? * *", "* * * * ?", "5-5/10 * * * *", "*/99 * * * *", "0-59/60 * * * *", "* * * * MON,", "* * ,L * *",
    "* * LL * *", "* * * * 0L,", "* * * * 7L", "* * * * 8L", "* * * * 12L", "* * * JAN-DEC *", "* * * DEC-JAN *", "* * * MON *", "* * * * JAN",
]


def moment(zone):
    if dice.randrange(2):
        # Two days before a change of the clock.
        tz, at = ZoneInfo(zone), int(datetime(dice.randint(2024, 2027), dice.randint(1, 12), dice.randint(1, 28), tzinfo=timezone.utc).timestamp())
        offset = lambda second: datetime.fromtimestamp(second, tz).utcoffset()
        for _ in range(370):
            if offset(at) != offset(at + 86_400):
                return at - dice.randrange(2 * 86_400)
            at += 86_400
    return int(datetime(2024, 1, 1, tzinfo=timezone.utc).timestamp()) + dice.randrange(4 * 365 * 86_400)


def emit(text, zone, start, count=4):
    case = {"cron": text, "zone": zone, "from": start}
    begin = datetime.fromtimestamp(start, ZoneInfo(zone) if zone != "UTC" else timezone.utc)
    # In the second half of a fold cronsim starts again from the first half.
    if begin.fold:
        return
    try:
        found = CronSim(text, begin)
    except CronSimError:
        print(json.dumps({**case, "refused": True}, separators=(",", ":")))
        return
    except AssertionError:
        return
    case["next"] = []
    last = start
    try:
        while len(case["next"]) < count:
            at = int(next(found).astimezone(timezone.utc).timestamp())
            # cronsim gives the end of a gap once for each time in the gap.
            if at > last:
                case["next"].append(at)
                last = at
    except StopIteration:
        pass
    print(json.dumps(case, separators=(",", ":")))


for text in JUNK:
    emit(text, "UTC", 1_767_225_600)
for _ in range(arguments.cases):
    zone = dice.choice(ZONES)
    emit(dice.choice([expression, expression, night])(), zone, moment(zone))
