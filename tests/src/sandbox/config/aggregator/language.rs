//! The query language: the part of SQL that AWS Config takes. What is not understood is refused.
//!
//! <https://docs.aws.amazon.com/config/latest/developerguide/query-components.html>: `SELECT` of properties, `*` or
//! `COUNT(*)`, `WHERE` with comparisons, `IN`, `BETWEEN`, `LIKE` with `%` at the end, `AND`, `OR`, `NOT`, `GROUP BY`
//! and `ORDER BY`. There are no joins, aliases, `DISTINCT` and `NULL`.

use serde_json::Value;

mod tokens;

use tokens::{Token, tokens};

/// What properties begin with.
const ROOTS: [&str; 16] = [
    "accountId",
    "arn",
    "availabilityZone",
    "awsRegion",
    "configuration",
    "configurationItemCaptureTime",
    "configurationItemStatus",
    "configurationStateId",
    "relationships",
    "resourceCreationTime",
    "resourceId",
    "resourceName",
    "resourceType",
    "supplementaryConfiguration",
    "tags",
    "version",
];

/// A property, by the names that lead to it.
type Path = Vec<String>;

/// A query that was understood.
#[derive(Debug, PartialEq)]
pub(super) struct Query {
    pub(super) columns: Vec<Column>,
    condition: Option<Condition>,
    pub(super) group: Vec<Path>,
    /// Properties, and whether they go down.
    pub(super) order: Vec<(Path, bool)>,
}

/// What is selected.
#[derive(Debug, PartialEq)]
pub(super) enum Column {
    Everything,
    Count,
    Property(Path),
}

#[derive(Debug, PartialEq)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// A property and what it is compared with.
    Compare(Path, Comparison),
}

#[derive(Debug, PartialEq)]
enum Comparison {
    /// `=`, `!=`, `<`, `<=`, `>` or `>=`.
    Than(String, Value),
    In(Vec<Value>),
    Between(Value, Value),
    /// What it begins with.
    Like(String),
}

impl Column {
    /// The column as it was written.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Everything => "*".to_owned(),
            Self::Count => "COUNT(*)".to_owned(),
            Self::Property(path) => path.join("."),
        }
    }
}

impl Query {
    pub(super) fn is_grouped(&self) -> bool {
        !self.group.is_empty() || self.columns.contains(&Column::Count)
    }

    pub(super) fn admits(&self, document: &Value) -> bool {
        self.condition.as_ref().is_none_or(|condition| condition.holds(document))
    }
}

impl Condition {
    fn holds(&self, document: &Value) -> bool {
        match self {
            Self::All(all) => all.iter().all(|condition| condition.holds(document)),
            Self::Any(any) => any.iter().any(|condition| condition.holds(document)),
            Self::Not(condition) => !condition.holds(document),
            Self::Compare(path, comparison) => values(document, path).into_iter().any(|value| comparison.holds(value)),
        }
    }
}

impl Comparison {
    fn holds(&self, value: &Value) -> bool {
        match self {
            Self::Than(operator, wanted) => match operator.as_str() {
                "=" => same(value, wanted),
                "!=" => !same(value, wanted),
                _ => compare(value, wanted).is_some_and(|order| match operator.as_str() {
                    "<" => order.is_lt(),
                    "<=" => order.is_le(),
                    ">" => order.is_gt(),
                    _ => order.is_ge(),
                }),
            },
            Self::In(list) => list.iter().any(|wanted| same(value, wanted)),
            Self::Between(low, high) => {
                compare(value, low).is_some_and(std::cmp::Ordering::is_ge)
                    && compare(value, high).is_some_and(std::cmp::Ordering::is_le)
            }
            Self::Like(prefix) => value.as_str().is_some_and(|text| text.starts_with(prefix)),
        }
    }
}

fn same(value: &Value, wanted: &Value) -> bool {
    compare(value, wanted).is_some_and(std::cmp::Ordering::is_eq)
}

fn compare(value: &Value, wanted: &Value) -> Option<std::cmp::Ordering> {
    match (value, wanted) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// The values of a property: several if it is in a list.
pub(super) fn values<'a>(document: &'a Value, path: &[String]) -> Vec<&'a Value> {
    match (document, path.split_first()) {
        (Value::Array(entries), _) => entries.iter().flat_map(|entry| values(entry, path)).collect(),
        (found, None) => vec![found],
        (found, Some((first, rest))) => found.get(first).map(|inner| values(inner, rest)).unwrap_or_default(),
    }
}

