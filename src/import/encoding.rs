//! How the bytes of a file become text. In: bytes, perhaps compressed or in an encoding of spreadsheets. Out: UTF-8, and
//! whether it is a table or JSON. Only a little is read ahead.

use crate::diagnostic::Phrase;
use crate::say;
use flate2::read::MultiGzDecoder;
use std::fmt;
use std::io::{self, Cursor, Read};

/// How much of a file decides about its form, in bytes.
const SAMPLE: usize = 64 << 10;

/// How many Cyrillic letters must agree before bytes are read as Windows-1251.
const ENOUGH: usize = 8;

/// Decompresses a text in memory, of at most `limit` bytes.
///
/// # Errors
/// It is not gzip, or longer.
pub fn gunzip(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Phrase> {
    let mut text = Vec::new();
    let read = MultiGzDecoder::new(bytes).take(limit as u64 + 1).read_to_end(&mut text);
    match read {
        Ok(_) if text.len() > limit => Err(say!("the body is larger than {limit} bytes when decompressed", limit)),
        Ok(_) => Ok(text),
        Err(fault) => Err(say!("the body is not gzip: {fault}", fault = fault.to_string())),
    }
}

/// What a text contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON values.
    Json,
    /// A table with a header: CSV, or with tabs or semicolons.
    Table,
}

/// Bytes as text.
pub struct Decoded {
    /// The text in UTF-8; it may begin with a byte order mark.
    pub text: Box<dyn Read + Send>,
    /// What it contains.
    pub form: Form,
    /// Whether the bytes are the text, so that a place in one is the same place in the other.
    pub verbatim: bool,
    /// The beginning of the text.
    pub sample: Vec<u8>,
}

/// Why a file cannot be read as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// A workbook of a spreadsheet program.
    Workbook,
    /// Neither UTF-8 nor an encoding that can be recognized.
    UnknownEncoding,
    /// A row of a table that does not end.
    EndlessRow,
    /// A table whose columns nobody has given a meaning.
    NoColumnMap,
    /// A table to which these column maps fit equally well.
    SeveralColumnMaps(String),
}

impl Unreadable {
    /// What is wrong.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::Workbook => say!("it is a workbook, not text"),
            Self::UnknownEncoding => say!("it is neither UTF-8 nor UTF-16"),
            Self::EndlessRow => say!("a row is longer than 4 MiB, so a quote is probably not closed"),
            Self::NoColumnMap => say!("it is a table, and nothing says what its columns mean"),
            Self::SeveralColumnMaps(names) => say!("several column maps fit its header: {names}", names),
        }
    }

    /// What to do.
    #[must_use]
    pub fn help(&self) -> Phrase {
        match self {
            Self::Workbook | Self::UnknownEncoding => {
                say!(
                    "save it as \"CSV UTF-8\" in the spreadsheet program, or convert it: `iconv -f WINDOWS-1252 -t UTF-8`"
                )
            }
            Self::NoColumnMap => {
                say!(
                    "run `funnelc import` on it: it proposes `[import.NAME]` for funnel.toml; or name columns `type` and `client`"
                )
            }
            Self::SeveralColumnMaps(_) => say!("remove one of them from funnel.toml, or add a column to one"),
            Self::EndlessRow => say!("close the quote, or write a quote inside of quotes twice: `\"\"`"),
        }
    }

    /// The reason in an I/O error, if it is one of these.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<Self> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()).cloned()
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}

impl std::error::Error for Unreadable {}

impl From<Unreadable> for io::Error {
    fn from(reason: Unreadable) -> Self {
        Self::new(io::ErrorKind::InvalidData, reason)
    }
}

/// Decodes a file or a stream; `name` is its file name, whose ending tells tables from JSON.
///
/// # Errors
/// When it cannot be read, or with the reason [`Unreadable`].
pub fn decode(bytes: impl Read + Send + 'static, name: Option<&str>) -> io::Result<Decoded> {
    let (mut sample, mut text) = peek(Box::new(bytes))?;
    let mut verbatim = true;
    if sample.starts_with(&[0x1F, 0x8B]) {
        (sample, text) = peek(Box::new(MultiGzDecoder::new(text)))?;
        verbatim = false;
    }
    if sample.starts_with(b"PK\x03\x04") || sample.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(Unreadable::Workbook.into());
    }
    if let Some(encoding) = utf16(&sample) {
        (sample, text) = peek(Box::new(Transcoded::new(text, encoding)))?;
        verbatim = false;
    }
    let form = form(&sample, name);
    if form == Form::Table && !is_utf8(&sample) {
        if !is_windows_1251(&sample) {
            return Err(Unreadable::UnknownEncoding.into());
        }
        (sample, text) = peek(Box::new(Transcoded::new(text, Encoding::Windows1251)))?;
        verbatim = false;
    }
    Ok(Decoded { text, form, verbatim, sample })
}

