//! Drawings of graphs: layout, SVG, and the source of Mermaid and Graphviz diagrams.

mod caption;
mod diagram_source;
mod geometry;
mod layer;
mod layout;
mod route;
mod svg;
mod svg_document;
mod x_coordinate;

pub use diagram_source::{dot, mermaid};
pub use geometry::{Item, Layout, PlacedBox, Route};
pub use layout::layout;
pub use svg::{Counts, SVG_STYLE, svg};
pub use svg_document::svg_document;
