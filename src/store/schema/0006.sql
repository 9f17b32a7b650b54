-- Version 6: clients that turned out to be other clients. Events of `client` are those of `present` from then on.

CREATE TABLE merged (
    no      INTEGER PRIMARY KEY,
    client  TEXT NOT NULL UNIQUE,
    present TEXT NOT NULL,
    at      INTEGER NOT NULL
) STRICT;
