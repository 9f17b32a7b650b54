//! Posts events over HTTP, receives the messages that follow, and reports rates, latencies, CPU time and memory.
//!
//! ```text
//! funnelc-load URL --events N [--connections 64] [--sink 9100] [--rate R] [--first N] [--body JSON] [--header H]..
//!              [--pid PID[,PID]..] [--files DIR] [--wait SECONDS]
//! ```
//! `{n}` in the URL and in the body is the number of the event, from `--first`. Every request to the sink whose body
//! contains `"n":N` or `-N-` counts as the message of event N. One thread runs everything, so the load itself takes at
//! most one processor. It reads and writes HTTP/1.1 by hand, because a library would cost more than what is measured.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

struct Options {
    address: String,
    path: String,
    events: u64,
    first: u64,
    connections: u64,
    sink: u16,
    rate: Option<f64>,
    body: String,
    headers: Vec<String>,
    pids: Vec<u32>,
    files: Option<String>,
    wait: f64,
}

const BODY: &str =
    r#"{"type":"signup","id":"e{n}","client":"c{n}","data":{"plan":"pro","phone":"+4915112345678","n":"-{n}-"}}"#;

fn options() -> Result<Options, String> {
    let mut args = std::env::args().skip(1);
    let url = args.next().ok_or("name the URL to post to")?;
    let rest = url.strip_prefix("http://").ok_or("the URL begins with http://")?;
    let (address, path) = rest.split_once('/').map_or((rest, String::new()), |(a, p)| (a, p.to_owned()));
    let mut options = Options {
        address: address.to_owned(),
        path: format!("/{path}"),
        events: 10_000,
        first: 0,
        connections: 64,
        sink: 9100,
        rate: None,
        body: BODY.to_owned(),
        headers: Vec::new(),
        pids: Vec::new(),
        files: None,
        wait: 30.0,
    };
    while let Some(name) = args.next() {
        let value = args.next().ok_or(format!("{name} needs a value"))?;
        let number = || value.parse::<f64>().map_err(|_| format!("{name}: `{value}` is not a number"));
        match name.as_str() {
            "--events" => options.events = number()? as u64,
            "--first" => options.first = number()? as u64,
            "--connections" => options.connections = number()? as u64,
            "--sink" => options.sink = number()? as u16,
            "--rate" => options.rate = Some(number()?),
            "--wait" => options.wait = number()?,
            "--pid" => {
                let pids: Result<Vec<u32>, _> = value.split(',').map(str::parse).collect();
                options.pids = pids.map_err(|_| format!("--pid: `{value}` is not a list of process ids"))?;
            }
            "--body" => options.body = value,
            "--header" => options.headers.push(value),
            "--files" => options.files = Some(value),
            _ => return Err(format!("unknown option {name}")),
        }
    }
    Ok(options)
}

/// What was observed.
struct Seen {
    start: Instant,
    next: u64,
    /// When each event was posted, and when its first message arrived; in microseconds since the start.
    posted: Vec<u32>,
    arrived: Vec<u32>,
    twice: u64,
    refused: u64,
    latencies: Vec<u32>,
    finished: u64,
}

impl Seen {
    fn now(&self) -> u32 {
        u32::try_from(self.start.elapsed().as_micros()).unwrap_or(u32::MAX).max(1)
    }
}

fn main() {
    let options = match options() {
        Ok(options) => Rc::new(options),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    LocalSet::new().block_on(&runtime, run(options)).expect("sockets");
}

async fn run(options: Rc<Options>) -> io::Result<()> {
    let count = options.events as usize;
    let seen = Rc::new(RefCell::new(Seen {
        start: Instant::now(),
        next: 0,
        posted: vec![0; count],
        arrived: vec![0; count],
        twice: 0,
        refused: 0,
        latencies: Vec::with_capacity(count),
        finished: 0,
    }));
    let listener = TcpListener::bind(("127.0.0.1", options.sink)).await?;
    tokio::task::spawn_local(serve(listener, Rc::clone(&seen), options.first));
    let before: f64 = family(&options.pids).into_iter().map(usage).sum();
    seen.borrow_mut().start = Instant::now();
    let clients: Vec<_> = (0..options.connections)
        .map(|_| tokio::task::spawn_local(post(Rc::clone(&options), Rc::clone(&seen))))
        .collect();
    let mut peak = 0;
    let finished = async {
        for client in clients {
            client.await.expect("no panic")?;
        }
        io::Result::Ok(())
    };
    finished.await?;
    let posting = seen.borrow().start.elapsed();
    let watched = family(&options.pids);
    let deadline = Instant::now() + Duration::from_secs_f64(options.wait);
    while seen.borrow().finished < options.events && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
        peak = peak.max(watched.iter().copied().map(memory).sum());
    }
    report(&options, &seen.borrow(), posting, before, peak);
    Ok(())
}

