-- Version 3: when the fields of a record got their values, and rejected input for people.

-- `times` is one JSON value: the usual time of the fields, and the others by field. Until now only the latest event of a
-- record was dated, so that is the time of all its fields.
ALTER TABLE records ADD COLUMN times TEXT NOT NULL DEFAULT '{}';
UPDATE records SET times = json_object('usual', updated_at);

CREATE VIEW rejected AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', received_at / 1000, 'unixepoch') AS received_at, source, line, code, message,
       times, body
FROM dead_letters ORDER BY no;
