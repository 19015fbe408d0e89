//! Accepts connections, so many and no more, drops those that say nothing, and ends in good order.

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tokio_util::sync::CancellationToken;

/// Connections at once, live sockets among them; further ones wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 16_384;
/// A connection on which nothing comes in, or nothing can go out, for this long is dropped. Longer than a request may take, and
/// than three pings of a live socket. This is also what ends a header that never arrives: `axum::serve` has no such limit.
const IDLE: Duration = Duration::from_secs(75);
/// How long requests may go on after the shutdown signal.
const GRACE: Duration = Duration::from_secs(10);

/// Serves until `shutdown`; then takes no more connections, lets requests finish, and returns within `GRACE`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = Bounded { listener, places: Arc::new(Semaphore::new(MAX_CONNECTIONS)), idle: IDLE };
    serve_bounded(listener, router, shutdown).await
}

async fn serve_bounded(
    listener: Bounded,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let stopping = CancellationToken::new();
    let signal = {
        let stopping = stopping.clone();
        async move {
            shutdown.await;
            stopping.cancel();
        }
    };
    let serving =
        axum::serve(listener, router.into_make_service_with_connect_info::<Peer>()).with_graceful_shutdown(signal);
    let too_late = async {
        stopping.cancelled().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        result = serving => result,
        () = too_late => {
            tracing::warn!(secs = GRACE.as_secs(), "requests that were still running at shutdown were cut off");
            Ok(())
        }
    }
}

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

impl Connected<IncomingStream<'_, Bounded>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Bounded>) -> Self {
        Self(*stream.remote_addr())
    }
}

/// A listener with a limited number of connections.
pub struct Bounded {
    listener: TcpListener,
    places: Arc<Semaphore>,
    idle: Duration,
}

impl Listener for Bounded {
    type Io = Watched;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Watched, SocketAddr) {
        let place = self.places.clone().acquire_owned().await.expect("nobody closes the semaphore");
        // axum's own accept logs what fails and goes on.
        let (stream, address) = Listener::accept(&mut self.listener).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection would not turn off Nagle's algorithm");
        }
        (Watched { stream, idle: self.idle, no_input: None, no_output: None, _place: place }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that fails once it has been idle for too long.
pub struct Watched {
    stream: TcpStream,
    idle: Duration,
    /// Runs while a read waits.
    no_input: Option<Pin<Box<Sleep>>>,
    /// Runs while a write waits.
    no_output: Option<Pin<Box<Sleep>>>,
    _place: OwnedSemaphorePermit,
}

/// `Ready` when the wait has lasted too long.
fn tired(waiting: &mut Option<Pin<Box<Sleep>>>, idle: Duration, cx: &mut Context<'_>) -> Poll<io::Error> {
    let sleep = waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep(idle)));
    ready!(sleep.as_mut().poll(cx));
    Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "the connection was idle for too long"))
}

impl AsyncRead for Watched {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(cx, buf) {
            Poll::Ready(result) => {
                self.no_input = None;
                Poll::Ready(result)
            }
            Poll::Pending => {
                let idle = self.idle;
                tired(&mut self.no_input, idle, cx).map(Err)
            }
        }
    }
}

impl Watched {
    fn done<T>(&mut self, polled: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        match polled {
            Poll::Ready(result) => {
                self.no_output = None;
                Poll::Ready(result)
            }
            Poll::Pending => tired(&mut self.no_output, self.idle, cx).map(Err),
        }
    }

    fn written(&mut self, polled: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(1..)) = polled {
            // A client that takes a long answer has nothing to say meanwhile. Flushing counts for nothing: hyper does it all the time.
            self.no_input = None;
        }
        self.done(polled, cx)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(polled, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_flush(cx);
        self.done(polled, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.done(polled, cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    #[tokio::test]
    async fn a_running_request_is_finished_at_shutdown() {
        let (listener, address) = listener().await;
        let stop = CancellationToken::new();
        let stop_within = stop.clone();
        let handler = move || async move {
            // The shutdown begins while this request runs.
            stop_within.cancel();
            tokio::task::yield_now().await;
            "done"
        };
        let router = Router::new().route("/", get(handler));
        let serving = tokio::spawn(serve(listener, router, stop.cancelled_owned()));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
        serving.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_header_that_never_ends_is_dropped() {
        let (listener, address) = listener().await;
        let listener = Bounded { listener, places: Arc::new(Semaphore::new(1)), idle: Duration::from_millis(20) };
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve_bounded(listener, Router::new(), stop.clone().cancelled_owned()));
        for _ in 0..2 {
            // The second finds the only place free again.
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nhost:").await.unwrap();
            let mut rest = vec![];
            let _ = stream.read_to_end(&mut rest).await;
            assert_eq!(rest, b"");
        }
        stop.cancel();
        serving.await.unwrap().unwrap();
    }
}
