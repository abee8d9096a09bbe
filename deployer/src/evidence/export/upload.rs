//! Takes a bundle to a bucket, where nobody can change it if the bucket locks objects.

use std::path::Path;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ObjectLockEnabled, ObjectLockMode};
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::aws::{AwsRefusal, Clients, refused};
use crate::evidence::{Form, hash};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::observe::Read;

/// The largest object of one call, in bytes (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>).
const LARGEST: u64 = 5 * 1024 * 1024 * 1024;
/// 5 GiB at 10 Mbit/s.
const LONGEST: Duration = Duration::from_hours(2);
const DAY: i64 = 86_400;

/// A place in S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct S3Place {
    /// The bucket.
    pub(crate) bucket: String,
    /// What keys begin with: nothing, or a text that ends in `/`.
    pub(crate) prefix: String,
}

impl std::str::FromStr for S3Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "a place in S3 looks like s3://bucket/prefix".to_owned();
        let (bucket, prefix) =
            text.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, ""))).ok_or_else(wrong)?;
        let is_bucket = (3..=63).contains(&bucket.len())
            && bucket.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte));
        if !is_bucket {
            return Err(wrong());
        }
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self { bucket: bucket.to_owned(), prefix })
    }
}

impl S3Place {
    /// Refuses a file that one call cannot take.
    fn check_size(&self, path: &Path, key: &str) -> Result<(), Failure> {
        let place = path.display();
        let size = std::fs::metadata(path)
            .map_err(|error| Failure::usage(format!("`{place}` cannot be read: {error}")))?
            .len();
        if size <= LARGEST {
            return Ok(());
        }
        let bucket = &self.bucket;
        Err(Failure::usage(format!(
            "`{place}` has more than 5 GiB, and S3 takes no more at once: nothing was uploaded"
        ))
        .help(format!("the bundle is whole and stays; in parts it goes with: aws s3 cp {place} s3://{bucket}/{key}"))
        .help("or export less at a time: --ou, --account, --region, or a shorter period"))
    }
}

/// How long an object is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lock {
    /// The bucket locks nothing.
    None,
    /// The bucket locks what is put into it.
    ByDefault,
    /// The bucket can lock, and is told for how many days.
    Days(u32),
}

/// A bucket that was looked at.
#[derive(Debug)]
pub(crate) struct Upload {
    clients: Clients,
    place: S3Place,
    lock: Lock,
}

/// What was taken there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Uploaded {
    /// Where: `s3://bucket/key`.
    pub(crate) place: String,
    /// Whether it is locked.
    pub(crate) locked: Locked,
}

/// Whether what was taken to a bucket is locked there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Locked {
    /// The bucket locks nothing.
    No,
    /// Until when, as S3 writes it.
    Until(String),
    /// It should be, and S3 does not say so to the caller: why.
    Unconfirmed(String),
}

impl Locked {
    /// Until when, if that is known.
    pub(crate) fn until(&self) -> Option<&str> {
        match self {
            Self::Until(until) => Some(until),
            Self::No | Self::Unconfirmed(_) => None,
        }
    }

    /// Why it could not be confirmed, if it could not.
    pub(crate) fn doubt(&self) -> Option<&str> {
        match self {
            Self::Unconfirmed(why) => Some(why),
            Self::No | Self::Until(_) => None,
        }
    }
}

impl Upload {
    /// Looks at the bucket: is it there, does it lock, is it known for how long.
    ///
    /// # Errors
    /// It is not there, or not known whether it locks; it locks for a time that nobody said.
    pub(crate) async fn prepare(sdk: &SdkConfig, place: S3Place, retain_days: Option<u32>) -> Result<Self, Failure> {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        let mut clients = Clients::new(sdk, &region);
        let located = clients.s3.get_bucket_location().bucket(&place.bucket).send().await;
        let failed = |error| not_located(&place.bucket, refused("s3:GetBucketLocation", &region, &error));
        let located = located.map_err(failed)?;
        // Buckets of us-east-1 have no location.
        let home = located.location_constraint().map_or("us-east-1", |home| home.as_str());
        let home = match home {
            "" => "us-east-1",
            "EU" => "eu-west-1",
            other => other,
        };
        if home != region {
            clients = Clients::new(sdk, home);
        }
        let lock = lock(&clients, &place.bucket, retain_days).await?;
        Ok(Self { clients, place, lock })
    }

    /// Whether the bucket locks what is put into it.
    pub(crate) fn is_locking(&self) -> bool {
        self.lock != Lock::None
    }

