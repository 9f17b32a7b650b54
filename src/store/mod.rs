//! Where the engine's state is kept.
