//! `lockgate explain`.

mod page;

use anyhow::Result;
use clap::Args;
use lockgate_core::failure::Code;
use serde_json::{Value, json};

use crate::advice;
use crate::exit::{Exit, Failure};
use crate::out;

/// Say what a code means and what to do about it
///
/// Without a code: all of them. Codes of tasks stand in `task list` and `history`, with those of warnings
/// and the words for outcomes; codes of requests stand in error messages. A failure is judged by a task's
/// own data, by the moment, or by the application: that decides what becomes of the task.
///
/// Example: lockgate explain unresolved-reference
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Explain {
    /// Code, as shown in brackets or before a failure's message
    code: Option<String>,
    /// Print the page of the documentation that has all codes
    #[arg(long, hide = true, conflicts_with = "code")]
    markdown: bool,
}

impl Explain {
    pub fn run(self, json: bool) -> Result<()> {
        if self.markdown {
            return Ok(out::lines(page::page().trim_end())?);
        }
        let Some(code) = self.code else { return list(json) };
        let Some(explained) = advice::explained(&code) else {
            return Err(Failure::new(Exit::Invalid, format!("there is no code {code:?}"))
                .hint("`lockgate explain` lists all codes")
                .into());
        };
        let advice::Explained { of, advice, class } = explained;
        let becomes = class.map(|class| json!({"class": class.as_str(), "what_becomes": class.what_becomes()}));
        out::show(json, &json!({"code": code, "of": of, "advice": advice, "failure": becomes}), |_| {
            out::line(format!("{code}: {advice}"))?;
            match class {
                Some(class) => out::line(format!("judged by {}: {}", class.as_str(), class.what_becomes())),
                None => Ok(()),
            }
        })
    }
}

fn list(json: bool) -> Result<()> {
    if json {
        let codes: Vec<Value> = advice::all().map(|(of, code, advice)| json!({"of": of, "code": code, "advice": advice})).collect();
        return Ok(out::json(&json!({"codes": codes}))?);
    }
    for class in advice::CLASSES {
        out::line(format!("judged by {}", class.as_str()))?;
        out::line(format!("    {}", class.what_becomes()))?;
    }
    for (of, code, advice) in advice::all() {
        let class = code.parse::<Code>().map(|code| format!(", judged by {}", code.class().as_str())).unwrap_or_default();
        out::line(format!("{code} ({of}{class})"))?;
        out::line(format!("    {advice}"))?;
    }
    Ok(())
}
