"""Asks the real schedule 1.2.2 under a moved clock; seeded: running it again changes nothing on the same pytz data.

usage: pip install schedule==1.2.2 pytz; python3 -P tests/oracle/schedule.py [--seed N] [--cases N] > tests/oracle/data/schedule.jsonl

A case is a local zone, a moment and a list of steps, each with what Python answered: a value, or the class and text of an exception.
The clock is the datetime module that schedule sees, as in schedule's own tests.
"""
import argparse, datetime, json, os, random, time, types

import pytz
import schedule

# The C library's zones are pytz's.
os.environ["TZDIR"] = os.path.join(os.path.dirname(pytz.__file__), "zoneinfo")

arguments = argparse.ArgumentParser()
arguments.add_argument("--seed", default="20261130")
arguments.add_argument("--cases", type=int, default=1500)
arguments = arguments.parse_args()
dice = random.Random(arguments.seed)

CLOCK = [0]  # microseconds since 1970


class Datetime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        seconds, micros = divmod(CLOCK[0], 1_000_000)
        return cls.fromtimestamp(seconds, tz).replace(microsecond=micros)


module = types.ModuleType("datetime")
module.__dict__.update(datetime.__dict__)
module.datetime = Datetime
schedule.datetime = module
schedule.time = types.SimpleNamespace(sleep=lambda seconds: CLOCK.__setitem__(0, CLOCK[0] + seconds * 1_000_000))

LOCALS = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Auckland", "America/Santiago", "Africa/Casablanca", "Asia/Tokyo"]
ZONES = LOCALS + ["Europe/London", "US/Pacific", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Chatham", "Antarctica/Troll", "Etc/GMT+5", "Asia/Tehran", "europe/paris", "utc", "EST", "Pacific/Apia", "Africa/Cairo", "America/Havana", "Asia/Beirut"]
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
PLURAL = ["seconds", "minutes", "hours", "days", "weeks"]
SINGULAR = ["second", "minute", "hour", "day", "week"]


def epoch(zone, *when):
    """The first moment at which the zone shows this time, in microseconds."""
    naive = datetime.datetime(*when)
    tz = pytz.timezone(zone)
    at = tz.normalize(tz.localize(naive, is_dst=True))
    return int(at.timestamp()) * 1_000_000


def transitions(zone):
    tz = pytz.timezone(zone)
    years = [at for at in getattr(tz, "_utc_transition_times", []) if 2024 <= at.year <= 2028]
    return [int(at.replace(tzinfo=datetime.timezone.utc).timestamp()) for at in years]


CORNERS = [(2026, 1, 31), (2026, 2, 28), (2028, 2, 28), (2028, 2, 29), (2024, 2, 29), (2026, 12, 31), (2026, 4, 30), (2027, 1, 1), (2100, 2, 28), (2026, 11, 30)]


def moment(*zones):
    kind = dice.randrange(4)
    if kind == 0:
        near = [at for zone in zones if zone for at in transitions(zone)]
        if near:
            return (dice.choice(near) + dice.randrange(-100_000, 100_000)) * 1_000_000 + dice.choice([0, 0, 1, 999_999, 123_456])
    if kind == 1:
        day = datetime.datetime(*dice.choice(CORNERS), dice.choice([0, 12, 23, dice.randrange(24)]), dice.choice([0, 59, 30]), dice.choice([0, 59]), tzinfo=datetime.timezone.utc)
        return int(day.timestamp()) * 1_000_000 + dice.choice([0, 0, 999_999])
    start = int(datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc).timestamp())
    return (start + dice.randrange(4 * 365 * 86_400)) * 1_000_000 + dice.choice([0, 0, 0, 1, 500_000])


def clock_time(unit):
    """A time string for at(), mostly of the form that the unit wants."""
    h, m, s = dice.randrange(24), dice.randrange(60), dice.randrange(60)
    if dice.randrange(3) == 0:
        h, m = dice.choice([(0, 0), (2, 30), (1, 30), (2, 0), (3, 0), (23, 59), (1, 59), (0, 30), (12, 0)])
    form = dice.choice({"days": ["hm", "hms"], "hours": ["m", "ms"], "minutes": ["s"]}[unit])
    return {"hm": f"{h:02}:{m:02}", "hms": f"{h:02}:{m:02}:{s:02}", "m": f":{m:02}", "ms": f"{m:02}:{s:02}", "s": f":{s:02}"}[form]


