//! Drawings as files: one for each funnel, and for pictures a page that links to them. In: graphs. Out: files in a folder.

use crate::cli::Failure;
use crate::diagnostic::Language;
use crate::graph::{Graph, Words};
use crate::say;
use crate::source::escape_xml;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const STYLE: &str = include_str!("index.css");

/// The name of the page that links to the pictures.
const INDEX: &str = "index.html";

/// Writes one drawing for each graph, as `NAME.ENDING`. Returns the names of the files, in the order of the graphs.
pub(super) fn write_drawings(
    folder: &Path,
    ending: &str,
    drawings: impl Iterator<Item = (Arc<Graph>, String)>,
) -> Result<Vec<(Arc<Graph>, String)>, Failure> {
    if folder.is_file() {
        let message = say!("`{folder}` is a file", folder = folder.display().to_string());
        return Err(Failure::new(message).help(say!("give `--out` a folder: each funnel becomes a file of its own")));
    }
    std::fs::create_dir_all(folder).map_err(|fault| Failure::write(folder, &fault))?;
    let mut taken = BTreeSet::new();
    let mut written = Vec::new();
    for (graph, drawing) in drawings {
        let name = file_name(&graph.funnel, ending, &mut taken);
        let path = folder.join(&name);
        std::fs::write(&path, drawing).map_err(|fault| Failure::write(&path, &fault))?;
        written.push((graph, name));
    }
    Ok(written)
}

/// Writes the page that shows the pictures of a folder and links to them.
pub(super) fn write_index(
    folder: &Path,
    title: Option<&str>,
    pictures: &[(Arc<Graph>, String)],
    language: Language,
) -> Result<PathBuf, Failure> {
    let path = folder.join(INDEX);
    std::fs::write(&path, index(title, pictures, language)).map_err(|fault| Failure::write(&path, &fault))?;
    Ok(path)
}

/// A name that no other file of the folder has, on a file system that ignores case too.
fn file_name(funnel: &str, ending: &str, taken: &mut BTreeSet<String>) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let stem: String = funnel.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    let mut name = format!("{stem}.{ending}");
    let mut copy = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{stem}-{copy}.{ending}");
        copy += 1;
    }
    name
}

fn index(title: Option<&str>, pictures: &[(Arc<Graph>, String)], language: Language) -> String {
    let title = escape_xml(title.unwrap_or(&say!("pictures of the funnels").in_language(language)));
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n<ul>\n",
        language.code()
    );
    for (graph, file) in pictures {
        let words = Words::new(graph, language);
        let name = escape_xml(graph.title.as_deref().unwrap_or(&graph.funnel));
        let triggers: Vec<String> = graph.entries.iter().map(|entry| words.entry(entry).replace('\n', ", ")).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<li><a href=\"{file}\"><img src=\"{file}\" alt=\"\" loading=\"lazy\"><b>{name}</b></a><p>{}</p></li>",
            escape_xml(&triggers.join("; "))
        );
    }
    out + "</ul>\n</main>\n</body>\n</html>\n"
}
