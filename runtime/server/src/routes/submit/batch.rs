//! Reading a batch: every line before any is submitted.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lockgate_core::admit::Submission;
use lockgate_core::names::{ConnectorName, SiteName};
use lockgate_core::task::{DataType, ExternalObject, ProcessType, TaskType};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::wire::problem::Problem;

/// Most tasks in a batch.
const LINES_MAX: usize = 10_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    connector: String,
    task_type: Option<String>,
    data_type: Option<String>,
    process_type: Option<String>,
    site: Option<String>,
    title: Option<String>,
    media_type: Option<String>,
    idempotency_key: Option<String>,
    traceparent: Option<String>,
    body: Option<String>,
    body_base64: Option<String>,
    /// Byte for byte as given; null is a document, too.
    #[serde(default, borrow, deserialize_with = "given")]
    body_json: Option<&'a RawValue>,
}

fn given<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// All tasks of a batch. Empty lines are passed over. One that cannot be read refuses all.
pub(super) fn read(ndjson: &[u8]) -> Result<Vec<Submission>, Problem> {
    let mut submissions = Vec::new();
    for (number, line) in (1u64..).zip(ndjson.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        if submissions.len() == LINES_MAX {
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", format!("a batch has at most {LINES_MAX} lines")));
        }
        let submission = serde_json::from_slice::<Line<'_>>(line).map_err(|error| error.to_string()).and_then(submission);
        submissions.push(submission.map_err(|problem| {
            Problem::bad_request(format!("line {number}: {problem}; nothing of the batch was stored")).with("line", number.into())
        })?);
    }
    Ok(submissions)
}

fn submission(line: Line<'_>) -> Result<Submission, String> {
    let (media_type, body) = match (line.body, line.body_base64, line.body_json) {
        (Some(text), None, None) => ("text/plain; charset=utf-8", text.into_bytes()),
        (None, Some(text), None) => {
            ("application/octet-stream", STANDARD.decode(text).map_err(|error| format!("body_base64 is not base64: {error}"))?)
        }
        (None, None, Some(json)) => ("application/json", json.get().as_bytes().to_vec()),
        _ => return Err("exactly one of body, body_base64 and body_json is needed".to_owned()),
    };
    let media_type = super::media_type_of(line.media_type.as_deref().unwrap_or(media_type))?;
    Ok(Submission {
        connector: ConnectorName::new(&line.connector).map_err(|error| error.to_string())?,
        external: ExternalObject { media_type: media_type.into(), body: body.into() },
        process_type: word(line.process_type)?.unwrap_or(ProcessType::Default),
        task_type: word(line.task_type)?.unwrap_or(TaskType::CreateObject),
        data_type: word(line.data_type)?.unwrap_or(DataType::Simple),
        site: line.site.map(SiteName::new).transpose().map_err(|error| error.to_string())?,
        title: line.title.unwrap_or_default(),
        idempotency_key: line.idempotency_key,
        traceparent: line.traceparent.as_deref().and_then(super::traceparent),
    })
}

fn word<T: std::str::FromStr<Err: ToString>>(word: Option<String>) -> Result<Option<T>, String> {
    word.map(|word| word.parse::<T>().map_err(|error| error.to_string())).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_bodies_are_kept_byte_for_byte() {
        let read = read(b"{\"connector\":\"c\",\"body_json\":{\"a\": 1.50}}\n\n{\"connector\":\"c\",\"body_json\":null}\n").unwrap();
        let bodies: Vec<&[u8]> = read.iter().map(|s| &*s.external.body).collect();
        assert_eq!(bodies, [b"{\"a\": 1.50}".as_slice(), b"null"]);
        assert_eq!(&*read[0].external.media_type, "application/json");
    }

    #[test]
    fn exactly_one_body_is_needed() {
        assert!(read(b"{\"connector\":\"c\"}").is_err());
        assert!(read(b"{\"connector\":\"c\",\"body\":\"x\",\"body_json\":1}").is_err());
    }

    #[test]
    fn unknown_members_and_words_are_refused_with_the_line() {
        let problem = read(b"{\"connector\":\"c\",\"body\":\"x\"}\n{\"connector\":\"c\",\"body\":\"x\",\"bodyy\":1}").err().unwrap();
        assert!(problem.detail().starts_with("line 2: "), "{}", problem.detail());
        let problem = read(b"{\"connector\":\"c\",\"body\":\"x\",\"task_type\":\"make\"}").err().unwrap();
        assert!(problem.detail().contains("create-object"), "{}", problem.detail());
    }

    #[test]
    fn a_batch_has_a_most_of_lines() {
        let problem = read("{\"connector\":\"c\",\"body\":\"x\"}\n".repeat(LINES_MAX + 1).as_bytes()).err().unwrap();
        assert_eq!(problem.code(), "too-large");
    }
}