BAD_TIMES = [
    "", "10", "10:3", "1:30", "24:00", "25:10", "29:59", "30:00", "10:60", "10:30:60", "10:30:5", ":30", ":5", "30:", "61:00", "59:59", "10:30:15:1", "a:30",
    "10:3a", " 10:30", "10:30 ", "10:30\n", ":30\n", "30:15\n", "-1:30", "+1:30", "10.30", "1030", "10:30pm", "00:00:00", ":00", ":60", "23:59:59", "2:30:00", "::", ":",
    "10:30:15\n", "10:30\n\n", "\u0661\u0660:30", "1\u0665:30", "1\uff10:3\uff10",
]


def value(text):
    return text


def describe(error):
    name = type(error).__name__
    return {"error": name, "text": str(error)}


def asked(call):
    try:
        return {"value": call()}
    except Exception as error:
        return describe(error)


def shown(at):
    return None if at is None else at.isoformat(sep=" ")


class Case:
    def __init__(self, zone, now):
        self.zone, self.now = zone, now
        self.steps = []
        self.jobs = {}
        self.log = []
        os.environ["TZ"] = zone
        time.tzset()
        CLOCK[0] = now
        self.scheduler = schedule.Scheduler()

    def step(self, **step):
        step.update(asked(lambda: getattr(self, "on_" + step["op"])(step)))
        self.steps.append(step)

    def on_job(self, step):
        job = self.scheduler
        for name, *given in step["chain"]:
            if name == "until":
                given = [until(*given)]
            part = getattr(job, name)
            job = part(*given) if name in ("every", "at", "to", "tag", "until") else part
        do = step.get("do")
        if do is None:
            self.jobs[step["id"]] = job
            return None
        function = self.function(step["id"], do, step.get("returns"))
        job.do(function, *do.get("args", []), **dict(do.get("kwargs", [])))
        self.jobs[step["id"]] = job
        return shown(job.next_run)

    def function(self, id, do, returns):
        def job(*args, **kwargs):
            self.log.append(id)
            runs = self.log.count(id)
            CLOCK[0] += do.get("takes", 0)
            if returns == "cancel" or returns == f"cancel{runs}":
                return schedule.CancelJob
            if returns == "instance":
                return schedule.CancelJob()
            if returns == "clear":
                self.scheduler.clear()
            if returns and returns.startswith("clear:"):
                self.scheduler.clear(returns[6:])
            if returns == "adds":
                self.scheduler.every(1).minutes.do(lambda: self.log.append("added")).tag("added")
            return None

        job.__name__ = do["name"]
        return job

    def on_advance(self, step):
        CLOCK[0] += step["us"]

    def on_run_pending(self, step):
        self.log.clear()
        self.scheduler.run_pending()
        return list(self.log)

    def on_run_all(self, step):
        self.log.clear()
        self.scheduler.run_all(step["delay"])
        return [list(self.log), CLOCK[0]]

    def on_run(self, step):
        answer = self.jobs[step["id"]].run()
        return "CancelJob" if answer is schedule.CancelJob or isinstance(answer, schedule.CancelJob) else answer

    def on_next_run(self, step):
        return shown(self.scheduler.get_next_run(step["tag"]))

    def on_idle(self, step):
        return self.scheduler.idle_seconds

    def on_get_jobs(self, step):
        names = {job: id for id, job in self.jobs.items()}
        return [names[job] for job in self.scheduler.get_jobs(step["tag"])]

    def on_count(self, step):
        return len(self.scheduler.get_jobs(step["tag"]))

    def on_clear(self, step):
        self.scheduler.clear(step["tag"])

    def on_cancel(self, step):
        self.scheduler.cancel_job(self.jobs[step["id"]])

    def on_seed(self, step):
        random.seed(step["n"])

    def on_repr(self, step):
        return repr(self.jobs[step["id"]])

    def on_str(self, step):
        return str(self.jobs[step["id"]])

    def on_should_run(self, step):
        return self.jobs[step["id"]].should_run

    def on_set_next_run(self, step):
        self.jobs[step["id"]].next_run = datetime.datetime.fromisoformat(step["at"])

    def on_facts(self, step):
        job = self.jobs[step["id"]]
        return {
            "interval": job.interval, "latest": job.latest, "unit": job.unit, "at_time": job.at_time and str(job.at_time), "start_day": job.start_day,
            "at_time_zone": job.at_time_zone and str(job.at_time_zone), "last_run": shown(job.last_run), "next_run": shown(job.next_run),
            "cancel_after": shown(job.cancel_after), "tags": sorted(job.tags),
        }

    def emit(self):
        print(json.dumps({"zone": self.zone, "now": self.now, "steps": self.steps}, separators=(",", ":")))


