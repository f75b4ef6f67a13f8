//! Numbers of the bus as PostgreSQL's, which has no unsigned ones.

use lockgate_core::mark::Mark;

/// An id, bit by bit.
pub(crate) fn id(id: u64) -> i64 {
    i64::from_ne_bytes(id.to_ne_bytes())
}

/// The reverse of [`id`].
pub(crate) fn unid(id: i64) -> u64 {
    u64::from_ne_bytes(id.to_ne_bytes())
}

/// A mark, so that marks sort as they do.
pub(crate) fn mark(mark: Mark) -> i64 {
    id(mark.0 ^ (1 << 63))
}

/// The reverse of [`mark`].
pub(crate) fn unmark(mark: i64) -> Mark {
    Mark(unid(mark) ^ (1 << 63))
}

/// A limit or a bound of ids: beyond what PostgreSQL can count there is nothing.
pub(crate) fn bound(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The same of a number of rows.
pub(crate) fn limit(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The end of a list: rows with ids behind it. Without one, from the start on.
pub(crate) fn after(after: Option<u64>) -> i64 {
    after.map_or(i64::MIN, bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_back_and_sort_as_they_do() {
        let marks = [0, 1, 1 << 62, u64::MAX >> 1, 1 << 63, u64::MAX].map(Mark);
        let stored = marks.map(mark);
        assert!(stored.is_sorted());
        assert_eq!(stored.map(unmark), marks);
        assert_eq!(unid(id(u64::MAX - 2)), u64::MAX - 2);
    }
}
