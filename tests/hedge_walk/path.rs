//! Where the price goes: from one to one and a half and on to a half, hour by hour, with noise of one and a half per cent.

/// Multiples of the first price after each step. The same every time.
pub fn walk(steps: usize) -> impl Iterator<Item = f64> {
    let top = steps * 7 / 20;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (1..=steps).map(move |step| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let noise = ((state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5) * 0.03;
        let (high, low) = (1.5_f64.ln(), 0.5_f64.ln());
        let trend = if step <= top {
            high * step as f64 / top as f64
        } else {
            high + (low - high) * (step - top) as f64 / (steps - top) as f64
        };
        // It gets exactly there.
        let turns = step == top || step == steps;
        (trend + if turns { 0.0 } else { noise }).exp()
    })
}
