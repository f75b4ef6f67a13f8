//! What every answer of the console has: headers by which a browser runs nothing that is not the console's own.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use maud::Markup;

/// Nothing but the console's own style, script, icon and addresses; no frame around it, no form that leads elsewhere.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; worker-src 'self'; connect-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types lockgate",
);

/// Headers of every answer.
pub(crate) const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// A page.
pub(crate) fn html(status: StatusCode, markup: Markup) -> Response {
    let own = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, HEADERS, own, markup.into_string()).into_response()
}

/// To another page of the console, to be asked for with GET.
pub(crate) fn go_to(target: &str) -> Response {
    let target = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/console"));
    (StatusCode::SEE_OTHER, HEADERS, [(header::LOCATION, target)]).into_response()
}

/// A page of the console that somebody named, or the first one: never another site.
pub(crate) fn own_target(target: Option<&str>) -> &str {
    let own = |target: &&str| {
        let rest = target.strip_prefix("/console");
        let ascii = target.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        ascii && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    };
    target.filter(own).unwrap_or("/console")
}

#[cfg(test)]
mod tests {
    use super::own_target;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for own in ["/console", "/console/tasks?state=failed", "/console?hours=1"] {
            assert_eq!(own_target(Some(own)), own);
        }
        for other in ["https://evil.example/console", "//evil.example", "/consoles", "/console/\\evil", "/v1/tasks", "", "/console\r\nx: y"]
        {
            assert_eq!(own_target(Some(other)), "/console", "{other:?}");
        }
    }
}
