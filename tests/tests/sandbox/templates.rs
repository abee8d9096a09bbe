//! Templates that CloudFormation refuses, and what functions and conditions give.

use super::client::{ACCOUNT, REGION};
use super::stacks::{call, create, quick, refused};

#[tokio::test]
async fn templates_are_refused_in_cloudformations_words() {
    let (_sandbox, client) = quick().await;
    let group = |properties: &str| format!("Resources: {{A: {{Type: 'AWS::Logs::LogGroup', {properties}}}}}");
    let cases = [
        (
            "Resources: {A: {Type: 'AWS::Bogus::X'}}".to_owned(),
            "Template format error: Unrecognized resource types: [AWS::Bogus::X]",
        ),
        ("Resources: {}".to_owned(), "Template format error: At least one Resources member must be defined."),
        (group("DependsOn: A"), "Circular dependency between resources: [A]"),
        (
            group("DependsOn: B"),
            "Template format error: Unresolved resource dependencies [B] in the Resources block of the template",
        ),
        (
            group("Properties: {LogGroupName: !GetAtt A.Bogus}"),
            "Template error: resource A does not support attribute type Bogus in Fn::GetAtt",
        ),
        (
            group("Properties: {LogGroupName: !Sub '${B}-x'}"),
            "Template format error: Unresolved resource dependencies [B] in the Resources block of the template",
        ),
        (
            group("Condition: C"),
            "Template format error: Unresolved condition dependency C in the Resources block of the template",
        ),
        (group("Bogus: 1"), "Invalid template resource property 'Bogus'"),
        (
            group("") + "\nOutputs: {O: {Value: !Ref X}}",
            "Template format error: Unresolved resource dependencies [X] in the Outputs block of the template",
        ),
        (group("") + "\nBogus: 1", "Invalid template property or properties [Bogus]"),
        ("a: [".to_owned(), "Template format error: YAML not well-formed. (line 2, column 1)"),
    ];
    for (body, message) in cases {
        let answer = refused(&client, "ValidateTemplate", &[("TemplateBody", &body)]).await;
        assert_eq!(answer, ("ValidationError".to_owned(), message.to_owned()), "{body}");
    }
    let long = format!("# {}\n{}", "x".repeat(51_200), group(""));
    let answer = refused(&client, "ValidateTemplate", &[("TemplateBody", &long)]).await;
    assert!(answer.1.ends_with("Member must have length less than or equal to 51200"));
}

#[tokio::test]
async fn parameters_are_checked() {
    let (_sandbox, client) = quick().await;
    let body = "Parameters:\n  A: {Type: String, AllowedValues: [x, y], Default: x}\n  B: {Type: String, AllowedPattern: '[a-z]+', Default: b}\n  \
                C: {Type: Number, MinValue: 1, MaxValue: 5, Default: 2}\n  D: {Type: String, MaxLength: 3, Default: d}\n  \
                E: {Type: String, AllowedPattern: '[0-9]+', ConstraintDescription: digits only, Default: 1}\n  F: {Type: CommaDelimitedList, Default: 'a,b'}\n  \
                G: {Type: String}\nResources: {L: {Type: 'AWS::Logs::LogGroup'}}\n";
    let cases = [
        (&[][..], "Parameters: [G] must have values"),
        (&[("X", "1"), ("G", "")][..], "Parameters: [X] do not exist in the template"),
        (&[("A", "z"), ("G", "")][..], "Parameter 'A' must be one of AllowedValues"),
        (&[("B", "b1"), ("G", "")][..], "Parameter 'B' must match pattern [a-z]+"),
        (&[("C", "6"), ("G", "")][..], "Parameter 'C' must be a number not greater than 5"),
        (&[("C", "x"), ("G", "")][..], "Parameter 'C' must be a number"),
        (&[("D", "long"), ("G", "")][..], "Parameter 'D' must contain at most 3 characters"),
        (&[("E", "x"), ("G", "")][..], "Parameter E failed to satisfy constraint: digits only"),
    ];
    for (parameters, message) in cases {
        let names: Vec<_> = (1..=parameters.len())
            .map(|at| {
                (format!("Parameters.member.{at}.ParameterKey"), format!("Parameters.member.{at}.ParameterValue"))
            })
            .collect();
        let mut fields = vec![("StackName", "s"), ("TemplateBody", body)];
        for ((key, value), (name, text)) in parameters.iter().zip(&names) {
            fields.extend([(name.as_str(), *key), (text.as_str(), *value)]);
        }
        assert_eq!(refused(&client, "CreateStack", &fields).await, ("ValidationError".to_owned(), message.to_owned()));
    }
    let shown = call(&client, "ValidateTemplate", &[("TemplateBody", body)]).await;
    assert_eq!(shown.body.matches("<ParameterKey>").count(), 7);
}

