//! Reading a batch: every line before any is submitted.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lockgate_core::admit::Submission;
use lockgate_core::names::{ConnectorName, SiteName};
use lockgate_core::task::{ExternalObject, ProcessType, TaskType};

use crate::json::Members;
use crate::wire::problem::Problem;

/// Most tasks in a batch.
const LINES_MAX: usize = 10_000;

const MEMBERS: [&str; 14] = [
    "connector",
    "task_type",
    "data_type",
    "process_type",
    "site",
    "title",
    "subject",
    "file_name",
    "media_type",
    "idempotency_key",
    "traceparent",
    "body",
    "body_base64",
    "body_json",
];

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
        let submission = Members::read("the line", line, &MEMBERS).and_then(|line| submission(&line));
        submissions.push(submission.map_err(|problem| {
            Problem::bad_request(format!("line {number}: {problem}; nothing of the batch was stored")).with("line", number.into())
        })?);
    }
    Ok(submissions)
}

fn submission(line: &Members<'_>) -> Result<Submission, String> {
    // JSON byte for byte as given; null is a document, too.
    let bodies = (line.text("body")?, line.text("body_base64")?, line.raw("body_json"));
    let (media_type, body) = match bodies {
        (Some(text), None, None) => ("text/plain; charset=utf-8", text.into_bytes()),
        (None, Some(text), None) => {
            ("application/octet-stream", STANDARD.decode(text).map_err(|error| format!("body_base64 is not base64: {error}"))?)
        }
        (None, None, Some(json)) => ("application/json", json.get().as_bytes().to_vec()),
        _ => return Err("exactly one of body, body_base64 and body_json is needed".to_owned()),
    };
    let given = line.text("media_type")?;
    let media_type = super::media_type_of(given.as_deref().unwrap_or(media_type))?;
    let connector = line.text("connector")?.ok_or("connector is needed: the name of one")?;
    Ok(Submission {
        connector: ConnectorName::new(&connector).map_err(|error| error.to_string())?,
        external: ExternalObject { media_type: media_type.into(), body: body.into() },
        process_type: word(line.text("process_type")?)?.unwrap_or(ProcessType::Default),
        task_type: word(line.text("task_type")?)?.unwrap_or(TaskType::CreateObject),
        data_type: word(line.text("data_type")?)?.unwrap_or_default(),
        site: line.text("site")?.map(SiteName::new).transpose().map_err(|error| error.to_string())?,
        title: line.text("title")?.unwrap_or_default(),
        subject: line.text("subject")?,
        file_name: line.text("file_name")?,
        idempotency_key: line.text("idempotency_key")?,
        traceparent: line.text("traceparent")?.as_deref().and_then(super::traceparent),
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
