//! Python's random integers: MT19937, seeded and drawn as `random.seed(n)` and `random.randint(a, b)` do.
//!
//! The same seed gives the same intervals of `.to()` as in Python.

const N: usize = 624;
const M: usize = 397;

/// `random.Random`, as far as `randint` needs it.
#[derive(Clone)]
pub(in crate::schedule) struct Random {
    state: [u32; N],
    index: usize,
}

impl Random {
    /// `random.seed(n)` of a non-negative integer: its 32-bit words, lowest first, are the key of `init_by_array`.
    pub(in crate::schedule) fn seeded(seed: u128) -> Random {
        let mut key: Vec<u32> = (0..4).map(|word| (seed >> (32 * word)) as u32).collect();
        while key.len() > 1 && key.last() == Some(&0) {
            key.pop();
        }
        let mut state = [0_u32; N];
        let mut last = 19_650_218_u32;
        for (at, word) in state.iter_mut().enumerate() {
            if at > 0 {
                last = 1_812_433_253_u32.wrapping_mul(last ^ (last >> 30)).wrapping_add(at as u32);
            }
            *word = last;
        }
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let before = state[i - 1];
            state[i] = (state[i] ^ (before ^ (before >> 30)).wrapping_mul(1_664_525)).wrapping_add(key[j]).wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= N {
                state[0] = state[N - 1];
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 0..N - 1 {
            let before = state[i - 1];
            state[i] = (state[i] ^ (before ^ (before >> 30)).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                state[0] = state[N - 1];
                i = 1;
            }
        }
        state[0] = 0x8000_0000;
        Random { state, index: N }
    }

    /// For rules that draw nothing from it.
    pub(in crate::schedule) fn idle() -> Random {
        Random { state: [0; N], index: N }
    }

    fn word(&mut self) -> u32 {
        if self.index >= N {
            for at in 0..N {
                let y = (self.state[at] & 0x8000_0000) | (self.state[(at + 1) % N] & 0x7fff_ffff);
                let twist = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                self.state[at] = self.state[(at + M) % N] ^ (y >> 1) ^ twist;
            }
            self.index = 0;
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// `random.getrandbits(bits)`, for 1 to 64 bits.
    fn bits(&mut self, bits: u32) -> u64 {
        if bits <= 32 {
            return u64::from(self.word() >> (32 - bits));
        }
        let low = u64::from(self.word());
        low | (u64::from(self.word() >> (64 - bits)) << 32)
    }

    /// `random.randint(low, high)`, both included; `low` if the range is empty.
    pub(super) fn randint(&mut self, low: i64, high: i64) -> i64 {
        let Some(width) = high.checked_sub(low).and_then(|width| width.checked_add(1)).filter(|width| *width > 0) else {
            return low;
        };
        let width = width.unsigned_abs();
        let bits = 64 - width.leading_zeros();
        loop {
            let drawn = self.bits(bits);
            if drawn < width {
                return low.saturating_add_unsigned(drawn);
            }
        }
    }
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Random").finish_non_exhaustive()
    }
}
