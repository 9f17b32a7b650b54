//! The grammars for editors: each accepts what the parser accepts, and highlights the same tokens as the others.

mod agreement;
mod corpus;
mod helix;
mod kind;
mod position;
mod queries;
mod sublime;
mod textmate;
mod tree;
