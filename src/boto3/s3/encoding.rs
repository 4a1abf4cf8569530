//! Keys that XML cannot represent: listings request URL encoding and decode it, like botocore's
//! handlers.

use aws_sdk_s3::types::EncodingType;

use super::shapes::{ListObjectVersionsOutput, ListObjectsOutput, ListObjectsV2Output};

/// A page of a listing with URL encoding.
pub(super) trait Page {
    /// Decodes the same fields as botocore. As in Python, the page still declares the encoding.
    fn read(&mut self);
}

macro_rules! page {
    ($Output:ident: $($text:ident),+; $($list:ident.$member:ident),+) => {
        impl Page for $Output {
            fn read(&mut self) {
                // A service that does not support the parameter omits it.
                if self.encoding_type == Some(EncodingType::Url) {
                    $(read(&mut self.$text);)+
                    $(self.$list.iter_mut().flatten().for_each(|item| read(&mut item.$member));)+
                }
            }
        }
    };
}

// botocore does not decode the prefix of the first kind.
page!(ListObjectsOutput: delimiter, marker, next_marker; contents.key, common_prefixes.prefix);
page!(ListObjectsV2Output: delimiter, prefix, start_after; contents.key, common_prefixes.prefix);
page!(ListObjectVersionsOutput: key_marker, next_key_marker, prefix, delimiter; versions.key, delete_markers.key, common_prefixes.prefix);

fn read(text: &mut Option<String>) {
    if let Some(text) = text.as_mut().filter(|text| text.contains(['%', '+'])) {
        *text = String::from_utf8_lossy(&unquoted(&text.replace('+', " "))).into_owned();
    }
}

/// Decodes percent signs that are followed by two digits.
pub(super) fn unquoted(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digits = after.first_chunk::<2>().filter(|digits| byte == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let unquoted = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match unquoted {
            Some(unquoted) => {
                bytes.push(unquoted);
                rest = after.get(2..).unwrap_or_default();
            }
            None => bytes.push(byte),
        }
    }
    bytes
}

/// Sends `$send`, an operation on `$input`. Listings use URL encoding, unless the caller has set an
/// encoding.
macro_rules! spelled {
    (list_objects, $input:ident, $send:expr) => { $crate::boto3::s3::encoding::spelled!(@page $input, $send) };
    (list_objects_v2, $input:ident, $send:expr) => { $crate::boto3::s3::encoding::spelled!(@page $input, $send) };
    (list_object_versions, $input:ident, $send:expr) => { $crate::boto3::s3::encoding::spelled!(@page $input, $send) };
    (@page $input:ident, $send:expr) => {{
        let ours = $input.get_encoding_type().is_none();
        let $input = if ours { $input.encoding_type(aws_sdk_s3::types::EncodingType::Url) } else { $input };
        let mut answer = $send;
        if let (true, Ok(page)) = (ours, &mut answer) {
            $crate::boto3::s3::encoding::Page::read(page);
        }
        answer
    }};
    ($operation:ident, $input:ident, $send:expr) => { $send };
}
pub(super) use spelled;
