//! Reading EC2's XML answers.

use std::fmt;

use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::facts::Ingress;

/// An error that EC2 answered with.
#[derive(Debug)]
pub(super) struct Ec2Error {
    metadata: ErrorMetadata,
}

impl fmt::Display for Ec2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.metadata)
    }
}

impl std::error::Error for Ec2Error {}

impl ProvideErrorMetadata for Ec2Error {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

/// A parsed element: its name, its text and its children.
#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    /// The `item` elements of a list.
    fn items(&self, list: &str) -> impl Iterator<Item = &Self> {
        self.child(list).into_iter().flat_map(|list| list.children.iter().filter(|child| child.name == "item"))
    }
}

/// Deeper than any answer of EC2; a document that nests further is not one.
const DEEPEST: usize = 32;

fn parse(xml: &str) -> Result<Element, String> {
    let mut reader = Reader::from_str(xml);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) if open.len() < DEEPEST => {
                let name = start.local_name().as_ref().to_owned();
                open.push(Element { name, ..Element::default() });
            }
            Event::Start(_) => return Err("it is nested too deeply".to_owned()),
            Event::Empty(empty) => {
                let name = empty.local_name().as_ref().to_owned();
                if let Some(parent) = open.last_mut() {
                    parent.children.push(Element { name, ..Element::default() });
                }
            }
            Event::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                let character = entity(&reference)?;
                if let Some(element) = open.last_mut() {
                    element.text.push(character);
                }
            }
            Event::End(_) => match (open.pop(), open.last_mut()) {
                (Some(element), Some(parent)) => parent.children.push(element),
                _ => return Err("an element ends that never began".to_owned()),
            },
            Event::Eof => break,
            Event::CData(_) => return Err("it has a CDATA section, which EC2 does not send".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some(mut root), true) if !root.children.is_empty() => Ok(root.children.swap_remove(0)),
        _ => Err("it is not a whole XML document".to_owned()),
    }
}

fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Result<char, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(character);
    }
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        other => Err(format!("it has the unknown entity `{other}`")),
    }
}

/// What each group admits, by its id.
type Groups = Vec<(String, Vec<Ingress>)>;

/// The groups of a `DescribeSecurityGroups` answer, and the token of the next page.
pub(super) fn read_groups(xml: &str) -> Result<(Groups, Option<String>), String> {
    let root = parse(xml)?;
    if root.child("securityGroupInfo").is_none() {
        return Err("it has no securityGroupInfo".to_owned());
    }
    let groups = root
        .items("securityGroupInfo")
        .map(|group| {
            let id = group.text_of("groupId").ok_or("it has a group without groupId")?;
            Ok((id.to_owned(), group.items("ipPermissions").flat_map(ingress).collect()))
        })
        .collect::<Result<_, String>>()?;
    Ok((groups, root.text_of("nextToken").map(str::to_owned)))
}

/// One entry for each range of a permission; ranges of IPv4 and IPv6 are different lists.
fn ingress(permission: &Element) -> Vec<Ingress> {
    let number = |name| permission.text_of(name).and_then(|text| text.parse().ok());
    let ports = number("fromPort").zip(number("toPort"));
    let protocol = permission.text_of("ipProtocol").unwrap_or("-1");
    let v4 = permission.items("ipRanges").filter_map(|range| range.text_of("cidrIp"));
    let v6 = permission.items("ipv6Ranges").filter_map(|range| range.text_of("cidrIpv6"));
    v4.chain(v6).map(|cidr| Ingress { cidr: cidr.to_owned(), protocol: protocol.to_owned(), ports }).collect()
}

/// The names of a `DescribeRegions` answer, sorted.
pub(super) fn read_regions(xml: &str) -> Result<Vec<String>, String> {
    let root = parse(xml)?;
    let mut names: Vec<String> =
        root.items("regionInfo").filter_map(|region| region.text_of("regionName")).map(str::to_owned).collect();
    names.sort();
    if names.is_empty() { Err("it names no Region".to_owned()) } else { Ok(names) }
}

/// The error of an answer that is none: code and message, or what stands in their place.
pub(super) fn read_error(status: u16, xml: &str) -> Ec2Error {
    let root = parse(xml).unwrap_or_default();
    let error = root.child("Errors").and_then(|errors| errors.child("Error"));
    let text = |name| error.and_then(|error| error.text_of(name)).map(str::to_owned);
    let metadata = ErrorMetadata::builder()
        .code(text("Code").unwrap_or_else(|| format!("HTTP {status}")))
        .message(text("Message").unwrap_or_else(|| "no message".to_owned()))
        .build();
    Ec2Error { metadata }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeSecurityGroupsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>
<securityGroupInfo><item><ownerId>123456789012</ownerId><groupId>sg-1</groupId><groupName>a &amp; b</groupName>
<ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><groups/>
<ipRanges><item><cidrIp>10.0.0.0/8</cidrIp><description>a &lt;net&gt; &#228;</description></item><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>
<ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges><prefixListIds/></item>
<item><ipProtocol>-1</ipProtocol><groups><item><groupId>sg-1</groupId></item></groups><ipRanges/><ipv6Ranges/></item></ipPermissions>
<ipPermissionsEgress><item><ipProtocol>-1</ipProtocol><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges></item></ipPermissionsEgress>
</item><item><groupId>sg-2</groupId><ipPermissions/></item></securityGroupInfo><nextToken>more</nextToken></DescribeSecurityGroupsResponse>"#;

    #[test]
    fn inbound_ranges_are_read_and_outbound_ones_are_not() {
        let (groups, next) = read_groups(GROUPS).unwrap();
        assert_eq!(next.as_deref(), Some("more"));
        let cidrs: Vec<(&str, Vec<&str>)> = groups
            .iter()
            .map(|(id, all)| (id.as_str(), all.iter().map(|ingress| ingress.cidr.as_str()).collect()))
            .collect();
        assert_eq!(cidrs, [("sg-1", vec!["10.0.0.0/8", "0.0.0.0/0", "::/0"]), ("sg-2", vec![])]);
        assert_eq!(groups[0].1[0].ports, Some((22, 22)));
    }

    #[test]
    fn an_answer_that_is_cut_or_foreign_is_an_error() {
        let half: String = GROUPS.chars().take(GROUPS.len() / 2).collect();
        assert!(read_groups(&half).is_err());
        assert!(read_groups("<html><body>busy</body></html>").is_err());
        assert!(read_groups("").is_err());
        assert!(read_groups(&"<a>".repeat(100)).is_err());
        assert!(read_regions("<DescribeRegionsResponse><regionInfo/></DescribeRegionsResponse>").is_err());
    }

    #[test]
    fn an_error_keeps_code_and_message() {
        let xml = "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit \
                   exceeded.</Message></Error></Errors><RequestID>r</RequestID></Response>";
        assert_eq!(read_error(503, xml).code(), Some("RequestLimitExceeded"));
        assert_eq!(read_error(503, "busy").code(), Some("HTTP 503"));
    }
}
