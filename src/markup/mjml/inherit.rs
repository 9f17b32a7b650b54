//! The attributes that elements have from `mj-attributes`.

use crate::markup::tag::{Token, tokens};
use std::collections::HashMap;

/// The attributes of one name in `mj-attributes`, in order.
type Attributes = Vec<(String, String)>;

/// What `mj-attributes` sets.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    /// For each element, and for `mj-all`.
    elements: HashMap<String, Attributes>,
    /// For each `mj-class`.
    classes: HashMap<String, Attributes>,
}

impl Defaults {
    pub(super) fn read(text: &str) -> Self {
        let mut defaults = Self::default();
        let mut inside = false;
        for token in tokens(text) {
            let Token::Tag(tag) = token else { continue };
            if tag.name == "mj-attributes" {
                inside = !tag.closes && !tag.empty;
            } else if inside && !tag.closes {
                let mut attributes = Vec::new();
                for attribute in &tag.attributes {
                    let value = text.get(attribute.value.clone()).unwrap_or("");
                    if !attributes.iter().any(|(name, _)| *name == attribute.name) {
                        attributes.push((attribute.name.clone(), value.to_owned()));
                    }
                }
                if tag.name == "mj-class" {
                    let Some(at) = attributes.iter().position(|(name, _)| name == "name") else { continue };
                    let (_, class) = attributes.remove(at);
                    override_with(defaults.classes.entry(class).or_default(), &attributes);
                } else {
                    override_with(defaults.elements.entry(tag.name).or_default(), &attributes);
                }
            }
        }
        defaults
    }

    /// The attributes of an element with these classes: the last class wins, and a class wins over its element. Of
    /// `css-class`, every class adds its own.
    pub(super) fn of(&self, element: &str, classes: &str) -> Attributes {
        let mut from_classes = Attributes::new();
        for class in classes.split(' ').filter_map(|class| self.classes.get(class)) {
            let css = |of: &Attributes| of.iter().find(|(name, _)| name == "css-class").map(|(_, value)| value.clone());
            let both = css(&from_classes).zip(css(class));
            override_with(&mut from_classes, class);
            if let Some((before, added)) = both {
                override_with(&mut from_classes, &[("css-class".to_owned(), format!("{before} {added}"))]);
            }
        }
        let mut attributes = self.elements.get(element).cloned().unwrap_or_default();
        override_with(&mut attributes, &from_classes);
        attributes
    }

    /// Whether `mj-all` sets an attribute.
    pub(super) fn for_all(&self, name: &str) -> bool {
        self.elements.get("mj-all").is_some_and(|all| all.iter().any(|(set, _)| set == name))
    }
}

fn override_with(attributes: &mut Attributes, stronger: &[(String, String)]) {
    for (name, value) in stronger {
        attributes.retain(|(earlier, _)| earlier != name);
        attributes.push((name.clone(), value.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_class_wins_and_every_css_class_stays() {
        let head = "<mj-head><mj-attributes><mj-all padding='0'/><mj-text color='red' align='left'/>\
            <mj-class name='a' color='green' css-class='x'/><mj-class name='b' color='blue' css-class='y'/>\
            <mj-text align='right'></mj-text></mj-attributes></mj-head><mj-text color='no'></mj-text>";
        let defaults = Defaults::read(head);
        let of = |classes: &str| {
            let written = defaults.of("mj-text", classes).into_iter().map(|(name, value)| format!("{name}={value}"));
            written.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of(""), "color=red align=right");
        assert_eq!(of("a"), "align=right color=green css-class=x");
        assert_eq!(of("a b"), "align=right color=blue css-class=x y");
        assert_eq!(of("b a none"), "align=right color=green css-class=y x");
        assert!(defaults.for_all("padding") && !defaults.for_all("alt"));
    }
}
