//! What a CI keeps of an environment from one run to the next, and the key that it is kept under.

mod key;

pub use key::{CacheKey, Part, cache_key};
