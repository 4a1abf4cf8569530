//! HTTP: URLs, headers, cookies, and the responses of a server.

use std::time::{Duration, UNIX_EPOCH};

use leyden::boto3::Config;
use leyden::prelude::*;
use leyden::requests::utils::{
    get_auth_from_url, get_encodings_from_content, parse_dict_header, parse_header_links, parse_list_header,
    prepend_scheme_if_needed, requote_uri, unquote_header_value, urldefragauth,
};
use leyden::requests::{Form, Headers, PreparedRequest, RequestsCookieJar};

use super::peer::Peer;
use super::text;

/// `Set-Cookie` headers, a line each.
pub fn cookies(data: &[u8]) {
    let text = text(data);
    let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let url = "https://a.shop.example.com/cart/view?q=1";
    let jar = RequestsCookieJar::new();
    jar.extract_cookies(text.lines(), url, &Headers::new(), now);
    let _ = jar.make_cookies(&text.lines().collect::<Vec<_>>(), url, now);
    if let Some(header) = jar.cookie_header(url, &Headers::new(), now) {
        assert!(!header.contains(['\r', '\n', '\0']), "a header is one line: {header:?}");
    }
    let file = jar.to_mozilla(true, now);
    let read = RequestsCookieJar::new();
    read.load_mozilla(&file, now)
        .unwrap_or_else(|line| panic!("a file that was written can be read, but for line {line}: {file:?}"));
    assert_eq!(jar.len(), read.len(), "a file holds every cookie: {file:?}");
    let _ = RequestsCookieJar::new().load_mozilla(&text, now);
}

/// A URL, and what else stands in the headers of a response.
pub fn urls(data: &[u8]) {
    let text = &*text(data);
    let requests = World::new().batteries().requests;
    let mut prepared = PreparedRequest::new(&requests);
    if prepared.prepare_url(text, &Form::default()).is_ok() {
        let url = prepared.url;
        assert!(
            url.is_ascii() && !url.contains(|c: char| c.is_ascii_control() || c == ' '),
            "a URL is safe on the wire: {url:?}"
        );
        let mut again = PreparedRequest::new(&requests);
        again
            .prepare_url(&url, &Form::default())
            .unwrap_or_else(|error| panic!("a prepared URL can be prepared: {url:?}: {error}"));
        assert_eq!(again.url, url, "a prepared URL stays what it is");
    }
    let quoted = requote_uri(text);
    assert_eq!(requote_uri(&quoted), quoted, "a quoted URI stays what it is");
    let _ = (get_auth_from_url(text), urldefragauth(text), prepend_scheme_if_needed(text, "http"));
    let _ = (parse_list_header(text), parse_dict_header(text), parse_header_links(text), unquote_header_value(text, true));
    let _ = (get_encodings_from_content(text), leyden::requests::auth::Netrc::parse(text));
}

/// What a server sends in answer to a request.
pub fn http_reply(data: &[u8]) {
    static PEER: Peer = Peer::answers();
    let port = PEER.serve(data);
    let requests = Batteries::included().requests;
    let url = format!("http://127.0.0.1:{port}/");
    if let Ok(response) = requests.get(url).allow_redirects(false).timeout(Some(Duration::from_secs(5))).wait() {
        let _ = (response.text(), response.json::<serde_json::Value>(), response.links(), response.apparent_encoding());
    }
}

/// The body of a response of S3.
pub fn s3_xml(data: &[u8]) {
    static PEER: Peer = Peer::answers();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        data.len()
    );
    let port = PEER.serve(&[head.as_bytes(), data].concat());
    let url = format!("http://127.0.0.1:{port}");
    let client = Batteries::included().boto3.client().region_name("eu-west-1").endpoint_url(url);
    let once = Config::new().max_attempts(1).read_timeout(secs(5));
    let s3 = client.aws_access_key_id("AKIA").aws_secret_access_key("x").config(once).s3();
    let _ = s3.list_objects_v2(|list| list.bucket("b")).wait();
    let _ = s3.get_bucket_acl(|acl| acl.bucket("b")).wait();
    let _ = s3.get_bucket_lifecycle_configuration(|configuration| configuration.bucket("b")).wait();
}
