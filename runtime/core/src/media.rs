//! Media types of files, by the ending of their name: what `lockgate submit` sends and what an author's test
//! gives a connector are the same.

/// The media type of a file with this ending, which is given without its dot and in any case. What is not
/// known is `application/octet-stream`.
pub fn media_type_of(ending: Option<&str>) -> &'static str {
    match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
        "json" => "application/json",
        "xml" | "wxr" => "application/xml",
        "rss" => "application/rss+xml",
        "atom" => "application/atom+xml",
        "html" | "htm" => "text/html",
        "csv" => "text/csv",
        "txt" => "text/plain",
        "vcf" => "text/vcard",
        "ics" => "text/calendar",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::media_type_of;

    #[test]
    fn endings_are_known_in_any_case() {
        assert_eq!((media_type_of(Some("ics")), media_type_of(Some("VCF"))), ("text/calendar", "text/vcard"));
        assert_eq!((media_type_of(Some("exe")), media_type_of(None)), ("application/octet-stream", "application/octet-stream"));
    }
}
