//! The fields of an exemption, the same in the customer's file and in the artifact, each read strictly.

use std::fmt;

use time::Date;
use time::macros::format_description;

use super::pattern::Place;
use super::{Exemption, Pattern};
use crate::check::{ALL, Check};
use crate::resource::{AccountId, ResourceType, is_region_name};

/// A field of an exemption. All are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// `account`
    Account,
    /// `region`
    Region,
    /// `notebook`
    Notebook,
    /// `check`
    Check,
    /// `reason`
    Reason,
    /// `owner`
    Owner,
    /// `ticket`
    Ticket,
    /// `approved_by`
    ApprovedBy,
    /// `expires`
    Expires,
}

impl Field {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 9] = [
        Self::Account,
        Self::Region,
        Self::Notebook,
        Self::Check,
        Self::Reason,
        Self::Owner,
        Self::Ticket,
        Self::ApprovedBy,
        Self::Expires,
    ];

    /// Its name in the file and in the artifact.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Region => "region",
            Self::Notebook => "notebook",
            Self::Check => "check",
            Self::Reason => "reason",
            Self::Owner => "owner",
            Self::Ticket => "ticket",
            Self::ApprovedBy => "approved_by",
            Self::Expires => "expires",
        }
    }

    /// The field of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// What may stand in it.
    #[must_use]
    pub fn form(self) -> String {
        let text = |meaning: &str, most: usize| format!("{meaning}, in 1 to {most} characters on one line");
        match self {
            Self::Account => "one account id of twelve digits, such as \"111122223333\"".to_owned(),
            Self::Region => "one Region, such as eu-west-1".to_owned(),
            Self::Notebook => "the name or ARN of a notebook, or the id, name or ARN of a domain; `*` stands for any \
                               characters of the name"
                .to_owned(),
            Self::Check => format!("one of {}", ALL.map(|check| check.id).join(", ")),
            Self::Reason => text("why the violation is borne", self.longest()),
            Self::Owner => text("who answers for it", self.longest()),
            Self::Ticket => text("where it was asked for and granted", self.longest()),
            Self::ApprovedBy => text("who granted it", self.longest()),
            Self::Expires => "the last day on which it holds (UTC), such as 2027-01-31".to_owned(),
        }
    }

    /// The most characters of a free text. A ticket stands in front of every annotation, which has 256.
    fn longest(self) -> usize {
        match self {
            Self::Reason => 500,
            Self::Ticket => 64,
            Self::Owner | Self::ApprovedBy => 128,
            Self::Account | Self::Region | Self::Notebook | Self::Check | Self::Expires => 256,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}; {} is expected", field.form())]
pub struct FieldFault {
    /// The field.
    pub field: Field,
    /// What is wrong with it, to be read after its name.
    pub problem: String,
}

impl Exemption {
    /// Makes an exemption of the texts of its fields.
    ///
    /// # Errors
    /// Everything that is wrong, at least one fault, in the order of [`Field::ALL`].
    pub fn of<'v>(value: impl Fn(Field) -> Option<&'v str>) -> Result<Self, Vec<FieldFault>> {
        let mut reader = Reader { value, faults: Vec::new() };
        let account = reader.read(Field::Account, account);
        let region = reader.read(Field::Region, region);
        let check = reader.read(Field::Check, check);
        let resource_type: Option<ResourceType> = check.map(Check::resource_type);
        let place = Place {
            account: account.as_ref().map(AccountId::as_str),
            region: region.as_deref(),
            resource_type: resource_type.as_ref(),
        };
        let notebook = reader.read(Field::Notebook, |text| Pattern::of(text, place));
        let mut text = |field| reader.read(field, |text| Ok(text.to_owned()));
        let (reason, owner) = (text(Field::Reason), text(Field::Owner));
        let (ticket, approved_by) = (text(Field::Ticket), text(Field::ApprovedBy));
        let expires = reader.read(Field::Expires, date);
        let mut faults = reader.faults;
        faults.sort_by_key(|fault| fault.field);
        let made = || {
            Some(Self {
                check: check?.id,
                account: account?,
                region: region?,
                notebook: notebook?,
                expires: expires?,
                ticket: ticket?,
                reason: reason?,
                owner: owner?,
                approved_by: approved_by?,
            })
        };
        made().ok_or(faults)
    }

    /// A field as text, as [`Exemption::of`] takes it.
    #[must_use]
    pub fn text(&self, field: Field) -> String {
        match field {
            Field::Account => self.account.to_string(),
            Field::Region => self.region.clone(),
            Field::Notebook => self.notebook.to_string(),
            Field::Check => self.check.to_owned(),
            Field::Reason => self.reason.clone(),
            Field::Owner => self.owner.clone(),
            Field::Ticket => self.ticket.clone(),
            Field::ApprovedBy => self.approved_by.clone(),
            Field::Expires => self.expires.to_string(),
        }
    }
}

