//! Servers that a world has by itself: what `requests` finds at their URLs.

use crate::boto3::s3::mock::site::{Request, Site};
use crate::requests::mock::{self, Recorded, Reply};

#[async_trait::async_trait]
impl mock::Site for Site {
    async fn answer(&self, request: &Recorded) -> Option<Reply> {
        if !self.has(&request.url) {
            return None;
        }
        if request.body_len > request.body.len() as u64 {
            // Of a larger one only the beginning was kept.
            return Some(Reply::new(501).body("a body that S3 in memory takes as a stream over HTTP has 16 MiB at most"));
        }
        let mut asked = Request::new(&request.method, &request.url);
        asked.headers = request.headers.items().map(|(name, value)| (name.to_owned(), value.clone())).collect();
        asked.body = request.body.clone();
        let answer = Site::answer(self, asked).await?;
        let reply = Reply::new(answer.status).body(answer.body);
        let reply = answer.headers.into_iter().fold(reply, |reply, (name, value)| reply.header(name, value));
        Some(if answer.broken { reply.cut() } else { reply })
    }
}
