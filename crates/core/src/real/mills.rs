//! Mills's ratio by five polynomials.
//!
//! An interval ends where the argument's exponent changes, so that the mantissa itself is the place inside it. The coefficients are
//! those of the polynomials that meet the function in the Chebyshev nodes of the interval, computed with 420 bits and more
//! and rounded to 120 fractional bits.

use super::Real;
use super::bits::{high, join, low, shifted_right};
use super::horner::{Digits, digits, horner, joined};

impl Real {
    /// Mills's ratio `(1 - cdf(x)) / pdf(x)` for x >= 0, with a relative error below 2^-114; of a negative number, that of its
    /// magnitude.
    pub fn mills(self) -> Self {
        let (interval, power, t) = match self.exponent {
            ..0 => {
                let fraction = shifted_right(self.mantissa, (-1 - self.exponent) as u32);
                (0, 7, place(fraction))
            }
            0..3 => (self.exponent + 1, 6 - self.exponent, place(self.mantissa << 1)),
            3.. => {
                let reciprocal = Self::ONE / self.abs();
                let square = reciprocal.square();
                // 128 / x^2 - 1, at most one.
                let t = shifted_right(square.mantissa, square.exponent.unsigned_abs());
                let t = join((high(t) as i64 - (1 << 56)) as u64, low(t)) as i128;
                return reciprocal * Self::normalised(0, 7, ratio_in(4, t));
            }
        };
        Self::normalised(0, power, ratio_in(interval, t))
    }
}

/// `2 u - 1` with 120 fractional bits, for u of 128.
#[inline(always)]
fn place(u: u128) -> i128 {
    // As a signed number, u less one half is u with its top bit flipped.
    (u ^ 1 << 127) as i128 >> 7
}

/// Mills's ratio of an `x` inside an interval, with 120 fractional bits, for a place of -1 to 1 in it, with as many.
///
/// Interval 0 is `[0, 1]`, 1 to 3 are `[1, 2]`, `[2, 4]` and `[4, 8]`: there the ratio is multiplied by the interval's upper end. In
/// interval 4, from 8 on, the place is `128 / x^2 - 1`, and the ratio is multiplied by x.
#[inline(never)]
pub(crate) fn ratio_in(interval: i32, place: i128) -> u128 {
    let t = digits((place >> 64) as i64, place as u64);
    joined(match interval {
        0 => from_0_to_1(t),
        1 => from_1_to_2(t),
        2 => from_2_to_4(t),
        3 => from_4_to_8(t),
        _ => from_8(t),
    })
}

/// Mills's ratio of `(t + 1) / 2`, for |t| <= 1: degree 30, relative error below 2^-121.
#[inline(always)]
fn from_0_to_1(t: Digits) -> Digits {
    horner!(t;
        [
        ];
        [
            0x993c_db19,
            -0x6_eeae_01bc,
            0x4a_63a5_e20c,
            -0x340_a072_786f,
            0x23da_9961_c311,
            -0x1_83b3_e2be_ee60,
            0x10_1466_1a82_dee1,
            -0xa7_8589_50b3_2828,
            0x6af_2bf7_93e6_931e,
        ];
        [
            -0x42e3_2ac2_436a_aed7,
            0x2_8f1a_47bc_62df_c7e1,
            -0x18_81a4_4e32_1c1e_95b3,
            0xe5_39da_b926_12cf_56c9,
            -0x82b_b6a1_f0d6_5ed4_f09a,
            0x48a3_fc26_0381_dfea_9d47,
            -0x2_7440_7f29_fc14_6423_c687,
            0x14_9d3f_88aa_dc8f_a439_3813,
            -0xa7_dc5d_5681_f175_fa22_de28,
            0x52a_4243_3be2_30e1_200b_4454,
        ];
        [
            -0x2743_0538_ce47_3cd0_d7c7_d59b,
            0x1_1f2f_71d4_08b0_6706_fa6d_2afc,
            -0x7_deb4_5797_7cee_daed_2df8_8d65,
            0x34_be1e_20b8_d87e_f404_4b81_63f7,
            -0x150_0f7a_7206_6a15_bd5e_a54c_51f1,
            0x7e7_d33e_8921_79f4_3de8_15b5_0850,
            -0x2ca9_84a3_01d5_1454_f442_2bd8_3adf,
            0xea65_527f_dcf8_833a_c204_34ce_cca5,
            -0x4_67a3_af3c_019e_19dd_d72f_a1a4_b789,
            0x13_0df8_d739_d126_4d89_f772_ee91_8b01,
            -0x47_e9a5_0e09_e48f_83f0_0dae_824a_54d3,
            0xe0_596b_c7d8_6dc1_f03f_c945_f6d6_acca,
        ]
    )
}

