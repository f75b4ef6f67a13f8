//! Plans on a handful of rows.
