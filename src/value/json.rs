//! Values from and to JSON: in, a JSON value and the declared type; out, a [`Value`], or what was wrong with it.
