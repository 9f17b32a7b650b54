//! The one test binary; each module tests one feature.
mod render;
