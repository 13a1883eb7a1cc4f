//! Why a policy acts, and why it does not.

/// Why a policy acts, or why not. The numbers are those of `Decision.reason` on the chain and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// Acts: out of range, at spot and in the mean.
    OutOfRange = 1,
    /// Acts: the impermanent loss since entry.
    ImpermanentLoss = 2,
    /// Acts: the mean price left the band.
    PriceBand = 3,
    /// Acts: the fees owed.
    Fees = 4,
    /// Acts: the fees owed, against what the gas costs.
    FeesOverGas = 5,
    /// Acts: the time since the last action.
    Elapsed = 6,
    /// Acts: token0's share of the value moved.
    DeltaDrift = 7,
    /// Acts on a hedge: its health has fallen below what the rule allows.
    HealthLow = 8,
    /// Acts on a hedge: its debt is too far from its target.
    HedgeDrift = 9,
    /// Acts on a hedge: the mean price has left the position's range.
    RangeLeft = 10,
    /// Closes a hedge: borrowing costs more than the rule allows.
    BorrowRate = 11,
    /// Closes a hedge: its position is there no more.
    PositionGone = 12,

    /// No rule's trigger fires.
    NoTrigger = 32,
    /// These terms do not govern the position.
    NotSet = 33,
    /// They ended.
    Ended = 34,
    /// The account is paused.
    Paused = 35,
    /// The expiry has passed.
    Expired = 36,
    /// The last action is too recent.
    Cooldown = 37,
    /// The day's actions are used up.
    DailyCount = 38,
    /// All actions are used up.
    RunsUsed = 39,
    /// The sequencer is down, or its feed does not say that it is up.
    SequencerDown = 40,
    /// The sequencer has been up for too short a time.
    SequencerGrace = 41,
    /// The pool's oracle does not reach back far enough.
    OracleTooShort = 42,
    /// The position has no liquidity.
    NoLiquidity = 43,
    /// The position is worth less than the policy asks for.
    BelowMinValue = 44,
    /// A rule's trigger fires, but spot is too far from the mean price.
    Deviation = 45,
    /// A rule's trigger fires, but what may be lost in this period has been lost.
    PeriodLossUsed = 46,
    /// A rule's trigger fires, but the position has that range already.
    SameRange = 47,
    /// A rule's trigger fires, but the position holds both tokens.
    NotOneSided = 48,
    /// A rule's trigger fires, but no range lies nearer to the price.
    NotNearer = 49,
    /// A rule's trigger fires, but no fees are owed.
    NothingToCollect = 50,
    /// A rule's trigger fires, but the pool has no range of that width there.
    NoRange = 51,
    /// A hedge is to be enlarged, but its expected costs exceed the fees expected.
    GateClosed = 52,
    /// A hedge is to be enlarged, but the venue has no price of an asset.
    OraclePrice = 53,
    /// A hedge is to be enlarged, but the venue's prices are too old.
    OracleStale = 54,
    /// A hedge is to be enlarged, but the venue's prices are too far from the pool's.
    OracleDeviation = 55,
    /// The venue does not do now what the hedge takes.
    VenueClosed = 56,
    /// A cap of the venue, or what it has left, is less than the hedge takes.
    VenueExhausted = 57,
    /// The hedge's change is smaller than is worth its cost.
    TradeTooSmall = 58,
    /// The hedge takes more collateral than it may, or than it has.
    CollateralShort = 59,
    /// The hedge's health is too low, or would be.
    HealthTooLow = 60,
    /// A hedge is to be enlarged, but the pool's fees have not been watched for an hour.
    FeesUnknown = 61,
    /// A hedge is to be enlarged, but borrowing costs too much.
    RateTooHigh = 62,
}

impl Reason {
    /// All of them, those to act first.
    pub const ALL: [Self; 43] = [
        Self::OutOfRange,
        Self::ImpermanentLoss,
        Self::PriceBand,
        Self::Fees,
        Self::FeesOverGas,
        Self::Elapsed,
        Self::DeltaDrift,
        Self::HealthLow,
        Self::HedgeDrift,
        Self::RangeLeft,
        Self::BorrowRate,
        Self::PositionGone,
        Self::NoTrigger,
        Self::NotSet,
        Self::Ended,
        Self::Paused,
        Self::Expired,
        Self::Cooldown,
        Self::DailyCount,
        Self::RunsUsed,
        Self::SequencerDown,
        Self::SequencerGrace,
        Self::OracleTooShort,
        Self::NoLiquidity,
        Self::BelowMinValue,
        Self::Deviation,
        Self::PeriodLossUsed,
        Self::SameRange,
        Self::NotOneSided,
        Self::NotNearer,
        Self::NothingToCollect,
        Self::NoRange,
        Self::GateClosed,
        Self::OraclePrice,
        Self::OracleStale,
        Self::OracleDeviation,
        Self::VenueClosed,
        Self::VenueExhausted,
        Self::TradeTooSmall,
        Self::CollateralShort,
        Self::HealthTooLow,
        Self::FeesUnknown,
        Self::RateTooHigh,
    ];

    /// The number on the chain.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The reason of a number on the chain; nothing for a number that is none.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// Whether only a hedge's policy has it.
    pub const fn is_hedges(self) -> bool {
        let code = self as u8;
        code > Self::NoRange as u8 || (code > Self::DeltaDrift as u8 && code < Self::NoTrigger as u8)
    }

    /// Whether it is one to act.
    pub const fn acts(self) -> bool {
        (self as u8) < Self::NoTrigger as u8
    }
}
