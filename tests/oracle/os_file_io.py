"""Asks Python's `open` what random programs of reads, writes, seeks and cuts see of a file, and what is in it afterwards.

Writes data/os_file_io.jsonl; running it again changes nothing. `os_file_io.py SEED COUNT FOLDER` asks others.

A case: "c" the bytes of the file before (null: there is none), "m" the mode, "k" the keywords, "p" the program: [operation, arguments.., answer], "f" the
bytes afterwards, "e" how `open` failed. Bytes are latin-1 text. What is long stands as its length, the sum of its characters and its last forty.
"""
import sys
here = sys.path.pop(0)
import io, json, os, pathlib, random, re, tempfile, warnings

warnings.simplefilter("ignore")  # line buffering of bytes
SEED, COUNT, FOLDER = (int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]) if len(sys.argv) > 3 else (20261123, 3000, pathlib.Path(here) / "data")
rng = random.Random(SEED)

PIECES = [b"a", b"b c", b"word", b"\n", b"\n", b"\r", b"\r\n", b"\r\n", b"\n\r", b"\r\r\n", "\u00e9".encode(), "\u20ac".encode(), "\U0001f600".encode(), b"\0", b"\t",
          b"\x0b", b"\x0c", b"\x1c", b"\x1a", "\x85".encode(), "\u2028".encode(), b"\\x41"]
WRONG = [b"\x80", b"\xff", b"\xe9", b"\xc3", b"\xe2\x82", b"\xe2", b"\xf0\x9f\x98", b"\xf0\x9f", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xef\xbb", b"\xa9"]
TEXTS = ["a", "bc", "line\n", "\n", "\r", "\r\n", "", "x y", "caf\u00e9", "\u20ac\n", "\U0001f600", "\xff", "\x80", "one\ntwo\n", "\n\n", "\r\n\n", "\ufeff"]


def content():
    if rng.random() < 0.08:
        return None
    if rng.random() < 0.08:
        return b""
    pieces = PIECES + (WRONG if rng.random() < 0.5 else [])
    made = b"".join(rng.choice(pieces) for _ in range(rng.randint(1, 14)))
    if rng.random() < 0.1:
        made = bytes(rng.randrange(256) for _ in range(rng.randint(1, 20)))
    if rng.random() < 0.08:
        made = b"\xef\xbb\xbf" + made
    if rng.random() < 0.04:  # across the edge of a buffer
        made = rng.choice([b"x", b"x\n", b"\r\n", b"\r"]) * (rng.choice([8192, 32768]) + rng.randint(-9, 2)) + made
    return made


def short(value):
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, list):
        return [short(item) for item in value] if len(value) < 60 else {"n": len(value), "all": short("".join(short_text(item) for item in value))}
    if isinstance(value, str) and len(value) > 200:
        return {"len": len(value), "sum": sum(map(ord, value)), "tail": value[-40:]}
    return value


def short_text(item):
    return item.decode("latin-1") if isinstance(item, bytes) else item


def failure(error, file):
    if isinstance(error, io.UnsupportedOperation):
        return {"e": "unsupported"}
    if isinstance(error, UnicodeDecodeError):
        return {"e": "decode", "at": file.buffer.tell() - len(error.object) + error.start}
    if isinstance(error, UnicodeEncodeError):
        return {"e": "encode", "at": error.start}
    if isinstance(error, OSError):
        return {"e": error.errno}
    return {"e": type(error).__name__}


