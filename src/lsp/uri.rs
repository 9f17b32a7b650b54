//! Conversion between file URIs such as `file:///a/b%20c.funnel` and paths.

use gen_lsp_types::Uri;
use std::path::{Path, PathBuf};

/// Returns the path of a URI. One that is not a file, such as an untitled document, gets a path that cannot exist.
pub(super) fn path(uri: &Uri) -> PathBuf {
    let Some(rest) = uri.0.strip_prefix("file://") else {
        return PathBuf::from(format!("/{}", decoded(&uri.0).replace('/', ":")));
    };
    // The authority before the first slash is this machine.
    let path = decoded(rest.find('/').map_or("", |at| &rest[at..]));
    let drive = path.strip_prefix('/').filter(|path| path.as_bytes().get(1) == Some(&b':'));
    PathBuf::from(drive.map_or(path.clone(), str::to_owned))
}

/// Returns the URI of a path.
pub(super) fn uri(path: &Path) -> Uri {
    let text = path.to_string_lossy().replace('\\', "/");
    let slash = if text.starts_with('/') { "" } else { "/" };
    let mut uri = format!("file://{slash}");
    for byte in text.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
        if plain { uri.push(char::from(byte)) } else { uri += &format!("%{byte:02X}") }
    }
    Uri(uri)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = || u8::from_str_radix(std::str::from_utf8(after.get(..2)?).ok()?, 16).ok();
        match (byte, hex()) {
            (b'%', Some(value)) => {
                bytes.push(value);
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_round_trip() {
        for text in ["/a/b.funnel", "/ä ö/100%/x+y#1?.funnel", "/日本/файл.funnel"] {
            assert_eq!(path(&uri(Path::new(text))), Path::new(text));
        }
        assert_eq!(uri(Path::new("/a b/é.funnel")).0, "file:///a%20b/%C3%A9.funnel");
        assert_eq!(path(&Uri::from("file:///c%3A/x/y.funnel")), Path::new("c:/x/y.funnel"));
        assert_eq!(path(&Uri::from("file://localhost/x")), Path::new("/x"));
        assert_eq!(path(&Uri::from("untitled:Untitled-1")), Path::new("/untitled:Untitled-1"));
    }
}
