//! What the external application handed in.

use crate::Error;

/// What the external application handed in, untouched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct External {
    /// For example `application/json`.
    pub media_type: String,
    /// Byte for byte.
    pub body: Vec<u8>,
}

impl External {
    /// An external object as unit tests need one.
    pub fn new(media_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self { media_type: media_type.into(), body: body.into() }
    }

    /// The body as UTF-8 text.
    pub fn text(&self) -> Result<&str, Error> {
        std::str::from_utf8(&self.body).map_err(Error::invalid_from)
    }

    /// The body as JSON, with or without a byte order mark. An error says where in the document: `items[3].price`.
    #[cfg(feature = "json")]
    pub fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, Error> {
        let body = self.body.strip_prefix(b"\xef\xbb\xbf".as_slice()).unwrap_or(&self.body);
        let mut document = serde_json::Deserializer::from_slice(body);
        let value = serde_path_to_error::deserialize(&mut document).map_err(|error| {
            let path = error.path().to_string();
            let error = Error::invalid_from(error.into_inner());
            if path == "." { error } else { error.at(path) }
        })?;
        document.end().map_err(Error::invalid_from)?;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_not_utf8_is_invalid() {
        let external = External::new("text/plain", [b'a', 0xff]);
        assert!(matches!(external.text(), Err(Error::Invalid(_))));
    }

    #[cfg(feature = "json")]
    #[test]
    fn json_is_read_and_what_is_wrong_has_its_place() {
        #[derive(Debug, serde::Deserialize)]
        struct Order {
            items: Vec<Item>,
        }
        #[derive(Debug, serde::Deserialize)]
        struct Item {
            price: u32,
        }
        let read = |body: &str| External::new("application/json", body).json::<Order>();
        assert_eq!(read("\u{feff}{\"items\": [{\"price\": 3}]}").unwrap().items[0].price, 3);
        let error = read(r#"{"items": [{"price": 3}, {"price": "4"}]}"#).unwrap_err();
        assert_eq!(error.path(), Some("items[1].price"), "{error}");
        assert!(matches!(read("{\"items\": []} x"), Err(Error::Invalid(_))));
        assert_eq!(read("").unwrap_err().path(), None);
    }
}
