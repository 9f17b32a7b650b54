//! What is the same for every client: declarations, graphs, the business.

use super::edge_counts::EdgeCounts;
use super::graphs::Graphs;
use super::record::Fields;
use crate::check::program::Catalog;

/// What is the same for every client: the program's declarations, its graphs and the business.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// What events and clients look like.
    pub catalog: &'a Catalog,
    /// The graphs that runs are on.
    pub graphs: &'a Graphs,
    /// The fields of `business`, as JSON.
    pub business: &'a Fields,
    /// The project's language (ISO 639-1), for dates and amounts in texts.
    pub language: &'a str,
    /// Who counts the steps of runs, if anyone does.
    pub edge_counts: Option<&'a EdgeCounts>,
}