def text_program(file, mode):
    """The next operation of a text file, and a function that does it."""
    # Between writing and reading Python has to be told where it is: it else reads past what it has not written yet.
    reading = writing = False
    appends, plus = "a" in mode, "+" in mode
    for _ in range(rng.randint(1, 14)):
        may_read, may_write = "r" in mode or plus, "r" not in mode or plus
        kinds = []
        if may_read and not writing:
            kinds += ["read", "readline", "readline", "readline", "readlines"]
        if may_write and not reading:
            kinds += ["write", "write", "write", "writelines", "truncate"]
        kinds += ["tell", "seek", "seek", "flush"] + (["here", "here"] if reading or writing else [])
        if rng.random() < 0.02:
            kinds = ["read", "readline", "write", "truncate"] if not plus else kinds
        kind = rng.choice(kinds)
        if kind in ("read", "readline", "readlines"):
            reading = may_read
            yield [kind], getattr(file, kind)
        elif kind == "write":
            text = "".join(rng.choice(TEXTS) for _ in range(rng.randint(0, 4)))
            writing = may_write
            yield [kind, text], lambda: file.write(text)
        elif kind == "writelines":
            texts = [rng.choice(TEXTS) for _ in range(rng.randint(0, 3))]
            writing = may_write
            yield [kind, texts], lambda: file.writelines(texts)
        elif kind == "truncate":
            to = rng.randint(0, 30)
            yield [kind, to], lambda: file.truncate(to)
        elif kind == "seek":
            to, whence = rng.choice([(0, 0), (0, 0), (0, 2), (rng.randint(0, 20), 0)])
            reading = writing = False
            yield [kind, to, whence], lambda: file.seek(to, whence)
        elif kind == "here":
            reading = writing = False
            yield [kind], lambda: file.seek(file.tell())
        elif kind == "tell":
            def tell():
                # Python counts appended bytes from where it was before, until they are written.
                file.flush() if appends else None
                return file.tell()
            yield [kind], tell
        else:
            yield [kind], file.flush
    if ("r" in mode or plus) and not writing and rng.random() < 0.3:
        yield ["lines"], lambda: [line for line in file]


def byte_program(file, mode):
    appends, plus = "a" in mode, "+" in mode
    raw = isinstance(file, io.RawIOBase)
    may_read, may_write = "r" in mode or plus, "r" not in mode or plus
    for _ in range(rng.randint(1, 18)):
        kinds = ["tell", "seek", "seek", "seek", "flush", "size"]
        if may_read:
            kinds += ["read", "read_n", "read_n", "read_n", "readline", "readline", "readline_n", "readlines"]
        if may_write:
            kinds += ["write", "write", "write", "write", "truncate", "truncate_here"]
        if raw:
            kinds += ["pread"] + (["pwrite"] if may_write and not appends else [])
        if rng.random() < 0.03:
            kinds = ["read", "readline", "write", "truncate"]
        kind = rng.choice(kinds)
        if kind in ("read", "readline", "readlines"):
            yield [kind], getattr(file, kind)
        elif kind == "read_n":
            count = rng.choice([0, 1, 1, 2, 3, 5, 8, 40])
            yield [kind, count], lambda: file.read(count)
        elif kind == "readline_n":
            count = rng.choice([0, 1, 2, 5, 40])
            yield [kind, count], lambda: file.readline(count)
        elif kind == "write":
            data = b"".join(rng.choice(PIECES + WRONG) for _ in range(rng.randint(0, 5)))
            def write():
                count = file.write(data)
                # Python mixes up what it has read ahead and what it is to append.
                file.flush() if appends and plus else None
                return count
            yield [kind, data.decode("latin-1")], write
        elif kind == "truncate":
            to = rng.randint(0, 30)
            yield [kind, to], lambda: file.truncate(to)
        elif kind == "truncate_here":
            def cut():
                file.flush() if appends else None
                return file.truncate()
            yield [kind], cut
        elif kind == "seek":
            whence = rng.randint(0, 2)
            to = rng.randint(-6 if whence else -1, 20) if whence < 2 else rng.randint(-20, 6)
            def seek():
                file.flush() if appends and whence == 1 else None
                return file.seek(to, whence)
            yield [kind, to, whence], seek
        elif kind == "tell":
            def tell():
                file.flush() if appends else None
                return file.tell()
            yield [kind], tell
        elif kind == "size":
            def length():
                file.flush()
                return os.fstat(file.fileno()).st_size
            yield [kind], length
        elif kind == "pread":
            count, at = rng.randint(0, 9), rng.randint(0, 20)
            yield [kind, count, at], lambda: os.pread(file.fileno(), count, at)
        elif kind == "pwrite":
            data, at = rng.choice(PIECES + [b""]), rng.randint(0, 20)
            yield [kind, data.decode("latin-1"), at], lambda: os.pwrite(file.fileno(), data, at)
        else:
            yield [kind], file.flush