struct Reader<F> {
    value: F,
    faults: Vec<FieldFault>,
}

impl<'v, F: Fn(Field) -> Option<&'v str>> Reader<F> {
    fn read<T>(&mut self, field: Field, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = (self.value)(field);
        let read = match text {
            None => Err("is missing".to_owned()),
            Some(text) => fitting(field, text).and_then(|()| read(text)),
        };
        read.map_err(|problem| self.faults.push(FieldFault { field, problem })).ok()
    }
}

/// What holds for every field: printable, not empty, not too long, and without white space around it.
fn fitting(field: Field, text: &str) -> Result<(), String> {
    let count = text.chars().count();
    if text.trim().is_empty() {
        Err("is empty".to_owned())
    } else if text.chars().any(char::is_control) {
        Err("has a line break or another control character".to_owned())
    } else if text.trim().len() < text.len() {
        Err("has white space around it".to_owned())
    } else if count > field.longest() {
        Err(format!("has {count} characters"))
    } else {
        Ok(())
    }
}

fn account(text: &str) -> Result<AccountId, String> {
    text.parse().map_err(|_| format!("is {}", quoted(text)))
}

fn region(text: &str) -> Result<String, String> {
    if is_region_name(text) { Ok(text.to_owned()) } else { Err(format!("is {}", quoted(text))) }
}

fn check(text: &str) -> Result<&'static Check, String> {
    Check::find(text).ok_or_else(|| format!("is {}, which is no check", quoted(text)))
}

fn date(text: &str) -> Result<Date, String> {
    day(text).ok_or_else(|| format!("is {}, which is no date", quoted(text)))
}

/// A day as `expires` has it. Only `YYYY-MM-DD`: the library would also take a sign before the year.
#[must_use]
pub fn day(text: &str) -> Option<Date> {
    let date = Date::parse(text, format_description!("[year]-[month]-[day]")).ok();
    date.filter(|date| date.to_string() == text)
}

/// A value for an error, cut to a length that a line bears.
pub(super) fn quoted(text: &str) -> String {
    const SHOWN: usize = 80;
    let shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() { format!("`{shown}...`") } else { format!("`{shown}`") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(field: Field) -> &'static str {
        match field {
            Field::Account => "111122223333",
            Field::Region => "eu-west-1",
            Field::Notebook => "legacy-*",
            Field::Check => "root-access",
            Field::Reason => "the vendor's driver needs it",
            Field::Owner => "research",
            Field::Ticket => "SEC-1",
            Field::ApprovedBy => "ciso",
            Field::Expires => "2027-01-31",
        }
    }

    fn with(changed: Field, text: Option<&str>) -> Result<Exemption, Vec<FieldFault>> {
        Exemption::of(|field| if field == changed { text } else { Some(good(field)) })
    }

    #[test]
    fn each_field_is_needed_and_named() {
        for field in Field::ALL {
            assert_eq!(with(field, Some(good(field))).unwrap().text(field), good(field));
            for (text, says) in [
                (None, "is missing"),
                (Some(" "), "is empty"),
                (Some("a\nb"), "line break"),
                (Some(" a"), "white space"),
            ] {
                let [fault] = with(field, text).unwrap_err().try_into().unwrap();
                assert_eq!(fault.field, field);
                assert!(
                    fault.to_string().starts_with(&format!("`{field}` ")) && fault.problem.contains(says),
                    "{fault}"
                );
            }
        }
    }

    #[test]
    fn what_is_malformed_is_shown_with_what_is_expected() {
        for (field, text, says) in [
            (Field::Account, "*", "`*`; one account id"),
            (Field::Account, "11112222333", "twelve digits"),
            (Field::Region, "*", "one Region"),
            (Field::Region, "EU-WEST-1", "`EU-WEST-1`"),
            (Field::Check, "*", "no check; one of direct-internet-access"),
            (Field::Check, "Root-Access", "`Root-Access`"),
            (Field::Expires, "2027-02-29", "no date"),
            (Field::Expires, "+2027-01-31", "no date"),
            (Field::Expires, "2027-1-31", "no date"),
            (Field::Expires, "31.01.2027", "such as 2027-01-31"),
            (Field::Notebook, "my book", "letters, digits"),
        ] {
            let said = with(field, Some(text)).unwrap_err().iter().map(ToString::to_string).collect::<String>();
            assert!(said.contains(says), "{field}: {said}");
        }
        let long = with(Field::Ticket, Some(&"x".repeat(65))).unwrap_err();
        assert_eq!(long[0].problem, "has 65 characters");
        assert!(with(Field::Reason, Some(&"ü".repeat(500))).is_ok());
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let faults = Exemption::of(|_| None).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), Field::ALL);
    }
}
