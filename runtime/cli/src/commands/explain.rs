//! `lockgate explain`.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};

use crate::advice;
use crate::exit::{Exit, Failure};
use crate::out;

/// Say what a code means and what to do about it
///
/// Without a code: all of them. Codes of tasks stand in `task list` and `history`, codes of requests
/// in error messages.
///
/// Example: lockgate explain unresolved-reference
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Explain {
    /// Code, as shown in brackets or before a failure's message
    code: Option<String>,
}

impl Explain {
    pub fn run(self, json: bool) -> Result<()> {
        let Some(code) = self.code else { return list(json) };
        let Some(advice) = advice::of_code(&code) else {
            return Err(Failure::new(Exit::Invalid, format!("there is no code {code:?}"))
                .hint("`lockgate explain` lists all codes")
                .into());
        };
        out::show(json, &json!({"code": code, "advice": advice}), |_| out::line(format!("{code}: {advice}")))
    }
}

fn list(json: bool) -> Result<()> {
    if json {
        let codes: Vec<Value> = advice::all().map(|(of, code, advice)| json!({"of": of, "code": code, "advice": advice})).collect();
        return Ok(out::json(&json!({"codes": codes}))?);
    }
    for (of, code, advice) in advice::all() {
        out::line(format!("{code} ({of})"))?;
        out::line(format!("    {advice}"))?;
    }
    Ok(())
}