/// Twice Mills's ratio of `1 + (t + 1) / 2`, for |t| <= 1: degree 29, relative error below 2^-123.
#[inline(always)]
fn from_1_to_2(t: Digits) -> Digits {
    horner!(t;
        [
            -0x1899_a5f8,
        ];
        [
            0x1_3364_d3fc,
            -0xe_1066_f70f,
            0xaa_4a57_3922,
            -0x7ef_fbba_ec6f,
            0x5d12_29f0_f00c,
            -0x4_30f0_aa70_2751,
            0x2f_797c_ab37_87dd,
            -0x210_02f8_749b_4efc,
            0x1681_cbf1_4a2c_40b1,
        ];
        [
            -0xf0c6_5d55_9f76_e547,
            0x9_dae2_d342_3252_b372,
            -0x65_0b8c_2f34_b5ca_6b74,
            0x3f4_b26f_f852_c11a_b2a0,
            -0x26b5_288c_72f7_52a8_0b21,
            0x1_714c_15a3_6d8c_c171_e791,
            -0xd_6659_c1d5_3a9e_06d8_8875,
            0x78_fbb2_013f_a6a7_39ef_d5f5,
            -0x423_bd51_630e_dc0e_fbdf_01ef,
        ];
        [
            0x231a_6954_651b_d387_3b1d_f6bc,
            -0x1_1f73_c5fa_35e1_4d28_fefa_480e,
            0x8_da7b_c71e_6dfc_f49c_4e29_615d,
            -0x42_fbbb_2c8a_dda5_b798_c55c_3a19,
            0x1e4_42aa_696e_588f_ba54_137b_f3e3,
            -0xd00_5078_1b7b_47cf_43b1_d08e_f5a0,
            0x5467_3162_34ca_24e7_42f7_4561_c091,
            -0x2_013b_dd88_c400_0ae7_12ca_1b50_4dfe,
            0xb_4a26_aebd_98a2_6f29_67d2_a80c_7393,
            -0x39_ed42_6ea1_f9e7_d051_18f1_3fe9_030f,
            0x108_18fc_c1d2_b2ca_ea3e_8969_001e_a697,
        ]
    )
}

/// Four times Mills's ratio of `2 + (t + 1)`, for |t| <= 1: degree 34, relative error below 2^-122.
#[inline(always)]
fn from_2_to_4(t: Digits) -> Digits {
    horner!(t;
        [
        ];
        [
            0x6_a0e0_0206,
            -0x32_5aa4_514c,
            0x140_66ba_0b81,
            -0x943_9562_a80c,
            0x44af_d0e5_b531,
            -0x1_f0ee_94eb_5672,
            0xd_dd6d_a532_a418,
            -0x61_daf5_903c_a721,
            0x2a9_cbf9_9079_7eba,
            -0x124f_888d_0357_906b,
        ];
        [
            0x7c2d_4d82_5442_ec7b,
            -0x3_3e4c_3083_d732_497f,
            0x15_5f23_d8a6_1778_0d2a,
            -0x8a_b643_f0b8_1508_e91d,
            0x376_4fe0_6ea5_d55b_1ea5,
            -0x15c3_e334_049b_544e_c5c8,
            0x8689_e724_b39a_a96d_da14,
            -0x3_3127_924a_752b_b896_93c1,
            0x13_0928_f774_0019_3798_ba0d,
            -0x6f_5f1b_9d4d_c746_29cf_a43a,
            0x27e_afe2_4f29_5779_1314_25f3,
        ];
        [
            -0xe02_a245_250a_b3c0_773e_f9fa,
            0x4cf5_852f_c362_e3dc_d5d4_975a,
            -0x1_9d02_cd12_2bb3_cc52_c738_878d,
            0x8_728a_a573_abbe_1352_d703_9420,
            -0x2b_16be_c022_e3f4_0188_3fc0_62d3,
            0xd5_bda6_b6ed_6148_c5d5_1a34_dc37,
            -0x405_05a8_e602_276e_5f49_74da_4321,
            0x12bc_fe30_6971_8091_4c85_30da_6e8d,
            -0x545a_222f_8663_95b8_8091_c5a5_c935,
            0x1_6d7c_5bb1_0bd3_c491_4cd4_760a_8d69,
            -0x5_ee37_be00_c36d_3a4e_6956_3e55_6d09,
            0x17_8098_a8c6_7996_c130_6f54_932a_91e8,
            -0x58_4c71_3455_b70b_f27c_8a00_7480_0ee3,
            0x137_e684_ee8e_1851_59d6_7caa_83d5_5062,
        ]
    )
}

