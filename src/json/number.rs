//! When two JSON numbers are equal: when their values are, whatever their digits. Nothing else in this crate compares
//! numbers, and nothing here goes through a lossy `f64`.
//!
//! A number is either what a tree holds (`serde_json::Number`) or its text. Under serde_json's `arbitrary_precision`
//! a tree holds the text too.

use serde_json::Number;

/// Whether serde_json keeps the text of every number. Its features are invisible to other crates, and another crate
/// of the same build may turn this one on; what shows is that a `Number` is then a `String`, which has something to drop,
/// and not a 64-bit number. (Their sizes do not tell: on 32-bit x86 they are equal.)
pub(crate) const ARBITRARY_PRECISION: bool = std::mem::needs_drop::<Number>();

/// Whether two numbers of a tree are numerically equal.
pub(crate) fn equal(left: &Number, right: &Number) -> bool {
    let integers = (integer(left), integer(right));
    if let (Some(left), Some(right)) = integers {
        return left == right;
    }
    if ARBITRARY_PRECISION {
        return equal_texts(&left.to_string(), &right.to_string());
    }
    match integers {
        (Some(integer), _) => right.as_f64().is_some_and(|float| equals_integer(float, integer)),
        (_, Some(integer)) => left.as_f64().is_some_and(|float| equals_integer(float, integer)),
        (None, None) => left.as_f64() == right.as_f64(),
    }
}

/// How long a number of a tree is, if the tree keeps its text.
pub(crate) fn kept_length(number: &Number) -> usize {
    if ARBITRARY_PRECISION { number.to_string().len() } else { 0 }
}

/// A number that equal numbers share, and most unequal ones do not. Where the tree keeps texts, those do that one `f64`
/// is nearest to.
pub(crate) fn fingerprint(number: &Number) -> u64 {
    // Where the tree keeps texts, an integer may be spelt as no integer, and then only a float shows it.
    let whole = if ARBITRARY_PRECISION { None } else { integer(number) };
    let float = number.as_f64().unwrap_or(0.0);
    let whole = whole.unwrap_or(float as i128);
    if whole as f64 == float {
        // The upper half tells -1 from 2^64 - 1.
        (whole as u64) ^ ((whole >> 64) as u64).wrapping_mul(0x5A5A_5A5A_0000_0001)
    } else {
        float.to_bits()
    }
}

fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// The 64-bit integer that a number of a tree is equal to, if there is one: 7 for `7`, `7.0` and `70e-1`.
#[cfg(any(test, feature = "superoffice"))]
pub(crate) fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| {
        let whole = number.as_f64()? as i64;
        equal(number, &whole.into()).then_some(whole)
    })
}

/// Whether an integer of at most 64 bits is exactly the `f64`.
fn equals_integer(float: f64, integer: i128) -> bool {
    // The cast is exact for a whole number of this size, and saturates far outside the 64 bits of `integer`.
    float.fract() == 0.0 && float as i128 == integer
}

/// The number of a tree for a number's text: an integer of 64 bits, else the nearest `f64`, or `None` where that is
/// infinite (`1e400`). Where serde_json keeps the text of every number, it is kept.
pub(crate) fn parse(text: &str) -> Option<Number> {
    if ARBITRARY_PRECISION {
        return if is_in_range(text) { text.parse().ok() } else { None };
    }
    match integer_of(text) {
        Some(integer) => Some(integer),
        None => Number::from_f64(text.parse().ok()?),
    }
}

/// An integer of 64 bits other than `-0`, which a tree holds as a float.
fn integer_of(text: &str) -> Option<Number> {
    match text {
        "-0" => None,
        _ => text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from)).ok(),
    }
}

/// Whether an `f64` reaches the number: it may be rounded, but not to infinity.
pub(crate) fn is_in_range(text: &str) -> bool {
    let is_short = text.len() < 300 && !text.bytes().any(|byte| matches!(byte, b'e' | b'E'));
    is_short || text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Whether two numbers are numerically equal, given the JSON text of each (RFC 8259 section 6). Exact for decimals of
/// any length; the cost depends on the length of the texts and not on their exponents.
pub(crate) fn equal_texts(left: &str, right: &str) -> bool {
    left == right || Decimal::read(left) == Decimal::read(right)
}

/// A decimal in the one form that equal numbers share: `0.DIGITS × 10^EXPONENT`, the digits without zeros around them.
struct Decimal<'t> {
    negative: bool,
    whole: &'t [u8],
    fraction: &'t [u8],
    exponent: Exponent<'t>,
}

