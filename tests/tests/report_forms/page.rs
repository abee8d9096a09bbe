//! What the page says. How it looks, a browser judges: `tests/browser`.

use deployer::evidence::rows::Reading;
use deployer::report::Format;

use crate::rows::{MUTE, ONE, SCREEN, organization, place, report};

/// The words of a page, without its tags.
fn words(page: &str) -> String {
    let body = page.split("<body>").nth(1).unwrap();
    let parts = body.split('<').filter_map(|part| part.split_once('>')).flat_map(|(_, text)| text.split_whitespace());
    let text = parts.collect::<Vec<_>>().join(" ");
    text.replace("&#34;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn it_says_how_it_stands_and_what_limits_that() {
    let page = words(&report(Format::Html, &organization(), SCREEN));
    for said in [
        "2 of 4 notebooks and domains do not comply.",
        "2 of 4 accounts × Regions gave no data.",
        "1 of 4 accounts × Regions was read in part.",
        "1 result had an exemption that has expired: it is a violation again.",
        "Do not comply 2 3 violations",
        "Exempt 0 1 exempt result",
        "Judged 4 notebooks and domains",
        "Read to the end 1 of 4 accounts × Regions; 2 more out of scope",
        "Checks 4 8 results",
        // The worst first: two high ones, then one.
        "research Notebook in Payments (111122223333), eu-west-1",
        "direct-internet-access of research is wrong. Mend it.",
        "Exemption SEC-123 expired on 31 October 2026.",
        "31 October 2026 expired: a violation again SEC-123 until the migration ml@example.com approved by ciso@example.com",
        "31 January 2027 69 days left",
        "No data: 2 accounts × Regions role arn:aws:iam::444455556666:role/Audit cannot be assumed: AccessDenied Fraud \
         (444455556666) eu-west-1, us-east-1",
        "Read in part: 1 account × Region sagemaker:ListDomains: Throttling Payments (111122223333) us-east-1",
        "Out of scope: 2 accounts × Regions the account is suspended 777788889999",
        "SageMaker.1 Amazon SageMaker notebook instances should not have direct internet access",
        "PCI DSS v4.0.1 1.4.4",
        "AI Security Best Practices v1.0.0 SageMaker.21",
        "Asked for checks of the network",
        "A result is as old as the last evaluation of its rule.",
        "By arn:aws:sts::111122223333:assumed-role/Audit/jo",
        "With Notebook Guard 1.2.3",
    ] {
        assert!(page.contains(said), "it does not say `{said}`:\n{page}");
    }
    assert!(page.find("research Notebook").unwrap() < page.find("d-1 Studio domain").unwrap());
}

#[test]
fn what_was_not_read_never_complies() {
    let mute = [place((ONE, "eu-west-1"), Reading::Unread { why: "the recorder is stopped".to_owned() }, 0)];
    let page = words(&report(Format::Html, &mute, SCREEN));
    assert!(page.contains("Nothing could be judged."), "{page}");
    assert!(!page.contains("No violation "), "{page}");
    let empty = [place((ONE, "eu-west-1"), Reading::Read, 0)];
    assert!(words(&report(Format::Html, &empty, SCREEN)).contains("There is nothing to judge here."));
}

#[test]
fn the_same_reason_in_two_accounts_is_told_once() {
    let why = |account| Reading::Unread { why: format!("no credentials for {account}") };
    let rows = [place((ONE, "eu-west-1"), why(ONE), 0), place((MUTE, "eu-west-1"), why(MUTE), 0)];
    let page = words(&report(Format::Html, &rows, SCREEN));
    assert!(page.contains("No data: 2 accounts × Regions no credentials for ACCOUNT Payments"), "{page}");
}
