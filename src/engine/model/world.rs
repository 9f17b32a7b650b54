//! What is the same for every client.

use super::edge_counts::EdgeCounts;
use super::graphs::Graphs;
use super::record::Fields;
use crate::check::program::Catalog;

/// What is the same for every client: the program's declarations, its graphs and the business.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// The declarations of events and clients.
    pub catalog: &'a Catalog,
    /// The graphs that runs are on.
    pub graphs: &'a Graphs,
    /// The fields of `business`, as JSON.
    pub business: &'a Fields,
    /// The project's language (ISO 639-1), for dates and amounts in messages.
    pub language: &'a str,
    /// The counter of passed edges, if there is one.
    pub edge_counts: Option<&'a EdgeCounts>,
}