/// The exponent as it is written, and what the position of the first digit adds to it.
struct Exponent<'t> {
    negative: bool,
    digits: &'t [u8],
    shift: i64,
}

impl<'t> Decimal<'t> {
    fn read(text: &'t str) -> Decimal<'t> {
        let (negative, text) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let mantissa_end = text.iter().position(|byte| matches!(byte, b'e' | b'E')).unwrap_or(text.len());
        let (mantissa, exponent) = (&text[..mantissa_end], &text[mantissa_end..]);
        let point = mantissa.iter().position(|&byte| byte == b'.').unwrap_or(mantissa.len());
        let (whole, fraction) = (&mantissa[..point], mantissa.get(point + 1..).unwrap_or_default());

        let whole = trim_start(whole);
        let (fraction, shift) = match whole.is_empty() {
            true => {
                let significant = trim_start(fraction);
                (significant, -((fraction.len() - significant.len()) as i64))
            }
            false => (fraction, whole.len() as i64),
        };
        let fraction = trim_end(fraction);
        let whole = if fraction.is_empty() { trim_end(whole) } else { whole };
        if whole.is_empty() && fraction.is_empty() {
            // Every zero is one number, whatever its sign and exponent.
            let exponent = Exponent { negative: false, digits: &[], shift: 0 };
            return Decimal { negative: false, whole, fraction, exponent };
        }
        let (negative_exponent, digits) = match exponent {
            [_, b'-', digits @ ..] => (true, digits),
            [_, b'+', digits @ ..] | [_, digits @ ..] => (false, digits),
            [] => (false, exponent),
        };
        let exponent = Exponent { negative: negative_exponent, digits: trim_start(digits), shift };
        Decimal { negative, whole, fraction, exponent }
    }

    fn digits(&self) -> impl Iterator<Item = &u8> {
        self.whole.iter().chain(self.fraction)
    }
}

impl PartialEq for Decimal<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.negative == other.negative && self.digits().eq(other.digits()) && self.exponent == other.exponent
    }
}

impl Exponent<'_> {
    /// The whole exponent, where it fits.
    fn small(&self) -> Option<i128> {
        let push = |value: i128, digit: &u8| value.checked_mul(10)?.checked_add(i128::from(digit - b'0'));
        let written = self.digits.iter().try_fold(0, push)?;
        (if self.negative { -written } else { written }).checked_add(self.shift.into())
    }

    /// The digits of the whole exponent's magnitude, for exponents whose text alone is longer than any shift.
    fn large(&self) -> Vec<u8> {
        let mut digits: Vec<u8> = self.digits.iter().map(|digit| digit - b'0').collect();
        let mut carry = i128::from(if self.negative { -self.shift } else { self.shift });
        for digit in digits.iter_mut().rev() {
            let sum = i128::from(*digit) + carry;
            *digit = sum.rem_euclid(10) as u8;
            carry = sum.div_euclid(10);
        }
        digits.insert(0, carry as u8);
        let zeros = digits.iter().take_while(|&&digit| digit == 0).count();
        digits.split_off(zeros)
    }
}

impl PartialEq for Exponent<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.small(), other.small()) {
            (Some(left), Some(right)) => left == right,
            // One side may just have crossed the length at which an exponent counts as large, so both are compared
            // digit by digit; a shift is too short to change the sign of such an exponent.
            _ => self.negative == other.negative && self.large() == other.large(),
        }
    }
}

fn trim_start(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|&&digit| digit == b'0').count();
    &digits[zeros..]
}

