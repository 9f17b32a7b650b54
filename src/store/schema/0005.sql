-- Version 5: a record is found by its key, because it may belong to another client than an event says.

CREATE INDEX records_by_key ON records (event, key);
