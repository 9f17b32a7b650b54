//! "Did you mean": finds the known name most similar to an unknown one.

use std::collections::BTreeSet;

/// How many edits away a name may be.
const MAX_EDITS: usize = 2;

/// The most bytes of a letter.
const LONGEST_LETTER: usize = 4;

/// Limit: the longest name in which words are looked for, in bytes.
const MAX_BYTES: usize = 256;

/// The known name nearest to `wanted`: at most two edits away, and fewer than half its letters.
///
/// Letter case is ignored, except between equally near names; remaining ties are resolved alphabetically.
#[must_use]
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wanted.to_lowercase();
    known
        .into_iter()
        // Names whose lengths differ by more are farther away, and one that came from outside may be very long.
        .filter(|name| *name != wanted && name.len().abs_diff(wanted.len()) <= MAX_EDITS * LONGEST_LETTER)
        .filter_map(|name| {
            let edits = strsim::osa_distance(&lower, &name.to_lowercase());
            let letters = wanted.chars().count().max(name.chars().count());
            (edits <= MAX_EDITS && edits * 2 < letters).then(|| (edits, strsim::osa_distance(wanted, name), name))
        })
        .min()
        .map(|(_, _, name)| name)
}

/// The known field that a field of an event probably means: the same words in another notation, a misspelt name, or a
/// name with words around it, such as `phone_number`.
#[must_use]
pub fn nearest_field<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wanted.len() > MAX_BYTES {
        return None;
    }
    let known: Vec<&str> = known.into_iter().collect();
    let wanted = words(wanted);
    let joined = wanted.concat();
    let alike = known.iter().copied().find(|name| words(name).concat() == joined);
    let contained = || {
        let all_wanted = |name: &&&str| words(name).iter().all(|word| wanted.contains(word));
        known.iter().filter(all_wanted).max_by_key(|name| name.len()).copied()
    };
    alike.or_else(|| nearest(&wanted.join("_"), known.iter().copied())).or_else(contained)
}

/// The words of a name, in lower case: `phoneNumber` and `Phone-Number` are `phone`, `number`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        was_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether `wrong` is so certainly a misspelling of `right` that it can be corrected without asking.
///
/// Another word can be as near as a misspelling: `uncancelled` and `female` have other first letters, `welcome2` another
/// digit, `mms` is another short word, `online` is two letters away from `offline`.
#[must_use]
pub fn is_misspelling(wrong: &str, right: &str) -> bool {
    let (wrong, right) = (wrong.to_lowercase(), right.to_lowercase());
    let digits = |word: &str| word.chars().filter(char::is_ascii_digit).collect::<String>();
    let start = |word: &str| word.chars().take(2).collect::<BTreeSet<char>>();
    let begins_alike = wrong.chars().next() == right.chars().next() || start(&wrong) == start(&right);
    let (letters, others) = (wrong.chars().count(), right.chars().count());
    let is_near = match strsim::osa_distance(&wrong, &right) {
        0 => true,
        // In a short word, only a letter that is left out or two that are swapped show what was meant.
        1 => letters > 3 || others > letters || wrong.chars().collect::<BTreeSet<_>>() == right.chars().collect(),
        2 => letters.max(others) >= 8,
        _ => false,
    };
    is_near && begins_alike && digits(&wrong) == digits(&right)
}

#[cfg(test)]
mod tests {
    use super::{is_misspelling, nearest, nearest_field};

    #[test]
    fn a_field_is_found_under_the_names_that_other_systems_use() {
        let known = ["name", "phone", "email", "attended", "starts_at", "ends_at", "service"];
        let cases = [
            ("attend", Some("attended")),
            ("phone_number", Some("phone")),
            ("phoneNumber", Some("phone")),
            ("Name", Some("name")),
            ("FIRST_NAME", Some("name")),
            ("startsAt", Some("starts_at")),
            ("start-at", Some("starts_at")),
            ("e_mail", Some("email")),
            ("E-Mail", Some("email")),
            ("utm_source", None),
            ("_", None),
            ("", None),
        ];
        for (field, near) in cases {
            assert_eq!(nearest_field(field, known), near, "{field}");
        }
    }

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

    #[test]
    fn a_word_of_its_own_is_not_a_misspelling() {
        for (wrong, right) in [
            ("bookng", "booking"),
            ("wat", "wait"),
            ("tga", "tag"),
            ("smss", "sms"),
            ("SMS", "sms"),
            ("obokng", "booking"),
            ("cancelld", "cancelled"),
            ("welcome2_sms", "welcome2_smss"),
        ] {
            let expected = wrong != "obokng";
            assert_eq!(is_misspelling(wrong, right), expected, "{wrong} {right}");
        }
        for (wrong, right) in [
            ("uncancelled", "cancelled"),
            ("unpaid", "paid"),
            ("subscribed", "unsubscribed"),
            ("female", "male"),
            ("male", "female"),
            ("revisit", "visit"),
            ("include", "exclude"),
            ("increase", "decrease"),
            ("hired", "fired"),
            ("online", "offline"),
            ("mms", "sms"),
            ("nor", "or"),
            ("any", "and"),
            ("welcome2", "welcome1"),
            ("welcome", "welcome2"),
        ] {
            assert!(!is_misspelling(wrong, right), "{wrong} {right}");
        }
    }
}
