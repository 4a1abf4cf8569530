"""Writes src/bs4/css/bidi.txt: where runs of characters with a left, right or neutral direction start, as soupsieve has them."""
import pathlib
from soupsieve import bidi

out = pathlib.Path(__file__).resolve().parents[2] / "src/bs4/css/bidi.txt"
words = [f"{direction}{start:x}" for start, direction in zip(bidi.STARTS, bidi.DIRECTIONS)]
lines, line = [], ""
for word in words:
    if len(line) + len(word) > 120:
        lines.append(line)
        line = ""
    line += (" " if line else "") + word
out.write_text("\n".join([*lines, line]) + "\n")
print(len(words), "runs")
