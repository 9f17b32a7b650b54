//! The findings of a text: a name and the text in, the sources and the findings of all stages out.
//!
//! A funnel is checked in the project of the `funnel.toml` beside it, otherwise in one in Berlin with euros. A text whose
//! first line is `# a lone file` is checked without a project.

use funnelc::check::Context;
use funnelc::diagnostic::level::{Level, Rule};
use funnelc::diagnostic::{Code, Diagnostic};
use funnelc::engine::{Fields, Graphs, World};
use funnelc::project::{self, Includes, load_includes};
use funnelc::simulate::run_test;
use funnelc::source::{FileId, Sources};
use funnelc::syntax::ParseCache;
use funnelc::{Compiled, compile, syntax};
use std::path::Path;

/// The findings of a funnel on disk, and of the files that it refers to.
pub(crate) fn of_file(path: &Path) -> (Sources, Vec<Diagnostic>) {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
    let bytes = std::fs::read(path).expect("the input can be read");
    let mut sources = Sources::new();
    let read = syntax::read(&mut sources, name, &bytes);
    check(sources, read, path.parent())
}

/// The findings of a funnel in memory, without the files that it refers to.
pub(crate) fn of_bytes(name: &str, bytes: &[u8]) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let read = syntax::read(&mut sources, name, bytes);
    check(sources, read, None)
}

/// The findings of a funnel together with other files, each with its path.
pub(crate) fn with_files(name: &str, text: &str, files: &[(&str, String)]) -> (Sources, Vec<Diagnostic>) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (path, text) in files.iter().map(|(path, text)| (*path, text.as_str())).chain([(name, text)]) {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    }
    of_file(&folder.path().join(name))
}

/// The findings of a project folder: of its project file and of every funnel in it.
pub(crate) fn of_project(folder: &Path) -> (Sources, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let (project, mut found) = project::load(&folder.join(project::PROJECT_FILE), &mut sources).expect("it is read");
    let (mut files, mut places) = (Vec::new(), Vec::new());
    for path in project::files(&[folder.to_owned()]).expect("a project has funnels") {
        let bytes = std::fs::read(&path).expect("the funnel can be read");
        match syntax::read(&mut sources, &path.display().to_string(), &bytes) {
            Ok(file) => {
                files.push(file);
                places.push((file, path));
            }
            Err(refused) => found.push(*refused),
        }
    }
    let attached = load_includes(&mut sources, &mut ParseCache::default(), &places, Some(folder), &Includes::default());
    files.extend(attached.used);
    let compiled = compile(&mut sources, &files, &project.context);
    found.extend(project.check_program(&compiled.program, true));
    found.extend(with_failed_tests(compiled));
    found.extend(attached.diagnostics);
    (sources, found)
}

fn check(
    mut sources: Sources,
    read: Result<FileId, Box<Diagnostic>>,
    folder: Option<&Path>,
) -> (Sources, Vec<Diagnostic>) {
    let file = match read {
        Err(refused) => return (sources, vec![*refused]),
        Ok(file) => file,
    };
    let (text, name) = sources.get(file).map(|file| (file.text.as_str(), file.name.clone())).unwrap_or_default();
    let lone = text.starts_with("# a lone file\n");
    let own = folder.map(|folder| folder.join(project::PROJECT_FILE)).filter(|path| path.exists());
    let own = own.map(|path| project::load(&path, &mut sources).expect("it is read").0.context);
    let mut context = own.unwrap_or_else(|| if lone { Context::default() } else { project() });
    code_off_by_default(&name, folder).into_iter().for_each(|code| context.levels.set(Rule::Code(code), Level::Warn));
    let attached = folder.map(|folder| {
        load_includes(
            &mut sources,
            &mut ParseCache::default(),
            &[(file, folder.join(name))],
            (!lone).then_some(folder),
            &Includes::default(),
        )
    });
    let attached = attached.unwrap_or_default();
    let files: Vec<_> = std::iter::once(file).chain(attached.used).collect();
    let mut found = with_failed_tests(compile(&mut sources, &files, &context));
    found.extend(attached.diagnostics);
    (sources, found)
}

/// The files in a Markdown page: blocks with a path after the language on their fence.
pub(crate) fn files_in(page: &str) -> Vec<(&str, String)> {
    let mut files = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```").filter(|fence| !fence.is_empty()) else { continue };
        let body: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        let path = fence.split_once(' ').map(|(_, path)| path).filter(|path| path.contains('.'));
        files.extend(path.map(|path| (path, body.join("\n") + "\n")));
    }
    files
}

/// The findings of a check and, when there is no error, of the tests that fail.
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
        edge_counts: None,
    };
    let failed = compiled.program.tests.iter().filter_map(|test| run_test(world, test).finding(test));
    // An impossible expectation also fails; that is one finding.
    let known = |span| found.iter().any(|found| found.code == Code::ImpossibleTest && found.span == span);
    let failed: Vec<_> = failed.filter(|failed| !known(failed.span)).collect();
    found.extend(failed);
    found
}

/// The code in the name of a file or its folder, if it is one that is off by default.
fn code_off_by_default(name: &str, folder: Option<&Path>) -> Option<Code> {
    let folder = folder.and_then(Path::file_name).and_then(|name| name.to_str());
    let code = [Some(name), folder].into_iter().flatten().find_map(|name| Code::from_number(name.get(..5)?));
    code.filter(|code| code.is_off())
}

/// A project in Berlin with euros.
pub(crate) fn project() -> Context {
    Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("EUR".to_owned()), ..Context::default() }
}
