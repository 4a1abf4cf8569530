"""Writes Python's single-byte encodings and the names of all its text encodings: src/text/single_byte.txt and src/text/aliases.txt.

A line of the first is an encoding and the characters of its bytes, four hex digits each, `----` where there is none: of the upper half
where the lower is ASCII, else of all. A line of the second is an encoding and its other names.
"""
import sys
here = sys.path.pop(0)
import codecs, encodings, pathlib, pkgutil
from encodings.aliases import aliases

SOURCE = pathlib.Path(here).parent.parent / "src" / "text"
# Of more than one byte, though every single byte is a character, or with tables of their own; not text of a file.
LEFT_OUT = {"ascii", "latin_1", "charmap", "unicode_escape", "raw_unicode_escape", "utf_7", "utf_8", "utf_8_sig", "cp932", "shift_jis",
            "shift_jis_2004", "shift_jisx0213", "undefined", "idna", "punycode", "iso8859_1"}


def character(byte, encoding):
    try:
        text = bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return "----"
    assert len(text) == 1
    return f"{ord(text):04x}"


def is_single(encoding):
    try:
        return all(character(byte, encoding) for byte in range(256)) and b"\x81\x81".decode(encoding, "replace").__len__() == 2
    except Exception:
        return False


modules = sorted(module.name for module in pkgutil.iter_modules(encodings.__path__))
names, singles = {}, []
for module in modules:
    try:
        if not codecs.lookup(module)._is_text_encoding or module in ("charmap", "undefined", "idna", "punycode", "unicode_escape", "raw_unicode_escape"):
            continue
    except LookupError:
        continue
    names[module] = sorted(alias for alias, target in aliases.items() if target == module)
    table = [character(byte, module) for byte in range(256)] if module not in LEFT_OUT and is_single(module) else None
    if table and table.count("----") < 100:
        assert codecs.lookup(module).name == module.replace("_", "-"), module
        half = table[128:] if table[:128] == [f"{byte:04x}" for byte in range(128)] else table
        singles.append(f"{codecs.lookup(module).name} {''.join(half)}\n")
(SOURCE / "single_byte.txt").write_text("".join(singles))
(SOURCE / "aliases.txt").write_text("".join(" ".join([name, *other]) + "\n" for name, other in names.items()))
