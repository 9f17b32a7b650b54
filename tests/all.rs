//! The one test binary; each module tests one feature.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test fails by a panic, says on standard error what it skips, and sets up files for the real program"
)]

mod advice;
mod answers;
mod any_order;
mod birthday;
mod blame;
mod bounds;
mod calls;
mod channel;
mod check;
mod cli;
mod cli_language;
mod clinic;
mod clocks;
mod damage;
mod decided;
mod door;
mod drawing;
mod editors;
mod elements;
mod emit;
mod engine;
mod entering;
mod errors;
mod event_files;
mod examples;
mod excludes;
mod explain;
mod files;
mod fixes;
mod flow;
mod format;
mod fuzz;
mod grammar;
mod handover;
mod held;
mod hooks;
mod hostile;
mod hosts;
mod ide;
mod incomplete;
mod incremental;
mod init;
mod kill;
mod known;
mod late;
mod later;
mod levels;
mod lsp;
mod made;
mod mail;
mod managed;
mod merge;
mod mjml;
mod moments;
mod notation;
mod ordering;
mod outage;
mod page;
mod parse;
mod past;
mod phrases;
mod project;
mod promises;
mod props;
mod received;
mod recovery;
mod reference;
mod render;
mod report;
mod reported;
mod runtime;
mod schedule;
mod serve;
mod server;
mod set_aside;
mod settings;
mod shells;
mod silence;
mod store;
mod streams;
mod support;
mod tags;
mod taken_away;
mod test_blocks;
mod tidy;
mod time;
mod to_text;
mod translation;
mod triggers;
mod twin;
mod unread;
mod upgrade;
mod webhook;
mod withdrawals;
mod wording;
mod workspace;
mod zoo;
