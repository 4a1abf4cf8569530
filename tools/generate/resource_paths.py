"""boto3's paths into answers and parameters, as expressions of Rust."""
import re

from resource_names import quote, snake
from rust_shapes import copies, show


def steps(path):
    if path in (None, "@"):
        return []
    return [(m[0], m[1]) for m in re.findall(r"(\w+)(\[\d*\])?", path)]


def one(service, value, kind, path):
    """An expression for `Option<target>`, taking `value`; and the type of the target."""
    text, first = value, True
    for name, index in steps(path):
        field, of = service.shapes.field(kind, name)
        read = f"{{}}.{field}"
        if index:
            assert of[0] == "opt" and of[1][0] == "vec", (path, of)
            read, kind = read + ".into_iter().flatten().next()", of[1][1]
        else:
            assert of[0] == "opt", (path, of)
            kind = of[1]
        text = read.format(text) if first else f"{text}.and_then(|item| {read.format('item')})"
        first = False
    return (f"Some({value})" if first else text), kind


def many(service, value, kind, path):
    """An iterator over the targets of `A[].B[]`, and their type."""
    text, first = value, True
    for name, index in steps(path):
        assert index == "[]", path
        field, of = service.shapes.field(kind, name)
        kind = of[1][1]
        text = f"{text}.{field}.into_iter().flatten()" if first else f"{text}.flat_map(|item| item.{field}.into_iter().flatten())"
        first = False
    return text, kind


def peek(service, value, kind, path):
    """An expression for `Option<identifier>`, cloned out of what is borrowed."""
    *outer, (last, _) = steps(path)
    text = None
    for name, _ in outer:
        field, of = service.shapes.field(kind, name)
        kind = of[1]
        text = f"{value}.{field}.as_ref()" if text is None else f"{text}.and_then(|item| item.{field}.as_ref())"
    field, of = service.shapes.field(kind, last)
    inner = of[1] if of[0] == "opt" else of
    clone = "" if copies(inner) else ".clone()"
    def read(of_value):
        return f"{of_value}.{field}{clone}" if of[0] == "opt" else f"Some({of_value}.{field}{clone})"
    return read(value) if text is None else f"{text}.and_then(|item| {read('item')})"


# --- parameters -------------------------------------------------------------------------------------------------------------------


def source_of(param):
    if param.source == "identifier":
        return snake(param.name)
    if param.source == "data":
        return f"data.{param.path}"
    return repr(param.value)


def value_of(service, param, kind, this="self"):
    """What a parameter is set to; `kind` is the type of the field."""
    inner = kind[1] if kind[0] == "opt" else kind
    if param.source == "identifier":
        name = snake(param.name)
        return f"{this}.{name}" if inner == ("i32",) else f"&{this}.{name}"
    assert param.source == "string", param.source
    if inner[0] == "enum":
        return f"{show(inner)}::from({quote(param.value)})"
    return quote(param.value)


def filled(service, operation, params, this="self"):
    """The input of an operation with what the model fills in."""
    input_name, _ = service.operations[operation]
    text, nested = f"{input_name}::default()", {}
    kind = service.shapes.input(operation)
    for param in params:
        if param.source == "data":
            continue
        head, *rest = re.sub(r"\[\w*\]", lambda m: f"@{m[0][1:-1]}", param.target).split(".")
        name, _, index = head.partition("@")
        field, of = service.shapes.field(kind, name)
        inner = of[1] if of[0] == "opt" else of
        if inner[0] == "vec":
            inner = inner[1]
        if rest:
            nested.setdefault((field, index, inner), []).append((rest[0].partition("@")[0], param))
        else:
            text += f".{field}({value_of(service, param, inner)})"
    for (field, _, inner), members in nested.items():
        built = f"{show(inner)}::builder()"
        for member, param in members:
            name, of = service.shapes.field(inner, member)
            of = of[1] if of[0] == "opt" else of
            of = of[1] if of[0] == "vec" else of
            built += f".{name}({value_of(service, param, of)})"
        assert not service.shapes.fallible(inner), inner
        text += f".{field}({built}.build())"
    return text