fn trim_end(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().rev().take_while(|&&digit| digit == b'0').count();
    &digits[..digits.len() - zeros]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_whole_number_is_one_however_it_is_spelt() {
        for (text, expected) in [
            ("7", Some(7)),
            ("7.0", Some(7)),
            ("70e-1", Some(7)),
            ("-1.2e1", Some(-12)),
            ("-0", Some(0)),
            ("0.0", Some(0)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("9.3e18", None),
            ("1e300", None),
            ("7.5", None),
            ("-0.1", None),
        ] {
            assert_eq!(whole(&parse(text).expect("in range")), expected, "{text}");
        }
    }

    #[test]
    fn a_text_is_the_number_that_serde_json_reads() {
        for text in
            ["0", "-0", "1", "-1", "-12", "907", "123456789012345678", "-12345678901234567", "1.0", "-0.0", "2e2"]
        {
            assert_eq!(parse(text), text.parse().ok(), "{text}");
            assert_eq!(
                parse(text).map(|number| number.to_string()),
                text.parse::<Number>().ok().map(|it| it.to_string())
            );
        }
        for text in ["-0", "12a", "1.5", "18446744073709551616"] {
            assert_eq!(integer_of(text), None, "{text}");
        }
        for (text, integer) in [("-90", -90), ("0", 0), ("-9223372036854775808", i64::MIN)] {
            assert_eq!(integer_of(text), Some(integer.into()), "{text}");
        }
        assert_eq!(integer_of("18446744073709551615"), Some(u64::MAX.into()));
    }

    #[test]
    fn texts_are_equal_when_the_numbers_are() {
        let large = "9".repeat(40);
        let larger = format!("1{}", "0".repeat(40));
        let rows = [
            ("1", "1.0", true),
            ("1", "10e-1", true),
            ("0", "-0", true),
            ("0.0e5", "0", true),
            ("-1", "1", false),
            ("100", "1e2", true),
            ("1.50e2", "150", true),
            ("0.001", "1E-3", true),
            ("0.001", "1E-4", false),
            ("9007199254740993", "9007199254740992.0", false),
            ("12345678901234567890123", "12345678901234567890123.000", true),
            ("12345678901234567890123", "12345678901234567890124", false),
            ("1e1000000000", "10e999999999", true),
            ("1e1000000000", "1e1000000001", false),
            ("1e99999999999999999999", "10e99999999999999999998", true),
            (&format!("1e{large}0"), &format!("10e{large}0"), false),
            (&format!("10e{large}"), &format!("1e{larger}"), true),
            (&format!("0.1e-{large}"), &format!("1e-{larger}"), true),
            (&format!("1e{large}"), &format!("1e-{large}"), false),
        ];
        for (left, right, expected) in rows {
            assert_eq!(equal_texts(left, right), expected, "{left} and {right}");
            assert_eq!(equal_texts(right, left), expected, "{right} and {left}");
        }
    }

    #[test]
    fn arbitrary_precision_is_what_the_numbers_show() {
        let kept = "1.00".parse::<Number>().expect("a number").to_string() == "1.00";
        assert_eq!(ARBITRARY_PRECISION, kept);
    }

    #[test]
    fn a_tree_compares_what_it_holds() {
        let number = |text| parse(text).expect("in range");
        assert!(equal(&number("1"), &number("1.0")));
        assert!(equal(&number("-0"), &number("0")));
        assert!(!equal(&number("9007199254740993"), &number("9007199254740992.0")));
        assert!(equal(&number("9223372036854775808"), &number("9223372036854775808.0")));
        assert!(!equal(&number("18446744073709551615"), &number("18446744073709551616.0")));
        assert!(!equal(&number("-1"), &number("18446744073709551615")));
        assert_eq!(fingerprint(&number("-0")), fingerprint(&number("0.0")));
        assert_eq!(fingerprint(&number("9223372036854775808")), fingerprint(&number("9223372036854775808.0")));
        let unequal = "0 1 -1 18446744073709551615 1.5 -1.5 1.25 1e300 2e300 9007199254740993 9007199254740992";
        let unequal: Vec<&str> = unequal.split(' ').collect();
        let unequal = &unequal[..unequal.len() - usize::from(ARBITRARY_PRECISION)];
        let fingerprints: HashSet<u64> = unequal.iter().map(|text| fingerprint(&number(text))).collect();
        assert_eq!(fingerprints.len(), unequal.len());
        assert!(parse("1e400").is_none());
        assert!(parse(&format!("1{}", "0".repeat(400))).is_none());
        assert!(parse("1e-400").is_some());
    }
}
