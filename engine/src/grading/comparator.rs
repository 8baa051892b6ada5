//! Whether what was found is what is expected, as the test declares it.

use crate::course::model::Comparator;

/// The difference that two numbers may have.
const TOLERANCE: f64 = 1e-9;

/// Compares by a declared comparator. Letter case always counts: `true` is not `True`.
pub fn matches(comparator: Comparator, found: &str, expected: &str) -> bool {
    match comparator {
        Comparator::Exact => found == expected,
        Comparator::Whitespace => tidy(found).eq(tidy(expected)),
        Comparator::Float => match (number(found), number(expected)) {
            (Some(found), Some(expected)) => (found - expected).abs() <= TOLERANCE,
            (None, _) | (_, None) => false,
        },
    }
}

/// The lines of a text without white space at their ends, and without empty lines around them.
fn tidy(text: &str) -> impl Iterator<Item = &str> {
    text.trim().lines().map(str::trim_end)
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparator_compares_as_it_is_declared() {
        use Comparator::{Exact, Float, Whitespace};
        let cases = [
            (Exact, "a\n", "a", false),
            (Exact, "a", "a", true),
            (Whitespace, "  a \nb\t\n\n", "a\nb", true),
            (Whitespace, "a\r\nb", "a\nb", true),
            (Whitespace, "a\n  b", "a\nb", false),
            (Whitespace, "True", "true", false),
            (Whitespace, "a b", "a  b", false),
            (Whitespace, "", "", true),
            (Float, "0.30000000000000004", "0.3", true),
            (Float, " 2 ", "2.0", true),
            (Float, "2.00000001", "2.0", false),
            (Float, "nan", "nan", false),
            (Float, "two", "2", false),
        ];
        for (comparator, found, expected, same) in cases {
            assert_eq!(matches(comparator, found, expected), same, "{found:?} {expected:?}");
        }
    }
}
