//! The HTTP server: 127.0.0.1 only, HTTP/1.1 with keep-alive.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming as Body;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Closed, Incoming, answer};
use crate::sandbox::control;
use crate::sandbox::world::World;

/// More than any request of the services that are here.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// Accepts connections until the task is dropped; its connections end with it.
pub(crate) async fn serve(listener: TcpListener, world: World) {
    let mut connections = JoinSet::new();
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            connections.spawn(connection(stream, world.clone()));
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, world: World) {
    // Small answers must not wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let world = world.clone();
        async move { respond(request, world).await }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    // An error ends this connection only: the client went away, or a fault closes it.
    let _ = builder.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
}

async fn respond(request: Request<Body>, world: World) -> Result<Response<Full<Bytes>>, Closed> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect().await.map_err(|_| Closed)?.to_bytes();
    let incoming = Incoming {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
    };
    if incoming.path.starts_with("/_sandbox/") {
        return Ok(control::answer(&world, &incoming).await);
    }
    answer(&world, incoming).await
}
