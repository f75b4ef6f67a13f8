//! Lists that come in pages.

use anyhow::Result;
use lockgate_author::exact::Exact;
use serde_json::{Value, json};

use crate::client::{Client, Shown};
use crate::out;
use crate::request::Request;

/// Rows asked for at a time.
const PAGE_ROWS: u64 = 500;

/// A list of the API.
pub struct Paging<'a> {
    /// The member that holds the rows.
    pub rows: &'a str,
    /// The parameter that takes `next`.
    pub cursor: &'a str,
    /// Rows wanted.
    pub limit: u64,
}

impl Paging<'_> {
    /// One object with all wanted rows, and `next` when there are more.
    pub fn fetch(&self, client: &Client, request: &Request, start: Option<u64>) -> Result<Shown> {
        let (mut rows, mut exact): (Vec<Value>, Vec<Exact>) = (Vec::new(), Vec::new());
        let mut next = start.map_or(Value::Null, Value::from);
        loop {
            let wanted = (self.limit - rows.len() as u64).min(PAGE_ROWS);
            let mut page = request.clone().query("limit", wanted.to_string());
            if !next.is_null() {
                page = page.query(self.cursor, next.to_string());
            }
            let answer = client.shown(page)?;
            next = answer.value.get("next").cloned().unwrap_or(Value::Null);
            rows.extend(out::list(&answer.value, self.rows).iter().cloned());
            exact.extend(answer.exact.get(self.rows).map(Exact::items).unwrap_or_default().iter().cloned());
            if next.is_null() || rows.len() as u64 >= self.limit {
                let members = [(self.rows.to_owned(), Exact::List(exact)), ("next".to_owned(), next.clone().into())];
                return Ok(Shown { value: json!({ self.rows: rows, "next": next }), exact: Exact::Members(members.into()) });
            }
        }
    }
}
