//! The GSM 7-bit alphabet (3GPP TS 23.038). In: characters. Out: the length of a text and its number of segments.

use unicode_segmentation::UnicodeSegmentation;

/// The characters that take one septet.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The characters that take two septets, an escape and a code.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// Replacements in the alphabet that read the same.
const REPLACEMENTS: [(char, &str); 22] = [
    ('‘', "'"),
    ('’', "'"),
    ('‚', "'"),
    ('′', "'"),
    ('`', "'"),
    ('´', "'"),
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('«', "\""),
    ('»', "\""),
    ('″', "\""),
    ('–', "-"),
    ('—', "-"),
    ('‐', "-"),
    ('‑', "-"),
    ('−', "-"),
    ('…', "..."),
    ('\u{a0}', " "),
    ('\u{202f}', " "),
    ('\u{2009}', " "),
    ('•', "-"),
];

/// Cyrillic letters that look like Latin ones, each followed by the Latin letter.
const HOMOGLYPHS: &str = "аaеeоoрpсcуyхxАAВBЕEКKМMНHОOРPСCТTХX";

/// The encoding of an SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// GSM 7-bit: 160 septets, or 153 in each of several segments.
    Gsm,
    /// UCS-2: 70 code units, or 67 in each of several segments.
    Ucs2,
}

impl Coding {
    /// Returns its name: `GSM-7` or `UCS-2`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gsm => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// Returns the units of a single segment, and of each of several.
    pub(super) fn units_per_segment(self) -> (usize, usize) {
        match self {
            Self::Gsm => (160, 153),
            Self::Ucs2 => (70, 67),
        }
    }

    /// Returns the units that fit into this many segments.
    pub(super) fn capacity(self, segments: usize) -> usize {
        let (one, each) = self.units_per_segment();
        if segments <= 1 { one } else { each * segments }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Gsm => gsm(c).unwrap_or(1),
            Self::Ucs2 => c.len_utf16(),
        }
    }
}

/// The width of each ASCII character, which most texts consist of; 0 if it is not in the alphabet.
const ASCII: [u8; 128] = widths();

const fn widths() -> [u8; 128] {
    let mut widths = [0; 128];
    let (basic, extended) = (BASIC.as_bytes(), EXTENDED.as_bytes());
    let mut at = 0;
    while at < basic.len() {
        if basic[at].is_ascii() {
            widths[basic[at] as usize] = 1;
        }
        at += 1;
    }
    at = 0;
    while at < extended.len() {
        if extended[at].is_ascii() {
            widths[extended[at] as usize] = 2;
        }
        at += 1;
    }
    widths
}

/// Returns the septets of a character; `None` if it is not in the alphabet.
pub(super) fn gsm(c: char) -> Option<usize> {
    match ASCII.get(c as usize) {
        Some(0) => None,
        Some(width) => Some(usize::from(*width)),
        None if BASIC.contains(c) => Some(1),
        None if EXTENDED.contains(c) => Some(2),
        None => None,
    }
}

/// Returns the encoding that a text needs.
pub(super) fn coding(text: &str) -> Coding {
    if text.chars().all(|c| gsm(c).is_some()) { Coding::Gsm } else { Coding::Ucs2 }
}

/// Returns the units of a text.
pub(super) fn length(text: &str, coding: Coding) -> usize {
    text.chars().map(|c| coding.width(c)).sum()
}

/// Returns the segments of a text, as gateways cut it: an escaped character, a surrogate pair, and a character that is
/// composed of several, such as `❤️`, are never split.
pub(super) fn segments(text: &str, coding: Coding) -> usize {
    let (one, each) = coding.units_per_segment();
    if length(text, coding) <= one {
        return 1;
    }
    let (mut segments, mut filled) = (1, 0);
    let mut fill = |width: usize| {
        if filled + width > each {
            (segments, filled) = (segments + 1, 0);
        }
        filled += width;
    };
    match coding {
        Coding::Gsm => text.chars().for_each(|c| fill(coding.width(c))),
        Coding::Ucs2 => {
            for composed in text.graphemes(true) {
                let width = length(composed, coding);
                // A line break is two characters, and what is longer than a segment must be split.
                if composed == "\r\n" || width > each {
                    composed.chars().for_each(|c| fill(coding.width(c)));
                } else {
                    fill(width);
                }
            }
        }
    }
    segments
}

