//! Writes the lengths and colors of MJML attributes in the one notation that the compiler computes with.

/// The value of an attribute in that notation; `None` if it stays as it is.
pub(super) fn convert(tag: &str, name: &str, value: &str) -> Option<String> {
    if name.ends_with("color") {
        return long_color(value);
    }
    if name.starts_with("padding") || name.contains("-padding") {
        return Some(value.split_ascii_whitespace().map(in_pixels).collect::<Vec<_>>().join(" "));
    }
    match (name, tag) {
        ("width", "mj-image") => {
            // MJML reads the digits at the beginning, whatever follows.
            let digits = value.trim_start();
            let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
            digits.get(..end).filter(|digits| !digits.is_empty()).map(|digits| format!("{digits}px"))
        }
        ("width", "mj-table") => None,
        ("width" | "icon-size" | "icon-height", _) => Some(in_pixels(value.trim())),
        _ if is_border(name) => width_first(value),
        _ => None,
    }
}

/// `border`, `inner-border-left`; not their colors, radii and styles.
fn is_border(name: &str) -> bool {
    let side = name.strip_prefix("inner-").unwrap_or(name).strip_prefix("border");
    side.is_some_and(|side| ["", "-left", "-right", "-top", "-bottom"].contains(&side))
}

/// A number without unit is in pixels.
fn in_pixels(word: &str) -> String {
    let number = word.parse::<f32>().is_ok() && word.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if number { format!("{word}px") } else { word.to_owned() }
}

/// A border with its width in front: `solid 1px red`.
fn width_first(border: &str) -> Option<String> {
    let words: Vec<&str> = border.split_ascii_whitespace().collect();
    let width = words.iter().position(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let rest = words.iter().enumerate().filter(|(i, _)| *i != width).map(|(_, word)| *word);
    Some(words.get(width).copied().into_iter().chain(rest).collect::<Vec<_>>().join(" "))
}

/// `#abc` as `#aabbcc`, which old versions of Outlook need.
fn long_color(value: &str) -> Option<String> {
    let digits = value.strip_prefix('#').filter(|digits| digits.len() == 3)?;
    digits
        .bytes()
        .all(|b| b.is_ascii_hexdigit())
        .then(|| std::iter::once('#').chain(digits.chars().flat_map(|digit| [digit, digit])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_units_and_colors_six_digits() {
        let table = [
            ("mj-section", "padding", "20px 20px 0 20px", "20px 20px 0px 20px"),
            ("mj-section", "padding", "  1px   2% ", "1px 2%"),
            ("mj-section", "padding-left", "0", "0px"),
            ("mj-social", "icon-padding", "4", "4px"),
            ("mj-image", "width", "150", "150px"),
            ("mj-image", "width", "150.7px", "150px"),
            ("mj-image", "width", "hole0zpx", "hole0zpx"),
            ("mj-table", "width", "100", "100"),
            ("mj-table", "cellpadding", "4", "4"),
            ("mj-column", "width", "200", "200px"),
            ("mj-column", "width", "33.3%", "33.3%"),
            ("mj-column", "border", "solid 1px #abc", "1px solid #abc"),
            ("mj-column", "border-left", "none", "none"),
            ("mj-column", "border-radius", "3px 0", "3px 0"),
            ("mj-text", "color", "#FfC", "#FFffCC"),
            ("mj-text", "color", "#ffcc", "#ffcc"),
            ("mj-text", "color", "red", "red"),
            ("mj-text", "height", "20", "20"),
        ];
        for (tag, name, value, expected) in table {
            let converted = convert(tag, name, value).unwrap_or_else(|| value.to_owned());
            assert_eq!(converted, expected, "{tag} {name} {value}");
        }
    }
}
