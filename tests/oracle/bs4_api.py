"""Asks Beautiful Soup what its methods answer with arguments and on nodes that are odd: output options, kinds of strings, walks, searches, edits.

Nodes are named by their number in document order when the document was parsed. Seeded: running it again changes nothing.
Packages: tests/oracle/requirements.txt.
"""
import sys

sys.path.append(sys.path.pop(0))  # this folder has programs named like the modules that they ask

import copy, json, pathlib, random, re, warnings

import bs4
from bs4 import BeautifulSoup, SoupStrainer
from bs4.element import NavigableString, Tag
from bs4.formatter import HTMLFormatter, XMLFormatter
from bs4_tree import Document, to_filter

warnings.simplefilter("ignore")
R = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 20261122)
OUT = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).resolve().parent / "data" / "bs4_api.jsonl"

HTML = [
    "<!DOCTYPE html><!-- a --><html lang=en><head><title>T &amp; U</title><meta charset=latin-1><style>p > a {}</style><script>if (a < b) &amp;</script></head>"
    "<body class='x  y'><p id=i title='a \"b\" &lt;'>One <b>two</b><i></i> three &eacute; &lt;3<br>\u00a0<img src=a alt=''></p>\n<pre> a\n  <b> b </b>\n</pre> <p> </p></body></html>",
    "<div><span>a</span><span> b </span>c<textarea>\n x <y> </textarea><!--c--><input disabled value><a rel='a b' href='?a=1&amp;b=2'>l</a></div>",
    "<ruby>\u6f22<rp>(</rp><rt>kan</rt><rp>)</rp></ruby><template><p>t</p> u</template><svg><style>a<b</style><title>s</title><script>x</script></svg><math><mi>m</mi></math>",
    "<table>\n<tr><td>1</td><td><table><tr><td>2</td></tr></table></td></tr>\n</table>text<ul><li>a\n<li>b<ul><li> c </ul></ul>",
    "<p>a<p>b<pre>x<pre>y</pre>z</pre><p><textarea><p></textarea>\n\n<div>\n<p>\n c\n</p>\n</div>",
    "<p> <b> </b> </p><p>\n</p><hr><p>x&#160;y</p><noscript>n<p>o</noscript><iframe><p>f</iframe><xmp><i></xmp><plaintext></p>",
    "<a class=''><b class=' '></b><c class='x'></c><d id='' x></d><e class='x y'></e>\x0c\x1f</a>",
    "just text &amp; more", "", " ", "<!-- only -->",
]
XML = [
    '<?xml version="1.0"?><r xmlns="urn:d" xmlns:x="urn:x"><x:a x:k="v">1</x:a> <b>\n\n</b><pre>\n p <c/> </pre><!-- n --><?pi d?><d><![CDATA[<]]></d>\n<e a="&lt;&quot;\'"/></r>',
    "<html><head><title>x</title></head><body><p class='a b'>t<br/></p><textarea> a\n<b/> </textarea><script>a &lt; b</script></body></html>",
    "<r><!----><a><![CDATA[]]></a><!-- \n -->x<![CDATA[]]><b><![CDATA[ ]]></b></r><!--  -->",
]
KINDS = ["NavigableString", "Comment", "CData", "ProcessingInstruction", "XMLProcessingInstruction", "Declaration", "Doctype", "Stylesheet", "Script", "TemplateString",
         "RubyTextString", "RubyParenthesisString"]
WORDS = ["", " ", "x", "a&b", "<i>", "\n", " y ", "\u00e9", '"', "\u00a0", "a b  c", "'\""]


def numbers(document, nodes):
    return [document.number(n) for n in nodes]


def formatter(options, xml):
    how = {"none": None, "upper": str.upper}.get(options["substitution"], options["substitution"])
    if how is None or how == "minimal" or callable(how):
        how = {"minimal": bs4.dammit.EntitySubstitution.substitute_xml}.get(how, how)
    elif how == "html":
        how = bs4.dammit.EntitySubstitution.substitute_html
    else:
        how = bs4.dammit.EntitySubstitution.substitute_html5
    kind = XMLFormatter if xml else HTMLFormatter
    return kind(how, options["void"], set(options["cdata"]) if options["cdata"] is not None else None, options["booleans"], options["indent"])


