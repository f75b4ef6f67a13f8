//! A bus behind a router, and requests to it.

use std::sync::{Arc, Barrier};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use lockgate_core::failure::{Code, Failure};
use lockgate_server::{ServerOptions, router};
use lockgate_testing::{Script, TestBus};
use serde_json::Value;
use tower::ServiceExt;

/// Connector `a` meets the first barrier when it has begun to translate, fails after the second.
pub fn waits(test: &TestBus) -> (Arc<Barrier>, Arc<Barrier>) {
    let (begun, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (in_begun, in_go_on) = (begun.clone(), go_on.clone());
    let script = Script {
        prepare: Box::new(move |_| {
            in_begun.wait();
            in_go_on.wait();
            Err(Failure::new(Code::Invalid, "as scripted"))
        }),
        ..Script::default()
    };
    test.script("a", script);
    (begun, go_on)
}

pub struct Api {
    pub test: TestBus,
    pub router: Router,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Status and code of a problem.
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{}", self.text());
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16());
        assert_eq!(json["type"], "about:blank");
        (self.status.as_u16(), json["code"].as_str().unwrap().to_owned())
    }

    /// The body of a success.
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        self.json()
    }
}

pub async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, bytes }
}

impl Api {
    pub fn new() -> Self {
        Self::with(TestBus::new(), &ServerOptions::default())
    }

    pub fn with(test: TestBus, options: &ServerOptions) -> Self {
        let router = router(test.bus.clone(), options);
        Self { test, router }
    }

    pub async fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(&self.router, request.body(body.into()).unwrap()).await
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.ask("GET", target, &[], Body::empty()).await
    }

    pub async fn post(&self, target: &str, body: impl Into<Body>) -> Answer {
        self.ask("POST", target, &[], body).await
    }

    pub async fn put(&self, target: &str, body: impl Into<Body>) -> Answer {
        self.ask("PUT", target, &[], body).await
    }

    pub async fn delete(&self, target: &str) -> Answer {
        self.ask("DELETE", target, &[], Body::empty()).await
    }

    /// Submits an internal object to connector `a`; its id.
    pub async fn task(&self, query: &str, body: &str) -> u64 {
        self.post(&format!("/v1/connectors/a/tasks?{query}"), body.to_owned()).await.ok()["task"].as_u64().unwrap()
    }

    /// Submits, and runs a pass.
    pub async fn stored(&self, query: &str, body: &str) {
        self.task(query, body).await;
        self.test.process("a");
        assert_eq!(self.get("/v1/tasks").await.ok()["tasks"], serde_json::json!([]), "the task must be stored");
    }
}

pub fn user(name: &str) -> String {
    serde_json::json!({ "object": { "type": "cms.user", "code_name": name } }).to_string()
}
