//! What a script does before it answers, and what came of it.

use std::time::Duration;

use lockgate_guest::http::{self, Request};
use lockgate_guest::state::{self, StateError};
use lockgate_guest::{Error, secret, task, warnings};
use serde_json::{Value, json};

use crate::script::{Act, Call, OnError, Print, StateAct};

/// Does them in their order; one answer for each.
pub(crate) fn all(acts: Vec<Act>) -> Result<Vec<Value>, Error> {
    acts.into_iter().map(act).collect()
}

fn act(act: Act) -> Result<Value, Error> {
    match act {
        Act::Http(call) => self::call(call),
        Act::Secret(name) => Ok(secret(&name).map_or(Value::Null, |secret| secret.as_str().into())),
        Act::State(act) => Ok(kept(act)),
        Act::Print(print) => Ok(printed(&print)),
        Act::Warn(warn) => {
            warnings::warn(&warn.message, warn.path.as_deref());
            Ok(Value::Null)
        }
        Act::Told(_) => Ok(json!({ "title": task::title(), "file_name": task::file_name(), "site": task::site() })),
    }
}

/// Sends the call as often as it is asked for; the last answer counts.
fn call(call: Call) -> Result<Value, Error> {
    let mut answer = Value::Null;
    for _ in 0..call.times {
        answer = match (request(&call)?.send(), call.on_error) {
            (Ok(response), _) => answered(&response),
            (Err(error), OnError::Report) => json!({ "error": kind(&error), "message": error.message() }),
            (Err(error), OnError::Answer) => return Err(error.into()),
            (Err(error), OnError::Unavailable) => return Err(Error::unavailable(error.message())),
        };
    }
    Ok(answer)
}

fn request(call: &Call) -> Result<Request, Error> {
    let mut request = Request::new(&call.method, with_secrets(&call.url)?);
    for (name, value) in &call.headers {
        request = request.header(name, with_secrets(value)?);
    }
    if let Some(basic) = &call.basic {
        request = request.basic(with_secrets(&basic.user)?, with_secrets(&basic.password)?);
    }
    if let Some(body) = &call.body {
        request.body = Some(with_secrets(body)?.into_bytes());
    }
    if let Some(bytes) = call.body_bytes {
        request.body = Some(vec![b'x'; bytes]);
    }
    if let Some(ms) = call.timeout_ms {
        request = request.timeout(Duration::from_millis(ms));
    }
    if let Some(bytes) = call.response_bytes_max {
        request = request.response_bytes_max(bytes);
    }
    Ok(request)
}

/// Puts the placeholders where the text says `{secret:NAME}`.
fn with_secrets(text: &str) -> Result<String, Error> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{secret:") {
        let (name, after) = after.split_once('}').ok_or_else(|| Error::invalid("a {secret: without its }"))?;
        let secret = secret(name).ok_or_else(|| Error::internal(format!("no secret {name} was granted")))?;
        filled.push_str(before);
        filled.push_str(secret.as_str());
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn answered(response: &http::Response) -> Value {
    let headers: serde_json::Map<String, Value> =
        response.headers.iter().map(|(name, value)| (name.clone(), String::from_utf8_lossy(value).into())).collect();
    json!({
        "status": response.status,
        "headers": headers,
        "body": String::from_utf8_lossy(&response.body),
        "body_bytes": response.body.len(),
    })
}

fn kind(error: &http::Error) -> &'static str {
    match error {
        http::Error::Denied(_) => "denied",
        http::Error::Timeout(_) => "timeout",
        http::Error::TooLarge(_) => "too-large",
        http::Error::Connect(_) => "connect",
        http::Error::Invalid(_) => "invalid",
        http::Error::Other(_) => "other",
    }
}

fn kept(act: StateAct) -> Value {
    let done = match act {
        StateAct::Get(key) => return state::get(&key).map_or(Value::Null, |value| String::from_utf8_lossy(&value).into()),
        StateAct::Keys(prefix) => return state::keys(&prefix).into(),
        StateAct::Set(key, value) => state::set(&key, value),
        StateAct::SetBytes(key, len) => state::set(&key, vec![b'x'; len]),
        StateAct::Delete(key) => state::delete(&key),
    };
    match done {
        Ok(()) => true.into(),
        Err(StateError::Denied) => json!({ "error": "denied" }),
        Err(StateError::Full(bytes_max)) => json!({ "error": "full", "bytes_max": bytes_max }),
        Err(StateError::InvalidKey) => json!({ "error": "invalid-key" }),
    }
}

fn printed(print: &Print) -> Value {
    match print {
        Print::Stdout(line) => println!("{line}"),
        Print::Stderr(line) => eprintln!("{line}"),
    }
    true.into()
}