/// Posts events over one connection, one after another.
async fn post(options: Rc<Options>, seen: Rc<RefCell<Seen>>) -> io::Result<()> {
    let mut stream = TcpStream::connect(&options.address).await?;
    stream.set_nodelay(true)?;
    let (mut request, mut buffer) = (Vec::new(), Vec::with_capacity(4096));
    let headers: String = options.headers.iter().map(|header| format!("{header}\r\n")).collect();
    loop {
        let index = {
            let mut seen = seen.borrow_mut();
            if seen.next == options.events {
                return Ok(());
            }
            seen.next += 1;
            seen.next - 1
        };
        if let Some(rate) = options.rate {
            let due = seen.borrow().start + Duration::from_secs_f64(index as f64 / rate);
            tokio::time::sleep_until(due.into()).await;
        }
        let n = (index + options.first).to_string();
        let (path, body) = (options.path.replace("{n}", &n), options.body.replace("{n}", &n));
        request.clear();
        request.extend_from_slice(
            format!(
                "POST {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n{body}",
                options.address,
                body.len()
            )
            .as_bytes(),
        );
        let begun = Instant::now();
        {
            let mut seen = seen.borrow_mut();
            let now = seen.now();
            seen.posted[index as usize] = now;
        }
        stream.write_all(&request).await?;
        buffer.clear();
        let status = loop {
            if stream.read_buf(&mut buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((head, length)) = head(&buffer)
                && buffer.len() >= head + length
            {
                break buffer.get(9..12).map(<[u8]>::to_vec).unwrap_or_default();
            }
        };
        let took = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
        let mut seen = seen.borrow_mut();
        seen.latencies.push(took);
        if !status.starts_with(b"2") {
            seen.refused += 1;
            if seen.refused == 1 {
                eprintln!("refused: {}", String::from_utf8_lossy(&buffer));
            }
        }
    }
}

/// The length of a head and of the body that it announces.
fn head(buffer: &[u8]) -> Option<(usize, usize)> {
    let end = buffer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = buffer.get(..end)?;
    for line in text.split(|byte| *byte == b'\n') {
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => continue,
        };
        if name.eq_ignore_ascii_case(b"content-length") {
            return Some((end, std::str::from_utf8(value).ok()?.trim().parse().ok()?));
        }
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            // The chunks end with an empty one.
            let done = buffer.ends_with(b"0\r\n\r\n");
            return done.then_some((end, 0));
        }
    }
    Some((end, 0))
}

/// Answers every request with 200, and notes which events their bodies name.
async fn serve(listener: TcpListener, seen: Rc<RefCell<Seen>>, first: u64) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let seen = Rc::clone(&seen);
        tokio::task::spawn_local(async move {
            let _ = stream.set_nodelay(true);
            let mut buffer = Vec::with_capacity(4096);
            loop {
                match stream.read_buf(&mut buffer).await {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {}
                }
                let mut answers = 0;
                while let Some((head, length)) = head(&buffer)
                    && buffer.len() >= head + length
                {
                    note(&seen, buffer.get(head..head + length).unwrap_or_default(), first);
                    buffer.drain(..head + length);
                    answers += 1;
                }
                for _ in 0..answers {
                    if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.is_err() {
                        return;
                    }
                }
            }
        });
    }
}

