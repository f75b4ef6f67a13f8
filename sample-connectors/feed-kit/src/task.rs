//! A task, and the line of NDJSON that it is sent as.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// One change that the external application hands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Which connector translates it.
    pub connector: String,
    /// Its process type; `None`: what `--process-type` says.
    pub process_type: Option<String>,
    /// For example `create-object`.
    pub task_type: String,
    /// `simple`, `simple-snapshot` or `snapshot`.
    pub data_type: String,
    /// The site that it belongs to; tasks on pages need one.
    pub site: Option<String>,
    /// What an operator reads in the list of tasks.
    pub title: String,
    /// What the application calls the object that the task is about: tasks of one subject never overtake each other.
    pub subject: Option<String>,
    /// What the body is.
    pub media_type: String,
    /// The external object.
    pub body: Body,
    /// A key under which the server queues the task once; `None`: what `--repeatable` says.
    pub idempotency_key: Option<String>,
    /// When its input was fetched, for the key: see [`crate::Args::fetched`]. Not sent.
    pub fetched: Option<String>,
    /// What the summary counts it as, for example `cms.user`. Not sent.
    pub kind: String,
}

/// The external object as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Sent as it is.
    Text(String),
    /// Sent in Base64.
    Bytes(Vec<u8>),
}

impl Body {
    /// What the connector will see.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl Task {
    /// A `create-object` with references to be translated. Change the fields for anything else.
    pub fn object(
        connector: impl Into<String>,
        kind: impl Into<String>,
        title: impl Into<String>,
        media_type: impl Into<String>,
        body: impl Into<Body>,
    ) -> Self {
        Self {
            connector: connector.into(),
            process_type: None,
            task_type: "create-object".to_owned(),
            data_type: "simple-snapshot".to_owned(),
            site: None,
            title: title.into(),
            subject: None,
            media_type: media_type.into(),
            body: body.into(),
            idempotency_key: None,
            fetched: None,
            kind: kind.into(),
        }
    }

    /// A `create-document` on a site.
    pub fn page(
        connector: impl Into<String>,
        kind: impl Into<String>,
        title: impl Into<String>,
        media_type: impl Into<String>,
        body: impl Into<Body>,
        site: impl Into<String>,
    ) -> Self {
        Self { task_type: "create-document".to_owned(), site: Some(site.into()), ..Self::object(connector, kind, title, media_type, body) }
    }

    /// With another data type.
    #[must_use]
    pub fn data_type(self, data_type: impl Into<String>) -> Self {
        Self { data_type: data_type.into(), ..self }
    }

    /// With another task type.
    #[must_use]
    pub fn task_type(self, task_type: impl Into<String>) -> Self {
        Self { task_type: task_type.into(), ..self }
    }

    /// With a site.
    #[must_use]
    pub fn site(self, site: impl Into<String>) -> Self {
        Self { site: Some(site.into()), ..self }
    }

    /// With its subject. An empty one is none.
    #[must_use]
    pub fn subject(self, subject: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()).filter(|subject| !subject.is_empty()), ..self }
    }

    /// With the moment at which its input was fetched.
    #[must_use]
    pub fn fetched(self, moment: impl Into<String>) -> Self {
        Self { fetched: Some(moment.into()), ..self }
    }

    /// The task as one line of NDJSON, with its line feed.
    pub(crate) fn line(&self, process_type: &str) -> Result<Vec<u8>, serde_json::Error> {
        let (body, body_base64) = match &self.body {
            Body::Text(text) => (Some(text.as_str()), None),
            Body::Bytes(bytes) => (None, Some(STANDARD.encode(bytes))),
        };
        let line = Line {
            connector: &self.connector,
            process_type: self.process_type.as_deref().unwrap_or(process_type),
            task_type: &self.task_type,
            data_type: &self.data_type,
            site: self.site.as_deref(),
            title: &self.title,
            subject: self.subject.as_deref(),
            media_type: &self.media_type,
            body,
            body_base64,
            idempotency_key: self.idempotency_key.as_deref(),
        };
        let mut bytes = serde_json::to_vec(&line)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

#[derive(Serialize)]
struct Line<'a> {
    connector: &'a str,
    process_type: &'a str,
    task_type: &'a str,
    data_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    media_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_text_as_text_and_leaves_out_what_is_absent() {
        let task = Task::object("shop", "shop.product", "a\nb", "text/plain", "x\ny");
        assert_eq!(
            String::from_utf8(task.line("skip-on-error").unwrap()).unwrap(),
            concat!(
                r#"{"connector":"shop","process_type":"skip-on-error","task_type":"create-object","#,
                r#""data_type":"simple-snapshot","title":"a\nb","media_type":"text/plain","body":"x\ny"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn bytes_travel_in_base64() {
        let task = Task::page("shop", "p", "t", "a/b", vec![0xff_u8, 0], "site");
        let line: serde_json::Value = serde_json::from_slice(&task.line("default").unwrap()).unwrap();
        assert_eq!(line["body_base64"], "/wA=");
        assert_eq!(line["site"], "site");
        assert_eq!(line.get("body"), None);
    }
}
