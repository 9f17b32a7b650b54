//! Amounts of money: an exact number and an ISO 4217 currency code.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in one currency. Amounts in different currencies are never added or compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// How much, in the currency's main unit.
    pub amount: Decimal,
    /// Three capital letters (ISO 4217): `RUB`.
    pub currency: String,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}