    /// Takes a bundle there: a zip as one object, a folder file by file, its manifest last. Nothing there is replaced.
    ///
    /// # Errors
    /// S3 refuses, or something is there already. The bundle on the disk stays as it is.
    pub(crate) async fn put(&self, bundle: &Path, form: Form) -> Result<Uploaded, Failure> {
        let name = bundle.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let base = format!("{}{name}", self.place.prefix);
        let files = match form {
            Form::Zip => vec![(bundle.to_owned(), base.clone())],
            Form::Directory => {
                let files = files(bundle)?.into_iter();
                files.map(|path| (bundle.join(&path), format!("{base}/{path}"))).collect()
            }
        };
        // What is too large must not come to light when a part of the bundle is there, and locked.
        for (path, key) in &files {
            self.place.check_size(path, key)?;
        }
        for (path, key) in &files {
            self.put_file(path, key).await?;
        }
        let last = if form == Form::Zip { base.clone() } else { format!("{base}/manifest.json") };
        Ok(Uploaded { place: format!("s3://{}/{base}", self.place.bucket), locked: self.locked(&last).await? })
    }

    async fn put_file(&self, path: &Path, key: &str) -> Result<(), Failure> {
        let place = path.display();
        let unread = |error: &dyn std::fmt::Display| Failure::usage(format!("`{place}` cannot be read: {error}"));
        let mut file = std::fs::File::open(path).map_err(|error| unread(&error))?;
        let (digest, _) = hash::read(&mut file, LARGEST).map_err(|error| unread(&error))?;
        let body = ByteStream::from_path(path).await.map_err(|error| unread(&error))?;
        let call = self.clients.s3.put_object().bucket(&self.place.bucket).key(key).body(body).if_none_match("*");
        // S3 holds the digest against what arrives; a lock demands a checksum.
        let call =
            call.checksum_algorithm(ChecksumAlgorithm::Sha256).checksum_sha256(STANDARD.encode(digest.as_bytes()));
        let call = match self.lock {
            Lock::None | Lock::ByDefault => call,
            Lock::Days(days) => call
                .object_lock_mode(ObjectLockMode::Compliance)
                .object_lock_retain_until_date(DateTime::from_secs(now() + i64::from(days) * DAY)),
        };
        let patient = aws_sdk_s3::config::Config::builder()
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(LONGEST).build());
        match call.customize().config_override(patient).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("PreconditionFailed") => {
                let there = Failure::usage(format!("`s3://{}/{key}` is there already", self.place.bucket));
                Err(Failure { exit: Exit::Refused, ..there }
                    .help("evidence is never replaced: choose another prefix; the bundle on the disk is whole"))
            }
            Err(error) => {
                let refusal = refused("s3:PutObject", &self.clients.region, &error);
                let failure = match (refusal.is_denied() && !refusal.is_denied_by_scp(), self.lock) {
                    (false, _) => Failure::from(refusal),
                    (true, Lock::Days(_)) => Failure::aws(refusal.to_string())
                        .help("allow s3:PutObject and s3:PutObjectRetention on the bucket, and its key if it has one"),
                    (true, Lock::None | Lock::ByDefault) => Failure::aws(refusal.to_string())
                        .help("allow s3:PutObject on the bucket, and its key if it has one"),
                };
                Err(failure.help("the bundle on the disk is whole and stays"))
            }
        }
    }

    async fn locked(&self, key: &str) -> Result<Locked, Failure> {
        if self.lock == Lock::None {
            return Ok(Locked::No);
        }
        let Self { clients, place, .. } = self;
        let head = clients.s3.head_object().bucket(&place.bucket).key(key).send().await;
        // Without the permission s3:GetObjectRetention the answer has no such header, and looks like one of no lock.
        if let Some(until) = head.ok().and_then(|head| head.object_lock_retain_until_date().copied()) {
            return Ok(Locked::Until(until.to_string()));
        }
        let answer = clients.s3.get_object_retention().bucket(&place.bucket).key(key).send().await;
        let answer = match answer {
            Ok(answer) => Ok(answer.retention().and_then(|one| one.retain_until_date().copied())),
            Err(error) if error.code() == Some("NoSuchObjectLockConfiguration") => Ok(None),
            Err(error) => Err(refused("s3:GetObjectRetention", &clients.region, &error)),
        };
        confirmed(key, answer)
    }
}

fn not_located(bucket: &str, refusal: AwsRefusal) -> Failure {
    if refusal.code.as_deref() != Some("NoSuchBucket") {
        return refusal.into();
    }
    // Its buckets have no location, and S3 refuses to be told one.
    let home = Some(&refusal.region).filter(|region| *region != "us-east-1");
    let home = home.map(|region| format!(" --create-bucket-configuration LocationConstraint={region}"));
    Failure::usage(format!("there is no bucket `{bucket}`; nothing was read"))
        .help("check the name: aws s3 ls tells the buckets of the account")
        .help(format!(
            "or make it, with a lock: aws s3api create-bucket --bucket {bucket} --object-lock-enabled-for-bucket{}",
            home.unwrap_or_default()
        ))
}

