//! The words for columns of tables, in English, German and Russian.

/// Words that tell which event a row is: the beginnings of words in column names. The first of equally likely ones counts.
pub(super) const KIND_WORDS: &[(&str, &[&str])] = &[
    (
        "booking",
        &[
            "appointment",
            "booking",
            "booked",
            "starts",
            "attended",
            "запис",
            "услуг",
            "мастер",
            "специалист",
            "termin",
            "leistung",
            "behandl",
            "service",
            "specialist",
            "staff",
            "врач",
        ],
    ),
    (
        "purchase",
        &[
            "purchase",
            "amount",
            "receipt",
            "product",
            "items",
            "покуп",
            "чек",
            "товар",
            "сумма",
            "итого",
            "betrag",
            "kauf",
            "artikel",
            "summe",
            "bestell",
        ],
    ),
];

/// Event, field, and the names of columns that mean it.
pub(super) const FIELDS: &[(&str, &str, &str)] = &[
    (
        "client",
        "id",
        "id, client id, customer id, client, customer no, id клиента, код клиента, номер клиента, kundennummer, kunden id, kundennr",
    ),
    (
        "client",
        "name",
        "name, full name, client name, customer name, customer, first name, last name, surname, имя, фио, клиент, имя клиента, фамилия, отчество, имя и фамилия, фамилия имя отчество, kunde, kundenname, vorname, nachname, vor und nachname",
    ),
    (
        "client",
        "phone",
        "phone, phone number, mobile, mobile phone, mobile number, cell, cell phone, tel, telephone, телефон, номер телефона, тел, мобильный, мобильный телефон, сотовый, номер, telefon, telefonnummer, handy, handynummer, mobil, mobilnummer, rufnummer",
    ),
    (
        "client",
        "email",
        "email, e mail, mail, email address, почта, эл почта, электронная почта, эл адрес, имейл, емейл, e mail adresse",
    ),
    ("client", "telegram", "telegram, telegram id, телеграм, телеграмм"),
    (
        "client",
        "birthday",
        "birthday, birth date, birthdate, date of birth, dob, день рождения, дата рождения, др, д р, geburtstag, geburtsdatum, geb datum",
    ),
    ("client", "city", "city, town, город, населенный пункт, stadt, ort, wohnort"),
    ("client", "language", "language, язык, sprache"),
    ("client", "timezone", "timezone, time zone, часовой пояс, zeitzone"),
    ("client", "tags", "tags, labels, groups, теги, метки, категории, группы, schlagworte, gruppen"),
    (
        "client",
        "spent",
        "spent, total spent, revenue, lifetime value, ltv, потрачено, сумма покупок, оборот, продано, umsatz, gesamtumsatz",
    ),
    (
        "client",
        "created_at",
        "created, created at, registered, registered at, registration date, date added, customer since, client since, member since, дата регистрации, дата добавления, дата создания, создан, клиент с, kunde seit, angelegt am, erstellt am, registriert am",
    ),
    (
        "booking",
        "id",
        "id, booking id, booking number, booking, appointment id, номер записи, id записи, buchungsnummer, termin id, terminnummer",
    ),
    (
        "booking",
        "starts_at",
        "starts at, start, start time, date, time, date time, date and time, appointment, appointment date, appointment time, booking date, booking time, дата, время, дата и время, дата визита, время визита, дата записи, время записи, начало, время начала, дата начала, termin, datum, uhrzeit, zeit, beginn, datum und uhrzeit",
    ),
    ("booking", "ends_at", "ends at, end, end time, окончание, конец, время окончания, ende"),
    (
        "booking",
        "service",
        "service, services, treatment, procedure, услуга, услуги, процедура, leistung, leistungen, behandlung",
    ),
    (
        "booking",
        "specialist",
        "specialist, staff, master, employee, doctor, stylist, team member, мастер, специалист, сотрудник, врач, mitarbeiter, mitarbeiterin, arzt, behandler",
    ),
    ("booking", "branch", "branch, location, salon, филиал, салон, адрес салона, filiale, standort"),
    ("booking", "price", "price, amount, cost, total, цена, стоимость, сумма, итого, preis, betrag"),
    ("booking", "attended", "attended, showed up, came, пришел, пришла, явка, визит состоялся, erschienen"),
    ("booking", "cancelled", "cancelled, canceled, отменен, отменена, отмена, storniert, abgesagt"),
    (
        "booking",
        "at",
        "booked, booked at, booked on, created, created at, дата создания, создана, создано, gebucht am, erstellt am",
    ),
    (
        "purchase",
        "id",
        "id, order id, order number, order, receipt, receipt number, invoice, invoice number, purchase id, номер заказа, номер чека, чек, заказ, номер покупки, bestellnummer, rechnungsnummer, belegnummer, beleg",
    ),
    (
        "purchase",
        "at",
        "at, date, time, date time, date and time, purchase date, purchased at, order date, sold at, дата, время, дата и время, дата покупки, дата продажи, дата заказа, datum, uhrzeit, zeit, kaufdatum, bestelldatum",
    ),
    (
        "purchase",
        "amount",
        "amount, total, sum, price, cost, order total, сумма, итого, стоимость, цена, сумма покупки, сумма чека, betrag, summe, gesamt, gesamtbetrag, preis",
    ),
    (
        "purchase",
        "items",
        "items, item, product, products, goods, товар, товары, наименование, состав, artikel, produkt, produkte",
    ),
    ("purchase", "branch", "branch, location, shop, store, филиал, магазин, точка, filiale, standort"),
    ("purchase", "status", "status, статус"),
    ("visit", "id", "id, visit id, номер визита, id визита, besuch id"),
    (
        "visit",
        "at",
        "at, date, time, date time, date and time, visit date, visited at, дата, время, дата и время, дата визита, datum, uhrzeit, zeit, besuchsdatum",
    ),
    ("visit", "service", "service, services, treatment, услуга, услуги, процедура, leistung, behandlung"),
    (
        "visit",
        "specialist",
        "specialist, staff, master, employee, doctor, мастер, специалист, сотрудник, врач, mitarbeiter, arzt",
    ),
    ("visit", "branch", "branch, location, salon, филиал, салон, filiale, standort"),
    ("visit", "price", "price, amount, cost, total, цена, стоимость, сумма, итого, preis, betrag"),
    ("visit", "rating", "rating, score, оценка, рейтинг, bewertung"),
    ("order", "id", "id, order id, order number, order, номер заказа, заказ, bestellnummer, bestellung"),
    ("order", "at", "at, date, time, date time, order date, ordered at, дата, время, дата заказа, datum, bestelldatum"),
    ("order", "amount", "amount, total, sum, price, сумма, итого, стоимость, betrag, summe, gesamt, preis"),
    ("order", "items", "items, item, product, products, товар, товары, состав, artikel, produkte"),
    ("order", "paid", "paid, оплачен, оплачено, bezahlt"),
    ("order", "cancelled", "cancelled, canceled, отменен, storniert"),
    ("payment", "id", "id, payment id, payment number, номер платежа, zahlungsnummer"),
    (
        "payment",
        "at",
        "at, date, time, date time, payment date, paid at, дата, время, дата платежа, дата оплаты, datum, zahlungsdatum",
    ),
    ("payment", "amount", "amount, total, sum, сумма, итого, betrag, summe"),
    ("payment", "method", "method, payment method, способ оплаты, zahlungsart"),
];

/// A name of a field for a column: `skidka_klienta` for `Скидка клиента`.
pub(super) fn slug(name: &str, column: usize) -> String {
    let mut text = String::new();
    for c in name.to_lowercase().chars() {
        match letters(c) {
            Some(latin) => text.push_str(latin),
            None if c.is_ascii_alphanumeric() => text.push(c),
            None if !text.is_empty() && !text.ends_with('_') => text.push('_'),
            None => {}
        }
    }
    let text = text.trim_end_matches('_');
    match text.chars().next() {
        None => format!("column_{}", column + 1),
        Some(first) if first.is_ascii_digit() => format!("n_{text}"),
        Some(_) => text.to_owned(),
    }
}

/// A Cyrillic or German letter in Latin ones.
fn letters(c: char) -> Option<&'static str> {
    const CYRILLIC: [&str; 32] = [
        "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh",
        "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
    ];
    match c {
        'а'..='я' => CYRILLIC.get(c as usize - 'а' as usize).copied(),
        'ё' => Some("e"),
        'ä' => Some("ae"),
        'ö' => Some("oe"),
        'ü' => Some("ue"),
        'ß' => Some("ss"),
        _ => None,
    }
}
