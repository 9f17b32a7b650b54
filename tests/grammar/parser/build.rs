//! Compiles `grammar/tree-sitter/src/parser.c`.

fn main() {
    let source = "../../../grammar/tree-sitter/src";
    cc::Build::new().std("c11").include(source).file(format!("{source}/parser.c")).compile("tree-sitter-funnel");
    println!("cargo:rerun-if-changed={source}/parser.c");
}
