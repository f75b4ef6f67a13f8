//! Hash maps of the plan. They live as long as a batch and are seeded at random in each process, so
//! that names which a guest chooses cannot be chosen to collide; hashing a key costs a third of what
//! the standard library's would.

/// How they hash.
pub type HashState = foldhash::fast::RandomState;
/// By key.
pub type HashMap<K, V> = std::collections::HashMap<K, V, HashState>;
/// Of keys.
pub type HashSet<K> = std::collections::HashSet<K, HashState>;