def until(kind, given):
    if kind == "str":
        return given
    if kind == "datetime":
        return Datetime.fromisoformat(given)
    if kind == "timedelta":
        return datetime.timedelta(microseconds=given)
    return datetime.time.fromisoformat(given)


def random_do():
    args = dice.choice([[], [], [], [1], ["a"], [1, "two", 3.5], [None, True], ["it's", 'say "x"', "both ' and \""], [[1, 2], []], ["tab\tnew\nline", "\u00e9\u2028\x7f\\"], [{"a": 1, "b": [None]}], [-0.0, 1e16, 1e-5, 0.1, 1e22, 123456789.125]])
    kwargs = dice.choice([{}, {}, {}, {"k": 1}, {"name": "x", "deep": [1, {"y": None}], "also": "z"}, {"a": True, "b": 2.0}])
    return {"name": dice.choice(["job", "nightly", "backup_all", "<lambda>", "j"]), "args": args, "kwargs": list(kwargs.items())}


def random_chain(zone_ok=True):
    """A chain that mostly makes sense, and the zone that it names."""
    zone = None
    chain = []
    kind = dice.randrange(10)
    unit = None
    if kind < 3:
        interval = dice.choice([1, 1, 2, 3, 5, 7, 10, 30, 90, 365, 1000])
        unit = dice.choice(PLURAL)
        chain = [["every", interval], [unit]]
    elif kind < 5:
        unit = dice.choice(PLURAL)
        chain = [["every", 1], [SINGULAR[PLURAL.index(unit)]]]
    elif kind < 8:
        chain = [["every", 1], [dice.choice(WEEKDAYS)]]
        unit = "weekday"
    else:
        interval = dice.choice([1, 2, 3, 5])
        unit = dice.choice(["minutes", "hours", "days"])
        chain = [["every", interval], [unit]]
    if unit in ("minutes", "hours", "days", "weekday") and dice.randrange(4):
        at = ["at", clock_time("days" if unit == "weekday" else unit)]
        if zone_ok and dice.randrange(2):
            zone = dice.choice(ZONES)
            at.append(zone)
        chain.append(at)
    if dice.randrange(6) == 0:
        chain.append(["tag"] + dice.sample(["a", "b", "c", "x y", ""], dice.randrange(1, 4)))
    return chain, zone


def single():
    """One job: when it runs next, then a few runs."""
    local = dice.choice(LOCALS)
    chain, zone = random_chain()
    case = Case(local, moment(local, zone))
    case.step(op="job", id="a", chain=chain, do=random_do())
    case.step(op=dice.choice(["repr", "str", "facts"]), id="a")
    case.step(op="idle")
    for _ in range(dice.randrange(1, 5)):
        job = case.jobs.get("a")
        ahead = dice.choice([1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000, 7 * 86_400_000_000])
        if job is not None and job.next_run is not None and dice.randrange(3):
            wait = int((job.next_run - Datetime.now()).total_seconds() * 1_000_000)
            ahead = max(0, wait + dice.choice([0, -1, 1, 1_000_000, 59_000_000, 3_600_000_000]))
        case.step(op="advance", us=ahead)
        case.step(op="should_run", id="a")
        case.step(op="run_pending")
        case.step(op="next_run", tag=None)
    case.step(op="repr", id="a")
    case.step(op="idle")
    case.emit()


