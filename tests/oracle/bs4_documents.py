"""The documents that Beautiful Soup is asked about."""

HTML = [
    "",
    "text only",
    "<p>one<p>two",
    "<!DOCTYPE html><html><head><title>A &amp; B</title></head><body><h1 id=top class='big  red'>Hi</h1></body></html>",
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd"><p>x',
    '<!DOCTYPE html SYSTEM "about:legacy-compat"><!-- c --><p>x<!-- in --></p><!-- after -->',
    "<!-- first --><!DOCTYPE html><p>late comment</p>",
    "<div><p class=story>Once upon a time <a href=http://e.com/elsie class=sister id=link1>Elsie</a>, <a href=/lacie "
    "class='sister young' id=link2>Lacie</a> and <a id=link3>Tillie</a>; they lived.</p><p class=story>...</p></div>",
    "<table><tr><td>1<td>2<tr><td>3</table>",
    "<table>foster<tr><td>cell</td>me</tr></table>after",
    "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>",
    "<b><i>mis</b>nested</i> text",
    "<a href=1>one<a href=2>two</a>",
    "<p><b>bold<p>still bold</b> not",
    "<script>if (a < b && c > d) { x = '</p>'; }</script><style>p > a { color: red }</style><p>x",
    "<textarea>\n <b>not bold</b> &amp; </textarea><pre>\n\n  two  lines\n</pre>",
    "<select><option>a<option selected>b<optgroup label=g><option>c</select>",
    "<svg viewbox='0 0 1 1'><foreignObject><div>html</div></foreignObject><path d=M0/><title>t</title></svg>",
    "<math><mi>x</mi><annotation-xml encoding='text/html'><p>in</p></annotation-xml></math>",
    "<svg><a xlink:href='#x' xml:lang=en>l</a><![CDATA[cd < ata]]></svg>",
    "&lt;b&gt; &copy; &eacute; &nbsp; &#8212; &#x1F600; &notin; &not; &bogus; &amp;amp; &",
    "<img src=a.png alt='a \"b\" c' title=\"it's\"><br/><hr><input disabled value=''>",
    "<p title='both \" and &#39;'>q</p>",
    "<form action=/go><input type=text name=q required><input type=checkbox checked><button>Go</button></form>",
    "<dl><dt>t<dd>d<dt>u</dl>",
    "<h1>a<h2>b</h1>c",
    "<p>a</p>\n\n   \n<p>b</p>\n",
    "<body bgcolor=white><p>x</p><body class='late one'>",
    "<html lang=en><html class=x lang=de><p>merge",
    "<div id=a><div id=b><div id=c><span>deep</span></div></div></div>",
    "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
    "<noscript><p>no js</p></noscript><iframe src=x><p>raw</p></iframe>",
    "<meta charset=iso-8859-1><meta http-equiv=Content-Type content='text/html; charset=utf-8; x=1'><p>é",
    "<object><param name=a value=b><embed src=x></object><area rel='a b'><td headers='x y'>",
    "<a rel='nofollow noopener' rev=made class=''>x</a><link rel='stylesheet alternate' href=s.css>",
    "<button><p>x</button>y",
    "<nobr>a<nobr>b</nobr>c",
    "<p>\u00a0\u2003 wide \u3000</p><p>\x1c\x1d</p>",
    "<!DOCTYPE><p>no name",
    "<?php echo 1 ?><p>pi</p></br></p>",
    "</p></div><p/>self<div/>closing",
    "<p id=x id=y class=a class=b CLASS=c>dup",
    "<P><Custom-Element DATA-X=1>up</Custom-Element></P>",
    "<frameset><frame src=a><frame src=b></frameset>",
    "<a><b><c><d>unclosed",
    "<em>1</em><em>1</em><em>1</em>",
    "<p>a<br>b<br>c</p><p><wbr>d</p>",
    "<details open><summary>s</summary>d</details><dialog>x</dialog>",
    "<p>emoji \U0001f468\u200d\U0001f469\u200d\U0001f467 \u2267\u0338 fj \u2264</p>",
    "<table><caption>c</caption><colgroup><col><col></colgroup><thead><tr><th>h</th></tr></thead><tbody><tr><td>d</td></tr></tbody>"
    "<tfoot><tr><td>f</td></tr></tfoot></table>",
    "<div>\n  <p>\n    indented\n  </p>\n</div>\n",
    "<p>x</p>\r\n<p>y\rz</p>",
    "<span class='a b  c\td'>multi</span><span class=' '>blank</span>",
    "<label for=x>l</label><output for='a b'>o</output><td accesskey='k l'>",
    "<b></b><i></i><u> </u>",
    "<p>one <!-- comment --> two <!--> three --> four",
    "<div><table><tr><td><table><tr><td>nested</td></tr></table></td></tr></table></div>",
    "<p><a href='?a=1&b=2&copy=3&amp;lt;'>query</a>",
    "<plaintext>the <b>rest",
    "<xmp><b>raw</b></xmp><listing>\nl</listing>",
]

