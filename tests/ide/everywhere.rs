//! Properties that hold at every place of every text: of the examples, of the reference, and of damaged versions of it.

use super::project::Project;
use super::rename::edited;
use crate::support::program::package;
use funnelc::Incremental;
use funnelc::engine::fingerprint;
use funnelc::ide::{Place, View};
use funnelc::source::{FileId, Sources, Span};
use std::collections::BTreeMap;
use std::path::Path;

/// The files of each folder of examples, by name.
fn examples() -> Vec<Vec<(String, String)>> {
    let mut projects = Vec::new();
    let folders = std::fs::read_dir(package("examples")).expect("the examples are there");
    for folder in folders.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let mut files = Vec::new();
        collect_files(&folder, &folder, &mut files);
        files.sort();
        projects.push(files);
    }
    projects.sort();
    projects
}

fn collect_files(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for path in std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
        let is_text = path
            .extension()
            .is_some_and(|extension| ["funnel", "mjml", "html", "txt", "toml"].iter().any(|e| extension == *e));
        if path.is_dir() {
            collect_files(root, &path, files);
        } else if is_text {
            let name = path.strip_prefix(root).expect("below it").display().to_string();
            files.push((name, std::fs::read_to_string(&path).expect("a string")));
        }
    }
}

/// The funnel blocks of the reference.
fn reference_blocks() -> Vec<String> {
    let mut blocks = Vec::new();
    for path in std::fs::read_dir(package("grammar/reference")).expect("the reference").flatten() {
        let text = std::fs::read_to_string(path.path()).unwrap_or_default();
        let found = text.split("```funnel").skip(1).filter_map(|rest| rest.split_once('\n')).map(|(_, rest)| rest);
        blocks.extend(found.filter_map(|rest| rest.split("```").next()).map(str::to_owned));
    }
    blocks.sort();
    blocks
}

fn compiled(files: &[(String, String)]) -> Project {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    Project::of(&files)
}

fn standalone(text: &str) -> Project {
    compiled(&[("main.funnel".to_owned(), text.to_owned())])
}

#[track_caller]
fn assert_in_text(project: &Project, span: Span) {
    let text = &project.sources.get(span.file).expect("a file of the project").text;
    assert!(text.get(span.range()).is_some(), "{span:?} is not in the text");
}

/// Runs every request about a file and about its places, one of `step`.
fn request_everywhere(project: &Project, file: FileId, step: usize) {
    let view = project.view();
    let text = project.sources.get(file).expect("is there").text.clone();
    for symbol in view.symbols(file) {
        assert_in_text(project, symbol.whole);
        assert!(symbol.whole.start <= symbol.span.start && symbol.span.end <= symbol.whole.end);
    }
    view.folding_ranges(file).iter().for_each(|fold| assert_in_text(project, fold.span));
    view.links(file).iter().for_each(|link| assert_in_text(project, link.span));
    view.code_lenses(file).iter().for_each(|lens| assert_in_text(project, lens.span));
    view.inlay_hints(file).iter().for_each(|hint| assert_in_text(project, hint.span));
    let tokens = view.semantic_tokens(file);
    for pair in tokens.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "{pair:?} overlap in {text}");
    }
    tokens.iter().for_each(|token| {
        assert_in_text(project, token.span);
        assert!(!project.sources.slice(token.span).contains('\n'));
    });
    for (offset, _) in text.char_indices().chain([(text.len(), ' ')]).step_by(step) {
        let place = Place { file, offset };
        if let Some(hover) = view.hover(place) {
            assert_in_text(project, hover.span);
            assert!(!hover.markdown.is_empty());
        }
        view.highlight(place).iter().for_each(|highlight| assert_in_text(project, highlight.span));
        view.selection(place).iter().for_each(|span| assert_in_text(project, *span));
        if let Ok(span) = view.prepare_rename(place) {
            assert_in_text(project, span);
        }
        references_lead_to_the_definition(project, &view, place);
    }
}

/// Asserts that every reference of a name leads to the definition of that name.
fn references_lead_to_the_definition(project: &Project, view: &View<'_>, place: Place) {
    let definitions = view.definition(place);
    definitions.iter().for_each(|found| assert_in_text(project, found.target));
    let references = view.references(place);
    for reference in &references {
        assert_in_text(project, reference.span);
        let there = Place { file: reference.span.file, offset: reference.span.start as usize };
        let targets = view.definition(there);
        let back = definitions.iter().any(|found| targets.iter().any(|target| target.target == found.target));
        assert!(back || definitions.is_empty(), "{} does not lead back", project.show(reference.span));
    }
}

