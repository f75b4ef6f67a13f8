//! What the library says of a file, in words for whoever has written it.

/// Two names are alike enough to be taken for each other.
const LIKENESS_MIN: f64 = 0.75;

/// The message, with the name that was meant where there is one, and without the program's types.
pub fn told(message: &str) -> String {
    let message = message.replace("expected a nonzero u64", "expected a whole number from 1");
    let message = message.replace("expected a nonzero usize", "expected a whole number from 1");
    let message = message.replace("expected a nonzero u32", "expected a whole number from 1");
    let message =
        message.replace("expected usize", "expected a whole number from 0").replace("expected u64", "expected a whole number from 0");
    let message = message.replace("expected u32", "expected a whole number from 0").replace("struct Keys", "a table");
    let message = message.replace("expected struct ", "expected a table: ");
    match meant(&message) {
        Some(name) => format!("{message}; did you mean `{name}`?"),
        None => message,
    }
}

/// Of `` unknown field `x`, expected one of `a`, `b` `` what is most like `x`.
fn meant(message: &str) -> Option<&str> {
    let rest = message.split_once("unknown field `").or_else(|| message.split_once("unknown variant `"))?.1;
    let (wrong, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2);
    let alike = known.map(|name| (strsim::jaro_winkler(wrong, name), name));
    let best = alike.max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(likeness, _)| *likeness >= LIKENESS_MIN).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_was_meant_is_told() {
        let message = told("unknown field `lissten`, expected one of `listen`, `tokens`");
        assert!(message.ends_with("; did you mean `listen`?"), "{message}");
        assert!(!told("unknown field `zzz`, expected one of `listen`, `tokens`").contains("did you mean"));
        assert_eq!(
            told("invalid value: integer `0`, expected a nonzero u64"),
            "invalid value: integer `0`, expected a whole number from 1"
        );
    }
}
