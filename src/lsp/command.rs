//! Commands of code lenses: running a test, and explaining a code.

use super::request_error::RequestError;
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

/// Shows a funnel in the studio; executed by editors that have one.
pub(super) const OPEN_STUDIO: &str = "funnelc.openStudio";

/// Explains a code.
pub(super) const EXPLAIN: &str = "funnelc.explain";

/// The commands that the server executes.
pub(super) const ALL: [&str; 2] = [RUN_TEST, EXPLAIN];

/// The language of dates and amounts when the project sets none.
const LANGUAGE: &str = "en";

/// A test, by its file and title.
#[derive(Debug, Deserialize)]
struct TestArgument {
    uri: Uri,
    title: String,
}

/// Executes a command.
pub(super) fn execute(state: &State, params: ExecuteCommandParams) -> Result<Option<LspAny>, RequestError> {
    let first = params.arguments.unwrap_or_default().into_iter().next().unwrap_or_default();
    match params.command.as_str() {
        RUN_TEST => run(state, &read(first)?).map(Some),
        EXPLAIN => explain(state, &read::<String>(first)?).map(Some),
        other => Err(RequestError::InvalidParams(format!("unknown command `{other}`"))),
    }
}

fn read<T: for<'de> Deserialize<'de>>(argument: Value) -> Result<T, RequestError> {
    serde_json::from_value(argument).map_err(|fault| RequestError::InvalidParams(fault.to_string()))
}

/// Runs a test in virtual time.
fn run(state: &State, argument: &TestArgument) -> Result<Value, RequestError> {
    let Some(subject) = state.subject(&argument.uri)? else {
        return Err(RequestError::Failed(format!("{} is not a known funnel file", argument.uri)));
    };
    let project = subject.project;
    if let Some(error) = project.workspace.obstacles(&project.compiled, |file| file == subject.file).first() {
        let message = error.message.in_language(state.language);
        return Err(RequestError::Failed(format!("cannot run tests while there are errors: {message}")));
    }
    let mut tests = project.compiled.program.tests.iter().filter(|test| test.span.file == subject.file);
    let Some(test) = tests.find(|test| test.title == argument.title) else {
        return Err(RequestError::Failed(format!("no test named `{}`", argument.title)));
    };
    let graphs = Graphs::new(project.compiled.graphs.clone());
    let settings = &project.workspace.project;
    let world = World {
        catalog: &project.compiled.program.catalog,
        graphs: &graphs,
        business: &settings.business,
        language: settings.language.as_deref().unwrap_or(LANGUAGE),
        edge_counts: None,
    };
    Ok(report(ProtoContext { state, project }, world, test))
}

fn report(context: ProtoContext<'_>, world: World<'_>, test: &Test) -> Value {
    let verdict = run_test(world, test);
    let finding: Option<Diagnostic> = verdict.finding(test);
    let text = finding.as_ref().map(|finding| {
        let sources = &context.project.workspace.sources;
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

/// Returns the explanation of a code as Markdown.
fn explain(state: &State, number: &str) -> Result<Value, RequestError> {
    let code = crate::diagnostic::Code::from_number(number);
    let code = code.ok_or_else(|| RequestError::InvalidParams(format!("unknown code `{number}`")))?;
    Ok(Value::String(code.page(state.language).to_owned()))
}
