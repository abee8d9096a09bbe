//! A report as text, JSON or CSV.

mod csv;
mod json;
mod text;

pub use csv::csv;
pub use json::json;
pub use text::text;
