//! Three-valued logic (Kleene's): what is unknown does not spoil what is decided without it.

/// Whether something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It does not hold.
    False,
    /// It holds.
    True,
    /// It cannot be told, and why: each reason once, in order.
    Unknown(Vec<String>),
}

impl Truth {
    /// Not known, for this reason.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Self {
        Self::Unknown(vec![why.into()])
    }

    /// Whether all hold. Nothing at all holds.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::fold(parts, &Self::False, Self::True)
    }

    /// Whether one holds. Nothing at all does not.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::fold(parts, &Self::True, Self::False)
    }

    /// `decisive` settles it at once; what is unknown stays unknown; otherwise `rest`.
    fn fold(parts: impl IntoIterator<Item = Self>, decisive: &Self, rest: Self) -> Self {
        let mut reasons: Vec<String> = Vec::new();
        for part in parts {
            match part {
                part if part == *decisive => return part,
                Self::Unknown(why) => {
                    for reason in why {
                        if !reasons.contains(&reason) {
                            reasons.push(reason);
                        }
                    }
                }
                Self::True | Self::False => {}
            }
        }
        if reasons.is_empty() { rest } else { Self::Unknown(reasons) }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown(why) => Self::Unknown(why),
        }
    }
}
