//! Source text on one line. In: a slice of a file. Out: the same without comments, white space folded.

/// Folds white space and drops comments. Strings are kept, except for their line breaks.
pub(in crate::check) fn one_line(text: &str) -> String {
    if is_one_line(text) {
        return text.trim().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let (mut quoted, mut gap) = (false, false);
    while let Some(c) = chars.next() {
        match c {
            '#' if !quoted => while chars.next_if(|c| *c != '\n').is_some() {},
            c if c.is_whitespace() && (!quoted || c == '\n') => gap = true,
            c => {
                if std::mem::take(&mut gap) && !out.is_empty() {
                    out.push(' ');
                }
                out.push(c);
                match c {
                    '\\' if quoted => out.extend(chars.next()),
                    '"' => quoted = !quoted,
                    _ => {}
                }
            }
        }
    }
    out
}

/// Fast path: whether only the ends of a text need trimming, as in most.
fn is_one_line(text: &str) -> bool {
    let mut last = b'.';
    text.bytes().all(|byte| {
        let apart = byte == b' ' && last == b' ' || byte == b'#' || !(byte == b' ' || byte.is_ascii_graphic());
        last = byte;
        !apart
    })
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn white_space_and_comments_fold_into_one_blank() {
        assert_eq!(one_line("if  a # why\n   and b "), "if a and b");
        assert_eq!(one_line("send sms \"a  # b \\\" #\" # c"), "send sms \"a  # b \\\" #\"");
    }
}
