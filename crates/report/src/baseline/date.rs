//! Days of the calendar.

use std::fmt;

/// A day, in UTC. Later days are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day that is known to exist.
    pub const fn new(year: u16, month: u8, day: u8) -> Self {
        Self { year, month, day }
    }

    /// The day of a text such as `2026-11-20` or `2026-11-20T06:53:46Z`.
    pub fn of(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        if !rest.is_empty() && !rest.starts_with(['T', 't', ' ']) {
            return None;
        }
        let number = |text: &str| {
            let digits = text.bytes().all(|octet| octet.is_ascii_digit());
            digits.then(|| text.parse::<u16>().ok()).flatten()
        };
        let mut parts = date.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
            return None;
        }
        let (year, month, day) = (number(year)?, number(month)?, number(day)?);
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days)
            .contains(&day)
            .then_some(Self::new(year, month as u8, day as u8))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_exist() {
        for text in ["2026-11-20", "2024-02-29", "2000-02-29", "0001-01-01"] {
            assert_eq!(Date::of(text).unwrap().to_string(), text);
        }
        assert_eq!(Date::of("2026-11-20T06:53:46Z"), Some(Date::new(2026, 11, 20)));
        for text in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-01",
            "2026-04-31",
            "2026-1-1",
            "",
            "tomorrow",
            "2026-11-2x",
            "2026-11-200",
            "+026-11-20",
            "2026-11-2é",
        ] {
            assert_eq!(Date::of(text), None, "{text}");
        }
        assert!(Date::new(2026, 9, 30) < Date::new(2026, 10, 1));
    }
}
