-- Version 4: records that lack a required field. They exist for funnels once they are complete.

ALTER TABLE records ADD COLUMN complete INTEGER NOT NULL DEFAULT 1;
CREATE INDEX records_incomplete ON records (no) WHERE NOT complete;

CREATE VIEW incomplete AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', created_at / 1000, 'unixepoch') AS created_at, client, event, key, fields
FROM records WHERE NOT complete ORDER BY no;