/// What an object's own retention says of the lock that it should have.
fn confirmed(key: &str, answer: Read<Option<DateTime>>) -> Result<Locked, Failure> {
    match answer {
        Ok(Some(until)) => Ok(Locked::Until(until.to_string())),
        Ok(None) => Err(Failure::aws(format!("`{key}` was put into the bucket and is not locked"))),
        Err(refusal) => Ok(Locked::Unconfirmed(refusal.to_string())),
    }
}

async fn lock(clients: &Clients, bucket: &str, days: Option<u32>) -> Result<Lock, Failure> {
    let answer = clients.s3.get_object_lock_configuration().bucket(bucket).send().await;
    let (is_on, has_default) = match answer {
        Ok(answer) => {
            let lock = answer.object_lock_configuration();
            let is_on = lock.and_then(|lock| lock.object_lock_enabled()) == Some(&ObjectLockEnabled::Enabled);
            (is_on, lock.and_then(|lock| lock.rule()).and_then(|rule| rule.default_retention()).is_some())
        }
        Err(error) if error.code() == Some("ObjectLockConfigurationNotFoundError") => (false, false),
        Err(error) => return Err(refused("s3:GetBucketObjectLockConfiguration", &clients.region, &error).into()),
    };
    match (is_on, has_default, days) {
        (false, _, None) => Ok(Lock::None),
        (false, _, Some(_)) => Err(Failure::usage(format!("the bucket `{bucket}` does not lock objects"))
            .help("leave --retain-days out, or name a bucket with object lock")),
        (true, _, Some(days)) => Ok(Lock::Days(days)),
        (true, true, None) => Ok(Lock::ByDefault),
        (true, false, None) => {
            Err(Failure::usage(format!("the bucket `{bucket}` locks objects, and has no default for how long"))
                .help("say it: --retain-days DAYS"))
        }
    }
}

fn now() -> i64 {
    crate::evidence::Moment::now().time().unix_timestamp()
}

/// The files of a folder, the manifest last: a bundle without it is none.
fn files(folder: &Path) -> Result<Vec<String>, Failure> {
    let bytes = std::fs::read(folder.join("manifest.json")).map_err(|error| Failure::internal(&error))?;
    let manifest = crate::evidence::Manifest::read(&bytes).map_err(|error| Failure::internal(&error))?;
    let signature = manifest.signature.is_some().then(|| "manifest.json.sig".to_owned());
    let listed = manifest.files.into_iter().map(|entry| entry.path);
    Ok(listed.chain(signature).chain(["manifest.json".to_owned()]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_s3() {
        let place = |text: &str| text.parse::<S3Place>().map(|place| (place.bucket, place.prefix));
        assert_eq!(place("s3://audit-bucket"), Ok(("audit-bucket".to_owned(), String::new())));
        assert_eq!(place("s3://audit-bucket/a/b/"), Ok(("audit-bucket".to_owned(), "a/b/".to_owned())));
        for wrong in ["audit", "s3://", "s3://Ab", "https://audit-bucket/x"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_one_call_cannot_take_is_told_before_anything_is_there() {
        let path = std::env::temp_dir().join(format!("notebook-guard-large-{}", std::process::id()));
        let file = std::fs::File::create(&path).unwrap();
        let place = S3Place { bucket: "audit-bucket".to_owned(), prefix: String::new() };
        // It has no blocks: nothing is written.
        file.set_len(LARGEST).unwrap();
        let fits = place.check_size(&path, "q3.zip");
        file.set_len(LARGEST + 1).unwrap();
        let refused = place.check_size(&path, "q3.zip");
        std::fs::remove_file(&path).unwrap();
        assert!(fits.is_ok());
        let help = refused.unwrap_err().help.join("\n");
        assert!(help.contains("s3://audit-bucket/q3.zip") && help.contains("--ou"), "{help}");
    }

    #[test]
    fn a_lock_that_nobody_may_look_at_is_neither_there_nor_missing() {
        let until = confirmed("q3.zip", Ok(Some(DateTime::from_secs(1_800_000_000))));
        assert_eq!(until.ok().as_ref().and_then(Locked::until), Some("2027-01-15T08:00:00Z"));
        assert!(confirmed("q3.zip", Ok(None)).is_err());
        let refusal = AwsRefusal {
            call: "s3:GetObjectRetention".to_owned(),
            region: "eu-west-1".to_owned(),
            code: Some("AccessDenied".to_owned()),
            message: "no".to_owned(),
            request_id: None,
        };
        let unsure = confirmed("q3.zip", Err(refusal)).ok();
        assert!(unsure.as_ref().and_then(Locked::doubt).is_some_and(|why| why.contains("AccessDenied")), "{unsure:?}");
        assert_eq!(unsure.as_ref().and_then(Locked::until), None);
    }
}
