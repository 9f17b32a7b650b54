//! What the checker must know of the project around the text. A lone file has the default.

use crate::check::program::{FieldType, Limit};
use crate::diagnostic::Levels;
use std::collections::{BTreeMap, BTreeSet};

/// The project as the checker sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// The IANA name of the project's time zone.
    pub zone: Option<String>,
    /// The currency of amounts that come without one (ISO 4217).
    pub currency: Option<String>,
    /// The country of phone numbers that come without one (ISO 3166-1).
    pub country: Option<String>,
    /// The fields of `business`; those that are set are known.
    pub business: BTreeMap<String, FieldType>,
    /// The channels the project configures, `call` among them when calls are made; `None` for a lone file, where none
    /// is configured and none is missed.
    pub channels: Option<BTreeSet<String>>,
    /// How many marketing messages a client may get, over all funnels.
    pub limits: Vec<Limit>,
    /// The actions the project binds; `None` where none is missed.
    pub actions: Option<BTreeSet<String>>,
    /// The name of the template that a `send` without a body uses, by channel; `default` where none is named.
    pub default_templates: BTreeMap<String, String>,
    /// What is made of warnings.
    pub levels: Levels,
}