fn note(seen: &RefCell<Seen>, body: &[u8], first: u64) {
    let digits = |from: usize| {
        let digits: Vec<u8> = body[from..].iter().copied().take_while(u8::is_ascii_digit).collect();
        String::from_utf8(digits).ok()?.parse::<u64>().ok()
    };
    let marks: VecDeque<usize> = (1..body.len()).filter(|at| body[at - 1] == b'-').collect();
    let named = marks.into_iter().find_map(|at| {
        let number = digits(at)?;
        let end = at + number.to_string().len();
        (body.get(end) == Some(&b'-')).then_some(number)
    });
    let Some(index) = named.and_then(|number| number.checked_sub(first)) else { return };
    let mut seen = seen.borrow_mut();
    let now = seen.now();
    match seen.arrived.get_mut(index as usize) {
        Some(at) if *at == 0 => {
            *at = now;
            seen.finished += 1;
        }
        Some(_) => seen.twice += 1,
        None => {}
    }
}

/// The fields of a process after its name.
fn fields(pid: u32) -> Vec<String> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    text.rsplit(')').next().unwrap_or("").split_whitespace().map(str::to_owned).collect()
}

/// Processes and all that they started.
fn family(pids: &[u32]) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let all: Vec<u32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    let parents: Vec<(u32, u32)> =
        all.into_iter().filter_map(|pid| Some((pid, fields(pid).get(1)?.parse().ok()?))).collect();
    let mut found = pids.to_vec();
    let mut done = 0;
    while let Some(parent) = found.get(done).copied() {
        found.extend(parents.iter().filter(|(pid, of)| *of == parent && !pids.contains(pid)).map(|(pid, _)| *pid));
        done += 1;
    }
    found
}

/// The CPU time of a process, in seconds.
fn usage(pid: u32) -> f64 {
    let fields = fields(pid);
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

/// The resident memory of a process, in MiB.
fn memory(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn bytes(path: &std::path::Path) -> u64 {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.flatten().map(|entry| bytes(&entry.path())).sum(),
        Err(_) => path.metadata().map_or(0, |data| data.len()),
    }
}

fn percentile(sorted: &[u32], share: f64) -> f64 {
    let at = ((sorted.len() as f64 - 1.0).max(0.0) * share) as usize;
    f64::from(sorted.get(at).copied().unwrap_or(0)) / 1000.0
}

fn report(options: &Options, seen: &Seen, posting: Duration, before: f64, peak: u64) {
    let mut latencies = seen.latencies.clone();
    latencies.sort_unstable();
    let mut arrived: Vec<u32> = seen.arrived.iter().copied().filter(|at| *at > 0).collect();
    arrived.sort_unstable();
    // The rate in the middle, where load and messages overlap.
    let middle = |share: f64| arrived.get((arrived.len() as f64 * share) as usize).copied().unwrap_or(0);
    let span = f64::from(middle(0.9) - middle(0.1)) / 1e6;
    let delays: Vec<u32> = {
        let mut delays: Vec<u32> = seen
            .posted
            .iter()
            .zip(&seen.arrived)
            .filter(|(_, arrived)| **arrived > 0)
            .map(|(posted, arrived)| arrived.saturating_sub(*posted))
            .collect();
        delays.sort_unstable();
        delays
    };
    let last = f64::from(arrived.last().copied().unwrap_or(0)) / 1e6;
    println!(
        "events      {} posted in {:.2} s, {:.0}/s, {} refused",
        options.events,
        posting.as_secs_f64(),
        options.events as f64 / posting.as_secs_f64(),
        seen.refused
    );
    println!(
        "ingest      p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        percentile(&latencies, 0.5),
        percentile(&latencies, 0.99),
        percentile(&latencies, 1.0)
    );
    println!(
        "messages    {} of {} arrived, {} twice, the last after {last:.2} s",
        seen.finished, options.events, seen.twice
    );
    println!(
        "runs        {:.0}/s between the tenth and the ninetieth percent",
        if span > 0.0 { arrived.len() as f64 * 0.8 / span } else { 0.0 }
    );
    println!(
        "delay       p50 {:.0} ms, p99 {:.0} ms from post to message",
        percentile(&delays, 0.5),
        percentile(&delays, 0.99)
    );
    if !options.pids.is_empty() {
        let after: f64 = family(&options.pids).into_iter().map(usage).sum();
        println!("CPU         {:.0} us a run; memory {peak} MiB", (after - before) * 1e6 / seen.finished.max(1) as f64);
    }
    if let Some(files) = &options.files {
        println!(
            "disk        {:.0} bytes for each event",
            bytes(std::path::Path::new(files)) as f64 / options.events as f64
        );
    }
}
