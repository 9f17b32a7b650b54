//! The grammars for editors: each reads what the parser reads, and colours what the others colour.

mod agreement;
mod corpus;
mod helix;
mod kind;
mod position;
mod queries;
mod sublime;
mod textmate;
mod tree;
