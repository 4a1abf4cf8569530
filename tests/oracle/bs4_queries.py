"""The searches and selectors that Beautiful Soup is asked."""

SEARCHES = [
    {"name": "p"}, {"name": "a"}, {"name": True}, {"name": ["b", "td", "li"]}, {"name": []}, {"name": "x:a"}, {"name": {"len": 1}} ,
    {"attrs": {"class": "a"}}, {"attrs": {"class": "a b"}}, {"attrs": {"class": True}}, {"attrs": {"class": ["d", "story"]}},
    {"attrs": {"id": True}}, {"attrs": {"id": None}, "name": True}, {"attrs": {"id": "link2"}}, {"attrs": {"href": {"len": 3}}},
    {"name": "a", "attrs": {"href": True}}, {"string": True}, {"string": "text"}, {"string": ["1", "x", "a"]}, {"string": {"len": 1}},
    {"name": "p", "string": "x"}, {"name": True, "limit": 3}, {"name": True, "recursive": False}, {"string": True, "recursive": False},
    {"name": "p", "limit": 1}, {"attrs": {"class": False}, "limit": 2}, {"name": "[document]"}, {"attrs": {"xml:lang": True}},
    {"attrs": {"class": "", "id": None}}, {"name": ["p", True]},
]
SEARCHES = [q for q in SEARCHES if not (isinstance(q.get("name"), dict))]

def _split(line):
    """Splits at bars that stand alone: a bar within brackets or beside another is the selector's own."""
    parts, depth, part = [], 0, ""
    for i, c in enumerate(line):
        if c in "[(":
            depth += 1
        if c in "])":
            depth = max(0, depth - 1)
        if c == "|" and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += c
    return [p for p in [*parts, part] if p]


RAW = """
*|p|div p|div > p|p + p|h1 ~ p|p, a|.a|.a.b|#h|p.a#x|[href]|[href^=http]|[href$='.pdf']|[href*="x.org"]|[class~=b]|[lang|=en]
[class!=a]|a[href!="/two"]|[data-x="foo bar" i]|[data-x="foo bar"]|[data-x="Foo bar" s]|[rel=nofollow]|[rel~=noopener]|[type=checkbox]
p:first-child|li:last-child|li:nth-child(odd)|li:nth-child(2n+1)|li:nth-child(-n+2)|li:nth-child(3)|li:nth-last-child(2)
li:nth-child(2 of .b)|li:nth-last-child(1 of .b)|span:nth-of-type(2)|span:nth-last-of-type(1)|em:only-of-type|b:only-child
:first-of-type|p:last-of-type|:root|:empty|p:empty|:not(p)|p:not(.a, :empty)|div:has(> p)|div:has(ul li)|p:has(+ p)|p:has(~ ul)
:is(h1, h2)|:where(em, b)|:is()|:not(:is(p, div, span))|p:-soup-contains(First)|:-soup-contains-own("two")|p:contains('Second', "x")
:link|a:any-link|:lang(en)|:lang('*-US')|:lang(de)|:lang("")|:dir(ltr)|:dir(rtl)|:checked|:disabled|:enabled|:required|:optional
:default|:indeterminate|:in-range|:out-of-range|:placeholder-shown|:read-only|:read-write|:open|:muted|:defined|:scope|:scope > p|& > div
:hover|a:visited|:not(:hover)|:host(x)|:current(p)|svg|svg a|circle|html|html > body > div|body *|div *:not(ul, li)|* > *
#a\\:b|.\\31 x|#a\\3a b|x-y|[xlink\\:href]|[*|href]|p /* c */ > b|p/**/b|div   >   p  ,   em|P|DIV.OTHER|[ID=h]|[LANG]
:nth-child(n)|:nth-child(0)|:nth-child(+3n - 2)|:nth-child( even )|:NTH-CHILD(ODD)|tr:has(td:nth-child(2))|ul > li:not(:first-child)
div div|div div div|section p|section > p ~ article|article .t|p ~ h2 + p|table td|td[colspan]|template p|template|:only-child
p:is(.a, .t):not(.b)|:is(div, section) > p|:has(:has(p))|:has(> p > b)|p:has(> b, > a)|:not()|[|id]|[id|=h]|:root > body|:root:has(svg)
:bogus|p::before|p >|> p|p,,a|[|[a=]|:nth-child(x)|:not(|.|#|..a|p:(x)|@page|p!|:has()|:lang()|:dir(up)|:--x|a b c d e f g
:is(p,)|:matches(p, em)|:nth-of-type(2n)|:nth-last-of-type(odd)|[class='a b']|[class="a  b"]|[class*=' ']|[class^=a]|[class$=b]|[class=""]
"""
SELECTORS = [s for line in RAW.strip().split("\n") for s in _split(line)] + ["*|*", "ns|p", "|p", "*|p", "p|*", "\\70", '"x"', "a\\"]

XML_SELECTORS = ["item", "r", "a", "A", "*", "x|a", "x|*", "s|Body > m|Get", "m|Id", "*|Id", "|a", "[id]", "[id='2']", "[x|y]", "[x|k=v]",
                 ":root", ":empty", "item:first-child", "item:nth-of-type(2)", ".a", ".a.b", "[class~=b]", ":not(item)", "r > b",
                 "b > c", "title:-soup-contains(One)", "channel > item:has(link)", "p", "p.a", ":link", "entry title", "[type=html]",
                 "[xml|lang]", ":lang(en)", "x|a, b", "c d", ":defined", "template", "xml|a", "[a]", "[*|y]"]
