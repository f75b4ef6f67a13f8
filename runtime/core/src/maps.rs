//! Hash maps of the plan. They live as long as a batch, have as many keys as its limits allow, and are
//! seeded at random in each process: a guest, which sees nothing of them, cannot choose names that
//! collide beforehand. Against somebody who could watch them the standard library's would be safer.

/// How they hash.
pub type HashState = foldhash::fast::RandomState;
/// By key.
pub type HashMap<K, V> = std::collections::HashMap<K, V, HashState>;
/// Of keys.
pub type HashSet<K> = std::collections::HashSet<K, HashState>;