def misuse():
    """Chains that Python refuses, or takes though they look odd."""
    local = dice.choice(LOCALS)
    chain = [["every", dice.choice([1, 1, 1, 2, 3])]]
    for _ in range(dice.choice([0, 1, 1, 1, 2])):
        chain.append([dice.choice(PLURAL + SINGULAR + WEEKDAYS)])
    if dice.randrange(2):
        at = ["at", dice.choice(BAD_TIMES) if dice.randrange(3) else clock_time(dice.choice(["days", "hours", "minutes"]))]
        if dice.randrange(5) == 0:
            at.append(dice.choice(["Nowhere/Land", "", "Europe", "Europe/Berlin ", "CET", "../UTC", "Europe/Berl\u0131n", "GMT0", "posixrules"]))
        chain.append(at)
    if dice.randrange(4) == 0:
        chain.append(["to", dice.choice([0, 1, 2, 5])])
    if dice.randrange(8) == 0:
        chain.append([dice.choice(PLURAL + WEEKDAYS)])
    case = Case(local, moment(local))
    case.step(op="seed", n=dice.randrange(1000))
    # Python loops for ever where a random interval of 0 is drawn, or prints nothing sensible of a job without a unit.
    if chain[0][1] == 0 or any(part[0] == "to" and part[1] == 0 and chain[0][1] == 0 for part in chain):
        return
    case.step(op="job", id="a", chain=chain, do=random_do())
    if "a" in case.jobs:
        case.step(op="facts", id="a")
        case.step(op="repr", id="a")
    case.step(op="get_jobs", tag=None)
    case.emit()


def limits():
    """Intervals at the ends of the calendar."""
    case = Case("UTC", moment("UTC"))
    interval = dice.choice([10**5, 10**6, 10**7, 999_999_999, 10**9, 10**10, 2**31, 2**40, 3 * 10**6, 10**12, 2_900_000, 420_000, 2**53, -1, -5, -1000])
    unit = dice.choice(PLURAL if interval > 0 else ["days", "weeks"])
    case.step(op="job", id="a", chain=[["every", interval], [unit]], do={"name": "job"})
    if "a" in case.jobs:
        case.step(op="repr", id="a")
    case.emit()


def at_formats():
    """Every odd time string at every unit."""
    for unit in ["second", "minute", "hour", "day", "week", "monday", "sunday"]:
        for text in BAD_TIMES:
            case = Case("Europe/Berlin", epoch("Europe/Berlin", 2026, 3, 28, 12, 34, 56))
            case.step(op="job", id="a", chain=[["every", 1], [unit], ["at", text]], do={"name": "job"})
            if "a" in case.jobs:
                case.step(op="facts", id="a")
            case.emit()


UNTIL_TEXTS = [
    "2030-01-01", "2030-01-01 10:30", "2030-01-01 10:30:15", "23:59", "23:59:59", "2020-01-01", "00:00", "2030-1-5", "2030-1-5 3:4", "2030-01-01T10:30", "tomorrow", "",
    "2030-02-30", "2030-13-01", "2030-01-01 24:00", "2030-01-01 10:60", "10:30:61", "23:59:60", "2030-01-01  10:30", " 23:59", "23:59 ", "2030-01-01 10:30:15.5", "30-01-01", "9999-12-31 23:59:59",
    "0001-01-01", "0000-01-01", "2030/01/01", "01-01-2030", "2028-02-29", "2027-02-29", "2:3:4", "2030-01-01\t10:30", "2030-01-01 10:30:60", "12:00", "18:30:15", "2030-01-01 1:2:3", "2030-01-01\n", "-23:59",
]


