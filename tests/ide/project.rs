//! A project in memory, with a marked place.

use funnelc::check::Context;
use funnelc::ide::{Place, View};
use funnelc::source::{FileId, IncludeTarget, Sources, Span};
use funnelc::{Compiled, Incremental};

/// A compiled project to query.
pub(crate) struct Project {
    pub(crate) sources: Sources,
    pub(crate) incremental: Incremental,
    pub(crate) files: Vec<FileId>,
    pub(crate) compiled: Compiled,
    pub(crate) context: Context,
    pub(crate) project_file: Option<FileId>,
    pub(crate) place: Option<Place>,
}

impl Project {
    /// Compiles a single file with a marked place.
    pub(crate) fn marked(text: &str) -> Self {
        Self::of(&[("main.funnel", text)])
    }

    /// Compiles files by name, one with a marked place. Files that are not funnels can be included by name.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self::with(files, Context { zone: Some("Europe/Berlin".to_owned()), ..Context::default() })
    }

    pub(crate) fn with(files: &[(&str, &str)], context: Context) -> Self {
        let mut sources = Sources::new();
        let mut place = None;
        let mut ids = Vec::new();
        for (name, marked) in files {
            let offset = marked.find("$0");
            let file = sources.add(*name, marked.replacen("$0", "", 1));
            place = offset.map(|offset| Place { file, offset }).or(place);
            ids.push((*name, file));
        }
        let is_funnel = |name: &str| name.ends_with(".funnel");
        let funnels: Vec<FileId> = ids.iter().filter(|(name, _)| is_funnel(name)).map(|(_, file)| *file).collect();
        let project_file = ids.iter().find(|(name, _)| *name == "funnel.toml").map(|(_, file)| *file);
        let mut project = Self {
            sources,
            incremental: Incremental::default(),
            files: funnels,
            compiled: Compiled::default(),
            context,
            project_file,
            place,
        };
        project.compile();
        project
    }

    /// Compiles the current texts.
    pub(crate) fn compile(&mut self) {
        let names: Vec<(String, FileId)> =
            self.sources.iter().map(|(file, source)| (source.name.clone(), file)).collect();
        for tree in self.incremental.trees.parse(&self.sources, &self.files) {
            for mention in &tree.includes {
                let found = names.iter().find(|(name, _)| *name == mention.path);
                let attached =
                    found.map_or(IncludeTarget::Missing { near: None }, |(_, file)| IncludeTarget::Text(*file));
                self.sources.set_include(mention.span, attached);
            }
        }
        self.compiled = self.incremental.compile(&mut self.sources, &self.files, &self.context);
    }

    pub(crate) fn view(&self) -> View<'_> {
        let view = View::new(&self.sources, &self.incremental, &self.files, &self.compiled, &self.context);
        view.with_project_file(self.project_file)
    }

    /// The marked place.
    pub(crate) fn place(&self) -> Place {
        self.place.expect("a `$0` marks a place")
    }

    /// A span as `file:line:column text`.
    pub(crate) fn show(&self, span: Span) -> String {
        let file = self.sources.get(span.file).expect("the file is there");
        let at = file.lines.position(&file.text, span.start as usize);
        format!("{}:{}:{} {}", file.name, at.line, at.column, self.sources.slice(span))
    }
}
