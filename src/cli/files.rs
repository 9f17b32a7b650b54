//! Resolves the files that a command works on. In: paths from the command line. Out: funnel files grouped by project.

use super::Failure;
use crate::diagnostic::PathBase;
use crate::project::{self, FilePath, FilesError, Finder};
use crate::say;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files selected on the command line.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Selection {
    /// Files or folders; `-` reads standard input [default: the project in the current folder]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Apply .gitignore and `exclude` in funnel.toml to explicitly named files too; succeed if no files are left (for hooks and
    /// editors)
    #[arg(long)]
    force_exclude: bool,

    /// Use standard input as the content of this file; all other files are read from disk
    #[arg(long, value_name = "FILE")]
    stdin_filename: Option<PathBuf>,
}

/// How a command uses standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StdinUse {
    /// Not read.
    Unread,
    /// As a funnel without a file name.
    Standalone,
    /// As the content of a file.
    ContentOf(PathBuf),
    /// As the content of an excluded file.
    Excluded,
}

/// Files that are loaded together: those of a project, of a folder without a project, or a lone file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// The project file, if there is one.
    pub(super) project: Option<PathBuf>,
    /// The root folder.
    pub(super) root: PathBuf,
    /// The selected funnel files.
    pub(super) named: Vec<FilePath>,
    /// The other funnel files of the project.
    pub(super) others: Vec<FilePath>,
}

/// What the paths of a command line select.
#[derive(Debug)]
pub(super) struct Resolved {
    /// The use of standard input.
    pub(super) stdin: StdinUse,
    /// The files by project.
    pub(super) groups: Vec<Group>,
    /// Files in the selected folders that are not read because of capital letters in `.funnel`.
    pub(super) misnamed: BTreeSet<PathBuf>,
}

impl Selection {
    /// Selects paths; none selects the project in the current folder.
    pub(super) fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { paths: paths.into_iter().collect(), ..Self::default() }
    }

    /// Whether standard input is read: with the path `-`, or with `--stdin-filename` and no path.
    pub(super) fn reads_stdin(&self) -> bool {
        self.paths.iter().any(|path| is_stdin(path)) || (self.paths.is_empty() && self.stdin_filename.is_some())
    }

    /// Returns the use of standard input and the files by project; without a path, those of the project of the current
    /// folder. The path of a project file selects its folder.
    pub(super) fn resolve(&self) -> Result<Resolved, Failure> {
        let mut named: Vec<PathBuf> = self.paths.iter().filter(|path| !is_stdin(path)).cloned().collect();
        // A hook also runs in repositories that have no funnels yet.
        let may_be_empty = self.force_exclude && named.is_empty();
        if named.is_empty() && !self.reads_stdin() {
            let here = Path::new(".");
            named.push(project::find(here).map_or_else(|| here.to_owned(), |project| folder(&project)));
        }
        let excluded = if self.force_exclude {
            Finder::default().excluded(&named.iter().chain(&self.stdin_filename).cloned().collect::<Vec<_>>())
        } else {
            BTreeSet::new()
        };
        let stdin = match &self.stdin_filename {
            None if self.reads_stdin() => StdinUse::Standalone,
            None => StdinUse::Unread,
            Some(_) if !self.reads_stdin() => {
                return Err(Failure::new(say!("`--stdin-filename` has no effect unless standard input is read"))
                    .help(say!("use `-` for standard input")));
            }
            Some(file) if excluded.contains(file) => StdinUse::Excluded,
            Some(file) => StdinUse::ContentOf(file.clone()),
        };
        named.retain(|path| !excluded.contains(path));
        let unsaved = if let StdinUse::ContentOf(file) = &stdin { Some(file) } else { None };
        let (groups, misnamed) = groups(&named, unsaved, may_be_empty)?;
        Ok(Resolved { stdin, groups, misnamed })
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

/// Returns the selected files by project, and the misnamed files of the selected folders.
fn groups(
    paths: &[PathBuf],
    unsaved: Option<&PathBuf>,
    may_be_empty: bool,
) -> Result<(Vec<Group>, BTreeSet<PathBuf>), Failure> {
    let finder = Finder::default();
    let mut groups: BTreeMap<PathBuf, Group> = BTreeMap::new();
    let mut named = BTreeSet::new();
    let mut add = |file: FilePath, lone: &Path| {
        if named.insert(file.canonical.clone()) {
            let project = finder.project_of(&file.path);
            let group = groups.entry(project.clone().unwrap_or_else(|| lone.to_owned())).or_default();
            group.project = project;
            group.named.push(file);
        }
    };
    // The file of `--stdin-filename` does not have to exist.
    unsaved.into_iter().for_each(|file| add(FilePath::of(file.clone()), file));
    for path in paths {
        let path = if path.ends_with(project::PROJECT_FILE) { folder(path) } else { path.clone() };
        let is_folder = path.is_dir();
        let files = match finder.files(&path) {
            Err(FilesError::Empty(_)) if may_be_empty => Vec::new(),
            found => found.map_err(|fault| no_funnel(&finder, &fault))?,
        };
        files.into_iter().for_each(|file| {
            let lone = if is_folder { path.clone() } else { file.path.clone() };
            add(file, &lone);
        });
    }
    // Those of the selected folders only, not of the rest of their projects.
    let misnamed = finder.misnamed();
    for (place, group) in &mut groups {
        group.root = if place.is_dir() { place.clone() } else { folder(place) };
        group.others = others(&finder, group, &named)?;
    }
    Ok((groups.into_values().collect(), misnamed))
}

/// Says why there is no funnel, and which file would be one under another name.
fn no_funnel(finder: &Finder, fault: &FilesError) -> Failure {
    let failure = Failure::new(fault.phrase());
    finder.misnamed().into_iter().fold(failure, |failure, path| {
        let right = path.with_extension("funnel").display().to_string();
        failure.help(say!("rename `{path}` to `{right}`", path = path.display().to_string(), right))
    })
}

/// Returns the base of paths in reports: the root of the repository, or the current folder outside of one.
pub(super) fn base() -> PathBase {
    let here = std::env::current_dir().unwrap_or_default();
    let root = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here).to_owned();
    PathBase::new(here, root)
}