/// Reads a query.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(text: &str) -> Result<Query, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let query = parser.query()?;
    match parser.peek() {
        None => Ok(query),
        Some(token) => Err(format!("what comes at {token} is not understood")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token, String> {
        let token = self.peek().cloned().ok_or_else(|| "it ends too early".to_owned())?;
        self.at += 1;
        Ok(token)
    }

    /// Goes past a keyword or sign, if that is what comes.
    fn takes(&mut self, word: &str) -> bool {
        let is = self.peek().is_some_and(|token| token.is(word));
        self.at += usize::from(is);
        is
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        if self.takes(word) { Ok(()) } else { Err(format!("{word} is expected")) }
    }

    fn query(&mut self) -> Result<Query, String> {
        self.expect("SELECT")?;
        let columns = self.list(Self::column)?;
        let condition = if self.takes("WHERE") { Some(self.any()?) } else { None };
        let mut query = Query { columns, condition, group: Vec::new(), order: Vec::new() };
        if self.takes("GROUP") {
            self.expect("BY")?;
            query.group = self.list(Self::path)?;
        }
        if self.takes("ORDER") {
            self.expect("BY")?;
            query.order = self.list(|parser| {
                let path = parser.path()?;
                let descending = parser.takes("DESC");
                Ok((path, !parser.takes("ASC") && descending))
            })?;
        }
        let loose = |column: &Column| match column {
            Column::Property(path) => !query.group.contains(path),
            Column::Everything => true,
            Column::Count => false,
        };
        if query.is_grouped() && (query.columns.iter().any(loose) || !query.order.is_empty()) {
            return Err("only COUNT(*) and what it groups by can be selected, in no order".to_owned());
        }
        Ok(query)
    }

    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        let mut all = vec![one(self)?];
        while self.takes(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn column(&mut self) -> Result<Column, String> {
        if self.takes("*") {
            return Ok(Column::Everything);
        }
        if self.takes("COUNT") {
            for sign in ["(", "*", ")"] {
                self.expect(sign)?;
            }
            return Ok(Column::Count);
        }
        self.path().map(Column::Property)
    }

    fn path(&mut self) -> Result<Path, String> {
        let Token::Word(word) = self.next()? else { return Err("a property is expected".to_owned()) };
        let path: Path = word.split('.').map(ToOwned::to_owned).collect();
        let known = path.first().is_some_and(|root| ROOTS.contains(&root.as_str()));
        if known && path.iter().all(|name| !name.is_empty()) { Ok(path) } else { Err(format!("no property {word}")) }
    }

    fn any(&mut self) -> Result<Condition, String> {
        let mut any = vec![self.all()?];
        while self.takes("OR") {
            any.push(self.all()?);
        }
        Ok(Condition::Any(any))
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut all = vec![self.one()?];
        while self.takes("AND") {
            all.push(self.one()?);
        }
        Ok(Condition::All(all))
    }

    fn one(&mut self) -> Result<Condition, String> {
        if self.takes("NOT") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.takes("(") {
            let inner = self.any()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let path = self.path()?;
        let negated = self.takes("NOT");
        let comparison = self.comparison()?;
        let than = matches!(comparison, Comparison::Than(..));
        match (negated, than) {
            (true, true) => Err("NOT is not expected there".to_owned()),
            (true, false) => Ok(Condition::Not(Box::new(Condition::Compare(path, comparison)))),
            (false, _) => Ok(Condition::Compare(path, comparison)),
        }
    }

    fn comparison(&mut self) -> Result<Comparison, String> {
        if self.takes("IN") {
            self.expect("(")?;
            let list = self.list(Self::literal)?;
            self.expect(")")?;
            return Ok(Comparison::In(list));
        }
        if self.takes("BETWEEN") {
            let low = self.literal()?;
            self.expect("AND")?;
            return Ok(Comparison::Between(low, self.literal()?));
        }
        if self.takes("LIKE") {
            let pattern = self.literal()?;
            let prefix = pattern.as_str().and_then(|pattern| pattern.strip_suffix('%'));
            let plain = prefix.filter(|prefix| prefix.chars().count() >= 3 && !prefix.contains('%'));
            // "Wildcard matches beyond a suffix wildcard or having less than three characters ... are unsupported".
            return plain
                .map(|prefix| Comparison::Like(prefix.to_owned()))
                .ok_or_else(|| "LIKE takes three characters or more and then one %".to_owned());
        }
        match self.next()? {
            Token::Sign(sign) if ["=", "!=", "<", "<=", ">", ">="].contains(&sign.as_str()) => {
                Ok(Comparison::Than(sign, self.literal()?))
            }
            other @ (Token::Word(_) | Token::Text(_) | Token::Number(_) | Token::Sign(_)) => {
                Err(format!("{other} is no comparison"))
            }
        }
    }

    fn literal(&mut self) -> Result<Value, String> {
        match self.next()? {
            Token::Text(text) => Ok(text.into()),
            Token::Number(number) => Ok(number.into()),
            Token::Word(word) if word.eq_ignore_ascii_case("TRUE") => Ok(true.into()),
            Token::Word(word) if word.eq_ignore_ascii_case("FALSE") => Ok(false.into()),
            other @ (Token::Word(_) | Token::Sign(_)) => Err(format!("{other} is no value")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn conditions_hold_as_they_read() {
        let document = json!({"resourceType": "A::B::C", "configuration": {"size": 5, "groups": ["sg-1", "sg-2"]}});
        for (condition, holds) in [
            ("resourceType = 'A::B::C'", true),
            ("resourceType <> 'A::B::C'", false),
            ("resourceType IN ('X', 'A::B::C') AND configuration.size >= 5", true),
            ("configuration.size BETWEEN 6 AND 9 OR configuration.groups = 'sg-2'", true),
            ("resourceType NOT IN ('A::B::C')", false),
            ("NOT (resourceType LIKE 'A::%')", false),
            ("configuration.missing != 'x'", false),
        ] {
            let query = parse(&format!("select resourceId where {condition}")).unwrap();
            assert_eq!(query.admits(&document), holds, "{condition}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for expression in [
            "",
            "SELECT",
            "SELECT nothing",
            "SELECT DISTINCT resourceId",
            "SELECT resourceId AS id",
            "SELECT resourceId FROM resources",
            "SELECT resourceId WHERE resourceType = NULL",
            "SELECT resourceId WHERE resourceType LIKE '%x'",
            "SELECT resourceId WHERE resourceType LIKE 'x%'",
            "SELECT resourceId WHERE resourceType = \"x\"",
            "SELECT resourceId WHERE (resourceType = 'x'",
            "SELECT resourceId, COUNT(*) WHERE resourceType = 'x'",
            "SELECT resourceId WHERE resourceType = 'x' LIMIT 5",
        ] {
            parse(expression).unwrap_err();
        }
    }
}
