"""Asks the real email.utils about dates: seeded texts, as the RFCs have them, as people write them, and broken."""

import sys

sys.path.pop(0)  # this folder has programs named like the modules that they ask

import datetime
import email.utils
import json
import os
import pathlib
import random
import time

os.environ["TZ"] = "Europe/Berlin"
time.tzset()
RANDOM = random.Random(20261122)
DAYS = ["Mon", "Tue,", "wed,", "Thursday,", "Fri,", "Sat ,", "", "", "Sun,"]
MONTHS = ["Jan", "FEB", "march", "Apr", "may", "June", "july", "Aug", "Sept", "Sep", "oct", "November", "Dec", "Foo"]
ZONES = ["", "+0000", "-0000", "+0100", "-0530", "GMT", "UT", "EST", "pdt", "Z", "A", "+1", "-25:00", "+9999", "(CET)", "CET", "0100", "+0100 (CET)", "-00", "+0"]
PLAIN = [
    "", " ", "x", ",", "Fri, 09 Nov 2001 01:08:47 -0000", "Fri,09 Nov 2001 01:08:47 +0200", "Friday, 09-Nov-01 01:08:47 GMT", "Nov 9 01:08:47 2001", "Fri Nov  9 01:08:47 2001",
    "9 Nov 2001", "9 Nov 2001 01:08", "9 Nov 2001 01.08.47 GMT", "9 Nov 2001 01.08", "9 Nov 2001 01", "9 Nov 2001 1:2:3:4", "29 Feb 2001 00:00:00 +0000", "29 Feb 2000 00:00:00 +0000", "31 Apr 2001 00:00:00",
    "9 Nov 2001 24:00:00 +0000", "9 Nov 2001 23:60:00 +0000", "9 Nov 2001 23:59:60 +0000", "0 Nov 2001 00:00:00 +0000", "9 Nov 0 00:00:00", "9 Nov 68 00:00:00", "9 Nov 69 00:00:00", "9 Nov 99 00:00:00",
    "9 Nov 100 00:00:00", "9 Nov 10000 00:00:00", "9 Nov 2001 00:00:00 +2400", "9 Nov 2001 00:00:00 -2359", "9 Nov 2001 00:00:00 +0060", "9, Nov, 2001, 00:00:00, GMT", "9 Nov, 2001 00:00:00", "Nov 9, 2001 00:00:00",
    "2001 Nov 9 00:00:00", "9 Nov 01:08:47 2001 GMT", "9 Nov 01:08:47 GMT 2001", "9 Nov 2001 01:08:47+0100", "9 Nov 2001 01:08:47-0100", "9 Nov 2001 +01:08", "-9 Nov 2001 00:00:00", "1_0 Nov 2001 00:00:00", "9 Nov 2001 a:b:c",
    "Thu, 01 Jan 1970 00:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 +0100", "1 Jan 1 00:00:00 +0000", "31 Dec 9999 23:59:59 -0100", "Mon 2026-01-05 00:00:00", "09-Nov-01 01:08:47 GMT", "09-Nov 01:08:47 GMT", "9 Nov 2001 :8:7",
]


def text():
    zone = RANDOM.choice(ZONES)
    numbers = {
        "day": RANDOM.randrange(0, 34), "month": RANDOM.choice(MONTHS), "year": RANDOM.choice([2001, 99, 5, 70, 68, 1969, 2038, 12345]),
        "time": f"{RANDOM.randrange(0, 26):02}:{RANDOM.randrange(0, 62):02}" + RANDOM.choice(["", ":07", ":59", ":61"]),
    }
    order = RANDOM.choice([["day", "month", "year", "time"]] * 6 + [["month", "day", "year", "time"], ["month", "day", "time", "year"], ["day", "month", "time", "year"]])
    return " ".join([RANDOM.choice(DAYS), *(str(numbers[name]) for name in order), zone]).strip()


def attempt(call, *args):
    try:
        return call(*args)
    except (ValueError, OverflowError):
        return "ValueError"


def moment(date):
    if not isinstance(date, datetime.datetime):
        return date
    offset = date.utcoffset()
    return [*date.timetuple()[:8], None if offset is None else offset.total_seconds()]


def read(text):
    date = attempt(email.utils.parsedate_to_datetime, text)
    tz = email.utils.parsedate_tz(text)
    return {
        "text": text,
        "parsedate": email.utils.parsedate(text),
        "parsedate_tz": tz,
        "mktime_tz": tz and attempt(email.utils.mktime_tz, tz),
        "mktime_local": tz and attempt(email.utils.mktime_tz, (*tz[:9], None)),
        "datetime": moment(date),
        "format": date if date == "ValueError" else [email.utils.format_datetime(date), attempt(email.utils.format_datetime, date, True)],
        "localtime": date if date == "ValueError" else attempt(lambda: email.utils.format_datetime(email.utils.localtime(date))),
    }


def main():
    out = pathlib.Path(__file__).parent / "data" / "email_dates.jsonl"
    with out.open("w") as file:
        for one in PLAIN + [text() for _ in range(600)]:
            print(json.dumps(read(one), separators=(",", ":")), file=file)
        for seconds in [0, -1, 1, 951782400, 1774745999, 1774746000, 1792889999, 1792890000, 4102444800, -62135596800, 253402300799] + [RANDOM.randrange(-10**10, 10**11) for _ in range(60)]:
            utils = email.utils
            dates = [utils.formatdate(seconds), utils.formatdate(seconds, usegmt=True), attempt(lambda: utils.formatdate(seconds, localtime=True))]
            print(json.dumps({"seconds": seconds, "dates": dates}, separators=(",", ":")), file=file)


main()
