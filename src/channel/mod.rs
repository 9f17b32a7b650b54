//! How messages leave.
