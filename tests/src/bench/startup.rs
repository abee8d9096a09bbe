//! From exec to the first request for work, against a function that does nothing.

use std::io::Read as _;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{BenchError, Row, median};

const RUNS: usize = 40;

pub(super) fn against_floor(bootstrap: &Path, floor: &Path) -> Result<Row, BenchError> {
    const BAR: f64 = 2.0;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // In turn, so that a machine that gets slower slows both down.
    for run in 0..RUNS + 3 {
        let (one, other) = (start(bootstrap)?, start(floor)?);
        if run >= 3 {
            ours.push(one);
            theirs.push(other);
        }
    }
    let ratio = median(ours.iter().zip(&theirs).map(|(one, other)| one / other).collect());
    Ok(Row {
        what: "start of process to first request for work",
        measured: format!(
            "{:.2} ms, floor {:.2} ms, ratio {ratio:.2} (medians of {RUNS})",
            median(ours),
            median(theirs)
        ),
        bar: format!("ratio <= {BAR:.1}"),
        holds: ratio <= BAR,
    })
}

/// Milliseconds until the process asks the Runtime API for work.
fn start(program: &Path) -> Result<f64, BenchError> {
    let api = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut command = Command::new(program);
    command.env_clear().stdout(Stdio::null()).stderr(Stdio::null());
    for (name, value) in [
        ("AWS_LAMBDA_RUNTIME_API", api.local_addr()?.to_string().as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "guard"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "example"),
        // One file of roots, as on Amazon Linux 2023; Debian's folder of single files would cost 3 ms more.
        ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
    ] {
        command.env(name, value);
    }
    let started = Instant::now();
    let mut process = command.spawn()?;
    let (mut stream, _) = api.accept()?;
    let mut request = [0; 4];
    stream.read_exact(&mut request)?;
    let took = started.elapsed().as_secs_f64() * 1000.0;
    process.kill()?;
    process.wait()?;
    Ok(took)
}