/// Whether every character of a text is one unit and never part of a composed one.
pub(super) fn is_simple(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\0'..'\u{300}' | '\u{370}'..'\u{483}' | '\u{48a}'..'\u{530}' | '\u{2010}'..'\u{2027}' | '\u{20a0}'..'\u{20d0}' | '№'))
}

/// Returns a replacement in the alphabet; with `latin`, also Latin for Cyrillic letters of the same shape.
pub(super) fn replacement(c: char, latin: bool) -> Option<String> {
    let written = REPLACEMENTS.iter().find(|(from, _)| *from == c).map(|(_, to)| (*to).to_owned());
    let homoglyph = || {
        let mut pairs = HOMOGLYPHS.chars();
        while let (Some(from), Some(to)) = (pairs.next(), pairs.next()) {
            if from == c {
                return Some(to.to_string());
            }
        }
        None
    };
    written.or_else(|| if latin { homoglyph() } else { None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alphabet_has_its_128_places_and_ten_more() {
        // The escape itself is not a character.
        assert_eq!(BASIC.chars().count(), 127);
        assert_eq!(EXTENDED.chars().count(), 10);
        for c in '\0'..='\u{2fff}' {
            let written = BASIC.contains(c).then_some(1).or(EXTENDED.contains(c).then_some(2));
            assert_eq!(gsm(c), written, "{c:?}");
        }
    }

    #[test]
    fn simple_characters_are_never_part_of_a_composed_one() {
        for c in ('\0'..=char::MAX).filter(|c| is_simple(&c.to_string())) {
            assert_eq!(c.len_utf16(), 1, "{c:?}");
            assert_eq!(format!("я{c}").graphemes(true).count(), 2, "{c:?}");
        }
        assert!(is_simple("До встречи – завтра, 25 €, №1, «Lumen»…") && !is_simple("❤") && !is_simple("и\u{306}"));
    }

    #[test]
    fn segments_are_counted_with_their_headers() {
        let times = |c: &str, n: usize| c.repeat(n);
        let cases = [
            (times("a", 160), 1),
            (times("a", 161), 2),
            (times("a", 306), 2),
            (times("a", 307), 3),
            (times("я", 70), 1),
            (times("я", 71), 2),
            (times("я", 134), 2),
            (times("я", 135), 3),
            (times("€", 80), 1),
            (times("€", 81), 2),
            (times("a", 152) + &times("€", 77), 3),
            (times("🙂", 35), 1),
            (times("🙂", 36), 2),
            (times("🙂", 67), 3),
            (String::new(), 1),
            // An escaped character is not split: 152 + 2 septets do not fit into 153.
            (times("a", 152) + "€" + &times("a", 152), 3),
            (times("a", 151) + "€" + &times("a", 153), 2),
            (times("a", 152) + "\u{c}" + &times("a", 151), 2),
            (times("a", 160) + "\r\n", 2),
            // A surrogate pair is not split: 66 + 2 units do not fit into 67.
            (times("я", 66) + "🙂" + &times("я", 66), 3),
            (times("я", 65) + "🙂" + &times("я", 67), 2),
            (times("я", 68) + "🙂", 1),
            // Nor is a composed character: a variation, a letter with its accent, skin, family, flag, keycap, syllable.
            (times("я", 66) + "❤\u{fe0f}" + &times("я", 66), 3),
            (times("я", 65) + "❤\u{fe0f}" + &times("я", 67), 2),
            (times("я", 68) + "❤\u{fe0f}", 1),
            (times("я", 66) + "и\u{306}" + &times("я", 66), 3),
            (times("я", 64) + "👍🏽" + &times("я", 66), 3),
            (times("я", 63) + "👍🏽" + &times("я", 67), 2),
            (times("я", 59) + "👨\u{200d}👩\u{200d}👧" + &times("я", 67), 2),
            (times("я", 60) + "👨\u{200d}👩\u{200d}👧" + &times("я", 60), 3),
            (times("я", 64) + "🇩🇪" + &times("я", 66), 3),
            (times("я", 65) + "1\u{fe0f}\u{20e3}" + &times("я", 66), 3),
            (times("я", 66) + "\u{1112}\u{1161}" + &times("я", 66), 3),
            // A line break is two characters, and what no segment can hold is split.
            (times("я", 66) + "\r\n" + &times("я", 66), 2),
            (format!("я{}", times("\u{301}", 133)), 2),
            (format!("я{}", times("\u{301}", 134)), 3),
        ];
        for (text, expected) in cases {
            assert_eq!(segments(&text, coding(&text)), expected, "{text}");
        }
    }
}
