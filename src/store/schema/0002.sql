-- Version 2: what the engine remembers of a client, the consent log, and when a client's own timers are due.

-- `memory` is one JSON value: tallies of the past, segments, timers, limits, consent, goals.
ALTER TABLE clients ADD COLUMN memory TEXT NOT NULL DEFAULT '{}';
ALTER TABLE clients ADD COLUMN wake_at INTEGER;
CREATE INDEX clients_asleep ON clients (wake_at, id) WHERE wake_at IS NOT NULL;

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
CREATE TRIGGER consents_stay BEFORE UPDATE ON consents BEGIN SELECT raise(ABORT, 'the consent log is never changed'); END;

CREATE VIEW consent AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch') AS at, client, coalesce(channel, 'every channel') AS channel,
       coalesce(topic, 'every topic') AS topic, iif(granted, 'given', 'taken back') AS said, text, source, id
FROM consents ORDER BY no;

-- The entry of the consent log that allowed a marketing message.
ALTER TABLE messages ADD COLUMN evidence TEXT;
