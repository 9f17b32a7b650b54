//! "Did you mean": finds the known name most similar to an unknown one.

/// The known name nearest to `wanted`: at most two edits away, and fewer than half its letters.
///
/// Letter case is ignored, except between equally near names; remaining ties are resolved alphabetically.
#[must_use]
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wanted.to_lowercase();
    known
        .into_iter()
        .filter(|name| *name != wanted)
        .filter_map(|name| {
            let edits = strsim::osa_distance(&lower, &name.to_lowercase());
            let letters = wanted.chars().count().max(name.chars().count());
            (edits <= 2 && edits * 2 < letters).then(|| (edits, strsim::osa_distance(wanted, name), name))
        })
        .min()
        .map(|(_, _, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_wins_whatever_the_order() {
        assert_eq!(nearest("bookng", ["visit", "booking", "book"]), Some("booking"));
        assert_eq!(nearest("bookng", ["book", "booking", "visit"]), Some("booking"));
        assert_eq!(nearest("snd", ["set", "send", "stop"]), Some("send"));
        assert_eq!(nearest("витиз", ["визит", "покупка"]), Some("визит"));
    }

    #[test]
    fn ties_go_to_the_alphabet() {
        assert_eq!(nearest("tast", ["test", "task"]), Some("task"));
        assert_eq!(nearest("tast", ["task", "test"]), Some("task"));
    }

    #[test]
    fn case_alone_is_a_near_miss() {
        assert_eq!(nearest("SMS", ["sms", "email"]), Some("sms"));
        assert_eq!(nearest("sms", ["sms"]), None);
    }

    #[test]
    fn short_or_distant_names_are_not_guessed() {
        assert_eq!(nearest("a", ["b", "is"]), None);
        assert_eq!(nearest("ab", ["cd"]), None);
        assert_eq!(nearest("purchase", ["visit"]), None);
    }
}
