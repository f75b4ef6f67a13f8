//! Offsets in a text as people count them.

/// Line and column of a byte offset, both from 1, the column in characters. An offset that is in no text,
/// or in the midst of a character, counts as the text's end.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let last = before.rsplit('\n').next().unwrap_or("");
    (before.matches('\n').count() + 1, last.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_begin_at_one_and_count_characters() {
        let text = "äb\n\ncd";
        let places: Vec<_> = [0, 2, 3, 4, 5, 6, 7, 99].map(|offset| line_column(text, offset)).into();
        assert_eq!(places, [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2), (3, 3), (3, 3)]);
        assert_eq!(line_column("", 0), (1, 1));
    }
}
