//! Pseudo-classes that depend on a whole form or `select`.

use super::matcher::Matcher;
use crate::bs4::tree::doc::NONE;
use crate::bs4::tree::node::Tag;
use crate::bs4::tree::value::AttributeValue;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The forms of a tree.
#[derive(Debug, Default)]
pub(super) struct Forms {
    /// The form of each `input` and `button`; `NONE` if there is none.
    owners: HashMap<u32, u32>,
    /// The default button of each form.
    defaults: HashMap<u32, u32>,
    /// The last checked radio button of each group, by form and name.
    checked: HashMap<(u32, String), u32>,
}

impl<'m> Matcher<'m> {
    /// Returns the outermost node around an element: the document, a detached top, or a template.
    fn tree(&self, id: u32) -> u32 {
        let mut top = id;
        loop {
            let parent = self.doc.node(top).parent.get();
            if parent == NONE {
                return top;
            }
            top = parent;
            if self.is_template(top) {
                return top;
            }
        }
    }

    fn text_of(&self, tag: Tag<'m>, name: &str) -> &'m str {
        self.value(tag, name).map_or("", AttributeValue::as_str)
    }

    fn is_submit_button(&self, tag: Tag<'m>) -> bool {
        let kind = self.lower(tag, "type");
        if self.is_named(tag, "input") {
            return matches!(kind.as_str(), "submit" | "image");
        }
        let in_select = || {
            let parent = self.parent(tag.id);
            parent != NONE && self.is_named(self.tag(parent), "select")
        };
        kind == "submit"
            || !matches!(kind.as_str(), "button" | "reset")
                && self.value(tag, "command").is_none()
                && self.value(tag, "commandfor").is_none()
                && !in_select()
    }

    fn forms(&self, tree: u32) -> Rc<Forms> {
        if let Some(forms) = self.forms.borrow().get(&tree) {
            return forms.clone();
        }
        let forms = Rc::new(self.find_forms(tree));
        self.forms.borrow_mut().insert(tree, forms.clone());
        forms
    }

    fn find_forms(&self, tree: u32) -> Forms {
        let in_template = self.is_template(tree);
        let nesting = self.is_xml || in_template;
        let mut ids: HashMap<&str, u32> = HashMap::new();
        let mut controls: Vec<(u32, u32)> = Vec::new();
        let mut closed: HashSet<u32> = HashSet::new();
        // Each entry is an element with its form, or the end of a form within a form, which closes
        // the outer one.
        let children = |id: u32| {
            let mut list: Vec<u32> = self.doc.children(id).filter(|&id| self.doc.is_tag(id)).collect();
            list.reverse();
            list
        };
        let mut stack: Vec<(Option<u32>, u32)> = children(tree).into_iter().map(|id| (Some(id), NONE)).collect();
        while let Some((entry, form)) = stack.pop() {
            let Some(id) = entry else {
                closed.insert(form);
                continue;
            };
            let mut form = if closed.contains(&form) { NONE } else { form };
            let tag = self.tag(id);
            let is = |name: &str| self.is_html_named(tag, name);
            if is("form") && form != NONE && !nesting {
                stack.push((None, form));
            } else {
                let name = self.text_of(tag, "id");
                if !name.is_empty() {
                    ids.entry(name).or_insert(id);
                }
                if is("form") {
                    form = id;
                } else if is("input") || is("button") {
                    controls.push((id, form));
                }
            }
            if !self.is_template(id) {
                stack.extend(children(id).into_iter().map(|child| (Some(child), form)));
            }
        }
        let mut forms = Forms::default();
        for (id, mut form) in controls {
            let tag = self.tag(id);
            if !in_template && let Some(owner) = self.value(tag, "form") {
                let named = ids.get(owner.as_str()).copied().unwrap_or(NONE);
                form = if named != NONE && self.is_html_named(self.tag(named), "form") { named } else { NONE };
            }
            forms.owners.insert(id, form);
            let name = self.text_of(tag, "name");
            if form != NONE && self.is_submit_button(tag) {
                forms.defaults.entry(form).or_insert(id);
            } else if !name.is_empty() && self.value(tag, "checked").is_some() && self.lower(tag, "type") == "radio" {
                forms.checked.insert((form, name.to_owned()), id);
            }
        }
        forms
    }

    pub(super) fn matches_default(&self, id: u32) -> bool {
        let forms = self.forms(self.tree(id));
        forms.owners.get(&id).is_some_and(|&form| form != NONE && forms.defaults.get(&form) == Some(&id))
    }

    fn group(&self, id: u32, forms: &Forms) -> (u32, String) {
        (forms.owners.get(&id).copied().unwrap_or(NONE), self.text_of(self.tag(id), "name").to_owned())
    }

    pub(super) fn matches_indeterminate(&self, id: u32) -> bool {
        let forms = self.forms(self.tree(id));
        !forms.checked.contains_key(&self.group(id, &forms))
    }

    pub(super) fn matches_checked(&self, id: u32) -> bool {
        if self.is_named(self.tag(id), "option") { self.matches_checked_option(id) } else { self.matches_checked_radio(id) }
    }

    fn matches_checked_radio(&self, id: u32) -> bool {
        if self.text_of(self.tag(id), "name").is_empty() {
            return true;
        }
        let tree = self.tree(id);
        if self.is_template(tree) {
            return true;
        }
        let forms = self.forms(tree);
        forms.checked.get(&self.group(id, &forms)) == Some(&id)
    }

    fn matches_checked_option(&self, id: u32) -> bool {
        let mut select = self.parent(id);
        while select != NONE && !self.is_html_named(self.tag(select), "select") {
            select = self.parent(select);
        }
        let selectedness = if select == NONE { None } else { self.selected(select).get(&id).copied() };
        selectedness.unwrap_or_else(|| self.value(self.tag(id), "selected").is_some())
    }

    fn selected(&self, select: u32) -> Rc<HashMap<u32, bool>> {
        if let Some(options) = self.selects.borrow().get(&select) {
            return options.clone();
        }
        let options = Rc::new(self.options(select));
        self.selects.borrow_mut().insert(select, options.clone());
        options
    }

    /// Whether each option of a `select` is selected.
    fn options(&self, select: u32) -> HashMap<u32, bool> {
        let reversed = |id: u32| {
            let mut list: Vec<u32> = self.child_tags(id).collect();
            list.reverse();
            list
        };
        let mut options: Vec<(u32, bool)> = Vec::new();
        let mut stack: Vec<(u32, Option<bool>)> = reversed(select).into_iter().map(|id| (id, None)).collect();
        while let Some((id, mut group)) = stack.pop() {
            let tag = self.tag(id);
            let is = |name: &str| self.is_html_named(tag, name);
            if is("select") && !self.is_xml {
                break;
            }
            if is("option") {
                options.push((id, group.unwrap_or(false)));
            }
            let is_optgroup = is("optgroup");
            if is("select") || is("hr") || is("datalist") || self.is_xml && (is("option") || is_optgroup && group.is_some()) {
                continue;
            }
            if is_optgroup {
                group = Some(self.value(tag, "disabled").is_some());
            }
            stack.extend(reversed(id).into_iter().map(|child| (child, group)));
        }
        let has = |id: u32, name: &str| self.value(self.tag(id), name).is_some();
        let mut marked: Vec<u32> = options.iter().map(|&(id, _)| id).filter(|&id| has(id, "selected")).collect();
        if !has(select, "multiple") {
            if let Some(&last) = marked.last() {
                marked = vec![last];
            } else if is_single(self.text_of(self.tag(select), "size")) {
                let first = options.iter().find(|&&(id, disabled)| !disabled && !has(id, "disabled"));
                marked = first.map(|&(id, _)| id).into_iter().collect();
            }
        }
        let marked: HashSet<u32> = marked.into_iter().collect();
        options.iter().map(|&(id, _)| (id, marked.contains(&id))).collect()
    }
}

/// Returns true if a `size` shows one option: not a number, 0 or 1.
fn is_single(size: &str) -> bool {
    let number = size.trim_start_matches(super::types::is_space);
    let number = number.strip_prefix('+').unwrap_or(number);
    let digits = &number[..number.bytes().take_while(u8::is_ascii_digit).count()];
    matches!(digits.trim_start_matches('0'), "" | "1")
}
