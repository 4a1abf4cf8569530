//! `doctype`: how a document type is printed.

/// The text of a document type: its name, and the public and system identifiers if there are any.
///
/// ```
/// use leyden::bs4::doctype;
/// assert_eq!(doctype("html", None, None), "html");
/// assert_eq!(doctype("svg", Some("-//W3C//DTD SVG 1.1//EN"), None), r#"svg PUBLIC "-//W3C//DTD SVG 1.1//EN""#);
/// ```
#[doc(alias = "bs4.Doctype.for_name_and_ids")]
pub fn doctype(name: &str, public_id: Option<&str>, system_id: Option<&str>) -> String {
    match (public_id, system_id) {
        (Some(public), Some(system)) => format!("{name} PUBLIC \"{public}\" \"{system}\""),
        (Some(public), None) => format!("{name} PUBLIC \"{public}\""),
        (None, Some(system)) => format!("{name} SYSTEM \"{system}\""),
        (None, None) => name.to_owned(),
    }
}
