use super::client::{ACCOUNT, Client, OTHER, REGION, sandbox};

const LOCATION: &str = "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                        <LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";

async fn s3(client: &Client, line: &str) -> super::client::Answer {
    client.rest("s3", line, &[], "").await
}

#[tokio::test]
async fn a_bucket_is_made_once_in_the_whole_world() {
    let sandbox = sandbox().await;
    let (client, other) = (Client::new(&sandbox), Client::of(sandbox.world(), OTHER));
    assert_eq!(client.rest("s3", "PUT /shared-name", &[], LOCATION).await.status, 200);
    let again = client.rest("s3", "PUT /shared-name", &[], LOCATION).await;
    assert_eq!((again.status, again.element("Code").as_str()), (409, "BucketAlreadyOwnedByYou"));
    let taken = other.rest("s3", "PUT /shared-name", &[], LOCATION).await;
    assert_eq!((taken.status, taken.element("Code").as_str()), (409, "BucketAlreadyExists"));
    let nowhere = client.rest("s3", "PUT /another-name", &[], "").await;
    assert_eq!(nowhere.element("Code"), "IllegalLocationConstraintException");
    let bad = client.rest("s3", "PUT /Bad_Name", &[], LOCATION).await;
    assert_eq!(bad.element("Code"), "InvalidBucketName");
    assert_eq!(s3(&client, "HEAD /shared-name").await.status, 200);
    assert_eq!(s3(&other, "HEAD /shared-name").await.status, 403);
    assert_eq!(s3(&client, "HEAD /no-such-name").await.status, 404);
    let owner = [("x-amz-expected-bucket-owner", OTHER)];
    assert_eq!(client.rest("s3", "HEAD /shared-name", &owner, "").await.status, 403);
}

#[tokio::test]
async fn another_region_is_redirected() {
    let sandbox = sandbox().await;
    sandbox.world().enable_region(ACCOUNT, "us-east-1").unwrap();
    sandbox.world().put_bucket(ACCOUNT, REGION, "irish").unwrap();
    let virginia = Client::new(&sandbox).in_region("us-east-1");
    let answer = s3(&virginia, "GET /irish/key").await;
    assert_eq!((answer.status, answer.element("Code").as_str()), (301, "PermanentRedirect"));
    assert!(answer.headers.contains("x-amz-bucket-region: eu-west-1"), "{}", answer.headers);
    assert_eq!(s3(&virginia, "GET /irish?location").await.status, 200);
}

#[tokio::test]
async fn objects_are_kept_with_their_versions() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    sandbox.world().put_bucket(ACCOUNT, REGION, "kept").unwrap();
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    assert_eq!(client.rest("s3", "PUT /kept?versioning", &[], on).await.status, 200);
    for body in ["one", "two"] {
        assert_eq!(client.rest("s3", "PUT /kept/a/b%20c", &[], body).await.status, 200);
    }
    assert_eq!(s3(&client, "GET /kept/a/b%20c").await.body, "two");
    let refused = client.rest("s3", "PUT /kept/a/b%20c", &[("if-none-match", "*")], "three").await;
    assert_eq!((refused.status, refused.element("Code").as_str()), (412, "PreconditionFailed"));
    assert_eq!(s3(&client, "DELETE /kept/a/b%20c").await.status, 204);
    assert_eq!(s3(&client, "GET /kept/a/b%20c").await.element("Code"), "NoSuchKey");
    let versions = s3(&client, "GET /kept?versions").await;
    assert!(versions.body.contains("<ListVersionsResult"), "{}", versions.body);
    assert_eq!(versions.body.matches("<Version>").count(), 2);
    assert_eq!(versions.body.matches("<DeleteMarker>").count(), 1);
    let full = s3(&client, "DELETE /kept").await;
    assert_eq!((full.status, full.element("Code").as_str()), (409, "BucketNotEmpty"));
    let ids = versions.body.split("<VersionId>").skip(1).map(|rest| rest.split('<').next().unwrap());
    let object = |id| format!("<Object><Key>a/b c</Key><VersionId>{id}</VersionId></Object>");
    let objects = ids.map(object).collect::<Vec<_>>().concat();
    let deleted = client.rest("s3", "POST /kept?delete", &[], &format!("<Delete>{objects}</Delete>")).await;
    assert_eq!(deleted.body.matches("<Deleted>").count(), 3, "{}", deleted.body);
    assert_eq!(s3(&client, "DELETE /kept").await.status, 204);
}

