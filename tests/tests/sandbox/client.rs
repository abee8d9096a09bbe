//! A client that shares no code with the sandbox: raw HTTP, signed by the AWS SDK's signer.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use guard_tests::sandbox::{Credential, Options, RecorderState, Sandbox, World};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const OTHER: &str = "444455556666";
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const NOTEBOOK: &str = "AWS::SageMaker::NotebookInstance";

/// A sandbox with two accounts in one Region, and a recorder of everything in the first.
pub(crate) async fn sandbox() -> Sandbox {
    started(Options::default()).await
}

pub(crate) async fn started(options: Options) -> Sandbox {
    let sandbox = empty(options).await;
    for account in [ACCOUNT, OTHER] {
        sandbox.world().add_account(account).unwrap();
        sandbox.world().enable_region(account, REGION).unwrap();
    }
    sandbox.world().set_recorder(ACCOUNT, REGION, &RecorderState::ALL).unwrap();
    sandbox
}

/// A sandbox without accounts.
pub(crate) async fn empty(options: Options) -> Sandbox {
    // This suite sends wrong requests on purpose: what checks the record tells by the file's name.
    let record = std::env::var_os("SANDBOX_RECORD").map(|path| PathBuf::from(path).with_extension("deliberate.jsonl"));
    Sandbox::start(Options { record: options.record.clone().or(record), ..options }).await.unwrap()
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        if self.body.is_empty() { Value::Null } else { serde_json::from_str(&self.body).unwrap() }
    }

    /// The text of the first element of that name.
    pub(crate) fn element(&self, name: &str) -> String {
        let (_, rest) =
            self.body.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name}: {}", self.body));
        rest.split_once(&format!("</{name}>")).unwrap().0.to_owned()
    }
}

/// A client of one account.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) endpoint: String,
    pub(crate) credential: Credential,
    pub(crate) region: String,
    pub(crate) date: SystemTime,
}

impl Client {
    pub(crate) fn new(sandbox: &Sandbox) -> Self {
        Self::of(sandbox.world(), ACCOUNT)
    }

    pub(crate) fn of(world: &World, account: &str) -> Self {
        let credential = world.administrator(account, REGION).unwrap();
        Self { endpoint: world.endpoint(), credential, region: REGION.to_owned(), date: SystemTime::now() }
    }

    /// A JSON call that is expected to work.
    pub(crate) async fn json(&self, service: &str, operation: &str, input: Value) -> Value {
        let answer = self.send_json(service, operation, &input.to_string()).await.unwrap();
        assert_eq!(answer.status, 200, "{operation}: {}", answer.body);
        answer.json()
    }

    /// The status and error code of a JSON call that is expected to be refused.
    pub(crate) async fn refusal(&self, service: &str, operation: &str, input: Value) -> (u16, String) {
        let answer = self.send_json(service, operation, &input.to_string()).await.unwrap();
        let code =
            answer.json()["__type"].as_str().unwrap_or_else(|| panic!("not refused: {}", answer.body)).to_owned();
        (answer.status, code)
    }

    /// The message of a JSON call that is expected to be refused.
    pub(crate) async fn message(&self, service: &str, operation: &str, input: Value) -> String {
        let answer = self.send_json(service, operation, &input.to_string()).await.unwrap();
        assert_ne!(answer.status, 200, "not refused: {}", answer.body);
        answer.json()["message"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn send_json(&self, service: &str, operation: &str, body: &str) -> std::io::Result<Answer> {
        let prefix = match service {
            "config" => "StarlingDoveService",
            "logs" => "Logs_20140328",
            "kms" => "TrentService",
            "servicequotas" => "ServiceQuotasV20190624",
            _ => "SageMaker",
        };
        let target = format!("{prefix}.{operation}");
        self.send(service, &[("content-type", "application/x-amz-json-1.1"), ("x-amz-target", &target)], body).await
    }

    /// A query call, whatever comes of it.
    pub(crate) async fn query(&self, service: &str, fields: &[(&str, &str)]) -> Answer {
        let version = match service {
            "ec2" => "2016-11-15",
            "cloudformation" => "2010-05-15",
            "iam" => "2010-05-08",
            "monitoring" => "2010-08-01",
            _ => "2011-06-15",
        };
        let mut form = form_urlencoded::Serializer::new(String::new());
        let body = form.append_pair("Version", version).extend_pairs(fields).finish();
        self.send(service, &[("content-type", "application/x-www-form-urlencoded")], &body).await.unwrap()
    }

    pub(crate) async fn send(&self, service: &str, headers: &[(&str, &str)], body: &str) -> std::io::Result<Answer> {
        exchange(&self.endpoint, "POST /", &self.signed(service, headers, body), body).await
    }

    /// A call of a REST service, such as `GET /bucket/key`, whatever comes of it.
    pub(crate) async fn rest(&self, service: &str, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = self.signed_line(service, line, headers, body);
        exchange(&self.endpoint, line, &headers, body).await.unwrap()
    }

    /// The same client in another Region.
    pub(crate) fn in_region(&self, region: &str) -> Self {
        Self { region: region.to_owned(), ..self.clone() }
    }

    /// The headers with the host and the signature.
    pub(crate) fn signed(&self, service: &str, headers: &[(&str, &str)], body: &str) -> Vec<(String, String)> {
        self.signed_line(service, "POST /", headers, body)
    }

    fn signed_line(&self, service: &str, line: &str, headers: &[(&str, &str)], body: &str) -> Vec<(String, String)> {
        let host = self.endpoint.strip_prefix("http://").unwrap();
        let headers: Vec<(&str, &str)> = [("host", host)].into_iter().chain(headers.iter().copied()).collect();
        let signed = self.signature(service, line, &headers, body);
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).chain(signed).collect()
    }

    fn signature(&self, service: &str, line: &str, headers: &[(&str, &str)], body: &str) -> Vec<(String, String)> {
        let (key, secret) = (&self.credential.access_key_id, &self.credential.secret_access_key);
        let identity = Credentials::new(key, secret, self.credential.session_token.clone(), None, "test").into();
        let parameters = v4::SigningParams::builder().identity(&identity).region(&self.region).name(service);
        let parameters = parameters.time(self.date).settings(settings(service)).build().unwrap().into();
        let (method, path) = line.split_once(' ').unwrap();
        let uri = format!("{}{path}", self.endpoint);
        let chunked = headers.contains(&("content-encoding", "aws-chunked"));
        let body =
            if chunked { SignableBody::StreamingUnsignedPayloadTrailer } else { SignableBody::Bytes(body.as_bytes()) };
        let request = SignableRequest::new(method, &uri, headers.iter().copied(), body).unwrap();
        let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
        instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// S3 is signed in its own way.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}

/// One request on a connection of its own.
pub(crate) async fn exchange(
    endpoint: &str,
    line: &str,
    headers: &[(String, String)],
    body: &str,
) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(endpoint.strip_prefix("http://").unwrap()).await?;
    let headers = headers.iter().map(|(name, value)| [name, ": ", value, "\r\n"].concat()).collect::<String>();
    let length = body.len();
    let request = format!("{line} HTTP/1.1\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let closed = || std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(closed)?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(closed)?;
    Ok(Answer { status, headers: head.to_lowercase(), body: body.to_owned() })
}

/// A moment, for "nothing more comes".
pub(crate) async fn moment() {
    tokio::time::sleep(Duration::from_millis(50)).await;
}
