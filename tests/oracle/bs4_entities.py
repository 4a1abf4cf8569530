"""Writes src/bs4/output/entities.txt: the named entity that Beautiful Soup prints for each character (or pair of characters)."""
import pathlib
from bs4.dammit import EntitySubstitution as E

rows = []
for text, name in E.CHARACTER_TO_HTML_ENTITY.items():
    if all(ord(c) < 128 for c in text) and text not in "<>&":
        continue
    rows.append((text, name))
out = pathlib.Path(__file__).resolve().parents[2] / "src/bs4/output/entities.txt"
out.write_text("".join(f"{name} {text}\n" for text, name in sorted(rows)), encoding="utf-8")
print(len(rows), "entities")