def outputs(document, xml):
    soup, nodes = document.soup, document.nodes
    for _ in range(14):
        at = R.choice([soup, *[n for n in nodes if isinstance(n, Tag)]])
        options = {"substitution": R.choice(["none", "upper", "minimal", "html", "html5"]), "void": R.choice(["/", "", " /", "x"]), "booleans": R.random() < 0.5,
                   "cdata": R.choice([None, None, [], ["p", "b", "script"]]), "indent": R.choice([0, 1, 2, 4, "\t", "--", ""])}
        level, encoding = R.choice([None, 0, 0, 1, 3]), R.choice(["utf-8", "ascii", "koi8-r", None, "idna"])
        made = formatter(options, xml)
        yield {"ask": "output", "at": document.number(at), "options": options, "level": level, "encoding": encoding,
               "decode": at.decode(level, encoding, made) if at is not soup else at.decode(level, eventual_encoding=encoding, formatter=made),
               "contents": at.decode_contents(level, encoding, made)}


def texts(document):
    for _ in range(12):
        at = R.choice([document.soup, *document.nodes])
        separator, strip = R.choice(["", "|", "\n", " & "]), R.random() < 0.5
        types = R.choice([None, "default", ["Comment"], ["NavigableString", "Comment"], ["Script"], ["Stylesheet", "TemplateString"], ["RubyTextString", "NavigableString"], ["Doctype"]])
        extra = {} if types == "default" else {"types": types and [getattr(bs4.element, kind) for kind in types]}
        yield {"ask": "text", "at": document.number(at), "separator": separator, "strip": strip, "types": types, "found": at.get_text(separator, strip=strip, **extra),
               "strings": [str(s) for s in at.strings] , "stripped": list(at.stripped_strings)}


WALKS = ["parents", "self_and_parents", "next_siblings", "self_and_next_siblings", "previous_siblings", "self_and_previous_siblings", "next_elements", "self_and_next_elements",
         "previous_elements", "self_and_previous_elements"]


def walks(document):
    for _ in range(6):
        # What comes after the document itself, Python does not know.
        if not document.nodes:
            return
        at = R.choice(document.nodes)
        found = {walk: numbers(document, getattr(at, walk)) for walk in WALKS}
        if isinstance(at, Tag):
            found |= {walk: numbers(document, getattr(at, walk)) for walk in ("children", "descendants", "self_and_descendants")}
            found["index"] = [at.index(child) for child in at.contents]
        yield {"ask": "walk", "at": document.number(at), "found": found}


NAMES = ["p", "b", "a", "x:a", "td", "script", "title", "c", "e", True, ["p", "b"], ["a", {"re": "^t"}], {"re": "^[a-c]$"}, {"re": "t"}, {"re": "x:"}, False, "", ["x:a", "d"]]
VALUES = ["x", "a", "x y", "y", "", True, False, None, ["x", "a b"], {"re": "^a"}, {"re": " "}, {"re": "^$"}, {"len": 1}, ["x", False], [True], {"re": "x y"}, "x  y", "v", "en"]
ATTRIBUTES = ["class", "id", "rel", "href", "title", "x", "x:k", "k", "lang", "value", "xmlns:x"]


def searches(document):
    for _ in range(20):
        query = {}
        if R.random() < 0.6:
            query["name"] = R.choice(NAMES)
        for _ in range(R.choice([0, 0, 1, 1, 2])):
            query.setdefault("attrs", {})[R.choice(ATTRIBUTES)] = R.choice(VALUES)
        if R.random() < 0.25:
            query["string"] = R.choice(["a", "x", "1", True, {"re": "o"}, {"re": "^\\s*$"}, ["a", {"re": "^T"}], {"len": 3}, " b ", ""])
        at = R.choice([document.soup, *document.nodes])
        methods = ["find_all_next", "find_all_previous", "find_next_siblings", "find_previous_siblings"] + ([] if "string" in query else ["find_parents"])
        methods = ["find_all"] if at is document.soup else methods + ["find_all"] * 8 if isinstance(at, Tag) else methods
        method = R.choice(methods)
        if R.random() < 0.2 and method != "find_parents":
            query["limit"] = R.choice([1, 2])
        if method == "find_all" and R.random() < 0.2:
            query["recursive"] = False
        arguments = {k: v for k, v in query.items() if k in ("limit", "recursive")}
        filters = {"name": lambda v: compiled(v), "string": lambda v: compiled(v), "attrs": lambda v: {k: compiled(one) for k, one in v.items()}}
        arguments |= {k: filters[k](v) for k, v in query.items() if k in filters}
        yield {"ask": "search", "at": document.number(at), "method": method, "query": query, "found": numbers(document, getattr(at, method)(**arguments))}


def prefixed(document):
    """A pattern is searched for in the name with its prefix, too."""
    for query in ({"name": {"re": "x:"}}, {"name": {"re": "^a$"}}, {"name": [{"re": "^x:a$"}, "d"]}):
        found = document.soup.find_all(compiled(query["name"]))
        yield {"ask": "search", "at": -1, "method": "find_all", "query": query, "found": numbers(document, found)}


