//! Prices and risk by name: volatility, forecasts, probabilities, tail losses, the carry gate and the scorecard.

use super::{
    Function,
    answer::Answer,
    argument::{Arguments, Fault},
};
use hedgerow_core::{
    Wad,
    black_scholes::Market,
    carry::{self, Action, Carry},
    garch::{self, Model},
    risk::{self, TailLoss},
    scorecard::{self, Factors, Management, Width},
    volatility::{self, Bar, Estimator, Volatility},
};

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "realized_vol",
        takes: "prices periods",
        gives: "vol vol_zero_mean",
        run: realized_vol,
    },
    Function {
        name: "ewma",
        takes: "prices lambda periods",
        gives: "variance vol",
        run: ewma,
    },
    Function {
        name: "parkinson",
        takes: "open high low close periods",
        gives: "variance vol",
        run: |args, out| range_based(Estimator::Parkinson, args, out),
    },
    Function {
        name: "garman_klass",
        takes: "open high low close periods",
        gives: "variance vol",
        run: |args, out| range_based(Estimator::GarmanKlass, args, out),
    },
    Function {
        name: "rogers_satchell",
        takes: "open high low close periods",
        gives: "variance vol",
        run: |args, out| range_based(Estimator::RogersSatchell, args, out),
    },
    Function {
        name: "garch",
        takes: "prices omega alpha beta periods h",
        gives: "next_variance variance_h avg_variance long_run vol",
        run: run_garch,
    },
    Function {
        name: "hedge_ratio",
        takes: "base forecast reference floor cap",
        gives: "ratio",
        run: hedge_ratio,
    },
    Function {
        name: "in_range",
        takes: "p pa pb sigma secs r",
        gives: "at_expiry throughout",
        run: in_range,
    },
    Function {
        name: "var",
        takes: "mean deviation confidence",
        gives: "var cvar",
        run: |args, out| tail(risk::normal, args, out),
    },
    Function {
        name: "var_lognormal",
        takes: "mean deviation confidence",
        gives: "var cvar",
        run: |args, out| tail(risk::lognormal, args, out),
    },
    Function {
        name: "var_historical",
        takes: "returns confidence",
        gives: "var cvar",
        run: historical,
    },
    Function {
        name: "max_drawdown",
        takes: "prices",
        gives: "drawdown",
        run: max_drawdown,
    },
    Function {
        name: "carry_gate",
        takes: "value fee_apr lvr_apr horizon premium funding_apr hedge_notional dollar_gamma sigma rebalances tc min_net_apr",
        gives: "action margin turnover cost cost_apr fee lvr net_hedged_apr net_unhedged_apr",
        run: carry_gate,
    },
    Function {
        name: "cover",
        takes: "fees cost horizon",
        gives: "passes margin ratio break_even",
        run: cover,
    },
    Function {
        name: "correlation",
        takes: "prices0 prices1",
        gives: "correlation",
        run: correlation,
    },
    Function {
        name: "scorecard",
        takes: "sigma correlation fees loss management pa? pb?",
        gives: "volatility correlation fees management width total verdict",
        run: run_scorecard,
    },
];

fn realized_vol(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (prices, periods) = (args.wads("prices")?, args.integer("periods")?);
    let sample = volatility::close_to_close(&prices, periods)?;
    let zero_mean = volatility::zero_mean(&prices, periods)?;
    out.put_all(&[("vol", sample.yearly), ("vol_zero_mean", zero_mean.yearly)]);
    Ok(())
}

fn put_volatility(volatility: Volatility, out: &mut Answer<'_>) {
    out.put_all(&[("variance", volatility.variance), ("vol", volatility.yearly)]);
}

fn ewma(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (prices, decay) = (args.wads("prices")?, args.wad("lambda")?);
    put_volatility(volatility::ewma(&prices, decay, args.integer("periods")?)?, out);
    Ok(())
}

fn range_based(estimator: Estimator, args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let (opens, highs) = (args.wads("open")?, args.wads("high")?);
    let (lows, closes) = (args.wads("low")?, args.wads("close")?);
    for list in [&highs, &lows, &closes] {
        if list.len() != opens.len() {
            return Err(hedgerow_core::Error::LengthsDiffer(opens.len(), list.len()).into());
        }
    }
    let ends = opens.into_iter().zip(closes);
    let bars = ends
        .zip(highs.into_iter().zip(lows))
        .map(|((open, close), (high, low))| Bar { open, high, low, close });
    let bars: Vec<_> = bars.collect();
    put_volatility(
        volatility::range_based(estimator, &bars, args.integer("periods")?)?,
        out,
    );
    Ok(())
}

fn run_garch(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let model = Model {
        omega: args.wad("omega")?,
        alpha: args.wad("alpha")?,
        beta: args.wad("beta")?,
    };
    let prices = args.wads("prices")?;
    let forecast = garch::forecast(&model, &prices, args.integer("h")?, args.integer("periods")?)?;
    out.put_all(&[
        ("next_variance", forecast.next_variance),
        ("variance_h", forecast.variance_h),
        ("avg_variance", forecast.avg_variance),
        ("long_run", forecast.long_run),
        ("vol", forecast.vol),
    ]);
    Ok(())
}

