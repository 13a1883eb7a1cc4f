//! Black–Scholes, as the textbooks write it.

use super::Num;

/// 365 days.
pub const SECONDS_PER_YEAR: i64 = 31_536_000;

/// A European option's terms: spot, strike, years, volatility and continuously compounded rate.
pub struct BlackScholes {
    pub spot: Num,
    pub strike: Num,
    pub years: Num,
    pub volatility: Num,
    pub rate: Num,
    pub d1: Num,
    pub d2: Num,
    discounted_strike: Num,
}

impl BlackScholes {
    /// Years and volatility are positive.
    pub fn new(spot: Num, strike: Num, years: Num, volatility: Num, rate: Num) -> Self {
        let deviation = &volatility * years.sqrt();
        let drift = &rate * &years;
        let moneyness = spot.ln_over(&strike) + &drift;
        let d1 = &moneyness / &deviation + deviation.shifted(-1);
        let d2 = &moneyness / &deviation - deviation.shifted(-1);
        let discounted_strike = &strike * (-drift).exp();
        Self {
            spot,
            strike,
            years,
            volatility,
            rate,
            d1,
            d2,
            discounted_strike,
        }
    }

    pub fn call(&self) -> Num {
        &self.spot * self.d1.cdf() - &self.discounted_strike * self.d2.cdf()
    }

    pub fn put(&self) -> Num {
        &self.discounted_strike * (-&self.d2).cdf() - &self.spot * (-&self.d1).cdf()
    }

    pub fn call_delta(&self) -> Num {
        self.d1.cdf()
    }

    pub fn put_delta(&self) -> Num {
        -(-&self.d1).cdf()
    }

    pub fn gamma(&self) -> Num {
        self.d1.pdf() / (&self.spot * &self.volatility * self.years.sqrt())
    }

    /// Per 1.00 of volatility.
    pub fn vega(&self) -> Num {
        &self.spot * self.d1.pdf() * self.years.sqrt()
    }

    /// Per year.
    pub fn call_theta(&self) -> Num {
        -self.decay() - &self.rate * &self.discounted_strike * self.d2.cdf()
    }

    /// Per year.
    pub fn put_theta(&self) -> Num {
        &self.rate * &self.discounted_strike * (-&self.d2).cdf() - self.decay()
    }

    /// Per 1.00 of rate.
    pub fn call_rho(&self) -> Num {
        &self.discounted_strike * &self.years * self.d2.cdf()
    }

    /// Per 1.00 of rate.
    pub fn put_rho(&self) -> Num {
        -(&self.discounted_strike * &self.years * (-&self.d2).cdf())
    }

    fn decay(&self) -> Num {
        (&self.spot * self.d1.pdf() * &self.volatility / self.years.sqrt()).shifted(-1)
    }
}
