//! A web server under load: each line of its log has a time of the test, in the zone.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

const REQUESTS: usize = 5_000;

/// Longer than it takes to start on the busiest machine.
const LIMIT: Duration = Duration::from_secs(120);

/// Another may take the port that was free: how often another is tried.
const TRIES: usize = 3;

/// Returns whether all is well, or the server is not here.
pub fn check(library: &Path, folder: &Path) -> bool {
    if !crate::exists("nginx") {
        crate::skip("nginx", "the program is not here");
        return true;
    }
    if !loops_back() {
        crate::skip("nginx", "there is no 127.0.0.1 here");
        return true;
    }
    let mut rates = Vec::new();
    for preload in [Some(library), None] {
        let served = || serve(preload, folder);
        match (1..TRIES).find_map(|_| served().ok()).map_or_else(served, Ok) {
            Ok(rate) => rates.push(rate),
            Err(what) => {
                println!("nginx, library {preload:?}: {what}");
                return false;
            }
        }
    }
    println!(
        "{:<28} {:>5.0} /s {:>7.0} /s {:>9.2}×",
        "nginx access log",
        rates[0],
        rates[1],
        rates[0] / rates[1]
    );
    true
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

/// Returns the requests a second.
fn serve(preload: Option<&Path>, folder: &Path) -> Result<f64, String> {
    let port = free_port().ok_or("no port is free")?;
    let (log, place) = (folder.join("access.log"), folder.display().to_string());
    let _ = std::fs::remove_file(&log);
    let configuration = format!(
        "daemon off; master_process off; pid '{place}/nginx.pid'; error_log '{place}/error.log';
        env TZ;
        events {{ worker_connections 64; }}
        http {{
            access_log '{place}/access.log' combined;
            client_body_temp_path '{place}/a'; proxy_temp_path '{place}/b';
            fastcgi_temp_path '{place}/c'; uwsgi_temp_path '{place}/d'; scgi_temp_path '{place}/e';
            keepalive_requests 1000000;
            server {{ listen 127.0.0.1:{port}; location / {{ return 200 'x'; }} }}
        }}"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration).map_err(|error| error.to_string())?;
    let mut command = Command::new("nginx");
    command.arg("-c").arg(&file).arg("-p").arg(folder).env("TZ", "Asia/Kolkata");
    if let Some(library) = preload {
        command.env("LD_PRELOAD", library);
    }
    let mut server = Server(command.spawn().map_err(|error| error.to_string())?);
    let stream = connect(&mut server, port).ok_or("it does not answer")?;
    let start = Instant::now();
    request(stream).map_err(|error| error.to_string())?;
    let rate = REQUESTS as f64 / start.elapsed().as_secs_f64();
    drop(server);
    let log = std::fs::read_to_string(&log).map_err(|error| error.to_string())?;
    let today = Command::new("date").arg("+%d/%b/%Y:").env("TZ", "Asia/Kolkata").output();
    let today = today.map_err(|error| error.to_string())?.stdout;
    let today = String::from_utf8_lossy(&today).trim().to_owned();
    let right = |line: &&str| line.contains(&format!("[{today}")) && line.contains(" +0530] ");
    let count = log.lines().filter(right).count();
    // At midnight there are two days.
    if count != REQUESTS && count + 10 < REQUESTS {
        let wrong = log.lines().find(|line| !right(line)).unwrap_or("too few lines");
        return Err(format!("{count} of {REQUESTS} lines are right; one that is not: {wrong}"));
    }
    Ok(rate)
}

fn free_port() -> Option<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).ok()?;
    Some(listener.local_addr().ok()?.port())
}

/// Without a network not even this may be there.
fn loops_back() -> bool {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0));
    let address = listener.as_ref().ok().and_then(|listener| listener.local_addr().ok());
    address.is_some_and(|address| TcpStream::connect(address).is_ok())
}

/// Waits until it answers, or has ended.
fn connect(server: &mut Server, port: u16) -> Option<TcpStream> {
    let start = Instant::now();
    while start.elapsed() < LIMIT && matches!(server.0.try_wait(), Ok(None)) {
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) {
            return Some(stream);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    None
}

fn request(mut stream: TcpStream) -> std::io::Result<()> {
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    for _ in 0..REQUESTS {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")?;
        loop {
            line.clear();
            answers.read_line(&mut line)?;
            if line == "\r\n" {
                break;
            }
        }
        std::io::Read::read_exact(&mut answers, &mut [0; 1])?;
    }
    Ok(())
}
