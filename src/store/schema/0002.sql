-- Version 2: what the engine remembers of a client, the log of consent, and when a client's own triggers come.

-- `memory` is read and written whole: the past as far as some funnel asks for it, segments, alarms, limits, consent, goals.
ALTER TABLE clients ADD COLUMN memory TEXT NOT NULL DEFAULT '{}';
ALTER TABLE clients ADD COLUMN wake_at INTEGER;
CREATE INDEX clients_asleep ON clients (wake_at, id) WHERE wake_at IS NOT NULL;

-- What clients said about being written to. Rows are only ever added; `event` is the id of the event that told of it.
-- A null channel or topic means every one.
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
CREATE TRIGGER consents_stay BEFORE UPDATE ON consents BEGIN SELECT raise(ABORT, 'the consent log is never changed'); END;

CREATE VIEW consent AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch') AS at, client, coalesce(channel, 'every channel') AS channel,
       coalesce(topic, 'every topic') AS topic, iif(granted, 'given', 'taken back') AS said, text, source, id
FROM consents ORDER BY no;

-- Which entry of the log allowed a marketing message.
ALTER TABLE messages ADD COLUMN evidence TEXT;
