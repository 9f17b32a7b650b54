//! The first name of a person. In: a full name as customer systems have it. Out: the part that a letter begins with.

/// Endings of patronymics, which follow the first name: `Anna Ivanovna`, `Анна Ивановна Петрова`.
const PATRONYMICS: [&str; 14] =
    ["вич", "ьич", "тич", "мич", "кич", "вна", "ична", "инична", "оглы", "кызы", "ұлы", "қызы", "vich", "vna"];

/// Forms of address that precede a name.
const TITLES: [&str; 22] = [
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "herr", "frau", "monsieur", "madame", "mme", "m", "señor",
    "señora", "sr", "sra", "pan", "pani", "г-н", "г-жа",
];

/// Returns the first name of `Petrova, Anna`, `Dr. Anna Petrova` and `Петрова Анна Ивановна`; what cannot be told apart is
/// read as the first name first. A text without words stays as it is.
#[must_use]
pub fn first_name(full: &str) -> &str {
    let given = full.split_once(',').map_or(full, |(_, given)| if given.trim().is_empty() { full } else { given });
    let words: Vec<&str> = given.split_whitespace().map(|word| word.trim_end_matches(',')).collect();
    let own: Vec<&str> = words.iter().copied().filter(|word| !is_title(word)).collect();
    let names = if own.is_empty() { &words } else { &own };
    let patronymic = names.iter().skip(1).position(|word| is_patronymic(word));
    // `Вели оглы` is two words.
    let before =
        |at: usize| if names.get(at + 1).is_some_and(|word| is_son_of(word)) { at.checked_sub(1) } else { Some(at) };
    patronymic
        .and_then(before)
        .and_then(|at| names.get(at))
        .or_else(|| names.first())
        .copied()
        .filter(|name| !name.is_empty())
        .unwrap_or(full)
}

fn is_title(word: &str) -> bool {
    TITLES.contains(&word.trim_end_matches('.').to_lowercase().as_str())
}

fn is_patronymic(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower.chars().count() > 4 && PATRONYMICS.iter().any(|ending| lower.ends_with(ending)) || is_son_of(word)
}

fn is_son_of(word: &str) -> bool {
    ["оглы", "кызы"].contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_names_are_found_in_names_of_any_order() {
        for (full, first) in [
            ("Anna", "Anna"),
            ("  Anna Petrova ", "Anna"),
            ("Petrova, Anna", "Anna"),
            ("Dr. Anna Petrova", "Anna"),
            ("Frau Müller", "Müller"),
            ("Петрова Анна Ивановна", "Анна"),
            ("Анна Ивановна Петрова", "Анна"),
            ("Анна Ивановна", "Анна"),
            ("ПЕТРОВ ИВАН ИЛЬИЧ", "ИВАН"),
            ("Алиев Али Вели оглы", "Али"),
            ("Jean-Luc Picard", "Jean-Luc"),
            ("Anna,", "Anna"),
            ("Mr.", "Mr."),
            ("", ""),
            (" , ", " , "),
        ] {
            assert_eq!(first_name(full), first, "{full}");
        }
    }
}