def compiled(value):
    return [to_filter(one) for one in value] if isinstance(value, list) else to_filter(value)


def edits(markup, builder):
    document = Document(markup, builder)
    soup, nodes, number = document.soup, document.nodes, document.number
    if not nodes or not document.consistent():
        return
    script = []

    def inside(node, tag):
        while tag is not None:
            if tag is node:
                return True
            tag = tag.parent
        return False

    def new(act):
        act["text"], act["kind"] = R.choice(WORDS), R.choice(KINDS)
        return soup.new_string(act["text"], getattr(bs4.element, act["kind"]))

    for _ in range(16):
        tags = [n for n in nodes if isinstance(n, Tag)]
        if not tags:
            break
        tag, node, other, third = R.choice(tags), R.choice(nodes), R.choice(nodes), R.choice(nodes)
        act = {"op": R.choice(["insert_two", "before_two", "after_two", "replace_two", "new_kind", "insert_kind", "new_tag", "copy_self", "set_string", "set_kind", "set_value", "rename",
                               "unwrap", "wrap", "smooth", "smooth_one", "extend", "clear", "extract"]), "tag": number(tag), "node": number(node), "other": number(other), "third": number(third),
               "position": R.randrange(6)}
        apart = node is not other and not inside(node, other) and not inside(other, node)
        try:
            match act["op"]:
                case "insert_two":
                    if inside(node, tag) or inside(other, tag) or not apart:
                        continue
                    tag.insert(act["position"], node, other)
                case "before_two" | "after_two" | "replace_two":
                    if third.parent is None or any(inside(one, third) or inside(third, one) for one in (node, other)) or not apart:
                        continue
                    if act["op"] == "replace_two" and any(one in third.previous_siblings for one in (node, other)):
                        continue  # Python puts the second one too far then
                    getattr(third, {"before_two": "insert_before", "after_two": "insert_after", "replace_two": "replace_with"}[act["op"]])(node, other)
                case "new_kind":
                    tag.append(new(act))
                case "insert_kind":
                    tag.insert(act["position"], new(act))
                case "new_tag":
                    act["name"], act["prefix"], act["namespace"] = R.choice(["b", "br", "x:y", "P", "script"]), R.choice([None, "s"]), R.choice([None, "urn:n"])
                    act["attrs"] = {R.choice(["class", "rel", "id", "data-x"]): R.choice([*WORDS, ["a", "b c"], []]) for _ in range(R.randrange(3))}
                    act["string"] = R.choice([None, *WORDS])
                    tag.append(soup.new_tag(act["name"], act["namespace"], act["prefix"], attrs=act["attrs"], string=act["string"]))
                case "copy_self":
                    tag.append(tag.copy_self())
                case "set_string":
                    act["text"] = R.choice(WORDS)
                    tag.string = act["text"]
                case "set_kind":
                    tag.string = new(act)
                case "set_value":
                    act["name"], act["value"] = R.choice(["class", "id", "rel", "href"]), R.choice([*WORDS, ["a", "b c"], []])
                    tag[act["name"]] = act["value"]
                case "rename":
                    act["name"] = R.choice(["pre", "x:z", "BR", "script", "em"])
                    tag.name = act["name"]
                case "unwrap":
                    tag.unwrap()
                case "wrap":
                    if inside(node, tag) or inside(tag, node):
                        continue
                    node.wrap(tag)
                case "smooth":
                    soup.smooth()
                case "smooth_one":
                    tag.smooth()
                case "extend":
                    if any(inside(one, tag) for one in (node, other, third)) or len({id(one) for one in (node, other, third)}) < 3:
                        continue
                    tag.extend([node, other, third])
                case "clear":
                    if R.random() < 0.6:
                        continue
                    tag.clear()
                case "extract":
                    if R.random() < 0.6:
                        continue
                    node.extract()
        except (ValueError, AttributeError) as error:
            act["error"] = type(error).__name__
        act["str"], act["pretty"], act["text_of"] = str(soup), soup.prettify(), soup.get_text("|")
        act["tag_str"], act["equal"] = str(tag), tag == copy.copy(tag)
        script.append(act)
    yield {"ask": "edits", "builder": builder, "markup": markup, "script": script}


def main():
    rows = []
    for markup, builder in [(m, "html5lib") for m in HTML] + [(m, "xml") for m in XML]:
        rows.append({"doc": markup, "builder": builder})
        document = Document(markup, builder)
        assert document.consistent() or markup.startswith("<p> <b>"), markup
        rows += [*outputs(document, builder == "xml"), *texts(document), *walks(document), *searches(document), *prefixed(document)]
        for _ in range(5):
            rows += edits(markup, builder)
    OUT.write_text("".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows))
    print(len(rows), "rows,", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
