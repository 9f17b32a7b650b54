//! Which files a command is about. In: paths from the command line. Out: funnel files by the project they belong to.

use super::Failure;
use crate::diagnostic::PathBase;
use crate::project::{self, FilesError, Finder, Place};
use crate::say;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The files that the command line names.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Selection {
    /// Files or folders; `-` is standard input [default: the project around the current folder]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// Leave out also files that are named, where .gitignore or `exclude` in funnel.toml does, and be content where no funnel
    /// is left; for hooks and editors
    #[arg(long)]
    force_exclude: bool,

    /// Take standard input for the text of this file, in its project; everything else is read from disk
    #[arg(long, value_name = "FILE")]
    stdin_filename: Option<PathBuf>,
}

/// What standard input is to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Input {
    /// It is not read.
    Unread,
    /// A funnel that stands alone.
    Alone,
    /// The text of a file.
    For(PathBuf),
    /// The text of a file that is left out.
    LeftOut,
}

/// Files that are taken together: those of a project, of a folder without one, or a lone file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// The project file, when there is one.
    pub(super) project: Option<PathBuf>,
    /// The folder that they belong to.
    pub(super) root: PathBuf,
    /// The funnel files that the command line named, itself or by their folder.
    pub(super) named: Vec<Place>,
    /// The other funnel files of the project.
    pub(super) others: Vec<Place>,
}

impl Selection {
    /// Paths alone; none stands for the project around the current folder.
    pub(super) fn of(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { paths: paths.into_iter().collect(), ..Self::default() }
    }

    /// Whether standard input is read: `-` asks for it, and so does its name where nothing else is named.
    pub(super) fn reads_input(&self) -> bool {
        self.paths.iter().any(|path| is_input(path)) || (self.paths.is_empty() && self.stdin_filename.is_some())
    }

    /// What standard input is, and the files by project; without a path, those of the project around the current folder.
    /// The project file stands for its folder.
    pub(super) fn chosen(&self) -> Result<(Input, Vec<Group>), Failure> {
        let mut named: Vec<PathBuf> = self.paths.iter().filter(|path| !is_input(path)).cloned().collect();
        // A hook also runs where nobody has written a funnel yet.
        let may_be_none = self.force_exclude && named.is_empty();
        if named.is_empty() && !self.reads_input() {
            let here = Path::new(".");
            named.push(project::find(here).map_or_else(|| here.to_owned(), |project| folder(&project)));
        }
        let left_out = if self.force_exclude {
            Finder::default().left_out(&named.iter().chain(&self.stdin_filename).cloned().collect::<Vec<_>>())
        } else {
            BTreeSet::new()
        };
        let input = match &self.stdin_filename {
            None if self.reads_input() => Input::Alone,
            None => Input::Unread,
            Some(_) if !self.reads_input() => {
                return Err(Failure::new(say!("`--stdin-filename` names standard input, which is not read"))
                    .help(say!("write `-` for standard input")));
            }
            Some(file) if left_out.contains(file) => Input::LeftOut,
            Some(file) => Input::For(file.clone()),
        };
        named.retain(|path| !left_out.contains(path));
        let groups = groups(&named, if let Input::For(file) = &input { Some(file) } else { None }, may_be_none)?;
        Ok((input, groups))
    }
}

fn is_input(path: &Path) -> bool {
    path == Path::new("-")
}

fn groups(paths: &[PathBuf], unsaved: Option<&PathBuf>, may_be_none: bool) -> Result<Vec<Group>, Failure> {
    let finder = Finder::default();
    let mut groups: BTreeMap<PathBuf, Group> = BTreeMap::new();
    let mut named = BTreeSet::new();
    let mut take = |file: Place, lone: &Path| {
        if named.insert(file.real.clone()) {
            let project = finder.project_of(&file.path);
            let group = groups.entry(project.clone().unwrap_or_else(|| lone.to_owned())).or_default();
            group.project = project;
            group.named.push(file);
        }
    };
    // It need not be there, and its text counts for more than what is.
    unsaved.into_iter().for_each(|file| take(Place::of(file.clone()), file));
    for path in paths {
        let path = if path.ends_with(project::PROJECT_FILE) { folder(path) } else { path.clone() };
        let is_folder = path.is_dir();
        let files = match finder.files(&path) {
            Err(FilesError::Empty(_)) if may_be_none => Vec::new(),
            found => found.map_err(|fault| Failure::new(fault.phrase()))?,
        };
        files.into_iter().for_each(|file| {
            let lone = if is_folder { path.clone() } else { file.path.clone() };
            take(file, &lone);
        });
    }
    for (place, group) in &mut groups {
        group.root = if place.is_dir() { place.clone() } else { folder(place) };
        group.others = others(&finder, group, &named)?;
    }
    Ok(groups.into_values().collect())
}

/// Documents tell paths from the repository around the current folder, or from that folder.
pub(super) fn base() -> PathBase {
    let here = std::env::current_dir().unwrap_or_default();
    let root = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here).to_owned();
    PathBase::new(here, root)
}

/// The funnel files of a group's project that are not named already.
fn others(finder: &Finder, group: &Group, named: &BTreeSet<PathBuf>) -> Result<Vec<Place>, Failure> {
    let Some(project) = &group.project else { return Ok(Vec::new()) };
    let mut others = match finder.files(&folder(project)) {
        // What is named is all that there is, and left out where a folder is named.
        Err(FilesError::Empty(_)) => Vec::new(),
        found => found.map_err(|fault| Failure::new(fault.phrase()))?,
    };
    others.retain(|file| !named.contains(&file.real) && finder.project_of(&file.path).as_ref() == Some(project));
    Ok(others)
}

/// The folder of a file, as a person in the current folder would write it.
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
            named: named.iter().map(|file| Place::of((*file).clone())).collect(),
            others: others.iter().map(|file| Place::of((*file).clone())).collect(),
        };
        let nested = Group {
            root: folder.path().join("salon/inner"),
            project: Some(inner.clone()),
            named: vec![Place::of(c)],
            others: vec![],
        };
        let groups = |path: &Path| Selection::of([path.to_owned()]).chosen().unwrap().1;
        assert_eq!(groups(&b), [salon(&[&b], &[&a])]);
        assert_eq!(groups(&folder.path().join("salon")), [salon(&[&a, &b], &[]), nested]);
        assert_eq!(groups(&project).len(), 2);
        let unsaved = Selection { stdin_filename: Some(a.clone()), ..Selection::default() };
        assert_eq!(unsaved.chosen().unwrap().1, [salon(&[&a], &[&b])]);
        assert_eq!(
            groups(&lone),
            [Group { root: folder.path().to_owned(), named: vec![Place::of(lone)], ..Group::default() }]
        );
    }
}
