//! A piece of text as people read it on one line. In: a slice of a file. Out: the same without comments, white
//! space folded.

/// Folds white space and leaves comments out; what stands in quotes is kept as it is, except for line breaks.
pub(super) fn folded(text: &str) -> String {
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

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn white_space_and_comments_fold_into_one_blank() {
        assert_eq!(folded("if  a # why\n   and b "), "if a and b");
        assert_eq!(folded("send sms \"a  # b \\\" #\" # c"), "send sms \"a  # b \\\" #\"");
    }
}