#[tokio::test]
async fn functions_and_conditions_give_what_they_should() {
    let (sandbox, client) = quick().await;
    let body = r"
Parameters: {List: {Type: CommaDelimitedList, Default: 'a, b,c'}, Env: {Type: String, Default: prod}}
Mappings: {Days: {prod: {keep: 90}, test: {keep: 1}}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Not: !Not [!Condition Prod]
  Both: !And [!Condition Prod, !Not [!Condition Not]]
  Any: !Or [!Condition Not, !Condition Prod]
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: !FindInMap [Days, !Ref Env, keep]
      KmsKeyId: !If [Not, bogus, !Ref AWS::NoValue]
  Skipped: {Type: AWS::Logs::LogGroup, Condition: Not}
Outputs:
  Join: {Value: !Join ['-', [!Ref AWS::AccountId, !Ref AWS::Region, !Select [1, !Ref List]]]}
  Sub: {Value: !Sub ['${AWS::Partition}:${X}:${!Lit}:${Group.Arn}', {X: !Select [1, !Split ['/', a/b]]}]}
  Any: {Condition: Any, Value: !If [Both, yes, no], Export: {Name: exported}}
  None: {Condition: Not, Value: x}
";
    let made = create(&sandbox, &client, "s", &[("TemplateBody", body)]).await;
    assert_eq!(made.status, "CREATE_COMPLETE", "{made:?}");
    let group = &made.resources["Group"].physical_id;
    assert_eq!(made.outputs["Join"], "111122223333-eu-west-1-b");
    assert_eq!(made.outputs["Sub"], format!("aws:b:${{Lit}}:arn:aws:logs:eu-west-1:111122223333:log-group:{group}:*"));
    assert_eq!(made.outputs["Any"], "yes");
    assert!(!made.outputs.contains_key("None") && !made.resources.contains_key("Skipped"));
    let import = "Resources: {G: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: !ImportValue exported}}}";
    assert_eq!(create(&sandbox, &client, "t", &[("TemplateBody", import)]).await.resources["G"].physical_id, "yes");
    let missing = import.replace("exported", "nothing");
    assert_eq!(create(&sandbox, &client, "u", &[("TemplateBody", &missing)]).await.status, "ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn rules_capabilities_and_addresses_are_checked() {
    let (sandbox, client) = quick().await;
    let body = "Parameters: {A: {Type: String, Default: x}}\nRules: {R: {Assertions: [{Assert: !Equals [!Ref A, y], AssertDescription: A has to be y}]}}\n\
                Resources: {L: {Type: 'AWS::Logs::LogGroup'}}\n";
    let answer = refused(&client, "CreateStack", &[("StackName", "s"), ("TemplateBody", body)]).await;
    assert!(answer.1.ends_with("A has to be y"), "{answer:?}");
    let role = "Resources: {R: {Type: 'AWS::IAM::Role', Properties: {AssumeRolePolicyDocument: {Statement: []}}}}";
    let answer = refused(&client, "CreateStack", &[("StackName", "s"), ("TemplateBody", role)]).await;
    assert_eq!(
        answer,
        ("InsufficientCapabilitiesException".to_owned(), "Requires capabilities : [CAPABILITY_IAM]".to_owned())
    );
    sandbox.world().put_bucket(ACCOUNT, REGION, "templates").unwrap();
    client.rest("s3", "PUT /templates/t.yaml", &[], "Resources: {L: {Type: 'AWS::Logs::LogGroup'}}").await;
    let url = "https://templates.s3.eu-west-1.amazonaws.com/t.yaml";
    assert_eq!(create(&sandbox, &client, "s", &[("TemplateURL", url)]).await.status, "CREATE_COMPLETE");
    let missing =
        refused(&client, "CreateStack", &[("StackName", "t"), ("TemplateURL", &url.replace("t.yaml", "x"))]).await;
    assert!(missing.1.starts_with("S3 error: Access Denied"), "{missing:?}");
    let text = call(&client, "GetTemplate", &[("StackName", "s")]).await.element("TemplateBody");
    assert_eq!(text.replace("&apos;", "'"), "Resources: {L: {Type: 'AWS::Logs::LogGroup'}}");
}