fn hedge_ratio(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let ratio = garch::hedge_ratio(
        args.wad("base")?,
        args.wad("forecast")?,
        args.wad("reference")?,
        args.wad("floor")?,
        args.wad("cap")?,
    )?;
    out.put("ratio", ratio);
    Ok(())
}

fn in_range(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let market = Market {
        spot: args.wad("p")?,
        volatility: args.wad("sigma")?,
        seconds: args.integer("secs")?,
        rate: args.wad("r")?,
    };
    let (lower, upper) = (args.wad("pa")?, args.wad("pb")?);
    out.put("at_expiry", risk::in_range(&market, lower, upper)?);
    out.put("throughout", risk::stays_in_range(&market, lower, upper)?);
    Ok(())
}

fn put_tail(tail: TailLoss, out: &mut Answer<'_>) {
    out.put_all(&[("var", tail.value_at_risk), ("cvar", tail.conditional)]);
}

fn tail(
    distribution: fn(Wad, Wad, Wad) -> hedgerow_core::Result<TailLoss>,
    args: &Arguments<'_>,
    out: &mut Answer<'_>,
) -> Result<(), Fault> {
    put_tail(
        distribution(args.wad("mean")?, args.wad("deviation")?, args.wad("confidence")?)?,
        out,
    );
    Ok(())
}

fn historical(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    put_tail(
        risk::historical(&mut args.wads("returns")?, args.wad("confidence")?)?,
        out,
    );
    Ok(())
}

fn max_drawdown(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    out.put("drawdown", risk::max_drawdown(&args.wads("prices")?)?);
    Ok(())
}

fn carry_gate(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let verdict = carry::gate(&Carry {
        value: args.wad("value")?,
        fee_apr: args.wad("fee_apr")?,
        lvr_apr: args.wad("lvr_apr")?,
        horizon: args.wad("horizon")?,
        premium: args.wad("premium")?,
        funding_apr: args.wad("funding_apr")?,
        hedge_notional: args.wad("hedge_notional")?,
        dollar_gamma: args.wad("dollar_gamma")?,
        sigma: args.wad("sigma")?,
        rebalances: args.integer("rebalances")?,
        trading_cost: args.wad("tc")?,
        min_net_apr: args.wad("min_net_apr")?,
    })?;
    let action = match verdict.action {
        Action::Hedge => "hedge",
        Action::HoldUnhedged => "hold_unhedged",
        Action::Exit => "exit",
    };
    out.put("action", action);
    out.put_all(&[
        ("margin", verdict.margin),
        ("turnover", verdict.turnover),
        ("cost", verdict.cost),
        ("cost_apr", verdict.cost_apr),
        ("fee", verdict.fee),
        ("lvr", verdict.lvr),
        ("net_hedged_apr", verdict.net_hedged_apr),
        ("net_unhedged_apr", verdict.net_unhedged_apr),
    ]);
    Ok(())
}

fn cover(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let cover = carry::cover(args.wad("fees")?, args.wad("cost")?, args.wad("horizon")?)?;
    out.put("passes", cover.passes);
    out.put("margin", cover.margin);
    out.put("ratio", cover.ratio);
    out.put("break_even", cover.break_even);
    Ok(())
}

fn correlation(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    let correlation = scorecard::correlation(&args.wads("prices0")?, &args.wads("prices1")?)?;
    out.put("correlation", correlation);
    Ok(())
}

fn run_scorecard(args: &Arguments<'_>, out: &mut Answer<'_>) -> Result<(), Fault> {
    const MANAGEMENT: [Management; 5] = [
        Management::Automated,
        Management::Daily,
        Management::Weekly,
        Management::Monthly,
        Management::None,
    ];
    let words = ["automated", "daily", "weekly", "monthly", "none"];
    // One end alone is a range without the other: its absence is then told.
    let width = if args.has("pa") || args.has("pb") {
        Width::Range {
            lower: args.wad("pa")?,
            upper: args.wad("pb")?,
        }
    } else {
        Width::Full
    };
    let card = scorecard::score(&Factors {
        volatility: args.wad("sigma")?,
        correlation: args.wad("correlation")?,
        fees: args.wad("fees")?,
        loss: args.wad("loss")?,
        management: MANAGEMENT[args.word("management", &words)?],
        width,
    })?;
    for (name, score) in [
        ("volatility", card.volatility),
        ("correlation", card.correlation),
        ("fees", card.fees),
        ("management", card.management),
        ("width", card.width),
        ("total", card.total),
    ] {
        out.put(name, i32::from(score));
    }
    let verdict = match card.verdict {
        scorecard::Verdict::Low => "low",
        scorecard::Verdict::Moderate => "moderate",
        scorecard::Verdict::High => "high",
        scorecard::Verdict::Extreme => "extreme",
    };
    out.put("verdict", verdict);
    Ok(())
}
