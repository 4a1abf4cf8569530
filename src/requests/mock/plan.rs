//! [`Plan`]: the replies to matching requests.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use super::{Mock, Recorded, Reply, UrlPattern};
use crate::requests::request::form::Form;
use crate::requests::url::Split;
use crate::requests::url::quote::unquote;

/// The replies to matching requests. [`Mock::get`](super::Mock::get) and similar methods create
/// one. It takes effect at once, and takes precedence over earlier plans.
///
/// Replies are used in order, and the last one repeats. A plan without replies answers with an
/// empty 200.
#[derive(Clone, Debug)]
pub struct Plan {
    mock: Mock,
    number: usize,
}

pub(super) struct Planned {
    method: Option<String>,
    url: UrlPattern,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    json: Option<serde_json::Value>,
    answers: VecDeque<Answer>,
    calls: usize,
}

#[derive(Clone)]
pub(super) enum Answer {
    Reply(Box<Reply>),
    Closure(Arc<dyn Fn(&Recorded) -> Reply + Send + Sync>),
    Refused,
    ConnectTimeout,
    Tls(String),
    Proxy(String),
    Reset,
}

impl Plan {
    pub(super) fn add(mock: &Mock, method: Option<String>, url: UrlPattern) -> Plan {
        let mut state = mock.lock();
        let number = state.plans.len();
        state.plans.push(Planned {
            method,
            url,
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            json: None,
            answers: VecDeque::new(),
            calls: 0,
        });
        drop(state);
        Plan { mock: mock.clone(), number }
    }

    /// Matches only if the query contains this pair.
    pub fn query(self, key: impl Into<String>, value: impl Into<String>) -> Plan {
        self.change(|plan| plan.query.push((key.into(), value.into())))
    }

    /// Matches only if this header has this value.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Plan {
        self.change(|plan| plan.headers.push((name.into(), value.into())))
    }

    /// Matches only if the body is equal.
    pub fn body(self, body: impl Into<Vec<u8>>) -> Plan {
        self.change(|plan| plan.body = Some(body.into()))
    }

    /// Matches only if the body is this form, in this order.
    pub fn form(self, form: impl Into<Form>) -> Plan {
        let form = form.into().encode();
        self.body(form)
    }

    /// Matches only if the body is equal JSON, whatever its formatting.
    ///
    /// # Panics
    ///
    /// If the value cannot be serialized, which is a mistake in the test.
    pub fn json(self, json: &(impl serde::Serialize + ?Sized)) -> Plan {
        let json = serde_json::to_value(json).unwrap_or_else(|error| panic!("cannot serialize to JSON: {error}"));
        self.change(|plan| plan.json = Some(json))
    }

    /// Adds a reply: a status, or a [`Reply`].
    pub fn reply(self, reply: impl Into<Reply>) -> Plan {
        self.answer(Answer::Reply(Box::new(reply.into())))
    }

    /// Answers with the result of a closure: a custom server.
    pub fn reply_with(self, reply: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Plan {
        self.answer(Answer::Closure(Arc::new(reply)))
    }

    /// Refuses the connection.
    pub fn refuse(self) -> Plan {
        self.answer(Answer::Refused)
    }

    /// Never completes the connection.
    pub fn connect_timeout(self) -> Plan {
        self.answer(Answer::ConnectTimeout)
    }

    /// Fails the TLS handshake with this reason: `"certificate expired"`.
    pub fn tls_error(self, why: impl Into<String>) -> Plan {
        self.answer(Answer::Tls(why.into()))
    }

    /// Fails at the proxy.
    pub fn proxy_error(self, why: impl Into<String>) -> Plan {
        self.answer(Answer::Proxy(why.into()))
    }

    /// Closes the connection before the response head.
    pub fn reset(self) -> Plan {
        self.answer(Answer::Reset)
    }

    /// Returns the number of requests that it has answered.
    pub fn call_count(&self) -> usize {
        self.mock.lock().plans.get(self.number).map_or(0, |plan| plan.calls)
    }

    fn answer(self, answer: Answer) -> Plan {
        self.change(|plan| plan.answers.push_back(answer))
    }

    fn change(self, change: impl FnOnce(&mut Planned)) -> Plan {
        // After a reset of the mock the plan no longer exists.
        if let Some(plan) = self.mock.lock().plans.get_mut(self.number) {
            change(plan);
        }
        self
    }
}

impl Planned {
    pub(super) fn fits(&self, request: &Recorded) -> bool {
        let asked = query_of(&request.url);
        self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(&request.method))
            && self.url.matches(&request.url)
            && self.query.iter().all(|pair| asked.contains(pair))
            && self.headers.iter().all(|(name, value)| request.headers.get(name) == Some(value))
            && self.body.as_ref().is_none_or(|body| *body == request.body)
            && self.json.as_ref().is_none_or(|json| request.json().as_ref() == Some(json))
    }

    pub(super) fn next(&mut self) -> Option<Answer> {
        self.calls += 1;
        match self.answers.len() {
            0 => Some(Answer::Reply(Box::new(Reply::new(200)))),
            1 => self.answers.front().cloned(),
            _ => self.answers.pop_front(),
        }
    }
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_deref().unwrap_or("any"), self.url)?;
        for (mark, pairs) in [("query", &self.query), ("header", &self.headers)] {
            pairs.iter().try_for_each(|(key, _)| write!(f, " with {mark} {key}"))?;
        }
        let body = self.body.is_some() || self.json.is_some();
        if body { f.write_str(" with a body") } else { Ok(()) }
    }
}

/// Returns the pairs of a URL's query, unescaped.
pub(super) fn query_of(url: &str) -> Vec<(String, String)> {
    let query = Split::new(url).query;
    let unescape = |text: &str| unquote(&text.replace('+', " "));
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (unescape(key), unescape(value)))
        .collect()
}