#[tokio::test]
async fn a_listing_is_cut_into_pages_and_folders() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    sandbox.world().put_bucket(ACCOUNT, REGION, "listed").unwrap();
    for key in ["a/1", "a/2", "b", "c/1", "d"] {
        client.rest("s3", &format!("PUT /listed/{key}"), &[], key).await;
    }
    let mut seen = Vec::new();
    let mut line = "GET /listed?list-type=2&delimiter=%2F&max-keys=2".to_owned();
    loop {
        let page = s3(&client, &line).await;
        for element in ["Key", "Prefix"] {
            let open = format!("<{element}>");
            seen.extend(page.body.split(open.as_str()).skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()));
        }
        if page.element("IsTruncated") == "false" {
            break;
        }
        let token = page.element("NextContinuationToken").replace('=', "%3D").replace('+', "%2B");
        line = format!("GET /listed?continuation-token={token}&delimiter=%2F&list-type=2&max-keys=2");
    }
    seen.retain(|name| !name.is_empty());
    seen.sort();
    assert_eq!(seen, ["a/", "b", "c/", "d"]);
}

#[tokio::test]
async fn what_was_changed_on_the_way_is_refused() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    sandbox.world().put_bucket(ACCOUNT, REGION, "checked").unwrap();
    let wrong = client.rest("s3", "PUT /checked/k", &[("x-amz-checksum-crc32", "AAAAAA==")], "body").await;
    assert_eq!((wrong.status, wrong.element("Code").as_str()), (400, "BadDigest"));
    let right = client.rest("s3", "PUT /checked/k", &[("x-amz-checksum-crc32", "26gLsg==")], "body").await;
    assert_eq!(right.status, 200, "{}", right.body);
    let absent = s3(&client, "GET /checked?acl").await;
    assert_eq!((absent.status, absent.element("Code").as_str()), (501, "NotImplemented"));
    let policy = "{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\
                  \"Resource\":\"arn:aws:s3:::other/*\"}]}";
    let foreign = client.rest("s3", "PUT /checked?policy", &[], policy).await;
    assert_eq!(foreign.element("Code"), "MalformedPolicy");
    let own = policy.replace("other", "checked");
    assert_eq!(client.rest("s3", "PUT /checked?policy", &[], &own).await.status, 200);
    assert_eq!(s3(&client, "GET /checked?policy").await.body, own);
    assert_eq!(sandbox.world().object("checked", "k").unwrap(), b"body");
}

#[tokio::test]
async fn a_body_in_chunks_is_put_together() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    sandbox.world().put_bucket(ACCOUNT, REGION, "chunked").unwrap();
    let headers = [("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", "8")];
    let body = |sum: &str| format!("5\r\nhello\r\n3\r\nyou\r\n0\r\nx-amz-checksum-crc32:{sum}\r\n\r\n");
    let put = client.rest("s3", "PUT /chunked/k", &headers, &body("ZjkUGQ==")).await;
    assert_eq!(put.status, 200, "{}", put.body);
    assert_eq!(s3(&client, "GET /chunked/k").await.body, "helloyou");
    let wrong = client.rest("s3", "PUT /chunked/k", &headers, &body("AAAAAA==")).await;
    assert_eq!(wrong.element("Code"), "BadDigest");
    let short = [("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", "9")];
    let cut = client.rest("s3", "PUT /chunked/k", &short, &body("ZjkUGQ==")).await;
    assert_eq!(cut.element("Code"), "IncompleteBody");
    let calls = sandbox.world().calls().of("s3", "PutObject");
    assert_eq!((calls.len(), calls[0].line.as_str()), (3, "PUT /chunked/k"));
}

#[tokio::test]
async fn what_is_not_there_is_not_pretended() {
    let sandbox = sandbox().await;
    let client = Client::new(&sandbox);
    sandbox.world().put_bucket(ACCOUNT, REGION, "plain").unwrap();
    for header in [("x-amz-copy-source", "/plain/other"), ("x-amz-tagging", "a=b"), ("x-amz-acl", "public-read")] {
        let answer = client.rest("s3", "PUT /plain/k", &[header], "").await;
        assert_eq!((answer.status, answer.element("Code").as_str()), (501, "NotImplemented"), "{header:?}");
    }
    assert_eq!(sandbox.world().object("plain", "k"), None);
}
