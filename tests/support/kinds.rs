//! The kinds of events that generated funnels are about, with conditions and texts for each. `N` stands for the event's name.

/// What a name in a chain refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// No event: the client alone.
    Client,
    Visit,
    Booking,
    Purchase,
    Order,
    Note,
    /// One of several events, with only their common fields.
    Either,
    Echo,
    LastEcho,
}

/// The kinds of events that funnels are generated for.
pub(crate) const KINDS: [Kind; 8] =
    [Kind::Visit, Kind::Booking, Kind::Booking, Kind::Purchase, Kind::Order, Kind::Note, Kind::Echo, Kind::LastEcho];

impl Kind {
    pub(crate) fn event(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Visit => "visit",
            Self::Booking => "booking",
            Self::Purchase => "purchase",
            Self::Order => "order",
            Self::Note => "note",
            Self::Either => "visit or purchase",
            Self::Echo => "echo",
            Self::LastEcho => "last_echo",
        }
    }

    /// Conditions on `N` that need no other condition first.
    pub(crate) fn conditions(self) -> &'static [&'static str] {
        match self {
            Self::Client => &[
                "N.phone is known",
                "N.city == \"Oslo\"",
                "\"vip\" in N.tags",
                "N.name is missing",
                "N in busy",
                "count(visit) > 1",
                "sum(purchase.amount in last 3d) > 50 RUB",
                "any(booking where attended)",
                "none(order in last 1d)",
                "last(visit).at > now - 1d",
                "avg(purchase.amount) > 40 RUB",
                "max(visit.rating) >= 5",
                "count(note in last 2d where text == \"a\") == 1",
            ],
            Self::Visit => &["N.service == \"spa\"", "N.rating is known and N.rating > 3", "N.branch is missing"],
            Self::Booking => &[
                "N.attended",
                "not N.attended",
                "N.cancelled",
                "N.service == \"spa\"",
                "N.starts_at > now",
                "N.attended is known",
                "N.service == \"spa\" and N.attended",
                "N.cancelled or N.attended",
                "N.starts_at - now > 36h",
            ],
            Self::Purchase => &["N.amount > 50 RUB", "N.status == \"paid\"", "not N.refunded"],
            Self::Order => {
                &["N.status == \"paid\"", "not (N.status == \"void\")", "N.amount >= 50 RUB", "N.status is known"]
            }
            Self::Note => &["N.text contains \"a\"", "N.score is known and N.score < 2"],
            Self::Either => &["N.branch == \"north\""],
            Self::Echo | Self::LastEcho => &["N.word == \"b\"", "N.word is known"],
        }
    }

    /// The conditions that do not wait for a later value, for a `where`.
    pub(crate) fn filters(self) -> &'static [&'static str] {
        match self {
            Self::Booking => &["N.service == \"spa\"", "not (N.service == \"spa\")", "N.starts_at > now"],
            Self::Order => &["N.amount >= 50 RUB"],
            Self::Client | Self::Visit | Self::Purchase | Self::Note | Self::Either | Self::Echo | Self::LastEcho => {
                self.conditions()
            }
        }
    }

    /// Datetimes of `N` that are always known.
    pub(crate) fn moments(self) -> &'static [&'static str] {
        match self {
            Self::Booking => &["N.starts_at - 2h", "N.starts_at", "N.starts_at - 1d", "N.starts_at + 1h"],
            Self::Order => &["N.made_at + 6h", "N.made_at"],
            Self::Client | Self::Visit | Self::Purchase | Self::Note | Self::Either | Self::Echo | Self::LastEcho => {
                &[]
            }
        }
    }

    /// Texts that are always known.
    pub(crate) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Booking => &["{{ N.id }} at {{ N.starts_at | time }}", "{{ N.service | default(\"it\") }}"],
            Self::Purchase | Self::Order => &["{{ N.amount | money }} for {{ N.id }}"],
            Self::Client => &["{{ N.name | default(\"you\") }}", "{{ count(visit) }} visits"],
            Self::Note => &["{{ N.text }}"],
            Self::Visit | Self::Either | Self::Echo | Self::LastEcho => &["{{ N.id }}"],
        }
    }

    /// The triggers of runs about it; none for events that only funnels emit.
    pub(crate) fn triggers(self) -> &'static [&'static str] {
        match self {
            Self::Client => &[
                "on client",
                "on client.city",
                "on client.updated",
                "on entering busy",
                "on leaving busy",
                "on entering payer",
                "on leaving fresh",
                "on leaving quiet",
                "every day 10:00",
                "every monday, thursday 02:30 for busy",
                "every 36h for quiet",
                "every 2d at 10:00",
                "every \"RRULE:FREQ=WEEKLY;BYDAY=SU,FR;BYHOUR=2;BYMINUTE=30\"",
                "on client.birthday - 1d at 10:00",
                "on client.birthday at 02:30",
            ],
            Self::Booking => {
                &["on booking", "on booking", "on booking.updated", "on booking.cancelled", "on booking.attended"]
            }
            Self::Order => &["on order", "on order.status", "on order.updated"],
            Self::Visit => &["on visit", "on visit.updated", "on no visit for 2d", "on no visit for 30h"],
            Self::Purchase => &["on purchase", "on no purchase for 1d"],
            Self::Note => &["on note", "on no note for 12h"],
            Self::Either => &["on visit or purchase"],
            Self::Echo | Self::LastEcho => &[],
        }
    }

    /// The settings that end runs about it early.
    pub(crate) fn exits(self) -> &'static [&'static str] {
        match self {
            Self::Booking => &[
                "",
                "exit on booking.cancelled\n  ",
                "exit on visit or purchase\n  ",
                "exit on booking\n  ",
                "exit on leaving quiet\n  ",
            ],
            Self::Client
            | Self::Visit
            | Self::Purchase
            | Self::Order
            | Self::Note
            | Self::Either
            | Self::Echo
            | Self::LastEcho => &[
                "",
                "",
                "exit on purchase where amount > 50 RUB\n  ",
                "exit on order.status\n  ",
                "exit on entering busy\n  ",
            ],
        }
    }
}
