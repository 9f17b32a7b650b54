//! The service manager: systemd, or another program that follows its protocol. In: its variables. Out: the socket that it
//! hands over, and messages to it: ready, alive, stopping.

use super::Failure;
use crate::runtime::Health;
use crate::say;
use listenfd::ListenFd;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

/// How often to look at what there is to say.
const PAUSE: Duration = Duration::from_millis(200);

/// How much longer a start may take that is still reading earlier events, and how often that is said.
const MORE_TIME_US: u64 = 60_000_000;
const ROUNDS_BEFORE_MORE_TIME: u64 = 50;

/// The socket that the service manager keeps open, also while no service runs.
///
/// # Errors
/// What it hands over is not a listening TCP socket.
pub(super) fn listener() -> Result<Option<TcpListener>, Failure> {
    let given = ListenFd::from_env().take_tcp_listener(0);
    given.map_err(|fault| Failure::io(say!("cannot use the socket of the service manager"), &fault))
}

/// Tells the service manager how it goes, if there is one: ready once the host runs, alive as long as its thread is not
/// stuck, and stopping.
pub(super) fn follow(health: Health) -> Option<Notify> {
    let notify = Notify::of_environment()?;
    let follower = notify.clone();
    // Without a thread the service manager hears nothing, and ends the service.
    let _ = thread::Builder::new().name("notify".to_owned()).spawn(move || follower.follow(&health));
    Some(notify)
}

/// A service manager that listens.
#[derive(Clone)]
pub(super) struct Notify {
    socket: String,
    /// Within which time it must hear that the service is alive.
    watchdog: Option<Duration>,
}

impl Notify {
    fn of_environment() -> Option<Self> {
        let variable = |name: &str| std::env::var(name).ok();
        let socket = variable("NOTIFY_SOCKET").filter(|path| !path.is_empty())?;
        let is_ours = variable("WATCHDOG_PID").is_none_or(|pid| pid == std::process::id().to_string());
        let micros = variable("WATCHDOG_USEC").filter(|_| is_ours).and_then(|micros| micros.parse().ok());
        Some(Self { socket, watchdog: micros.map(Duration::from_micros) })
    }

    fn follow(&self, health: &Health) {
        let mut rounds = 0_u64;
        while !health.is_running() && health.stops_asked() == 0 {
            if rounds.is_multiple_of(ROUNDS_BEFORE_MORE_TIME) {
                self.say(&format!("STATUS=reading earlier events\nEXTEND_TIMEOUT_USEC={MORE_TIME_US}"));
            }
            rounds += 1;
            thread::sleep(PAUSE);
        }
        self.say("READY=1\nSTATUS=accepting events");
        let mut since_alive = Duration::MAX;
        while health.stops_asked() == 0 {
            if let Some(within) = self.watchdog
                && since_alive >= within / 3
                && is_alive(health, within)
            {
                self.say("WATCHDOG=1");
                since_alive = Duration::ZERO;
            }
            thread::sleep(PAUSE);
            since_alive = since_alive.saturating_add(PAUSE);
        }
        self.stopping();
    }

    /// Says that the service is stopping; saying it twice does no harm.
    pub(super) fn stopping(&self) {
        self.say("STOPPING=1\nSTATUS=waiting for outstanding messages");
    }

    /// Sends a message. A service manager that does not listen cannot be told so.
    #[cfg(target_os = "linux")]
    fn say(&self, text: &str) {
        use std::os::linux::net::SocketAddrExt;
        use std::os::unix::net::{SocketAddr, UnixDatagram};
        let address = match self.socket.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name),
            None => SocketAddr::from_pathname(&self.socket),
        };
        let Ok((address, socket)) = address.and_then(|address| Ok((address, UnixDatagram::unbound()?))) else { return };
        let _ = socket.send_to_addr(text.as_bytes(), &address);
    }

    /// Only Linux has service managers with this protocol.
    #[cfg(not(target_os = "linux"))]
    fn say(&self, _: &str) {
        let _ = &self.socket;
    }
}

/// Whether the host's thread does its work, or waits for somebody who writes to the store.
fn is_alive(health: &Health, within: Duration) -> bool {
    let busy = Duration::from_millis(u64::try_from(health.busy_ms()).unwrap_or(0));
    busy < within || health.store_held_ms().is_some()
}
