-- Version 7: the digest of an accepted event as it was received, by which the same event sent again is recognized; null for
-- events of funnels, and for events without an id.
ALTER TABLE events ADD COLUMN digest BLOB;
