//! Answers that stand in for the network, so that a connector is tested without its application.

/// Exchanges with the external application, in the order in which they are looked through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording(pub Vec<Exchange>);

/// A request, and the response to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// For example `GET`.
    pub method: String,
    /// Whole, with its query: `https://shop.example/v1/users/7`.
    pub url: String,
    /// A text that the request's body must hold; absent: any body will do.
    pub body_holds: Option<String>,
    /// Of the response.
    pub status: u16,
    /// Of the response, names and values.
    pub headers: Vec<(String, String)>,
    /// Of the response.
    pub body: Vec<u8>,
}

impl Recording {
    /// The first exchange that fits a request.
    pub fn answer(&self, method: &str, url: &str, body: &[u8]) -> Option<&Exchange> {
        self.0.iter().find(|exchange| {
            let holds = |text: &String| String::from_utf8_lossy(body).contains(text.as_str());
            exchange.method.eq_ignore_ascii_case(method) && exchange.url == url && exchange.body_holds.as_ref().is_none_or(holds)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_fits_answers() {
        let exchange = |body_holds: Option<&str>, status| Exchange {
            method: "POST".to_owned(),
            url: "https://a.example/q?x=1".to_owned(),
            body_holds: body_holds.map(str::to_owned),
            status,
            headers: Vec::new(),
            body: Vec::new(),
        };
        let recording = Recording(vec![exchange(Some("user"), 200), exchange(None, 404)]);
        let status = |method, url, body: &str| recording.answer(method, url, body.as_bytes()).map(|found| found.status);
        assert_eq!(status("post", "https://a.example/q?x=1", "a user"), Some(200));
        assert_eq!(status("POST", "https://a.example/q?x=1", "a group"), Some(404));
        assert_eq!(status("POST", "https://a.example/q?x=2", "a user"), None);
        assert_eq!(status("GET", "https://a.example/q?x=1", "a user"), None);
    }
}
