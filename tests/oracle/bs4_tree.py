"""Asks Beautiful Soup (html5lib for HTML, lxml for XML) about documents, and writes what it answered.

Nodes are named by their number in document order when the document was parsed. Seeded: running it again changes nothing.
Packages: tests/oracle/requirements.txt.
"""
import sys

sys.path.append(sys.path.pop(0))  # this folder has programs named like the modules that they ask

import json, pathlib, random, re, warnings

from bs4 import BeautifulSoup, SoupStrainer
from bs4.element import NavigableString, Tag, Comment, CData, Script
from bs4_documents import HTML, XML, generated
from bs4_queries import SELECTORS, XML_SELECTORS, SEARCHES

warnings.simplefilter("ignore")
random.seed(4)
OUT = pathlib.Path(__file__).resolve().parent / "data" / "bs4_tree.jsonl"


def walk(tag):
    for child in tag.contents:
        yield child
        if isinstance(child, Tag):
            yield from walk(child)


class Document:
    def __init__(self, markup, builder):
        self.soup = BeautifulSoup(markup, builder)
        self.nodes = list(walk(self.soup))
        self.numbers = {id(node): number for number, node in enumerate(self.nodes)}
        self.numbers[id(self.soup)] = -1

    def number(self, node):
        return None if node is None else self.numbers.get(id(node), "new")

    def consistent(self):
        """Whether Beautiful Soup's chain of next_element agrees with its tree: html5lib's rearranging breaks it at times."""
        chain = list(self.soup.descendants)
        if [id(n) for n in chain] != [id(n) for n in self.nodes]:
            return False
        for before, node in zip(self.nodes, self.nodes[1:]):
            if node.previous_element is not before or before.next_element is not node:
                return False
        if self.nodes and self.nodes[-1].next_element is not None:
            return False
        for tag in [self.soup, *[n for n in self.nodes if isinstance(n, Tag)]]:
            kids = tag.contents
            for a, b in zip(kids, kids[1:]):
                if a.next_sibling is not b or b.previous_sibling is not a:
                    return False
            if kids and (kids[0].previous_sibling is not None or kids[-1].next_sibling is not None):
                return False
        return True


def value(v):
    return list(v) if isinstance(v, list) else str(v)


def describe(node):
    if isinstance(node, Tag):
        return ["t", node.name, node.prefix, node.namespace, [[str(k), value(v)] for k, v in node.attrs.items()],
                node.sourceline, node.sourcepos, node.is_empty_element, node.get_text("|"), node.get_text("|", strip=True),
                None if node.string is None else str(node.string)]
    return [type(node).__name__, str(node), node.output_ready("minimal")]


def attempt(function):
    try:
        return function()
    except Exception:
        return "error"


def to_filter(spec):
    if isinstance(spec, dict):
        if "re" in spec:
            return re.compile(spec["re"])
        if "len" in spec:
            return lambda text: text is not None and len(text) == spec["len"]
    return spec


def search(tag, method, query):
    kwargs = {}
    if "name" in query:
        kwargs["name"] = to_filter(query["name"])
    if "attrs" in query:
        kwargs["attrs"] = {k: to_filter(v) for k, v in query["attrs"].items()}
    if "string" in query:
        kwargs["string"] = to_filter(query["string"])
    if "limit" in query and not method.startswith("find_parent") or "limit" in query and method == "find_parents":
        kwargs["limit"] = query["limit"]
    if "recursive" in query and method in ("find", "find_all"):
        kwargs["recursive"] = query["recursive"]
    return getattr(tag, method)(**kwargs)


RELATIVES = ["find_all_next", "find_all_previous", "find_next_siblings", "find_previous_siblings", "find_parents"]
ONES = ["find_next", "find_previous", "find_next_sibling", "find_previous_sibling", "find_parent"]


def questions(name, markup, builder, rows):
    document = Document(markup, builder)
    soup, nodes, number = document.soup, document.nodes, document.number
    row = {"doc": name, "builder": builder, "markup": markup, "tree": [describe(n) for n in nodes],
           "parents": [number(n.parent) for n in nodes]}
    if not document.consistent():
        row["broken"] = True
        rows.append(row)
        return
    row["str"] = str(soup)
    row["pretty"] = soup.prettify()
    row["links"] = [[number(n.next_element), number(n.previous_element), number(n.next_sibling), number(n.previous_sibling)]
                    for n in nodes]
    row["strings"] = [str(s) for s in soup.strings]
    row["stripped"] = list(soup.stripped_strings)
    rows.append(row)

    tags = [n for n in nodes if isinstance(n, Tag)]
    for formatter in ("minimal", "html", "html5", "html5-4.12", None):
        if builder == "xml" and formatter in ("html5", "html5-4.12"):
            continue
        for tag in [soup, *random.sample(tags, min(1, len(tags)))]:
            rows.append({"op": "output", "at": number(tag), "formatter": formatter,
                         "decode": tag.decode(formatter=formatter), "contents": tag.decode_contents(formatter=formatter),
                         "pretty": tag.prettify(formatter=formatter)})
    for encoding in () if markup.isascii() and not name.endswith("3") else ("ascii", "latin-1", "utf-16-le", "windows-1252", "shift_jis"):
        rows.append({"op": "encode", "encoding": encoding, "hex": attempt(lambda: soup.encode(encoding).hex()),
                     "contents": attempt(lambda: soup.encode_contents(encoding=encoding).hex())})
    for index, query in enumerate(SEARCHES):
        rows.append({"op": "find_all", "at": -1, "query": query,
                     "found": [number(n) for n in search(soup, "find_all", query)]})
        if tags:
            tag = random.choice(tags)
            rows.append({"op": "find_all", "at": number(tag), "query": query,
                         "found": [number(n) for n in search(tag, "find_all", query)]})
            node = random.choice(nodes)
            method = RELATIVES[index % len(RELATIVES)]
            if "string" not in query or not method.startswith("find_parent"):
                rows.append({"op": method, "at": number(node), "query": query,
                             "found": [number(n) for n in search(node, method, query)]})
                one = ONES[index % len(ONES)]
                rows.append({"op": one, "at": number(node), "query": {k: v for k, v in query.items() if k != "limit"},
                             "found": number(search(node, one, {k: v for k, v in query.items() if k != "limit"}))})
    selectors = XML_SELECTORS if builder == "xml" else SELECTORS
    for selector in random.sample(selectors, min(len(selectors), 30)) if not name.startswith("css") else selectors:
        rows.append({"op": "select", "at": -1, "selector": selector,
                     "found": attempt(lambda: [number(n) for n in soup.select(selector)])})
        if tags:
            tag = random.choice(tags)
            rows.append({"op": "css", "at": number(tag), "selector": selector,
                         "match": attempt(lambda: tag.css.match(selector)),
                         "closest": attempt(lambda: number(tag.css.closest(selector))),
                         "filter": attempt(lambda: [number(n) for n in tag.css.filter(selector)]),
                         "one": attempt(lambda: number(tag.select_one(selector)))})


