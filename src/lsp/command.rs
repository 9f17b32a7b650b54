//! Commands of code lenses. In: a command and what it is about. Out: for a test, what came of it, as data and in words.

use super::refusal::Refusal;
use super::state::State;
use super::to_proto::ProtoContext;
use crate::check::program::Test;
use crate::diagnostic::{Diagnostic, render};
use crate::engine::{Graphs, World};
use crate::simulate::{diff_view, run_test};
use gen_lsp_types::{ExecuteCommandParams, LspAny, Uri};
use serde::Deserialize;
use serde_json::{Value, json};

/// Runs a test.
pub(super) const RUN_TEST: &str = "funnelc.runTest";

/// Shows a funnel in the studio; editors that have one do that themselves.
pub(super) const OPEN_STUDIO: &str = "funnelc.openStudio";

/// The page of a finding.
pub(super) const EXPLAIN: &str = "funnelc.explain";

/// The commands that the server does itself.
pub(super) const ALL: [&str; 2] = [RUN_TEST, EXPLAIN];

/// The language of dates and amounts where the project names none.
const LANGUAGE: &str = "en";

/// A test: the file that it is in, and its title.
#[derive(Debug, Deserialize)]
struct Named {
    uri: Uri,
    title: String,
}

/// Does a command.
pub(super) fn execute(state: &State, params: ExecuteCommandParams) -> Result<Option<LspAny>, Refusal> {
    let first = params.arguments.unwrap_or_default().into_iter().next().unwrap_or_default();
    match params.command.as_str() {
        RUN_TEST => run(state, &read(first)?).map(Some),
        EXPLAIN => explain(state, &read::<String>(first)?).map(Some),
        other => Err(Refusal::Invalid(format!("no command is called `{other}`"))),
    }
}

fn read<T: for<'de> Deserialize<'de>>(argument: Value) -> Result<T, Refusal> {
    serde_json::from_value(argument).map_err(|fault| Refusal::Invalid(fault.to_string()))
}

/// Runs a test in virtual time.
fn run(state: &State, named: &Named) -> Result<Value, Refusal> {
    let Some(subject) = state.subject(&named.uri)? else {
        return Err(Refusal::Failed(format!("{} is no funnel that is known here", named.uri)));
    };
    let held = subject.held;
    if let Some(error) = held.compiled.diagnostics.iter().find(|finding| finding.is_error()) {
        let message = error.message.in_language(state.language);
        return Err(Refusal::Failed(format!("no test runs while there are errors: {message}")));
    }
    let mut tests = held.compiled.program.tests.iter().filter(|test| test.span.file == subject.file);
    let Some(test) = tests.find(|test| test.title == named.title) else {
        return Err(Refusal::Failed(format!("no test is called `{}`", named.title)));
    };
    let graphs = Graphs::new(held.compiled.graphs.clone());
    let project = &held.workspace.project;
    let world = World {
        catalog: &held.compiled.program.catalog,
        graphs: &graphs,
        business: &project.business,
        language: project.language.as_deref().unwrap_or(LANGUAGE),
        edge_counts: None,
    };
    Ok(report(ProtoContext { state, held }, world, test))
}

fn report(context: ProtoContext<'_>, world: World<'_>, test: &Test) -> Value {
    let verdict = run_test(world, test);
    let finding: Option<Diagnostic> = verdict.finding(test);
    let text = finding.as_ref().map(|finding| {
        let sources = &context.held.workspace.sources;
        let picture = render::render_in(sources, std::slice::from_ref(finding), false, context.state.language);
        format!("{picture}\n{}", diff_view(test, &verdict, false, &str::to_owned))
    });
    json!({
        "title": test.title,
        "passed": verdict.passed(),
        "report": text,
        "diagnostics": finding.iter().map(|finding| context.diagnostic(finding)).collect::<Vec<_>>(),
    })
}

/// The page of a code, as Markdown.
fn explain(state: &State, number: &str) -> Result<Value, Refusal> {
    let code = crate::diagnostic::Code::from_number(number);
    let code = code.ok_or_else(|| Refusal::Invalid(format!("no code is called `{number}`")))?;
    Ok(Value::String(code.page(state.language).to_owned()))
}
