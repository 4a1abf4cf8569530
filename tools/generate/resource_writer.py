"""A class of boto3's resource model, as a file of Rust."""
import re

from resource_names import ABSENT, HEADER, INJECTED_ACTIONS, INJECTED_LOAD, KEYWORDS, MAY_BE_NONE, REPLACED, prose, quote, snake
from resource_paths import filled, many, one, peek, source_of
from rust_shapes import copies, formatted, show


class Writer:
    def __init__(self, service, cls):
        self.service, self.cls = service, cls
        self.alias = f"{service.title}.{cls.name}"
        self.names = {"meta", "data", "get_available_subresources"}
        self.out = []

    def claim(self, name):
        assert name not in self.names and name not in KEYWORDS, f"{self.cls.full}.{name}"
        self.names.add(name)
        return name

    def method(self, docs, aliases, signature, body, allow=None):
        for line in docs:
            self.out.append(f"    /// {line}" if line else "    ///")
        aliases = [quote(a) for a in aliases]
        if aliases:
            self.out.append(f"    #[doc(alias = {aliases[0]})]" if len(aliases) == 1 else f"    #[doc(alias({', '.join(aliases)}))]")
        if allow:
            self.out.append(f"    #[allow({allow})]")
        self.out.append(f"    pub fn {signature} {{\n{body}\n    }}\n")

    def sends(self, operation):
        return f"[`{operation}`](super::super::Client::{operation})"

    # Identifiers, and their other names.
    def identifiers(self):
        for name, kind in self.cls.identifiers:
            self.claim(name)
            gives = "i32" if kind == "i32" else "&str"
            read = f"self.{name}" if kind == "i32" else f"&self.{name}"
            self.method(["An identifier."], [f"{self.alias}.{name}"], f"{name}(&self) -> {gives}", read)

    def load(self):
        cls = self.cls
        if not cls.loads:
            return
        operation = INJECTED_LOAD.get(cls.full) or self.service.operation(cls.model.load.request.operation)
        self.claim("load")
        docs = [f"Loads the attributes, again if they are there: {self.sends(operation)}."]
        self.method(docs, [f"{self.alias}.load"], "load(&self) -> Call<()>", "resource::load(self)")
        if cls.model.load:
            self.claim("reload")
            self.method(["The same as `load`."], [f"{self.alias}.reload"], "reload(&self) -> Call<()>", "resource::load(self)")

    def attributes(self):
        cls = self.cls
        if cls.shape is None:
            return
        aliased = {i.member_name: i.name for i in cls.model.identifiers if i.member_name}
        kinds = dict(cls.identifiers)
        for name, (member, shape) in sorted(cls.model.get_attributes(cls.shape).items()):
            text = prose(shape.documentation)
            if name in aliased:
                self.claim(name)
                identifier = aliased[name]
                gives, read = ("i32", f"self.{identifier}") if kinds[identifier] == "i32" else ("&str", f"&self.{identifier}")
                self.method([f"Another name of `{identifier}`."], [f"{self.alias}.{name}"], f"{name}(&self) -> {gives}", read)
                continue
            field, of = self.service.shapes.find(cls.data, member)
            absent = field is None or name in KEYWORDS
            assert absent == (name in ABSENT.get(cls.full, [])), f"{cls.full}.{name}: {member} and {show(cls.data)}"
            if absent:
                continue
            self.claim(name)
            allow = "deprecated" if self.service.shapes.deprecated(cls.data, field) else None
            inner = of[1] if of[0] == "opt" else of
            if inner[0] == "vec":
                gives = show(inner)
                read = f"data.{field}.clone()" + (".unwrap_or_default()" if of[0] == "opt" else "")
            else:
                gives = show(of) if of[0] == "opt" else f"Option<{show(of)}>"
                read = f"data.{field}" + ("" if copies(inner) else ".clone()")
                read = read if of[0] == "opt" else f"Some({read})"
            docs = [f"{text or f'`{member}`'}."]
            self.method(docs, [f"{self.alias}.{name}"], f"{name}(&self) -> Attribute<{gives}>", f"resource::attribute(self, |data| {read})", allow)

    def built(self, action, output_kind, operation):
        """For an action that gives resources: the type, what is kept of the input, and the closure that builds them."""
        service, model = self.service, action.resource
        target = service.classes[model.type]
        data_path, keep, lets = model.path, [], []
        plural = any("[]" in (i.path or "") for i in model.identifiers)
        args, uses_output = [], False
        item_kind = item_path = None
        if plural:
            of_response = [i for i in model.identifiers if i.source == "response"]
            if of_response:
                items, item_kind = many(service, "output", output_kind, data_path)
                item_path, uses_output = data_path, True
            else:
                root = re.match(r"(\w+)\[\]", next(i.path for i in model.identifiers if "[]" in (i.path or "")))[1]
                field, of = service.shapes.field(service.shapes.input(operation), root)
                keep.append(f"let {field} = input.get_{field}().clone();")
                items, item_kind, item_path = f"{field}.into_iter().flatten()", of[1][1], f"{root}[]"
        for i in model.identifiers:
            name = snake(i.target)
            if i.source == "identifier":
                own = snake(i.name)
                keep.append(f"let {name} = self.{own}.clone();")
                args.append(f"{name}.clone()" if plural else name)
            elif plural:
                assert i.path.startswith(item_path + "."), (i.path, item_path)
                read = peek(service, "item", item_kind, i.path[len(item_path) + 1:])
                # A tag without a value has the empty one.
                args.append(f"{read}.unwrap_or_default()" if name == "value" else f"{read}?")
            elif i.source == "requestParameter":
                field, _ = service.shapes.field(service.shapes.input(operation), i.path)
                keep.append(f"let {name} = input.get_{field}().clone();")
                maybe = f"{self.cls.full}.{action.name}" in MAY_BE_NONE
                if maybe:
                    lets.append(f"let Some({name}) = {name} else {{ return Ok(None) }};")
                args.append(name if maybe else f"needed({quote(operation)}, {quote(i.path)}, {name})?")
            else:
                uses_output = True
                lets.append(f"let {name} = told({quote(operation)}, {quote(i.path)}, {peek(service, 'output', output_kind, i.path)})?;")
                args.append(name)
        if plural:
            data = f"Some({service.convert(item_kind, target.data, 'item')})" if data_path else "None"
            build = f"Ok({items}.filter_map(|item| Some({target.name}::new(client.clone(), {', '.join(args)}, {data}))).collect())"
            gives = f"Vec<{target.name}>"
        else:
            data = "None"
            if data_path:
                data, kind = one(service, "output", output_kind, data_path)
                uses_output = True
                if kind != target.data:
                    data = f"Some({service.convert(kind, target.data, 'output')})"
            build = f"{target.name}::new(client, {', '.join([*args, data])})"
            gives = target.name
            if f"{self.cls.full}.{action.name}" in MAY_BE_NONE:
                build, gives = f"Some({build})", f"Option<{gives}>"
            build = f"Ok({build})"
        closure = f"move |{'output' if uses_output else '_'}| {{ {' '.join(lets)} {build} }}"
        return gives, keep, closure

    def actions(self):
        service, cls = self.service, self.cls
        for action in sorted(cls.model.actions, key=lambda a: a.name):
            if f"{cls.full}.{action.name}" in INJECTED_ACTIONS:
                self.claim(action.name)
                continue
            operation = service.operation(action.request.operation)
            input_name, output_name = service.operations[operation]
            output_kind = service.shapes.output(operation)
            params = action.request.params
            text = prose(service.model.operation_model(action.request.operation).documentation)
            docs = [f"{text}: {self.sends(operation)}." if text else f"Sends {self.sends(operation)}."]
            if action.request.operation in REPLACED:
                docs += ["", f"DIFFERENCE: Python sends `{action.request.operation}`, which AWS replaced and its client for Rust does not have."]
            self.claim(action.name)
            build = f"build: impl FnOnce({input_name}) -> {input_name}"
            gives, keep, closure = output_name, [], "Ok"
            if action.resource:
                gives, keep, closure = self.built(action, output_kind, operation)
            body = f"let input = build({filled(service, operation, params)});\n"
            of_data = [p for p in params if p.source == "data"]
            if of_data:
                (param,) = of_data
                assert not action.resource
                field, _ = service.shapes.field(service.shapes.input(operation), param.target)
                read = peek(service, "data", cls.data, param.path)
                body += f"""resource::action_with_data(self, {quote(operation)}, |this, data| {{
                    let {field} = input.get_{field}().clone().or_else(|| data.and_then(|data| {read}));
                    let {field} = needed({quote(operation)}, {quote(param.target)}, {field})?;
                    Ok(this.meta.client.{operation}(|_| input.{field}({field})))
                }})"""
            else:
                body += "".join(line + "\n" for line in dict.fromkeys(keep))
                if action.resource:
                    body += "let client = self.meta.client.clone();\n"
                body += f"resource::action(self, {quote(operation)}, self.meta.client.{operation}(|_| input), {closure})"
            self.method(docs, [f"{self.alias}.{action.name}"], f"{action.name}(&self, {build}) -> Call<{gives}>", body)

    def made(self, relation):
        """The arguments and the constructor of a sub-resource."""
        target = self.service.classes[relation.resource.type]
        kinds = dict(target.identifiers)
        arguments, values = [], {}
        for i in relation.resource.identifiers:
            name = snake(i.target)
            if i.source == "input":
                arguments.append(f"{name}: i32" if kinds[name] == "i32" else f"{name}: impl Into<String>")
                values[name] = name if kinds[name] == "i32" else f"{name}.into()"
            else:
                own = snake(i.name)
                values[name] = f"self.{own}" if kinds[name] == "i32" else f"self.{own}.clone()"
        args = [values[name] for name, _ in target.identifiers]
        return target, arguments, args

    def subresources(self):
        for relation in sorted(self.cls.model.subresources, key=lambda r: r.name):
            target, arguments, args = self.made(relation)
            name = self.claim(snake(relation.name))
            docs = [f"The [`{target.name}`] {'of this name' if arguments else 'of it'}; nothing is asked."]
            body = f"{target.name}::new(self.meta.client.clone(), {', '.join([*args, 'None'])})"
            signature = f"{name}({', '.join(['&self', *arguments])}) -> {target.name}"
            self.method(docs, [f"{self.alias}.{relation.name}"], signature, body)

    def references(self):
        service, cls = self.service, self.cls
        for relation in sorted(cls.model.references, key=lambda r: r.name):
            target = service.classes[relation.resource.type]
            name = self.claim(relation.name)
            path = relation.resource.path
            of_data = {i.target: i for i in relation.resource.identifiers if i.source == "data"}
            plural = any("[]" in i.path for i in of_data.values())
            args, kind, item = [], cls.data, "data"
            if plural:
                items, kind = many(service, "data", cls.data, path)
                items = items.replace(".into_iter()", ".iter()")
                item = "item"
            for i in relation.resource.identifiers:
                if i.source == "identifier":
                    args.append(f"this.{snake(i.name)}.clone()")
                else:
                    sub = i.path[len(path) + 1:] if plural else i.path
                    args.append(peek(service, item, kind, sub) + "?")
            if plural:
                gives = f"Vec<{target.name}>"
                data = f"Some({service.convert(kind, target.data, 'item.clone()')})"
                body = f"{items}.filter_map(|item| Some({target.name}::new(this.meta.client.clone(), {', '.join([*args, data])}))).collect()"
                docs = [f"The [`{target.name}`]s that `{path.removesuffix('[]')}` names, with their data."]
            else:
                gives = f"Option<{target.name}>"
                data = "None"
                if path:
                    data, kind = one(service, "data", cls.data, path)
                    data += ".clone()"
                    assert kind == target.data
                body = f"Some({target.name}::new(this.meta.client.clone(), {', '.join([*args, data])}))"
                docs = [f"The [`{target.name}`] that `{next(iter(of_data.values())).path}` names."]
            self.method(
                docs, [f"{self.alias}.{relation.name}"], f"{name}(&self) -> Attribute<{gives}>",
                f"resource::reference(self, |this, data| {body})",
            )

    def collections(self):
        service, cls = self.service, self.cls
        for collection in sorted(cls.model.collections, key=lambda c: c.name):
            target = service.classes[collection.resource.type]
            operation = service.operation(collection.request.operation)
            input_name, output_name = service.operations[operation]
            name = self.claim(collection.name)
            kind, path = service.shapes.output(operation), collection.resource.path
            if path == "[Versions,DeleteMarkers]|[]":
                items, kind = many(service, "output", kind, "Versions[]")
                marker = ("struct", "DeleteMarkerEntry")
                items += f".chain(output.delete_markers.into_iter().flatten().map(|item| {service.convert(marker, kind, 'item')}))"
            else:
                items, kind = many(service, "output", kind, path)
            args, uses_input = [], False
            for i in collection.resource.identifiers:
                if i.source == "identifier":
                    args.append(f"parent.{snake(i.name)}.clone()")
                elif i.source == "requestParameter":
                    field, _ = service.shapes.field(service.shapes.input(operation), i.path)
                    args.append(f"input.get_{field}().clone()?")
                    uses_input = True
                else:
                    args.append(peek(service, "item", kind, i.path[len(path) + 1:]) + "?")
            data = f"Some({service.convert(kind, target.data, 'item')})"
            new = f"Some({target.name}::new(parent.meta.client.clone(), {', '.join([*args, data])}))"
            build = f"{items}.filter_map(|item| {new}).collect()"
            start = filled(service, operation, collection.request.params)
            input_arg = "input" if uses_input else "_"
            if operation in service.pageable:
                body = f"""let backend = self.meta.client.backend.clone();
                    Collection::paged(self, {quote(name)}, backend, {start}, |parent: &{cls.name}, {input_arg}, output| {build})"""
                how = "a page a request"
            else:
                assert not uses_input
                body = f"""Collection::single(
                    self, {quote(name)}, {start},
                    |parent: &{cls.name}, input| parent.meta.client.{operation}(|_| input),
                    |parent, output| {build},
                )"""
                how = "in one request"
            docs = [f"The [`{target.name}`]s: {self.sends(operation)}, {how}."]
            self.method(docs, [f"{self.alias}.{name}"], f"{name}(&self) -> Collection<{target.name}, {input_name}>", body)

    def waiters(self):
        for waiter in sorted(self.cls.model.waiters, key=lambda w: w.name):
            name = self.claim(waiter.name)
            method = snake(waiter.waiter_name)
            operation = self.service.operation(self.service.waiters[waiter.waiter_name])
            input_name, output_name = self.service.operations[operation]
            body = f"self.meta.client.get_waiter().{method}(|_| build({filled(self.service, operation, waiter.params)}))"
            docs = [f"Waits by polling {self.sends(operation)}: the client's waiter `{method}`."]
            build = f"build: impl FnOnce({input_name}) -> {input_name}"
            self.method(docs, [f"{self.alias}.{name}"], f"{name}(&self, {build}) -> Waiter", body)

    def batches(self):
        """Actions on whole listings of this class; returned apart, for they belong to `Collection`."""
        service, cls = self.service, self.cls
        listed = [
            f"{service.title}.{owner.name}.{c.name}" for owner in service.all() for c in owner.model.collections if c.resource.type == cls.name
        ]
        if not listed or not cls.model.batch_actions:
            return ""
        self.out, kept = [], self.out
        for action in sorted(cls.model.batch_actions, key=lambda a: a.name):
            operation = service.operation(action.request.operation)
            input_name, output_name = service.operations[operation]
            text, objects = "", []
            for param in action.request.params:
                name = snake(param.name)
                if match := re.fullmatch(r"(\w+)\[\]", param.target):
                    field, _ = service.shapes.field(service.shapes.input(operation), match[1])
                    text += f".set_{field}(Some(page.iter().map(|item| item.{name}.clone()).collect()))"
                elif match := re.fullmatch(r"Delete\.Objects\[\*?\]\.(\w+)", param.target):
                    objects.append((snake(match[1]), name))
                else:
                    field, _ = service.shapes.field(service.shapes.input(operation), param.target)
                    text += f".{field}(&first.{name})"
            lines = ""
            if objects:
                setters = "".join(f".{field}(&item.{name})" for field, name in objects)
                lines = f"""let objects = page.iter().map(|item| types::ObjectIdentifier::builder(){setters}.build());
                    let objects = objects.collect::<Result<Vec<_>, _>>().map_err(|error| unfit({quote(operation)}, &error))?;
                    let delete = types::Delete::builder().set_objects(Some(objects)).build();
                    let delete = delete.map_err(|error| unfit({quote(operation)}, &error))?;"""
                text += ".delete(delete)"
            body = f"""self.batch(|first, page, input: {input_name}| {{
                {lines}
                let input = input{text};
                Ok(first.meta.client.{operation}(|_| input))
            }})"""
            docs = [f"{self.sends(operation)} for all that are listed, one request a page."]
            aliases = [f"{collection}.{action.name}" for collection in listed]
            self.method(docs, aliases, f"{action.name}(self) -> Batch<{input_name}, {output_name}>", body)
        methods, self.out = self.out, kept
        return f"impl<I: Clone + Send + Sync + 'static> Collection<{cls.name}, I> {{\n" + "\n".join(methods) + "}\n"

    # --- the table, and the file ---

    def request(self, request, name=None):
        operation = name or self.service.operation(request.operation)
        params = ", ".join(f"({quote(p.target)}, {quote(source_of(p))})" for p in request.params)
        return f"Request {{ operation: {quote(operation)}, params: &[{params}] }}"

    def table(self):
        cls, model = self.cls, self.cls.model
        def listing(values):
            return "&[" + ", ".join(values) + "]"
        def action(a, batch=(), name=None):
            resource = f"Some({quote(a.resource.type)})" if getattr(a, "resource", None) else "None"
            request = self.request(a.request if name is None else a, name)
            return f"Action {{ name: {quote(a.name)}, request: {request}, resource: {resource}, batch: {listing(map(quote, batch))} }}"
        def relations(items):
            items = sorted(items, key=lambda r: r.name)
            return listing(f"Relation {{ name: {quote(r.name)}, resource: {quote(r.resource.type)} }}" for r in items)
        load = "None"
        if model.load:
            load = f"Some({self.request(model.load.request)})"
        elif cls.loads:
            load = f"Some(Request {{ operation: {quote(INJECTED_LOAD[cls.full])}, params: &[] }})"
        parts = {
            "identifiers": listing(quote(name) for name, _ in cls.identifiers),
            "attributes": listing(quote(a) for a in sorted(model.get_attributes(cls.shape)) if a not in ABSENT.get(cls.full, [])) if cls.shape else "&[]",
            "load": load,
            "actions": listing(action(a) for a in sorted(model.actions, key=lambda a: a.name)),
            "subresources": relations(model.subresources),
            "references": relations(model.references),
            "collections": listing(
                action(c, sorted(b.name for b in c.batch_actions)) for c in sorted(model.collections, key=lambda c: c.name)
            ),
            "waiters": listing(action(w, (), snake(w.waiter_name)) for w in sorted(model.waiters, key=lambda w: w.name)),
        }
        parts = {name: text for name, text in parts.items() if text not in ("&[]", "None")}
        body = "\n".join(f"{name}: {text}," for name, text in parts.items())
        return f"const MODEL: Model = Model {{ {body} ..Model::new({quote(self.service.key)}, {quote(cls.name)}) }};\n"

    def fetch(self):
        service, cls = self.service, self.cls
        if cls.full in INJECTED_LOAD:
            return f"fetch |this| super::super::injected::{snake(cls.name)}(this)"
        if not cls.model.load:
            return None
        operation = service.operation(cls.model.load.request.operation)
        start = filled(service, operation, cls.model.load.request.params).replace("self.", "this.")
        data, kind = one(service, "output", service.shapes.output(operation), cls.model.load.path)
        assert kind == cls.data
        return f"""fetch |this| {{
            let input = {start};
            let call = this.meta.client.{operation}(|_| input).timeout(None);
            async move {{ call.await.map(|output| {data}) }}
        }}"""

    def formatted(self, fetch):
        if not fetch.endswith("}"):
            return fetch
        head, block = fetch.split(" {", 1)
        lines = formatted(f"fn fetch() {{{block}").splitlines()[1:]
        return head + " {\n" + "\n".join(f"    {line}" for line in lines)

    def file(self):
        service, cls = self.service, self.cls
        self.identifiers()
        self.load()
        self.actions()
        self.subresources()
        self.references()
        self.collections()
        self.waiters()
        self.attributes()
        batches = self.batches()
        fields = ", ".join(f"{name}: {kind}" for name, kind in cls.identifiers)
        data = show(cls.data) if cls.data else "()"
        fetch = self.fetch()
        what, url = self.describe()
        aliases = f'#[doc(alias = "{self.alias}")]'
        absent = ", ".join(f"`{name}`" for name in ABSENT.get(cls.full, []))
        absent = ["", f"DIFFERENCE: Amazon's client for Rust does not know the attribute {absent} yet."] if absent else []
        title = " ".join(re.findall(r"[A-Z][a-z0-9]*", cls.name)).lower() if cls.name != "ServiceResource" else service.title
        docs = [what, *absent, "", f"<{url}>"]
        if fetch:
            # rustfmt leaves a macro of this grammar alone, but not a function.
            fetch = self.formatted(fetch)
        head = "resource! {\n" + "".join(f"    /// {line}".rstrip() + "\n" for line in docs) + f"    {aliases}\n"
        head += f"    {cls.name} {{ {fields} }} over Client, data {data}, MODEL{', ' + fetch if fetch else ''}\n}}\n"
        body = f"{head}\nimpl {cls.name} {{\n" + "\n".join(self.out) + "}\n\n" + batches + "\n" + self.table()
        return HEADER + f"//! [`{cls.name}`]: {what[0].lower() + what[1:] if cls.name != 'ServiceResource' else title}\n\n" + self.uses(body) + "\n" + body

    def describe(self):
        cls, key = self.cls, self.service.key
        base = f"https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/{key}"
        if cls.name == "ServiceResource":
            return f"Python's `boto3.resource(\"{key}\")`: what leads to all resources of {self.service.title}.", f"{base}/service-resource/index.html"
        words = " ".join(w if w.isupper() else w.lower() for w in re.findall(r"[A-Z][a-z0-9]*", cls.name))
        ids = ", ".join(f"`{name}`" for name, _ in cls.identifiers)
        tail = "" if cls.loads else " It has no `load`: its attributes come with the listing or action that gave it."
        return f"A resource of {self.service.title}: the {words}, known by its {ids}.{tail}", f"{base}/{cls.name.lower()}/index.html"

    def uses(self, body):
        cls, service = self.cls, self.service
        classes = sorted(c.name for c in service.all() if c is not cls and re.search(rf"(?<![\w:`\"]){c.name}(?=::new|[>,\]`)])", code(body)))
        shapes = sorted({n for pair in service.operations.values() for n in pair if re.search(rf"(?<![\w:]){n}\b", code(body))})
        lines = ["use super::super::Client;"]
        siblings = [*(["convert"] if "convert::" in body else []), *[c for c in classes if used(c, body)]]
        if siblings:
            lines.append(f"use super::{{{', '.join(siblings)}}};")
        if shapes:
            lines.append(f"use super::super::shapes::{{{', '.join(shapes)}}};")
        lines.append("use crate::boto3::call::Call;" if "Call<" in code(body) else "")
        names = [n for n in ("Batch", "Collection") if re.search(rf"\b{n}(<|::)", code(body))]
        if names:
            lines.append(f"use crate::boto3::collection::{{{', '.join(names)}}};")
        parts = [n for n in ("Action", "Attribute", "Model", "Relation", "Request", "needed", "resource", "told", "unfit") if re.search(rf"(?<![\w.]){n}(?:\b(?=[<( {{:]))", code(body))]
        parts = sorted({*parts, "resource"} - {"resource"})
        self_use = "self, " if "resource::" in code(body) else ""
        lines.append(f"use crate::boto3::resource::{{{self_use}{', '.join([*parts, 'resource'])}}};")
        if "DateTime" in code(body):
            lines.append("use aws_smithy_types::DateTime;")
        if "HashMap<" in code(body):
            lines.append("use std::collections::HashMap;")
        if "types::" in code(body):
            lines.append(f"use aws_sdk_{service.key}::types;")
        if "-> Waiter " in body:
            lines.append("use crate::boto3::waiter::Waiter;")
        return "\n".join(line for line in lines if line) + "\n"


def code(body):
    return "\n".join(line for line in body.splitlines() if not line.strip().startswith("///"))


def used(name, body):
    return re.search(rf"(?<![\w\"`.]){name}\b(?!\")", code(body)) is not None