CSS = [
    """<!DOCTYPE html><html lang=en><head><title>t</title><meta http-equiv=content-language content=de></head><body>
<div id=main class="wrap outer" data-x="Foo bar"><h1 id=h>Head</h1><p class=a>First <b>bold</b> <em>em</em></p><p class="a b">Second
<a href="http://x.org/1.pdf" rel="nofollow NOOPENER">one</a> <a href="/two" lang=fr>two</a><a name=anchor>three</a></p><p></p><p> </p>
<p><!-- c --></p><ul><li>1</li><li class=b>2</li><li>3</li><li class=b>4</li><li>5</li></ul><ol start=3><li>x</li></ol></div>
<div class=other><span>s1</span><span>s2</span><em>e</em><span>s3</span></div><div id="a:b" class="1x">esc</div><x-y>custom</x-y>
<svg><circle r=1 /><a xlink:href="#c">l</a></svg></body></html>""",
    """<form id=f><fieldset disabled><legend><input name=l></legend><legend><input name=m></legend><input name=i><select><option>o</option>
</select></fieldset><input type=checkbox checked><input type=CHECKBOX><input type=radio name=r><input type=radio name=r checked>
<input type=radio name=s><input type=radio><select><option>a</option><option selected>b</option><optgroup disabled><option>c</option>
</optgroup></select><select multiple><option selected>1<option selected>2</select><button>b1</button><input type=submit><textarea></textarea>
<textarea placeholder=p></textarea><input placeholder=p><input placeholder=p value=v><input required><input readonly><input disabled>
<input type=number min=1 max=5 value=3><input type=number min=1 max=5 value=9><input type=date min=2020-01-01 value=2019-12-31>
<input type=time min=22:00 max=06:00 value=23:30><input type=week min=2020-W10 value=2020-W53><input type=month max=2021-02 value=2021-03>
<input type=range value=200><input type=datetime-local min=2020-01-01T00:00 value=2020-01-01T00:00:00.5><progress></progress>
<progress value=1></progress></form><input form=f type=image><details open></details><video muted></video><p contenteditable>e<b>x</b></p>
<p contenteditable=false>n</p><a href>l</a><area href=x><button is=fancy>c</button><datalist><option>d</datalist>""",
    """<html dir=rtl><body><p>x</p><p dir=ltr>y<span>z</span></p><p dir=auto>\u05d0bc</p><p dir=auto>abc \u05d0</p><bdi>\u0627</bdi><bdi>a</bdi>
<input type=tel><input dir=auto value="\u05d0"><textarea dir=auto>\u0627</textarea><p dir=auto><bdi>\u05d0</bdi>1 2</p><div lang=en-US>e
<i lang="">n</i><i lang=de-Latn-DE>d</i><i lang=zh-x-en>z</i></div><svg lang=fr><text>t</text></svg></body></html>""",
    """<div><p>a</p><section><p>b</p><article><p class=t>c</p></article></section><p>d</p><h2>e</h2><p>f</p></div><div><div><div></div></div></div>
<template><p>hidden</p></template><table><tr><td>1</td><td colspan=2>2</td></tr><tr class=odd><td>3</td></tr></table>""",
]

XML = [
    '<?xml version="1.0" encoding="utf-8"?><root><item id="1">a</item><item id="2">b<b>c</b></item><empty/></root>',
    '<r xmlns="urn:d" xmlns:x="urn:x" x:k="v"><x:a>1</x:a><b x:y="2"/><c xmlns="urn:e"><d/></c></r>',
    "<r>\n  <a>  </a>\n  <b>\n\n</b> <c> x </c>\n</r>",
    "<r><!-- note --><?pi some data?><![CDATA[<raw> & ]]>tail</r>",
    '<!DOCTYPE note SYSTEM "note.dtd"><note><to>Tove</to></note>',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"><svg/>',
    "<r>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;</r>",
    '<r a="1 &lt; 2" b=\'"q"\' c="it\'s" d="x&#10;y" e="l1\nl2"/>',
    '<rss version="2.0"><channel><title>T</title><item><title>One</title><link>http://e.com/1</link></item><item><title>Two</title></item>'
    "</channel></rss>",
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><entry><title type="html">&lt;b&gt;x&lt;/b&gt;</title></entry></feed>',
    "<A><a>1</a><A>2</A></A>",
    "<r><a><b><c>deep</c></b></a></r>",
    "<!-- before --><r/><!-- after --><?end now?>",
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><m:Get xmlns:m="urn:m"><m:Id>7</m:Id></m:Get></s:Body></s:Envelope>',
    "<r>\u00e9\u4e2d\U0001f600</r>",
    '<r class="a b"><i class="a"/><i class="b" id="x"/></r>',
    "<a><b>x</a>",
    "<r>\r\nx\ry</r>",
    "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>x</title></head><body><p class='a b'>t<br/></p><template/></body></html>",
    "<pre>  <b> x </b>\n</pre>",
]


def generated(random, count):
    """Documents of random pieces, unclosed and misnested as they come."""
    names = ["div", "p", "b", "i", "a", "ul", "li", "table", "tr", "td", "span", "h1", "em", "pre", "section", "td", "form", "option"]
    pieces = ["text", " ", "\n", "&amp;", "&eacute;x", "<br>", "<img src=i>", "<!-- c -->", "x < y"]
    attributes = ["", " id=i%d", " class='c%d d'", " href=/u%d", " data-n=%d", " title='a &quot;%d&quot;'"]
    documents = []
    for _ in range(count):
        out = random.choice(["", "<!DOCTYPE html>", "<html><body>"])
        open_tags = []
        for _ in range(random.randrange(8, 40)):
            roll = random.random()
            if roll < 0.4:
                name = random.choice(names)
                attribute = random.choice(attributes)
                out += "<" + name + (attribute % random.randrange(9) if attribute else "") + ">"
                open_tags.append(name)
            elif roll < 0.6 and open_tags:
                out += "</%s>" % (open_tags.pop() if random.random() < 0.8 else random.choice(names))
            else:
                out += random.choice(pieces)
        documents.append(out)
    return documents