/// Eight times Mills's ratio of `4 + 2 (t + 1)`, for |t| <= 1: degree 39, relative error below 2^-120.
#[inline(always)]
fn from_4_to_8(t: Digits) -> Digits {
    horner!(t;
        [
        ];
        [
            -0x1fe_75fb_a098,
            0xa01_8ab5_da5b,
            -0x1deb_33c9_c9e9,
            0x929a_c679_ef35,
            -0x3_2517_bb8d_fa9f,
            0xf_3e0b_4354_7b48,
            -0x48_48b1_1dca_13b3,
            0x158_a93f_07ed_f2bc,
            -0x660_2872_b3f6_f458,
        ];
        [
            0x1de8_f885_dd6e_194c,
            -0x8b21_98d3_ef38_bf65,
            0x2_81b3_d011_c745_53c1,
            -0xb_75d1_aa14_77ed_2c13,
            0x33_ed63_eafa_e7d3_944e,
            -0xe9_2370_deed_5052_aa72,
            0x40c_f158_dcfe_a8c0_7316,
            -0x11d7_f18d_5862_5988_36dd,
            0x4dd5_7cbf_1911_aaf6_183d,
            -0x1_501a_2329_651b_d1a0_0468,
            0x5_9c64_9796_5edd_f8c6_1866,
            -0x17_b9b6_ff5c_ac65_33ac_5895,
            0x63_3b1b_f406_2bdf_74b1_84dc,
            -0x19a_6379_190a_a4c9_e7be_0223,
        ];
        [
            0x68d_b469_153b_9f59_5e4e_df94,
            -0x1a79_43fd_ea20_1e54_148a_8e21,
            0x69a2_9d9e_134e_dc83_e348_3267,
            -0x1_a02e_97d2_67e5_069f_7f12_9973,
            0x6_5244_ef20_7b43_170d_fe98_2f13,
            -0x18_3f66_3acd_4371_9ac4_b8b7_269d,
            0x5b_b501_7dc9_3c1e_1589_115b_7ce6,
            -0x155_cd5d_9b10_2dd2_aa36_7199_951d,
            0x4e6_ac9c_8ba7_9fc3_3478_c2f5_67a1,
            -0x11b5_13e8_3fdb_4663_9c64_e1e6_4dea,
            0x3eec_94f1_d6e1_12b1_3e20_3a77_4888,
            -0xdbc2_a1ab_f462_f342_0c11_39d6_8eff,
            0x2_f1aa_c46e_9f7a_75d0_0164_04d0_aaa3,
            -0x9_e7b3_9762_cfeb_1182_9341_96c2_5b7d,
            0x20_a8c5_8a97_0f3b_aa57_bb28_c919_060c,
            -0x69_6817_514f_49a3_4c29_1feb_8c5c_cefc,
            0x14c_8ca8_b939_6487_b9a7_3d57_09a2_eec0,
        ]
    )
}

/// Mills's ratio of x times x, for `64 / x^2 = (t + 1) / 2`, for |t| <= 1: degree 30, relative error below 2^-121.
#[inline(always)]
fn from_8(t: Digits) -> Digits {
    horner!(t;
        [
            0x3e1a_0c10,
        ];
        [
            -0xeffc_a579,
            0x1_d181_a4a5,
            -0x7_a542_6f29,
            0x27_6a8f_fa6e,
            -0xa9_a937_4b4c,
            0x2df_66b4_9552,
            -0xd10_e091_2c78,
            0x3d31_9cdc_d00c,
            -0x1_26cf_c6ca_d0c9,
            0x5_b9d1_723c_5224,
            -0x1d_71d1_560a_cbe9,
            0x9c_f2fc_6b47_a1aa,
            -0x365_5e3e_27c2_4c22,
            0x139a_a59b_ad68_1765,
        ];
        [
            -0x7653_9fb0_a0ec_0767,
            0x2_ed88_01bc_d9d8_94d9,
            -0x13_8c34_0522_f3fe_34fb,
            0x8a_3ef4_c713_e317_87c3,
            -0x411_cb90_3902_73bb_27d9,
            0x20e8_6998_909c_330d_8080,
            -0x1_1ffe_a498_8e5c_ff74_a75c,
            0xa_c487_0c9c_bba1_a613_bfc5,
            -0x72_3922_9fb9_10f1_09a5_61f4,
            0x556_364a_b483_f95c_f7cd_5bf7,
        ];
        [
            -0x49a9_649d_3211_8e20_247f_1542,
            0x4_bc65_0071_851d_5642_d8de_4da0,
            -0x61_b0a7_e72a_5946_9d83_ea6d_47ea,
            0xabb_4843_a95b_0098_6983_77d9_c669,
            -0x1_e94f_d817_6791_bdf8_4216_8c53_ca6c,
            0xfe_0b8e_231a_294b_af98_afa9_0821_0d10,
        ]
    )
}
