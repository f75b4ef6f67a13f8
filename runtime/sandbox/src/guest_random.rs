//! All randomness that reaches a guest, made from the run's seed: the same seed, the same bytes. What asks for some does not
//! change what others get.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;

/// What it is for. The numbers are part of what a recorded run is repeated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The contract's `random`.
    Contract = 0,
    /// `wasi:random/random`.
    Wasi = 1,
    /// `wasi:random/insecure`.
    WasiInsecure = 2,
    /// `wasi:random/insecure-seed`.
    WasiSeed = 3,
    /// Placeholders of secrets.
    Placeholders = 4,
}

/// The randomness for one purpose. Who knows some of it knows neither the seed nor what is for another purpose.
pub fn random(seed: [u8; 32], purpose: Purpose) -> ChaCha20Rng {
    let mut random = ChaCha20Rng::from_seed(seed);
    random.set_stream(purpose as u64);
    random
}

#[cfg(test)]
mod tests {
    use chacha20::rand_core::Rng;

    use super::*;

    #[test]
    fn seed_and_purpose_decide() {
        let first = |seed, purpose| random([seed; 32], purpose).next_u64();
        assert_eq!(first(1, Purpose::Wasi), first(1, Purpose::Wasi));
        assert_ne!(first(1, Purpose::Wasi), first(2, Purpose::Wasi));
        assert_ne!(first(1, Purpose::Wasi), first(1, Purpose::Placeholders));
    }

    /// Recorded runs are repeated by later versions.
    #[test]
    fn the_bytes_stay_what_they_are() {
        let mut bytes = [0; 8];
        random([7; 32], Purpose::Contract).fill_bytes(&mut bytes);
        assert_eq!(hex::encode(bytes), "f400927857aaf641");
    }
}
