//! Bodies of answers, read where no runtime of ours is: Amazon's client sets timers while it waits for more.

use std::future::Future;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use leyden::Wait;
use leyden::World;
use leyden::boto3::{Boto3, ClientConfig, Credentials, s3};
use leyden::time::Time;

/// A server that sends the second half of every object a little later.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for peer in listener.incoming() {
            thread::spawn(move || serve(peer.unwrap()));
        }
    });
    url
}

fn client() -> s3::Client {
    let (url, boto3) = (server(), Boto3::native(World::new().os.handle(), Time::native()));
    boto3.client().region_name("eu-west-1").endpoint_url(url).aws_access_key_id("AKIA").aws_secret_access_key("x").s3()
}

fn serve(mut peer: TcpStream) {
    let mut lines = BufReader::new(peer.try_clone().unwrap()).lines();
    while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
    peer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\nfirst").unwrap();
    thread::sleep(Duration::from_millis(50));
    peer.write_all(b"after").unwrap();
}

async fn whole(s3: s3::Client) -> Vec<u8> {
    let object = s3.get_object(|get| get.bucket("some-bucket").key("k")).await.unwrap();
    assert_eq!((object.content_length(), object.body.size_hint()), (Some(10), (10, Some(10))));
    object.body.collect().await.unwrap().to_vec()
}

#[test]
fn a_body_in_a_runtime_without_timers() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(whole(client())), b"firstafter");
}

/// The day that this one fails, bodies need no runtime of ours any more.
#[test]
fn a_body_of_amazons_own_client_panics_there() {
    let mut config = ClientConfig::default();
    (config.region_name, config.endpoint_url) = (Some("eu-west-1".to_owned()), Some(server()));
    config.credentials = Credentials::Unsigned;
    let object = async move {
        let client = s3::native::Native::new(config).client().await.unwrap();
        client.get_object().bucket("some-bucket").key("k").send().await.unwrap()
    };
    let object = object.wait();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let read = catch_unwind(AssertUnwindSafe(|| runtime.block_on(object.body.collect()).map(drop)));
    assert!(read.is_err());
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Unpark>) {
        self.0.unpark();
    }
}

#[test]
fn a_body_without_any_runtime() {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(whole(client()));
    let body = loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(body) => break body,
            Poll::Pending => thread::park(),
        }
    };
    assert_eq!(body, b"firstafter");
}

#[test]
fn a_streaming_body_in_a_runtime_without_timers() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let s3 = client();
    let read = runtime.block_on(async {
        let object = s3.get_object(|get| get.bucket("some-bucket").key("k")).await.unwrap();
        s3.body(object).read_amt(usize::MAX).unwrap()
    });
    assert_eq!(read, "firstafter");
}
