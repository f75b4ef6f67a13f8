//! What was refused, by code: a counter in the metrics, and a line a minute in the log. A line for each
//! refusal would let whoever is refused fill the log.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::sleep;

use crate::state::App;

/// How often the log says what was refused.
pub(crate) const TOLD_EVERY: Duration = Duration::from_secs(60);

/// The code of a refusal, on its way out with the answer.
#[derive(Clone)]
pub(crate) struct Code(pub Cow<'static, str>);

/// Refusals since the start.
#[derive(Default)]
pub(crate) struct Refused(Mutex<BTreeMap<Cow<'static, str>, Count>>);

#[derive(Default)]
struct Count {
    total: u64,
    /// The log has not said so yet.
    untold: u64,
}

impl Refused {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Cow<'static, str>, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more, by the client's own fault or for want of room.
    pub(crate) fn count(&self, code: impl Into<Cow<'static, str>>) {
        let mut counts = self.lock();
        let count = counts.entry(code.into()).or_default();
        count.total += 1;
        count.untold += 1;
    }

    /// One more that the log has told already, where it failed.
    fn count_told(&self, code: Cow<'static, str>) {
        self.lock().entry(code).or_default().total += 1;
    }

    /// All since the start, by code.
    pub(crate) fn totals(&self) -> BTreeMap<String, u64> {
        self.lock().iter().map(|(code, count)| (code.to_string(), count.total)).collect()
    }

    /// Those since this was last asked, such as `unauthorized 12, unknown-path 3`.
    fn news(&self) -> Option<String> {
        let mut counts = self.lock();
        let news: Vec<String> = counts
            .iter_mut()
            .filter(|(_, count)| count.untold > 0)
            .map(|(code, count)| format!("{code} {}", std::mem::take(&mut count.untold)))
            .collect();
        (!news.is_empty()).then(|| news.join(", "))
    }

    /// Tells what is new, if anything is.
    pub(crate) fn tell(&self, mut tell: impl FnMut(&str)) {
        if let Some(news) = self.news() {
            tell(&news);
        }
    }
}

/// Into the log.
pub(crate) fn warn(news: &str) {
    tracing::warn!(refused = news, "requests were refused, by code, since the last such line");
}

/// Tells what is new, for ever.
pub(crate) async fn keep_telling(app: App, every: Duration, mut tell: impl FnMut(&str)) {
    loop {
        sleep(every).await;
        app.refused.tell(&mut tell);
    }
}

/// Counts an answer that is a refusal.
pub(crate) async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match response.extensions().get::<Code>() {
        Some(Code(code)) if response.status() < StatusCode::INTERNAL_SERVER_ERROR => app.refused.count(code.clone()),
        Some(Code(code)) => app.refused.count_told(code.clone()),
        None => {}
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::ServerOptions;
    use lockgate_testing::TestBus;

    #[test]
    fn the_log_is_told_once_and_of_what_is_new_only() {
        let refused = Refused::default();
        assert_eq!(refused.news(), None);
        for code in ["unknown-path", "unauthorized", "unauthorized"] {
            refused.count(code);
        }
        refused.count_told("disk-full".into());
        assert_eq!(refused.news().as_deref(), Some("unauthorized 2, unknown-path 1"));
        assert_eq!(refused.news(), None);
        refused.count("unauthorized");
        assert_eq!(refused.news().as_deref(), Some("unauthorized 1"));
        assert_eq!(refused.totals(), [("disk-full".into(), 1), ("unauthorized".into(), 3), ("unknown-path".into(), 1)].into());
    }

    #[tokio::test]
    async fn the_log_is_told_though_nobody_asks() {
        let test = TestBus::new();
        let app = App::new(test.bus.clone(), &ServerOptions::default());
        let (sender, mut told) = tokio::sync::mpsc::unbounded_channel();
        let telling = tokio::spawn(keep_telling(app.clone(), Duration::from_millis(1), move |news| sender.send(news.to_owned()).unwrap()));
        for code in ["unauthorized", "unknown-path"] {
            app.refused.count(code);
            assert_eq!(told.recv().await.unwrap(), format!("{code} 1"));
        }
        telling.abort();
    }
}
