//! Which files a command is about. In: paths from the command line. Out: funnel files by the project they belong to.

use super::Failure;
use crate::project::{self, FilesError, Finder, real};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files that are taken together: those of a project, of a folder without one, or a lone file.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// The project file, when there is one.
    pub(super) project: Option<PathBuf>,
    /// The folder that they belong to.
    pub(super) root: PathBuf,
    /// The funnel files that the command line named, itself or by their folder.
    pub(super) named: Vec<PathBuf>,
    /// The other funnel files of the project.
    pub(super) others: Vec<PathBuf>,
}

/// Finds the files that paths name and groups them by project; without a path, those of the project around the
/// current folder. The project file stands for its folder.
pub(super) fn groups(paths: &[PathBuf]) -> Result<Vec<Group>, Failure> {
    let finder = Finder::default();
    let here = Path::new(".");
    let around = [finder.project(here).map_or_else(|| here.to_owned(), |project| folder(&project))];
    let paths = if paths.is_empty() { &around[..] } else { paths };
    let mut groups: BTreeMap<PathBuf, Group> = BTreeMap::new();
    let mut named = BTreeSet::new();
    for path in paths {
        let path = if path.ends_with(project::PROJECT_FILE) { folder(path) } else { path.clone() };
        let is_folder = path.is_dir();
        for file in funnels(&finder, &path)? {
            if !named.insert(real(&file)) {
                continue;
            }
            let project = finder.project_of(&file);
            let lone = if is_folder { &path } else { &file };
            let group = groups.entry(project.clone().unwrap_or_else(|| lone.clone())).or_default();
            group.project = project;
            group.named.push(file);
        }
    }
    for (place, group) in &mut groups {
        group.root = if place.is_dir() { place.clone() } else { folder(place) };
        group.others = others(&finder, group, &named)?;
    }
    Ok(groups.into_values().collect())
}

/// The funnel files of a group's project that are not named already.
fn others(finder: &Finder, group: &Group, named: &BTreeSet<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let Some(project) = &group.project else { return Ok(Vec::new()) };
    let mut others = match finder.files(&folder(project)) {
        // What is named is all that there is, and left out where a folder is named.
        Err(FilesError::Empty(_)) => Vec::new(),
        found => found.map_err(|fault| Failure::new(fault.phrase()))?,
    };
    others.retain(|file| !named.contains(&real(file)) && finder.project_of(file).as_ref() == Some(project));
    Ok(others)
}

fn funnels(finder: &Finder, path: &Path) -> Result<Vec<PathBuf>, Failure> {
    finder.files(path).map_err(|fault| Failure::new(fault.phrase()))
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
            named: named.iter().copied().cloned().collect(),
            others: others.iter().copied().cloned().collect(),
        };
        let nested = Group {
            root: folder.path().join("salon/inner"),
            project: Some(inner.clone()),
            named: vec![c],
            others: vec![],
        };
        assert_eq!(groups(std::slice::from_ref(&b)).unwrap(), [salon(&[&b], &[&a])]);
        assert_eq!(groups(&[folder.path().join("salon")]).unwrap(), [salon(&[&a, &b], &[]), nested]);
        assert_eq!(groups(std::slice::from_ref(&project)).unwrap().len(), 2);
        assert_eq!(
            groups(std::slice::from_ref(&lone)).unwrap(),
            [Group { root: folder.path().to_owned(), named: vec![lone], ..Group::default() }]
        );
    }
}