/// Returns the funnel files of a group's project that are not selected.
fn others(finder: &Finder, group: &Group, named: &BTreeSet<PathBuf>) -> Result<Vec<FilePath>, Failure> {
    let Some(project) = &group.project else { return Ok(Vec::new()) };
    let mut others = match finder.files(&folder(project)) {
        // All files of the project are selected explicitly and otherwise excluded.
        Err(FilesError::Empty(_)) => Vec::new(),
        found => found.map_err(|fault| Failure::new(fault.phrase()))?,
    };
    others.retain(|file| !named.contains(&file.canonical) && finder.project_of(&file.path).as_ref() == Some(project));
    Ok(others)
}

/// Returns the folder of a file, relative to the current folder if possible.
fn folder(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(Path::new("."));
    let here = std::env::current_dir().unwrap_or_default();
    let folder = folder.strip_prefix(&here).unwrap_or(folder);
    if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_grouped_by_their_nearest_project() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            path
        };
        let (project, a, b) = (file("salon/funnel.toml"), file("salon/a.funnel"), file("salon/deep/b.funnel"));
        let (inner, c, lone) = (file("salon/inner/funnel.toml"), file("salon/inner/c.funnel"), file("lone.funnel"));
        let salon = |named: &[&PathBuf], others: &[&PathBuf]| Group {
            project: Some(project.clone()),
            root: folder.path().join("salon"),
            named: named.iter().map(|file| FilePath::of((*file).clone())).collect(),
            others: others.iter().map(|file| FilePath::of((*file).clone())).collect(),
        };
        let nested = Group {
            root: folder.path().join("salon/inner"),
            project: Some(inner.clone()),
            named: vec![FilePath::of(c)],
            others: vec![],
        };
        let groups = |path: &Path| Selection::of([path.to_owned()]).resolve().unwrap().groups;
        assert_eq!(groups(&b), [salon(&[&b], &[&a])]);
        assert_eq!(groups(&folder.path().join("salon")), [salon(&[&a, &b], &[]), nested]);
        assert_eq!(groups(&project).len(), 2);
        let unsaved = Selection { stdin_filename: Some(a.clone()), ..Selection::default() };
        assert_eq!(unsaved.resolve().unwrap().groups, [salon(&[&a], &[&b])]);
        assert_eq!(
            groups(&lone),
            [Group { root: folder.path().to_owned(), named: vec![FilePath::of(lone)], ..Group::default() }]
        );
    }
}
