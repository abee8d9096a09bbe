//! Whatever bytes come as an event: no panic, and nothing is compliant unless the good value stands there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rule::check::ALL;
use rule::event::Message;
use rule::facts::Facts;
use rule::handler::accept;
use rule::parameters::RuleParameters;
use rule::subject::{Shape, Subject};
use rule::verdict::Verdict;

const OWN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:guard";

fuzz_target!(|bytes: &[u8]| {
    let Ok(event) = serde_json::from_slice(bytes) else { return };
    let Ok(accepted) = accept(&event, OWN) else { return };
    let (Message::Changed(item) | Message::Oversized(item)) = &accepted.invocation.message else { return };
    let _ = item.describe_name();
    for check in ALL {
        let id = item.resource_id.clone();
        let configuration = &item.configuration;
        let Some(subject) = Subject::read(&check.resource_type(), id, Shape::ConfigurationItem, configuration) else {
            continue;
        };
        if check.verdict(&subject, &Facts::default(), &RuleParameters::defaults(check)) == Verdict::Compliant {
            let text = configuration.to_string();
            let good = ["Disabled", "VpcOnly", "SubnetId", "KmsKeyId", "notebook-al2023-v1", "\"2\""];
            assert!(good.iter().any(|value| text.contains(value)), "{} of {text}", check.id);
        }
    }
});
