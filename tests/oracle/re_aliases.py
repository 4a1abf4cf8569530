"""Writes the aliases of characters that Python knows: src/re/unicode/aliases.txt. `re_aliases.py NameAliases.txt` takes candidates from Unicode's file.

A line is a code in hex and an alias. Python's answer decides: its Unicode may be older than the file.
"""
import sys
here = sys.path.pop(0)
import pathlib, unicodedata

rows = []
for line in open(sys.argv[1]):
    if line.strip() and not line.startswith("#"):
        code, alias, _ = line.split(";", 2)
        try:
            if ord(unicodedata.lookup(alias)) == int(code, 16) and unicodedata.name(chr(int(code, 16)), "") != alias:
                rows.append(f"{alias};{code}\n")
        except (KeyError, TypeError):
            pass
(pathlib.Path(here).parent.parent / "src" / "re" / "unicode" / "aliases.txt").write_text("".join(sorted(rows)))
