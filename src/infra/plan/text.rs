//! The text of a plan, as Terraform's users read it.

use std::fmt::{self, Write};

use serde_json::{Map, Value};

use super::request::Mode;
use super::{Action, Change, OutputChange, Plan, Reason};
use crate::infra::address::Address;
use crate::infra::value::{has_unknown, is_unknown};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let f = &mut Escaped(f);
        let shown: Vec<&Change> = self.changes.iter().filter(|change| is_shown(change)).collect();
        if !self.drift.is_empty() {
            writeln!(f, "Note: objects have changed outside\n")?;
            for change in &self.drift {
                block(f, change, true)?;
            }
        }
        if self.is_empty() {
            writeln!(f, "No changes. The objects match the declaration.")?;
            return warnings(f, &self.warnings);
        }
        if self.mode == Mode::RefreshOnly {
            writeln!(f, "This is a refresh-only plan: apply takes the changes above into the state and touches no object.")?;
            return warnings(f, &self.warnings);
        }
        let has_rows = !shown.is_empty();
        if has_rows {
            legend(f, &shown)?;
            for change in shown {
                block(f, change, false)?;
            }
            summary(f, self)?;
        }
        if !self.protection.is_empty() {
            writeln!(f, "{}Changes to Protection:", if has_rows { "\n" } else { "" })?;
        }
        for (address, protect) in &self.protection {
            match protect {
                true => writeln!(f, "  + {address} will be protected")?,
                false => writeln!(f, "  - {address} will no longer be protected")?,
            }
        }
        outputs(f, &self.outputs)?;
        warnings(f, &self.warnings)
    }
}

/// Shows what a terminal would act upon: a value of a plan must not clear the screen or hide a line.
pub(in crate::infra) struct Escaped<W>(pub(in crate::infra) W);

impl<W: Write> Write for Escaped<W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let acts = |c: char| match c {
            '\n' | '\t' => false,
            // What turns the direction of the text, and what some take for the end of a line.
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
            c => c.is_control(),
        };
        let mut rest = text;
        while let Some((plain, (c, after))) = rest.find(acts).and_then(|at| {
            let mut after = rest[at..].chars();
            Some((&rest[..at], (after.next()?, after.as_str())))
        }) {
            self.0.write_str(plain)?;
            match c {
                '\r' => self.0.write_str("\\r")?,
                c => write!(self.0, "\\u{:04x}", u32::from(c))?,
            }
            rest = after;
        }
        self.0.write_str(rest)
    }
}

fn is_shown(change: &Change) -> bool {
    change.action != Action::NoOp || change.previous_address.is_some() || change.importing.is_some()
}

fn legend(f: &mut dyn Write, shown: &[&Change]) -> fmt::Result {
    const LINES: &[(Action, &str)] = &[
        (Action::Create, "  + create"),
        (Action::Update, "  ~ update in-place"),
        (Action::Delete, "  - destroy"),
        (Action::Replace, "-/+ destroy and then create replacement"),
        (Action::ReplaceCreateFirst, "+/- create replacement and then destroy"),
        (Action::Read, " <= read (data resources)"),
    ];
    let used: Vec<&str> =
        LINES.iter().filter(|(action, _)| shown.iter().any(|change| change.action == *action)).map(|(_, line)| *line).collect();
    if !used.is_empty() {
        writeln!(f, "Resource actions are indicated with the following symbols:")?;
        used.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        writeln!(f)?;
    }
    writeln!(f, "The following actions will be performed:\n")
}

fn summary(f: &mut dyn Write, plan: &Plan) -> fmt::Result {
    let summary = plan.summary();
    f.write_str("Plan: ")?;
    if summary.import > 0 {
        write!(f, "{} to import, ", summary.import)?;
    }
    writeln!(f, "{} to add, {} to change, {} to destroy.", summary.add, summary.change, summary.destroy)
}

fn warnings(f: &mut dyn Write, warnings: &[String]) -> fmt::Result {
    warnings.iter().try_for_each(|warning| writeln!(f, "\nWarning: {warning}"))
}

fn outputs(f: &mut dyn Write, outputs: &[OutputChange]) -> fmt::Result {
    let changed: Vec<&OutputChange> = outputs.iter().filter(|output| output.action != Action::NoOp).collect();
    if changed.is_empty() {
        return Ok(());
    }
    writeln!(f, "\nChanges to Outputs:")?;
    let width = changed.iter().map(|output| output.name.len()).max().unwrap_or(0);
    for output in changed {
        let (before, after) = (Some(&output.before), Some(&output.marked));
        let (before, after) = match output.action {
            Action::Create => (None, after),
            Action::Delete => (before, None),
            _ => (before, after),
        };
        attribute(f, 2, &output.name, width, before, after, output.sensitive, false)?;
    }
    Ok(())
}

