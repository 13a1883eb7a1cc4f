//! A position as a function of the volatile token's price.

/// A concentrated position, or one with liquidity at every price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Curve {
    liquidity: f64,
    /// The root of the range's lower price; zero for none.
    lower: f64,
    /// One over the root of its upper price; zero for none.
    upper: f64,
}

impl Curve {
    /// The position between these prices (none: at every price) that is worth `value` at `price`.
    pub fn worth(value: f64, price: f64, range: Option<(f64, f64)>) -> Self {
        let (lower, upper) = range.map_or((0.0, 0.0), |(lower, upper)| (lower.sqrt(), 1.0 / upper.sqrt()));
        let unit = Self {
            liquidity: 1.0,
            lower,
            upper,
        };
        Self {
            liquidity: value / unit.value(price),
            ..unit
        }
    }

    /// The root of the price, clamped to the range.
    fn root(&self, price: f64) -> f64 {
        let root = price.sqrt().max(self.lower);
        if self.upper == 0.0 {
            root
        } else {
            root.min(1.0 / self.upper)
        }
    }

    /// Volatile token that it holds, its delta: `L (1/√p - 1/√b)`.
    pub fn delta(&self, price: f64) -> f64 {
        self.liquidity * (1.0 / self.root(price) - self.upper)
    }

    /// The other token: `L (√p - √a)`.
    pub fn stable(&self, price: f64) -> f64 {
        self.liquidity * (self.root(price) - self.lower)
    }

    /// What it is worth.
    pub fn value(&self, price: f64) -> f64 {
        self.delta(price) * price + self.stable(price)
    }

    /// How its delta changes with the price: `-L / (2 p √p)` in the range, nothing outside.
    pub fn gamma(&self, price: f64) -> f64 {
        if self.holds_both(price) {
            -self.liquidity / (2.0 * price * price.sqrt())
        } else {
            0.0
        }
    }

    /// What it loses to arbitrage in a year at this price: `sigma^2 / 4 L √p` in the range, nothing outside.
    pub fn loss_rate(&self, price: f64, volatility: f64) -> f64 {
        -0.5 * volatility * volatility * price * price * self.gamma(price)
    }

    /// The stable leg for each of the volatile one, by value.
    pub fn legs(&self, price: f64) -> f64 {
        self.stable(price) / (self.delta(price) * price)
    }

    fn holds_both(&self, price: f64) -> bool {
        let root = price.sqrt();
        self.lower <= root && root * self.upper < 1.0
    }
}
