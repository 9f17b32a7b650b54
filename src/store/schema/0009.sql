-- Version 9, the first one: earlier files were written by development versions only.
-- Times are milliseconds since 1970 (UTC); the views at the end show them as text, and names instead of numbers.
-- Rows are added in order of time and refer to each other by number, so that a commit writes few pages.

-- Single values, such as the virtual clock.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Texts that occur often: funnels, elements, events, sources, time zones, lanes, fingerprints of graphs.
CREATE TABLE names (
    no   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

-- The index of what is found by its own id: events, clients, records, runs. `hash` is a hash of the kind and the id,
-- `no` the number of a row that may have that id. The newest rows are not in it yet: `meta` says up to which numbers
-- it is complete, and the program indexes the rest in memory. So the pages of this table, which are in no order of
-- time, are written rarely and in their own order.
CREATE TABLE keys (
    hash INTEGER NOT NULL,
    no   INTEGER NOT NULL,
    PRIMARY KEY (hash, no)
) STRICT, WITHOUT ROWID;

-- All versions of funnels that ever ran; a run refers to the one it is on.
CREATE TABLE graphs (
    fingerprint TEXT PRIMARY KEY,
    funnel      TEXT NOT NULL,
    graph       TEXT NOT NULL
) STRICT;

-- Accepted events, once each: `at` is when they happened, `received_at` when they were accepted. `digest` identifies
-- the event as it was received, so that the same event sent again is recognized; it is null for events of funnels, and
-- for events without an id.
CREATE TABLE events (
    no          INTEGER PRIMARY KEY,
    source      INTEGER NOT NULL,
    id          TEXT,
    type        INTEGER NOT NULL,
    client      INTEGER NOT NULL,
    key         TEXT,
    at          INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    data        TEXT NOT NULL,
    digest      BLOB
) STRICT;

-- Clients and their fields. `memory` is one JSON value: tallies of the past, segments, timers, limits, consent, goals.
-- `fields` is null for a client that is only referred to.
CREATE TABLE clients (
    no      INTEGER PRIMARY KEY,
    id      TEXT NOT NULL,
    fields  TEXT,
    memory  TEXT NOT NULL DEFAULT '{}',
    wake_at INTEGER
) STRICT;
CREATE INDEX clients_asleep ON clients (wake_at, id) WHERE wake_at IS NOT NULL;

-- Clients that turned out to be other clients. Events of `client` are those of `present` from then on.
CREATE TABLE merged (
    no      INTEGER PRIMARY KEY,
    client  TEXT NOT NULL UNIQUE,
    present TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;

-- Records in their present state: a booking, an order. `times` is one JSON value: the usual time of the fields, and the
-- others by field. A record that is not complete lacks a required field; it does not exist for funnels yet.
CREATE TABLE records (
    no         INTEGER PRIMARY KEY,
    client     INTEGER NOT NULL,
    event      INTEGER NOT NULL,
    key        TEXT NOT NULL,
    fields     TEXT NOT NULL,
    times      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    complete   INTEGER NOT NULL
) STRICT;
CREATE INDEX records_of ON records (client);
CREATE INDEX records_incomplete ON records (no) WHERE NOT complete;

-- Active runs. `positions` holds the position in each path of a `parallel`; `element` and `since` are those of the first
-- position, for people; `wake_at` is the earliest of all. When a run ends, its row is removed, and the next runs use the
-- place; so little is left of runs that have ended.
CREATE TABLE active_runs (
    no         INTEGER PRIMARY KEY,
    id         TEXT NOT NULL,
    funnel     INTEGER NOT NULL,
    client     INTEGER NOT NULL,
    graph      INTEGER NOT NULL,
    key        TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    element    INTEGER,
    since      INTEGER,
    wake_at    INTEGER,
    positions  TEXT NOT NULL,
    subjects   TEXT NOT NULL,
    progress   TEXT NOT NULL
) STRICT;
CREATE INDEX runs_inside ON active_runs (client);
CREATE INDEX runs_asleep ON active_runs (wake_at, id) WHERE wake_at IS NOT NULL;

-- Runs that have ended, under the numbers that they had: when, and how.
CREATE TABLE ended_runs (
    no         INTEGER PRIMARY KEY,
    id         TEXT NOT NULL,
    funnel     INTEGER NOT NULL,
    client     INTEGER NOT NULL,
    graph      INTEGER NOT NULL,
    key        TEXT NOT NULL,
    entered_at INTEGER NOT NULL,
    ended      TEXT NOT NULL,
    ended_at   INTEGER
) STRICT;

CREATE VIEW runs AS
SELECT no, id, funnel, client, graph, key, entered_at, NULL AS ended, NULL AS ended_at FROM active_runs
UNION ALL SELECT no, id, funnel, client, graph, key, entered_at, ended, ended_at FROM ended_runs;

-- How often, and when last, a client entered a funnel under a key.
CREATE TABLE entered (
    client  INTEGER NOT NULL,
    funnel  INTEGER NOT NULL,
    key     TEXT NOT NULL,
    count   INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (client, funnel, key)
) STRICT, WITHOUT ROWID;

-- The outbox: queued -> sending -> sent | printed | not_sent | unknown. `at` is when the message was decided,
-- `changed_at` when its state last changed; `queued_at` and `retry_at` are real time, also under a virtual clock.
-- `evidence` is the entry of the consent log that allowed a marketing message, `message` the rest as JSON. `run` is the
-- number of a run.
CREATE TABLE messages (
    no          INTEGER PRIMARY KEY,
    id          TEXT NOT NULL,
    client      INTEGER NOT NULL,
    funnel      INTEGER NOT NULL,
    run         ANY,
    element     INTEGER NOT NULL,
    lane        INTEGER NOT NULL,
    recipient   TEXT NOT NULL,
    message     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT,
    provider_id TEXT,
    attempts    INTEGER NOT NULL,
    queued_at   INTEGER NOT NULL,
    retry_at    INTEGER,
    changed_at  INTEGER NOT NULL,
    evidence    TEXT
) STRICT;
CREATE INDEX messages_open ON messages (lane, no) WHERE state IN ('queued', 'sending');

-- What happened, in order. `lines` is a JSON list of what one run did at one instant. `run` is the number of a run, or
-- the id of one that never began; it is null for what concerns the client alone.
CREATE TABLE trace (
    no     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    zone   INTEGER NOT NULL,
    client INTEGER NOT NULL,
    run    ANY,
    funnel INTEGER NOT NULL,
    lines  TEXT NOT NULL
) STRICT;
CREATE INDEX trace_of ON trace (client);

-- The append-only consent log. `event` is the id of the event that reported a statement. A null channel or topic means
-- all.
CREATE TABLE consents (
    no      INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    client  TEXT NOT NULL,
    at      INTEGER NOT NULL,
    channel TEXT,
    topic   TEXT,
    granted INTEGER NOT NULL,
    text    TEXT,
    source  TEXT,
    event   TEXT
) STRICT;
CREATE INDEX consents_of ON consents (client);
CREATE TRIGGER consents_stay BEFORE UPDATE ON consents BEGIN SELECT raise(ABORT, 'the consent log is never changed'); END;

-- Rejected input with the reason; `times` counts repetitions.
CREATE TABLE dead_letters (
    no          INTEGER PRIMARY KEY,
    digest      TEXT NOT NULL UNIQUE,
    source      TEXT NOT NULL,
    line        INTEGER,
    code        TEXT NOT NULL,
    message     TEXT NOT NULL,
    body        TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    times       INTEGER NOT NULL
) STRICT;

CREATE VIEW why AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', trace.at / 1000, 'unixepoch') AS at, clients.id AS client, names.name AS funnel,
       coalesce((SELECT id FROM runs WHERE runs.no = trace.run), trace.run, '') AS run,
       line.value ->> 'element' AS element, line.value ->> 'kind' AS kind, line.value AS detail
FROM trace JOIN clients ON clients.no = trace.client JOIN names ON names.no = trace.funnel, json_each(trace.lines) AS line
ORDER BY trace.no, line.key;

CREATE VIEW outbox AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', messages.at / 1000, 'unixepoch') AS at, clients.id AS client,
       names.name AS funnel, message ->> 'channel' AS channel, recipient, state, reason, attempts, messages.id AS id
FROM messages JOIN clients ON clients.no = messages.client JOIN names ON names.no = messages.funnel
ORDER BY messages.no;

CREATE VIEW inside AS
SELECT clients.id AS client, funnel.name AS funnel, element.name AS element,
       strftime('%Y-%m-%dT%H:%M:%SZ', since / 1000, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', active_runs.wake_at / 1000, 'unixepoch') AS wakes_at, active_runs.id AS run
FROM active_runs JOIN clients ON clients.no = active_runs.client JOIN names AS funnel ON funnel.no = active_runs.funnel
LEFT JOIN names AS element ON element.no = active_runs.element
ORDER BY active_runs.no;

CREATE VIEW consent AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch') AS at, client, coalesce(channel, 'every channel') AS channel,
       coalesce(topic, 'every topic') AS topic, iif(granted, 'given', 'taken back') AS said, text, source, id
FROM consents ORDER BY no;

CREATE VIEW rejected AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', received_at / 1000, 'unixepoch') AS received_at, source, line, code, message,
       times, body
FROM dead_letters ORDER BY no;

CREATE VIEW incomplete AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', created_at / 1000, 'unixepoch') AS created_at, clients.id AS client,
       names.name AS event, key, records.fields AS fields
FROM records JOIN clients ON clients.no = records.client JOIN names ON names.no = records.event
WHERE NOT complete ORDER BY records.no;

CREATE VIEW history AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', events.at / 1000, 'unixepoch') AS at, clients.id AS client, type.name AS type,
       key, data, source.name AS source, events.id AS id
FROM events JOIN clients ON clients.no = events.client JOIN names AS type ON type.no = events.type
JOIN names AS source ON source.no = events.source
ORDER BY events.no;
