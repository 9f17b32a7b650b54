-- Version 1. Times are milliseconds since 1970 (UTC); the views at the end show them as text.
-- Rows are added in order of time, so that a commit writes few pages; `no` and `seq` count them.

-- Single values, such as the virtual clock.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- All versions of funnels that ever ran; a run refers to the one it is on.
CREATE TABLE graphs (
    fingerprint TEXT PRIMARY KEY,
    funnel      TEXT NOT NULL,
    graph       TEXT NOT NULL
) STRICT;

-- Accepted events, once each: `at` is when they happened, `received_at` when they were accepted.
CREATE TABLE events (
    seq         INTEGER PRIMARY KEY,
    source      TEXT NOT NULL,
    id          TEXT,
    type        TEXT NOT NULL,
    client      TEXT NOT NULL,
    key         TEXT,
    at          INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    data        TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_once ON events (source, id);

-- Clients and their fields.
CREATE TABLE clients (
    no     INTEGER PRIMARY KEY,
    id     TEXT NOT NULL UNIQUE,
    fields TEXT NOT NULL
) STRICT;

-- Records in their present state: a booking, an order.
CREATE TABLE records (
    no         INTEGER PRIMARY KEY,
    client     TEXT NOT NULL,
    event      TEXT NOT NULL,
    key        TEXT NOT NULL,
    fields     TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (client, event, key)
) STRICT;

-- Runs. `ended` is null while a run is active. `positions` holds its position in each path of a `parallel`; `element`
-- and `since` are those of the first position, for people; `wake_at` is the earliest of all.
CREATE TABLE runs (
    no          INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    funnel      TEXT NOT NULL,
    client      TEXT NOT NULL,
    graph       TEXT NOT NULL,
    key         TEXT NOT NULL,
    entered_at  INTEGER NOT NULL,
    element     TEXT,
    since       INTEGER,
    wake_at     INTEGER,
    positions   TEXT NOT NULL,
    subjects    TEXT NOT NULL,
    progress    TEXT NOT NULL,
    ended       TEXT,
    ended_at    INTEGER
) STRICT;
CREATE INDEX runs_inside ON runs (client) WHERE ended IS NULL;
CREATE INDEX runs_asleep ON runs (wake_at, id) WHERE wake_at IS NOT NULL;

-- How often, and when last, a client entered a funnel under a key.
CREATE TABLE entered (
    client  TEXT NOT NULL,
    funnel  TEXT NOT NULL,
    key     TEXT NOT NULL,
    count   INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (client, funnel, key)
) STRICT, WITHOUT ROWID;

-- The outbox: queued -> sending -> sent | not_sent | unknown. `at` is when the message was decided,
-- `changed_at` when its state last changed; `queued_at` and `retry_at` are real time, also under a virtual clock.
CREATE TABLE messages (
    no          INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    client      TEXT NOT NULL,
    funnel      TEXT NOT NULL,
    run         TEXT NOT NULL,
    element     TEXT NOT NULL,
    channel     TEXT NOT NULL,
    recipient   TEXT NOT NULL,
    message     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT,
    provider_id TEXT,
    attempts    INTEGER NOT NULL,
    queued_at   INTEGER NOT NULL,
    retry_at    INTEGER,
    changed_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_open ON messages (channel, no) WHERE state IN ('queued', 'sending');

-- What happened in runs, in order; `detail` is JSON.
CREATE TABLE trace (
    no      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    zone    TEXT NOT NULL,
    client  TEXT NOT NULL,
    run     TEXT NOT NULL,
    funnel  TEXT NOT NULL,
    element TEXT NOT NULL,
    detail  TEXT NOT NULL,
    kind    TEXT GENERATED ALWAYS AS (detail ->> 'kind') VIRTUAL
) STRICT;

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
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch') AS at, client, funnel, run, element, kind, detail
FROM trace ORDER BY no;

CREATE VIEW outbox AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch') AS at, client, funnel, channel, recipient, state,
       reason, attempts, id
FROM messages ORDER BY no;

CREATE VIEW inside AS
SELECT client, funnel, element, strftime('%Y-%m-%dT%H:%M:%SZ', since / 1000, 'unixepoch') AS since,
       strftime('%Y-%m-%dT%H:%M:%SZ', wake_at / 1000, 'unixepoch') AS wakes_at, id AS run
FROM runs WHERE ended IS NULL ORDER BY no;