/// `# logs will be created`, and why.
fn title(f: &mut dyn Write, change: &Change, drift: bool) -> fmt::Result {
    let Change { address, deposed, .. } = change;
    let name = match deposed {
        Some(key) => format!("{address} (deposed object {key})"),
        None => address.to_string(),
    };
    if drift {
        let what = if change.action == Action::Delete { "has been deleted" } else { "has changed" };
        return writeln!(f, "  # {name} {what}");
    }
    let what = match (change.action, change.reason) {
        (Action::Create, _) => "will be created",
        (Action::Update, _) => "will be updated in-place",
        (Action::Delete, _) => "will be destroyed",
        (Action::Read, _) => "will be read during apply",
        (Action::Forget, _) if change.pin.is_none() => "is gone, and is taken out of the state",
        (Action::Forget, _) => "will no longer be managed, but will not be destroyed",
        (_, Some(Reason::Tainted)) => "is tainted, so must be replaced",
        (_, Some(Reason::Requested)) => "will be replaced, as requested",
        (_, Some(Reason::Triggered)) => "will be replaced due to changes in replace_when",
        (Action::Replace | Action::ReplaceCreateFirst, _) => "must be replaced",
        (Action::NoOp, _) if change.importing.is_some() => "will be imported",
        (Action::NoOp, _) => {
            let from = change.previous_address.as_ref().map_or("", Address::as_str);
            return writeln!(f, "  # {from} has moved to {name}");
        }
    };
    writeln!(f, "  # {name} {what}")?;
    match change.reason.filter(|_| change.action != Action::Forget) {
        Some(Reason::NotDeclared) => writeln!(f, "  # (because {address} is not declared)")?,
        Some(Reason::KeyNotDeclared) => {
            writeln!(f, "  # (because key [{:?}] is not declared)", address.key().unwrap_or_default())?;
        }
        Some(Reason::FieldsUnknown) => writeln!(f, "  # (its fields refer to values not yet known)")?,
        Some(Reason::DependencyPending) => writeln!(f, "  # (depends on an object with changes pending)")?,
        _ => {}
    }
    if change.deposed.is_some() {
        writeln!(f, "  # (left over from a partially-failed replacement)")?;
    }
    if let Some(id) = change.importing.as_ref().filter(|_| change.action != Action::NoOp) {
        writeln!(f, "  # (imported from {:?})", id.as_str())?;
    }
    if let Some(from) = &change.previous_address {
        writeln!(f, "  # (moved from {from})")?;
    }
    Ok(())
}

fn block(f: &mut dyn Write, change: &Change, drift: bool) -> fmt::Result {
    title(f, change, drift)?;
    let symbol = match change.action {
        Action::Create => "  +",
        Action::Update => "  ~",
        Action::Delete => "  -",
        Action::Replace => "-/+",
        Action::ReplaceCreateFirst => "+/-",
        Action::Read => " <=",
        Action::Forget => "  .",
        Action::NoOp => "   ",
    };
    let word = if change.is_data { "data" } else { "resource" };
    writeln!(f, "{symbol} {word} {:?} {:?} {{", change.kind, change.address.as_str())?;
    let empty = Map::new();
    let before = change.before.as_object().unwrap_or(&empty);
    let after = change.marked.as_object().unwrap_or(&empty);
    let kept = matches!(change.action, Action::NoOp | Action::Forget);
    let mut names: Vec<&String> = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))).collect();
    names.sort_unstable();
    let null = |value: Option<&Value>| value.is_none_or(Value::is_null);
    let same = |name: &str| before.get(name) == after.get(name) || (null(before.get(name)) && null(after.get(name)));
    let lists = |name: &&&String| {
        let quiet = null(before.get(**name)) && null(after.get(**name));
        !quiet && (name.as_str() == "id" || (!kept && !same(name)))
    };
    let shown: Vec<&&String> = names.iter().filter(lists).collect();
    let width = shown.iter().map(|name| name.len()).max().unwrap_or(0);
    for name in &shown {
        let forces = change.replace_paths.contains(**name);
        let secret = change.secret.contains(**name);
        let (before, after) = match kept {
            true => (before.get(**name), before.get(**name)),
            false => (before.get(**name), after.get(**name)),
        };
        attribute(f, 6, name, width, before, after, secret, forces)?;
    }
    let hidden = names.iter().filter(|name| !shown.iter().any(|shown| shown == name) && !null(before.get(**name))).count();
    if hidden > 0 && change.action != Action::Create {
        writeln!(f, "        # ({hidden} unchanged attribute{} hidden)", if hidden == 1 { "" } else { "s" })?;
    }
    writeln!(f, "    }}\n")
}