def deadlines():
    local = dice.choice(LOCALS)
    case = Case(local, moment(local))
    chain, _ = random_chain()
    now = Datetime.now()
    kind = dice.choice(["str", "str", "datetime", "timedelta", "time"])
    if kind == "str":
        given = dice.choice(UNTIL_TEXTS)
        if dice.randrange(3) == 0:
            given = (now + datetime.timedelta(seconds=dice.randrange(-200_000, 1_000_000))).strftime(dice.choice(["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%H:%M:%S", "%H:%M"]))
    elif kind == "datetime":
        given = (now + datetime.timedelta(microseconds=dice.choice([0, 1, -1, 1_000_000, 10**12, -(10**9), dice.randrange(10**13)]))).isoformat(sep=" ")
    elif kind == "timedelta":
        given = dice.choice([0, 1, 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000, 10**13, dice.randrange(10**12), 10**18])
    else:
        given = datetime.time(dice.randrange(24), dice.randrange(60), dice.choice([0, 30]), dice.choice([0, 0, 250_000])).isoformat()
    chain.insert(dice.randrange(2, len(chain) + 1), ["until", kind, given])
    case.step(op="job", id="a", chain=chain, do={"name": "job", "takes": dice.choice([0, 0, 0, 5_000_000])})
    if "a" in case.jobs:
        case.step(op="facts", id="a")
        for _ in range(4):
            ahead = dice.choice([1_000_000, 3_600_000_000, 86_400_000_000])
            job = case.jobs["a"]
            if dice.randrange(2):
                ahead = max(0, int((job.next_run - Datetime.now()).total_seconds() * 1_000_000))
            case.step(op="advance", us=ahead)
            case.step(op="run_pending")
            case.step(op="get_jobs", tag=None)
        case.step(op="run", id="a")
        case.step(op="facts", id="a")
    case.emit()


def ranges():
    local = dice.choice(LOCALS)
    case = Case(local, moment(local))
    case.step(op="seed", n=dice.choice([0, 1, 42, 2**32, 2**63, 12345678901234567890, dice.randrange(10**6)]))
    low = dice.choice([1, 2, 3, 5, 10, 60])
    high = dice.choice([low, low + 1, low + 5, low * 2, low * 100, 10**6, low - 1, 2**40 if low > 900 else low + 7])
    unit = dice.choice(PLURAL[:4])
    chain = [["every", low], ["to", high], [unit]]
    if dice.randrange(4) == 0 and unit != "seconds":
        chain.append(["at", clock_time(unit)])
    case.step(op="job", id="a", chain=chain, do=random_do())
    if "a" in case.jobs:
        case.step(op="repr", id="a")
        case.step(op="facts", id="a")
        for _ in range(4):
            case.step(op="run_all", delay=dice.choice([0, 1]))
            case.step(op="next_run", tag=None)
    case.emit()


def many():
    """Several jobs: order, tags, removal, all at once."""
    local = dice.choice(LOCALS)
    zone = dice.choice(ZONES)
    case = Case(local, moment(local, zone))
    ids = "abcdefgh"[: dice.randrange(2, 9)]
    tags = ["red", "blue", "green"]
    for id in ids:
        chain, _ = random_chain()
        if dice.randrange(3):
            chain.append(["tag"] + dice.sample(tags, dice.randrange(1, 3)))
        returns = dice.choice([None, None, None, None, "cancel", "cancel2", "instance", "clear"])
        case.step(op="job", id=id, chain=chain, do={"name": "job", "takes": dice.choice([0, 0, 1_500_000])}, returns=returns)
    for _ in range(dice.randrange(4, 12)):
        step = dice.choice(["advance", "advance", "advance", "run_pending", "run_pending", "run_pending", "next_run", "idle", "get_jobs", "clear", "cancel", "run_all", "repr", "facts", "set_next_run"])
        if step == "advance":
            case.step(op=step, us=dice.choice([1_000_000, 61_000_000, 3_600_000_000, 86_400_000_000, 3 * 86_400_000_000, dice.randrange(10**12)]))
        elif step in ("run_pending", "idle"):
            case.step(op=step)
        elif step in ("next_run", "get_jobs"):
            case.step(op=step, tag=dice.choice([None, None] + tags + ["nothing"]))
        elif step == "clear":
            case.step(op=step, tag=dice.choice([None] + tags + tags + ["nothing"]))
        elif step == "run_all":
            case.step(op=step, delay=dice.choice([0, 0, 1, 30]))
        elif step == "set_next_run":
            case.step(op=step, id=dice.choice(ids), at=shown(Datetime.now() + datetime.timedelta(seconds=dice.randrange(-100, 100_000))))
        else:
            case.step(op=step, id=dice.choice(ids))
    case.step(op="get_jobs", tag=None)
    case.step(op="idle")
    case.emit()


