//! Who is logged in. A session lives in memory, and ends with the server; its token is asked about at every
//! request, so that one that is taken away opens nothing any more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, header};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::Random;
use crate::pages::trend::Kept;

/// Most sessions at once; the one that was idle for longest goes for a new one (promise 5).
const SESSIONS_MAX: usize = 1_000;
/// For how long a session may be idle.
const IDLE_MAX: Duration = Duration::from_secs(12 * 60 * 60);
/// Most event streams at once: one for each browser.
const STREAMS_MAX: usize = 200;
/// The cookie that names a session.
const COOKIE: &str = "lockgate-session";

/// What all requests share; cheap to clone.
#[derive(Clone)]
pub(crate) struct Console(Arc<Inner>);

struct Inner {
    api: Router,
    random: Random,
    sessions: Mutex<HashMap<String, (Arc<Session>, Instant)>>,
    /// Of everybody who has no session.
    nobody: Arc<Session>,
    streams: Arc<Semaphore>,
}

/// Somebody at a browser.
pub(crate) struct Session {
    /// None: nobody has logged in, or nobody needs to.
    pub token: Option<String>,
    /// What forms carry, so that no page of another site can send one.
    form_token: String,
    /// What charts are drawn from.
    pub kept: Mutex<Kept>,
}

impl Session {
    fn new(token: Option<String>, random: &Random) -> Self {
        Self { token, form_token: hex::encode(random()), kept: Mutex::default() }
    }

    /// What forms carry.
    pub(crate) fn form_token(&self) -> &str {
        &self.form_token
    }

    /// Whether a form carries it.
    pub(crate) fn is_own(&self, form_token: &str) -> bool {
        self.form_token.as_bytes().ct_eq(form_token.as_bytes()).into()
    }
}

impl Console {
    pub(crate) fn new(api: Router, random: Random) -> Self {
        let nobody = Arc::new(Session::new(None, &random));
        let streams = Arc::new(Semaphore::new(STREAMS_MAX));
        Self(Arc::new(Inner { api, random, sessions: Mutex::default(), nobody, streams }))
    }

    /// The HTTP surface.
    pub(crate) fn api(&self) -> Router {
        self.0.api.clone()
    }

    /// A permit for each event stream.
    pub(crate) fn streams(&self) -> Arc<Semaphore> {
        self.0.streams.clone()
    }

    /// Whose request this is.
    pub(crate) fn session_of(&self, headers: &HeaderMap) -> Arc<Session> {
        let found = cookie(headers).and_then(|id| {
            let mut sessions = self.sessions();
            let (session, used) = sessions.get_mut(id)?;
            *used = Instant::now();
            Some(session.clone())
        });
        found.unwrap_or_else(|| self.0.nobody.clone())
    }

    /// Logs in. Gives the cookie. `secure`: the browser came by https.
    pub(crate) fn log_in(&self, token: String, secure: bool) -> Option<HeaderValue> {
        let id = hex::encode((self.0.random)());
        let session = Arc::new(Session::new(Some(token), &self.0.random));
        let mut sessions = self.sessions();
        while sessions.len() >= SESSIONS_MAX {
            let Some(oldest) = sessions.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| id.clone()) else { break };
            sessions.remove(&oldest);
        }
        sessions.insert(id.clone(), (session, Instant::now()));
        let secure = if secure { "; Secure" } else { "" };
        HeaderValue::from_str(&format!("{COOKIE}={id}; Path=/console; HttpOnly; SameSite=Strict{secure}")).ok()
    }

    /// Logs out. Gives a cookie that takes the old one's place.
    pub(crate) fn log_out(&self, headers: &HeaderMap) -> HeaderValue {
        if let Some(id) = cookie(headers) {
            self.sessions().remove(id);
        }
        HeaderValue::from_static("lockgate-session=; Path=/console; HttpOnly; SameSite=Strict; Max-Age=0")
    }

    /// Without those that were idle for too long.
    fn sessions(&self) -> MutexGuard<'_, HashMap<String, (Arc<Session>, Instant)>> {
        let mut sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, (_, used)| used.elapsed() < IDLE_MAX);
        sessions
    }
}

/// The id of the session that a request names.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU8, Ordering};

    fn console() -> Console {
        let next = AtomicU8::new(0);
        Console::new(Router::new(), Arc::new(move || [next.fetch_add(1, Ordering::Relaxed); 32]))
    }

    fn headers(cookie: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookie).unwrap())])
    }

    #[test]
    fn a_cookie_leads_to_its_session_until_it_is_logged_out() {
        let console = console();
        let set = console.log_in("0123456789abcdef".into(), true).unwrap().to_str().unwrap().to_owned();
        assert!(set.ends_with("; Path=/console; HttpOnly; SameSite=Strict; Secure"), "{set}");
        let cookie = format!("other=1; {}", set.split(';').next().unwrap());
        let session = console.session_of(&headers(&cookie));
        assert_eq!(session.token.as_deref(), Some("0123456789abcdef"));
        assert!(session.is_own(session.form_token()) && !session.is_own("") && !console.0.nobody.is_own(session.form_token()));
        console.log_out(&headers(&cookie));
        assert_eq!(console.session_of(&headers(&cookie)).token, None);
    }

    #[test]
    fn sessions_are_bounded_and_the_longest_idle_goes() {
        let console = console();
        for at in 0..=SESSIONS_MAX {
            let id = format!("{at}");
            let session = Arc::new(Session::new(Some(id.clone()), &console.0.random));
            console.sessions().insert(id, (session, Instant::now()));
        }
        console.log_in("new".into(), false).unwrap();
        assert_eq!(console.sessions().len(), SESSIONS_MAX);
        assert!(!console.sessions().contains_key("0") && console.sessions().contains_key("1000"));
    }
}
