//! On what a call or a step of a stack acts, as policies name it.
//!
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>

use serde_json::Value;

use crate::sandbox::state::{Place, State};

/// What policies see of an action that knows no resources.
const ANY: &str = "*";

fn text<'a>(input: &'a Value, member: &str) -> Option<&'a str> {
    input.get(member).and_then(Value::as_str)
}

/// The ARN that a call is about; `*` if its action knows none, or the sandbox does not know which.
pub(super) fn of_call(state: &State, place: &Place, service: &str, operation: &str, input: &Value) -> String {
    let named = |member: &str| text(input, member);
    let found = match service {
        "sagemaker" => of_sagemaker(place, operation, input),
        "config" => of_config(state, place, input),
        "lambda" => named("FunctionName").or(named("Resource")).map(|name| function(place, name)),
        "cloudformation" => of_stacks(state, place, input),
        "iam" => {
            named("RoleName").map(|name| role(state, place, name)).or_else(|| named("PolicyArn").map(str::to_owned))
        }
        "s3" => named("Bucket").map(|bucket| object(place, bucket, named("Key"))),
        "kms" => named("KeyId").map(|key| {
            if key.starts_with("arn:") || key.starts_with("alias/") {
                key.to_owned()
            } else {
                place.arn("kms", &format!("key/{key}"))
            }
        }),
        "sts" => named("RoleArn").map(str::to_owned),
        _ => None,
    };
    found.unwrap_or_else(|| ANY.to_owned())
}

fn of_sagemaker(place: &Place, operation: &str, input: &Value) -> Option<String> {
    let notebook = text(input, "NotebookInstanceName").map(|name| format!("notebook-instance/{}", name.to_lowercase()));
    let domain = text(input, "DomainId").map(|id| format!("domain/{id}"));
    // The id of a new domain is not known before it is made.
    let new = (operation == "CreateDomain").then(|| "domain/d-new".to_owned());
    let own = notebook.or(domain).or(new).map(|resource| place.arn("sagemaker", &resource));
    own.or_else(|| text(input, "ResourceArn").map(str::to_owned))
}

fn of_config(state: &State, place: &Place, input: &Value) -> Option<String> {
    let config = &state.regions.get(place)?.config;
    let put = input.get("ConfigRule").and_then(|rule| text(rule, "ConfigRuleName"));
    if let Some(name) = text(input, "ConfigRuleName").or(put) {
        let known = config.rules.get(name).map(|rule| rule.arn.clone());
        return Some(known.unwrap_or_else(|| place.arn("config", "config-rule/config-rule-new")));
    }
    if let Some(name) = text(input, "ConfigurationAggregatorName") {
        let known = config.aggregators.get(name).map(|aggregator| aggregator.arn.clone());
        return Some(known.unwrap_or_else(|| place.arn("config", "config-aggregator/config-aggregator-new")));
    }
    let name = text(input, "ConformancePackName")?;
    let known = config.packs.get(name).map(|pack| pack.arn.clone());
    Some(known.unwrap_or_else(|| place.arn("config", &format!("conformance-pack/{name}/conformance-pack-new"))))
}

fn of_stacks(state: &State, place: &Place, input: &Value) -> Option<String> {
    if let Some(name) = text(input, "StackSetName") {
        return Some(place.arn("cloudformation", &format!("stackset/{name}")));
    }
    let name = text(input, "StackName")?;
    let known = state.regions.get(place).and_then(|region| region.cloudformation.find(name));
    Some(match known {
        Some(stack) => stack.id.clone(),
        None if name.starts_with("arn:") => name.to_owned(),
        None => place.arn("cloudformation", &format!("stack/{name}/new")),
    })
}

fn function(place: &Place, name: &str) -> String {
    if name.starts_with("arn:") { name.to_owned() } else { place.arn("lambda", &format!("function:{name}")) }
}

fn role(state: &State, place: &Place, name: &str) -> String {
    let known = state.accounts.get(&place.account).and_then(|account| account.iam.get(name));
    known.map_or_else(|| place.iam_arn(&format!("role/{name}")), |role| role.arn.clone())
}

fn object(place: &Place, bucket: &str, key: Option<&str>) -> String {
    let path = key.map(|key| format!("/{key}")).unwrap_or_default();
    format!("arn:{}:s3:::{bucket}{path}", place.partition())
}

/// The resource of a stack that a handler works at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) kind: &'a str,
    /// Its id; nothing while it is made.
    pub(crate) physical: Option<&'a str>,
    pub(crate) properties: &'a Value,
    /// How its name begins if the template gives it none.
    pub(crate) prefix: &'a str,
}

impl Subject<'_> {
    fn name(&self, property: &str) -> String {
        let given = self.physical.or_else(|| text(self.properties, property));
        given.map_or_else(|| format!("{}-NEW", self.prefix), str::to_owned)
    }

    fn property(&self, name: &str) -> &str {
        text(self.properties, name).unwrap_or_default()
    }

    /// The ARN that one of the handler's actions is about.
    pub(super) fn arn(&self, place: &Place, action: &str) -> String {
        match action {
            "iam:PassRole" => return self.property("Role").to_owned(),
            "s3:GetObject" => {
                let code = self.properties.get("Code").unwrap_or(&Value::Null);
                return object(place, text(code, "S3Bucket").unwrap_or_default(), text(code, "S3Key"));
            }
            _ => {}
        }
        match self.kind {
            "AWS::CloudWatch::Alarm" => place.arn("cloudwatch", &format!("alarm:{}", self.name("AlarmName"))),
            "AWS::Config::ConfigRule" => place.arn("config", "config-rule/config-rule-new"),
            "AWS::Config::ConfigurationAggregator" => place.arn("config", "config-aggregator/config-aggregator-new"),
            "AWS::Config::ConformancePack" => {
                let name = self.name("ConformancePackName");
                place.arn("config", &format!("conformance-pack/{name}/conformance-pack-new"))
            }
            "AWS::IAM::Role" => {
                let path = text(self.properties, "Path").unwrap_or("/");
                place.iam_arn(&format!("role{path}{}", self.name("RoleName")))
            }
            "AWS::Lambda::Function" => function(place, &self.name("FunctionName")),
            // Their ids are not the function's name.
            "AWS::Lambda::EventInvokeConfig" | "AWS::Lambda::Permission" => {
                function(place, self.property("FunctionName"))
            }
            "AWS::Logs::LogGroup" => place.arn("logs", &format!("log-group:{}", self.name("LogGroupName"))),
            "AWS::S3::Bucket" => object(place, &self.name("BucketName"), None),
            "AWS::S3::BucketPolicy" => object(place, self.property("Bucket"), None),
            "AWS::SNS::Topic" => {
                let name = self.name("TopicName");
                if name.starts_with("arn:") { name } else { place.arn("sns", &name) }
            }
            _ => ANY.to_owned(),
        }
    }
}