fn complete_everywhere(project: &Project, file: FileId, step: usize) {
    let view = project.view();
    let text = &project.sources.get(file).expect("is there").text;
    for (offset, _) in text.char_indices().step_by(step) {
        for found in view.complete(Place { file, offset }) {
            assert_in_text(project, found.replace);
            assert!(found.replace.end as usize == offset || found.replace.is_empty(), "{found:?}");
            assert!(!found.label.is_empty());
        }
    }
}

#[test]
fn requests_work_everywhere_in_the_examples() {
    for files in examples() {
        let project = compiled(&files);
        let all: Vec<FileId> = project.sources.iter().map(|(file, _)| file).collect();
        for file in all {
            request_everywhere(&project, file, 7);
            complete_everywhere(&project, file, 29);
        }
    }
}

#[test]
fn requests_work_everywhere_in_the_reference() {
    for text in reference_blocks() {
        let project = standalone(&text);
        request_everywhere(&project, project.files[0], 3);
        complete_everywhere(&project, project.files[0], 17);
    }
}

#[test]
fn requests_work_everywhere_in_damaged_texts() {
    for (n, text) in reference_blocks().iter().enumerate() {
        let cut = text.char_indices().map(|(at, _)| at).nth((n * 37) % text.chars().count().max(1)).unwrap_or(0);
        let without: String = text.chars().enumerate().filter(|(at, _)| (at + n) % 19 != 0).map(|(_, c)| c).collect();
        for damaged in [&text[..cut], &text[cut..], &without, &text.replace(['}', '"'], "é🙂")] {
            let project = standalone(damaged);
            request_everywhere(&project, project.files[0], 7);
            complete_everywhere(&project, project.files[0], 31);
        }
    }
}

/// The fingerprints of all graphs, by funnel.
fn fingerprints(project: &Project) -> Vec<String> {
    project.compiled.graphs.iter().map(|graph| format!("{:?}", fingerprint(graph))).collect()
}

#[test]
fn renaming_there_and_back_restores_everything() {
    let mut changed = 0;
    for files in examples() {
        let project = compiled(&files);
        let mut seen: Vec<Span> = Vec::new();
        for file in project.files.clone() {
            let text = project.sources.get(file).expect("is there").text.clone();
            for (offset, _) in text.char_indices() {
                let place = Place { file, offset };
                let Ok(span) = project.view().prepare_rename(place) else { continue };
                if seen.contains(&span) {
                    continue;
                }
                let old = project.sources.slice(span).to_owned();
                let edits = project.view().rename(place, "quite_another").expect("an unused name is accepted");
                seen.extend(edits.iter().map(|edit| edit.span));
                let there = with(&project, &edited(&project, &edits));
                let errors = |project: &Project| project.compiled.diagnostics.iter().filter(|d| d.is_error()).count();
                assert_eq!(errors(&there), errors(&project), "{old}");
                let start = edits.iter().filter(|edit| edit.span.file == file && edit.span < span).count();
                let moved = offset_after(span, start, &old);
                let back = there.view().rename(Place { file, offset: moved }, &old).expect("the old name is accepted");
                let again = with(&there, &edited(&there, &back));
                for (id, source) in project.sources.iter() {
                    assert_eq!(again.sources.get(id).map(|file| &file.text), Some(&source.text), "{old}");
                }
                assert_eq!(fingerprints(&again), fingerprints(&project), "{old}");
                changed += 1;
            }
        }
    }
    assert!(changed > 20, "only {changed} names were changed");
}

fn offset_after(span: Span, edits_before: usize, old: &str) -> usize {
    let longer = "quite_another".len() as i64 - old.len() as i64;
    usize::try_from(i64::from(span.start) + longer * edits_before as i64).expect("it is in the text")
}

/// The same project with other texts.
fn with(project: &Project, texts: &BTreeMap<FileId, String>) -> Project {
    let mut sources = Sources::new();
    for (id, source) in project.sources.iter().filter(|(_, source)| source.name != "<prelude>") {
        sources.add(source.name.clone(), texts.get(&id).unwrap_or(&source.text).clone());
    }
    let mut other = Project {
        sources,
        incremental: Incremental::default(),
        files: project.files.clone(),
        compiled: funnelc::Compiled::default(),
        context: project.context.clone(),
        project_file: project.project_file,
        place: None,
    };
    other.compile();
    other
}