/// One line, or several: `~ name = old -> new # forces replacement`.
#[allow(clippy::too_many_arguments, reason = "one call a line of the plan")]
fn attribute(
    f: &mut dyn Write,
    indent: usize,
    name: &str,
    width: usize,
    before: Option<&Value>,
    after: Option<&Value>,
    secret: bool,
    forces: bool,
) -> fmt::Result {
    let before = before.filter(|value| !value.is_null());
    let after = after.filter(|value| !value.is_null());
    let symbol = match (before, after) {
        (None, _) => '+',
        (_, None) => '-',
        (before, after) if before == after => ' ',
        _ => '~',
    };
    write!(f, "{:indent$}{symbol} {name:width$} = ", "")?;
    let end = if forces { " # forces replacement" } else { "" };
    let secret_text =
        |value: Option<&Value>| if value.is_some_and(has_unknown) { "(known after apply)" } else { "(sensitive value)" };
    match (before, after) {
        _ if secret && symbol == '~' && !after.is_some_and(has_unknown) => write!(f, "(sensitive value)")?,
        (Some(_), Some(_)) if secret => write!(f, "(sensitive value) -> {}", secret_text(after))?,
        (None, after) if secret => f.write_str(secret_text(after))?,
        (Some(_), None) if secret => f.write_str("(sensitive value) -> null")?,
        (Some(Value::String(before)), Some(Value::String(after))) if before != after && is_text(before, after) => {
            text_diff(f, indent, before, after)?;
        }
        (Some(Value::Object(before)), Some(Value::Object(after))) if before != after => {
            object_diff(f, indent, before, after)?;
        }
        (Some(before), Some(after)) if before == after => value(f, indent, before, ' ')?,
        (Some(before), Some(after)) => {
            value(f, indent, before, '-')?;
            f.write_str(" -> ")?;
            value(f, indent, after, '+')?;
        }
        (None, Some(after)) => value(f, indent, after, '+')?,
        (Some(before), None) => {
            value(f, indent, before, '-')?;
            f.write_str(" -> null")?;
        }
        (None, None) => f.write_str("null")?,
    }
    writeln!(f, "{end}")
}

fn is_text(before: &str, after: &str) -> bool {
    before.contains('\n') || after.contains('\n')
}

/// A unified diff with three lines of context.
fn text_diff(f: &mut dyn Write, indent: usize, before: &str, after: &str) -> fmt::Result {
    writeln!(f, "<<-EOT")?;
    let diff = similar::TextDiff::from_lines(before, after);
    let inner = indent + 6;
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        writeln!(f, "{:inner$}{}", "", hunk.header())?;
        for line in hunk.iter_changes() {
            let text = line.value();
            writeln!(f, "{:inner$}{} {}", "", line.tag(), text.strip_suffix('\n').unwrap_or(text))?;
            // A CR alone ends a line here, too.
            if !text.ends_with(['\n', '\r']) {
                writeln!(f, "{:inner$}\\ no newline at the end", "")?;
            }
        }
    }
    write!(f, "{:indent$}  EOT", "")
}

fn object_diff(f: &mut dyn Write, indent: usize, before: &Map<String, Value>, after: &Map<String, Value>) -> fmt::Result {
    writeln!(f, "{{")?;
    let mut names: Vec<&String> = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))).collect();
    names.sort_unstable();
    let changed: Vec<&&String> = names.iter().filter(|name| before.get(**name) != after.get(**name)).collect();
    let width = changed.iter().map(|name| quoted(name).len()).max().unwrap_or(0);
    for name in &changed {
        attribute(f, indent + 4, &quoted(name), width, before.get(**name), after.get(**name), false, false)?;
    }
    let hidden = names.len() - changed.len();
    if hidden > 0 {
        writeln!(f, "{:indent$}      # ({hidden} unchanged element{} hidden)", "", if hidden == 1 { "" } else { "s" })?;
    }
    write!(f, "{:indent$}  }}", "")
}

fn quoted(name: &str) -> String {
    format!("{name:?}")
}

fn value(f: &mut dyn Write, indent: usize, shown: &Value, symbol: char) -> fmt::Result {
    match shown {
        shown if is_unknown(shown) => f.write_str("(known after apply)"),
        Value::String(text) if text.trim_end_matches('\n').contains('\n') => {
            writeln!(f, "<<-EOT")?;
            // Not `lines`: that would hide a CR at the end of one.
            text.strip_suffix('\n').unwrap_or(text).split('\n').try_for_each(|line| writeln!(f, "{:indent$}      {line}", ""))?;
            write!(f, "{:indent$}  EOT", "")
        }
        Value::Object(object) if object.is_empty() => f.write_str("{}"),
        Value::Object(object) => {
            writeln!(f, "{{")?;
            let width = object.keys().map(|name| quoted(name).len()).max().unwrap_or(0);
            for (name, inner) in object {
                write!(f, "{:indent$}    {symbol} {:width$} = ", "", quoted(name))?;
                value(f, indent + 4, inner, symbol)?;
                writeln!(f)?;
            }
            write!(f, "{:indent$}  }}", "")
        }
        Value::Array(items) if items.is_empty() => f.write_str("[]"),
        Value::Array(items) => {
            writeln!(f, "[")?;
            for item in items {
                write!(f, "{:indent$}    {symbol} ", "")?;
                value(f, indent + 4, item, symbol)?;
                writeln!(f, ",")?;
            }
            write!(f, "{:indent$}  ]", "")
        }
        plain => write!(f, "{plain}"),
    }
}