def edits(name, markup, builder, rows, steps):
    """Random edits, each followed by what the document looks like."""
    document = Document(markup, builder)
    soup, nodes, number = document.soup, document.nodes, document.number
    if not document.consistent() or not nodes:
        return
    script = []

    def alive(node):
        return not node.decomposed

    def inside(node, tag):
        while tag is not None:
            if tag is node:
                return True
            tag = tag.parent
        return False

    for step in range(steps):
        pool = [n for n in nodes if alive(n)]
        tags = [n for n in pool if isinstance(n, Tag)]
        if not tags:
            break
        tag, node, other = random.choice(tags), random.choice(pool), random.choice(pool)
        op = random.choice(["append_text", "append", "insert", "insert_text", "before", "after", "before_text", "extract", "decompose",
                            "replace", "replace_two", "wrap", "unwrap", "clear", "string", "set", "set_list", "delete", "rename",
                            "smooth", "extend", "copy", "new_tag", "comment"])
        act = {"op": op, "tag": number(tag), "node": number(node), "other": number(other), "text": f"<{step}&>",
               "position": random.randrange(5)}
        try:
            if op == "append_text":
                tag.append(act["text"])
            elif op == "append":
                if inside(node, tag):
                    continue
                tag.append(node)
            elif op == "insert":
                if inside(node, tag):
                    continue
                tag.insert(act["position"], node)
            elif op == "insert_text":
                tag.insert(act["position"], act["text"], "!")
            elif op == "before":
                if inside(node, other) or other.parent is None:
                    continue
                other.insert_before(node)
            elif op == "after":
                if inside(node, other) or other.parent is None:
                    continue
                other.insert_after(node)
            elif op == "before_text":
                node.insert_before(act["text"], "?")
            elif op == "extract":
                node.extract()
            elif op == "decompose":
                if random.random() < 0.7:
                    continue
                node.decompose()
            elif op == "replace":
                if inside(other, node) or inside(node, other) or node.parent is None:
                    continue
                node.replace_with(other)
            elif op == "replace_two":
                node.replace_with(act["text"], "@")
            elif op == "wrap":
                node.wrap(soup.new_tag("w", attrs={"class": "x y"}))
            elif op == "unwrap":
                tag.unwrap()
            elif op == "clear":
                if random.random() < 0.7:
                    continue
                tag.clear()
            elif op == "string":
                if random.random() < 0.5:
                    continue
                tag.string = act["text"]
            elif op == "set":
                tag["data-s"] = act["text"]
            elif op == "set_list":
                tag["class"] = ["k", str(step)]
            elif op == "delete":
                act["name"] = random.choice(["class", "id", "href"])
                del tag[act["name"]]
            elif op == "rename":
                tag.name = random.choice(["em", "br", "pre"])
                act["name"] = tag.name
            elif op == "smooth":
                soup.smooth()
            elif op == "extend":
                if inside(other, tag) or not isinstance(other, Tag):
                    continue
                tag.extend(list(other.contents))
            elif op == "copy":
                import copy
                tag.append(copy.copy(other))
            elif op == "new_tag":
                tag.append(soup.new_tag("img", attrs={"src": act["text"], "class": "a  b"}))
            elif op == "comment":
                tag.append(Comment(act["text"]))
        except ValueError:
            act["error"] = True
        act["str"] = str(soup)
        script.append(act)
    rows.append({"edits": name, "builder": builder, "markup": markup, "script": script})


def main():
    rows = []
    documents = [(f"html-{i}", m, "html5lib") for i, m in enumerate(HTML)]
    documents += [(f"made-{i}", m, "html5lib") for i, m in enumerate(generated(random, 30))]
    documents += [(f"css-{i}", m, "html5lib") for i, m in enumerate(__import__("bs4_documents").CSS)]
    documents += [(f"xml-{i}", m, "xml") for i, m in enumerate(XML)]
    for name, markup, builder in documents:
        questions(name, markup, builder, rows)
        if len(markup) < 700:
            edits(name, markup, builder, rows, 24)
    for markup in XML:
        for strainer in ({"name": "item"}, {"name": ["b", "d"]}, {"string": True}, {"attrs": {"id": True}}):
            soup = BeautifulSoup(markup, "xml", parse_only=SoupStrainer(**strainer))
            rows.append({"strain": markup, "query": strainer, "str": str(soup)})
    OUT.write_text("".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows))
    print(len(rows), "rows,", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