def unfinished():
    """Jobs that were never given a function."""
    case = Case("UTC", moment("UTC"))
    chain, _ = random_chain()
    if dice.randrange(3) == 0:
        chain.append(["to", 9])
    case.step(op="job", id="a", chain=chain, do=None)
    case.step(op="repr", id="a")
    case.step(op="str", id="a")
    case.step(op="facts", id="a")
    case.step(op="get_jobs", tag=None)
    case.emit()


def jumps():
    """A clock that is set, also back, and jobs that change the schedule while it runs."""
    local = dice.choice(LOCALS)
    zone = dice.choice(ZONES)
    case = Case(local, moment(local, zone))
    ids = "abcde"[: dice.randrange(1, 6)]
    for id in ids:
        chain, _ = random_chain()
        for _ in range(dice.choice([0, 0, 1, 2])):
            chain.append(dice.choice([["tag", "red"], ["tag"], ["tag", "blue", "blue"], ["to", dice.choice([1, 5, 50])], ["at", "10:30"], ["at", ":15", ""], ["at", "08:15:01", zone]]))
        if dice.randrange(4) == 0:
            last = Datetime.now() + datetime.timedelta(microseconds=dice.choice([0, 1, 10**6, 86_400 * 10**6, dice.randrange(10**12)]))
            chain.append(["until", "datetime", last.isoformat(sep=" ")])
        returns = dice.choice([None, None, None, "cancel2", "adds", "clear:red", "clear:blue"])
        case.step(op="seed", n=dice.randrange(1000))
        case.step(op="job", id=id, chain=chain, do={"name": "job", "takes": dice.choice([0, 0, 0, 1, 90_000_000, 7_200_000_000])}, returns=returns)
    for _ in range(dice.randrange(6, 16)):
        step = dice.choice(["advance", "advance", "advance", "due", "due", "run", "run_all", "facts", "cancel", "clear", "should_run", "set_next_run", "repr", "str"])
        id = dice.choice(ids)
        if step == "due":
            due = case.scheduler.next_run
            if due is not None:
                ahead = int((due - Datetime.now()).total_seconds() * 1_000_000)
                case.step(op="advance", us=ahead + dice.choice([0, 0, -1, 1, 1_000_000, -3_600_000_000, 3_600_000_000]))
        elif step == "advance":
            far = dice.choice([1, 1_000_000, 1_800_000_000, 3_600_000_000, 86_400_000_000, 40 * 86_400_000_000, dice.randrange(10**13)])
            case.step(op=step, us=far * dice.choice([1, 1, 1, -1]))
        elif step == "run_all":
            case.step(op=step, delay=dice.choice([0, 1, 4000]))
        elif step == "clear":
            case.step(op=step, tag=dice.choice(["red", "blue", "added", "nothing", ""]))
        elif step == "set_next_run":
            if id in case.jobs:
                case.step(op=step, id=id, at=shown(Datetime.now() + datetime.timedelta(microseconds=dice.choice([0, 1, -1, 10**9, -(10**11), 10**13]))))
        elif id in case.jobs:
            case.step(op=step, id=id)
        case.step(op="run_pending")
        case.step(op="count", tag=dice.choice([None, "added", "red", "blue"]))
        case.step(op="next_run", tag=dice.choice([None, None, "added", "red", "nothing"]))
        case.step(op="idle")
    case.step(op="get_jobs", tag="red")
    case.emit()


at_formats()
for number in range(arguments.cases):
    dice.choice([single, single, single, single, misuse, misuse, deadlines, deadlines, ranges, many, many, limits if number % 3 == 0 else single, unfinished])()
for _ in range(arguments.cases // 5):
    jumps()
