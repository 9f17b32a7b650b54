//! What is found in a text: in, a name and the text; out, the sources and the findings of all stages that read it.
//!
//! Funnels are judged in a project in Berlin that counts in euros; a text whose first line is `# a lone file` is judged
//! without a project.

use funnelc::check::Context;
use funnelc::diagnostic::Diagnostic;
use funnelc::engine::{Fields, Graphs, World};
use funnelc::simulate::run_test;
use funnelc::source::Sources;
use funnelc::{Compiled, compile, syntax};
use std::path::Path;

/// The findings of a funnel on disk.
pub(crate) fn of_file(path: &Path) -> (Sources, Vec<Diagnostic>) {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
    of_bytes(name, &std::fs::read(path).expect("the input can be read"))
}

/// The findings of a funnel as bytes.
pub(crate) fn of_bytes(name: &str, bytes: &[u8]) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    match syntax::read(&mut sources, name, bytes) {
        Err(refused) => (sources, vec![*refused]),
        Ok(file) => {
            let text = sources.get(file).map_or("", |file| file.text.as_str());
            let context = if text.starts_with("# a lone file\n") { Context::default() } else { project() };
            let compiled = compile(&mut sources, &[file], &context);
            let found = with_failed_tests(compiled);
            (sources, found)
        }
    }
}

/// The findings of a check, and of the tests that fail where there is no error.
pub(crate) fn with_failed_tests(compiled: Compiled) -> Vec<Diagnostic> {
    let mut found = compiled.diagnostics;
    if found.iter().any(Diagnostic::is_error) {
        return found;
    }
    let (graphs, business) = (Graphs::new(compiled.graphs), Fields::new());
    let world = World {
        catalog: &compiled.program.catalog,
        graphs: &graphs,
        business: &business,
        language: "en",
        passages: None,
    };
    found.extend(compiled.program.tests.iter().filter_map(|test| run_test(world, test).finding(test)));
    found
}

fn project() -> Context {
    Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("EUR".to_owned()), ..Context::default() }
}