def deliberate(there, keywords):
    """Whether leyden's docs say that it reads this otherwise: two thirds of a byte order mark; a newline with bytes in it that are ignored."""
    mark = keywords["encoding"] == "utf-8-sig" and there in (b"\xef", b"\xef\xbb")
    return mark or keywords.get("errors") == "ignore" and re.search(rb"\r[\x80-\xff]+\n", there)


def case(path):
    before = content()
    if before is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(before)
    binary = rng.random() < 0.45
    letter = rng.choice("rrrrwax" if before is not None else "rwaxwax")
    mode = letter + ("+" if rng.random() < 0.5 else "")
    mode += "b" if binary else rng.choice(["", "", "t"])
    keywords = {}
    if rng.random() < 0.6:
        keywords["buffering"] = rng.choice([1, 2, 3, 4, 5, 7, 16, 64] + ([0, 0] if binary else []))
    if not binary:
        keywords["encoding"] = rng.choice(["utf-8", "utf-8", "utf-8", "latin-1", "ascii", "utf-8-sig"])
        if rng.random() < 0.6:
            keywords["errors"] = rng.choice(["strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace"])
            if keywords["errors"] == "xmlcharrefreplace" and (letter == "r" or "+" in mode):
                del keywords["errors"]
        if rng.random() < 0.7:
            keywords["newline"] = rng.choice(["", "\n", "\r", "\r\n"])
    row = {"c": None if before is None else before.decode("latin-1"), "m": mode, "k": keywords, "p": []}
    try:
        file = open(path, mode, **keywords)
    except OSError as error:
        return {**row, "e": error.errno}
    if not binary:
        file._CHUNK_SIZE = 1  # Python decodes a chunk at once: it may fail before the line that is wrong is asked for
    with file:
        for step, do in (byte_program if binary else text_program)(file, mode):
            if not binary and step[0] in ("read", "readline", "readlines", "lines") and deliberate(path.read_bytes(), keywords):
                break
            try:
                answer = do()
            except (OSError, ValueError) as error:
                answer = failure(error, file)
            if isinstance(answer, int) and answer > 1 << 60:
                break  # a position within a character: Python's own number
            wrong = isinstance(answer, dict) and answer["e"]
            if wrong == "decode" and step[0] != "read" and keywords.get("newline") in (None, "") and path.read_bytes()[answer["at"] - 1:answer["at"]] == b"\r":
                break  # Python looks whether a \n follows before it gives the line
            row["p"].append([*step, short(answer)])
            if wrong == "decode" or (wrong and step[0] == "seek"):
                break  # where Python stands after these is nobody's promise
    return {**row, "f": short(path.read_bytes())}


def packed(row):
    """The bytes before, if they are long: as what repeats, how often, and what follows."""
    text = row["c"]
    if text is not None and len(text) > 4000:
        unit = text[:2] if text[:2] in ("x\n", "\r\n") else text[0]
        count = 0
        while text.startswith(unit, count * len(unit)):
            count += 1
        row["c"] = [unit, count, text[count * len(unit):]]
    return row


with tempfile.TemporaryDirectory() as top, (pathlib.Path(FOLDER) / "os_file_io.jsonl").open("w") as out:
    path = pathlib.Path(top) / "f"
    for _ in range(COUNT):
        out.write(json.dumps(packed(case(path)), separators=(",", ":"), sort_keys=True) + "\n")