/// A beginning, and the whole text.
type Peeked = (Vec<u8>, Box<dyn Read + Send>);

/// Reads the beginning: of a file a whole sample, of a stream what has arrived.
fn peek(mut bytes: Box<dyn Read + Send>) -> io::Result<Peeked> {
    let mut sample = vec![0; SAMPLE];
    let mut length = 0;
    while length < 4 {
        match bytes.read(&mut sample[length..]) {
            Ok(0) => break,
            Ok(count) => length += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    sample.truncate(length);
    Ok((sample.clone(), Box::new(Cursor::new(sample).chain(bytes))))
}

/// Whether a text is a table: by the ending, else by the first line.
fn form(sample: &[u8], name: Option<&str>) -> Form {
    let text = sample.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(sample).trim_ascii_start();
    if matches!(text.first(), Some(b'{' | b'[')) {
        return Form::Json;
    }
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if [".csv", ".tsv", ".tab"].iter().any(|end| name.ends_with(end)) {
        return Form::Table;
    }
    if [".ndjson", ".jsonl", ".json"].iter().any(|end| name.ends_with(end)) {
        return Form::Json;
    }
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if first.iter().any(|byte| matches!(byte, b',' | b';' | b'\t')) { Form::Table } else { Form::Json }
}

/// Whether a sample is UTF-8 apart from a character that it cuts.
fn is_utf8(sample: &[u8]) -> bool {
    str::from_utf8(sample).err().is_none_or(|error| error.error_len().is_none())
}

/// An encoding other than UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf16Le,
    Utf16Be,
    Windows1251,
}

/// UTF-16 by its byte order mark, or by the zeros of ASCII characters in it.
fn utf16(sample: &[u8]) -> Option<Encoding> {
    match *sample {
        [0xFF, 0xFE, ..] => Some(Encoding::Utf16Le),
        [0xFE, 0xFF, ..] => Some(Encoding::Utf16Be),
        [1..=255, 0, 1..=255, 0, ..] => Some(Encoding::Utf16Le),
        [0, 1..=255, 0, 1..=255, ..] => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// Whether bytes mean Russian words in Windows-1251 and nothing sensible in another encoding: every word has letters of
/// one alphabet only, and capitals only at its beginning or throughout.
fn is_windows_1251(sample: &[u8]) -> bool {
    let text: String = sample.iter().map(|byte| windows_1251(*byte)).collect();
    let is_cyrillic = |c: char| matches!(c, 'А'..='я' | 'Ё' | 'ё');
    let mut letters = 0;
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_ascii()) {
        let rest = || word.chars().skip(1);
        let is_one_case = rest().all(char::is_lowercase) || word.chars().all(char::is_uppercase);
        if !word.chars().all(is_cyrillic) || !is_one_case {
            return false;
        }
        letters += word.chars().count();
    }
    let usual = |c: char| c.is_ascii() || is_cyrillic(c) || "«»„“”‘’–—…№°·•§₽\u{a0}".contains(c);
    letters >= ENOUGH && text.chars().all(usual)
}

/// The characters of Windows-1251 from 0x80 to 0xBF. The one that has no meaning is replaced.
const UPPER: &str = "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{FFFD}™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕї";

fn windows_1251(byte: u8) -> char {
    match byte {
        0..0x80 => char::from(byte),
        0x80..0xC0 => UPPER.chars().nth(usize::from(byte - 0x80)).unwrap_or(char::REPLACEMENT_CHARACTER),
        0xC0.. => char::from_u32(0x410 + u32::from(byte - 0xC0)).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

/// A reader of UTF-8 made of another encoding.
struct Transcoded<R> {
    bytes: R,
    encoding: Encoding,
    /// Bytes that are still part of a character.
    open: Vec<u8>,
    /// Text that is still to be taken.
    ready: Cursor<Vec<u8>>,
}

impl<R: Read> Transcoded<R> {
    fn new(bytes: R, encoding: Encoding) -> Self {
        Self { bytes, encoding, open: Vec::new(), ready: Cursor::default() }
    }

    /// Decodes the next piece; returns whether there was one.
    fn fill(&mut self) -> io::Result<bool> {
        let mut chunk = [0; 8 << 10];
        let count = self.bytes.read(&mut chunk)?;
        self.open.extend_from_slice(&chunk[..count]);
        let at_end = count == 0;
        let text: String = match self.encoding {
            Encoding::Windows1251 => self.open.drain(..).map(windows_1251).collect(),
            Encoding::Utf16Le => self.take_utf16(at_end, u16::from_le_bytes),
            Encoding::Utf16Be => self.take_utf16(at_end, u16::from_be_bytes),
        };
        self.ready = Cursor::new(text.into_bytes());
        Ok(!at_end || !self.ready.get_ref().is_empty())
    }

    fn take_utf16(&mut self, at_end: bool, unit: fn([u8; 2]) -> u16) -> String {
        let mut units: Vec<u16> = self.open.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        // The first half of a character waits for the second one.
        if !at_end && units.last().is_some_and(|last| (0xD800..0xDC00).contains(last)) {
            units.pop();
        }
        self.open.drain(..if at_end { self.open.len() } else { units.len() * 2 });
        String::from_utf16_lossy(&units)
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.ready.read(buffer)?;
            if count > 0 || buffer.is_empty() || !self.fill()? {
                return Ok(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8], name: &str) -> Result<(String, Form), Option<Unreadable>> {
        let decoded = decode(Cursor::new(bytes.to_vec()), Some(name)).map_err(|error| Unreadable::of(&error))?;
        let (mut text, form) = (String::new(), decoded.form);
        { decoded.text }.read_to_string(&mut text).unwrap();
        Ok((text, form))
    }

    fn in_1251(text: &str) -> Vec<u8> {
        text.chars().map(|c| (0..=255).find(|byte| windows_1251(*byte) == c).unwrap()).collect()
    }

    #[test]
    fn the_table_of_windows_1251_has_every_byte() {
        assert_eq!(UPPER.chars().count(), 64);
        assert_eq!(in_1251("Ёлка №5 – я"), [0xA8, 0xEB, 0xEA, 0xE0, 0x20, 0xB9, 0x35, 0x20, 0x96, 0x20, 0xFF]);
    }

    #[test]
    fn encodings_with_one_meaning_are_read() {
        let table = "Имя;Телефон\r\nАнна Ёлкина;+7 999 000-00-01\r\n";
        let utf16 = |unit: fn(u16) -> [u8; 2]| {
            "\u{feff}".encode_utf16().chain(table.encode_utf16()).flat_map(unit).collect::<Vec<u8>>()
        };
        let expected = Ok((table.to_owned(), Form::Table));
        assert_eq!(text(table.as_bytes(), "a.csv"), expected);
        assert_eq!(text(&in_1251(table), "a.csv"), expected);
        let marked = Ok((format!("\u{feff}{table}"), Form::Table));
        assert_eq!(text(&utf16(u16::to_le_bytes), "a.csv"), marked);
        assert_eq!(text(&utf16(u16::to_be_bytes), "a.txt"), marked);
        let bare: Vec<u8> = "name,phone\n😀,1".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&bare, "a.csv"), Ok(("name,phone\n😀,1".to_owned(), Form::Table)));
    }

    #[test]
    fn other_encodings_are_refused() {
        let koi8 = [0xE9, 0xCD, 0xD1, b';', 0xF4, 0xC5, 0xCC, 0xC5, 0xC6, 0xCF, 0xCE, b'\n'];
        let cp866 = [0x88, 0xAC, 0xEF, b';', 0x92, 0xA5, 0xAB, 0xA5, 0xE4, 0xAE, 0xAD, b'\n'];
        let windows_1252 = b"Name;Stra\xDFe;Gr\xF6\xDFe;M\xFCller\n\xC4rztin;Tsch\xFC\xDF;\xDCbung";
        for bytes in [&koi8[..], &cp866, windows_1252, b"name\n\xFF\xFF"] {
            assert_eq!(text(bytes, "a.csv"), Err(Some(Unreadable::UnknownEncoding)));
        }
        assert_eq!(text(b"PK\x03\x04...", "a.xlsx"), Err(Some(Unreadable::Workbook)));
    }

    #[test]
    fn the_ending_decides_unless_the_content_is_json() {
        for (bytes, name, form) in [
            (&b"type,client\n"[..], "log", Form::Table),
            (b"not, json\n", "log.ndjson", Form::Json),
            (b"name\nAnna\n", "a.CSV", Form::Table),
            (b"\xEF\xBB\xBF {\"type\":\"x\"}", "a.csv", Form::Json),
            (b"[\n", "log", Form::Json),
            (b"", "log", Form::Json),
        ] {
            assert_eq!(text(bytes, name).unwrap().1, form, "{name}");
        }
    }
}
