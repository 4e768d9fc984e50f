"""The archive's schema as numbered steps; `PRAGMA user_version` holds how many have been taken."""

APPLICATION_ID = 0x47574152  # "GWAR": the mark in the file's header that says it is an archive

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

    -- Every version of every article as it was given; rows are added and removed, never changed.
    CREATE TABLE versions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        article_id TEXT NOT NULL,
        content_hash TEXT NOT NULL,
        title TEXT NOT NULL,
        url TEXT,
        source TEXT,
        author TEXT,
        section TEXT,
        published TEXT,          -- ISO 8601 with offset, as given
        published_at REAL,       -- the same as seconds since 1970, for comparing
        language TEXT NOT NULL,
        text TEXT NOT NULL,
        revision INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX versions_by_article ON versions (article_id);

    -- The version that is current.
    CREATE TABLE articles (
        id TEXT PRIMARY KEY,
        version INTEGER NOT NULL UNIQUE REFERENCES versions (id)
    ) STRICT, WITHOUT ROWID;

    -- The passages of current versions. AUTOINCREMENT: an id is never given twice.
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        version INTEGER NOT NULL REFERENCES versions (id),
        start INTEGER NOT NULL,
        "end" INTEGER NOT NULL,
        revision INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX passages_by_version ON passages (version);
    CREATE INDEX passages_by_revision ON passages (revision);

    -- Apart from their passages, so that reading those does not drag the vectors along.
    CREATE TABLE vectors (
        passage INTEGER PRIMARY KEY REFERENCES passages (id),
        embedding BLOB NOT NULL,  -- float16, little-endian
        checksum INTEGER NOT NULL -- CRC-32 of the embedding
    ) STRICT;

    -- Which passages are gone since which revision: what derived indexes need to catch up.
    CREATE TABLE removals (
        passage INTEGER PRIMARY KEY,
        revision INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX removals_by_revision ON removals (revision);

    -- In how many current articles of a source a paragraph stands (see boilerplate.py).
    CREATE TABLE repetitions (
        source TEXT NOT NULL,
        fingerprint INTEGER NOT NULL,
        articles INTEGER NOT NULL,
        PRIMARY KEY (source, fingerprint)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sources (
        source TEXT PRIMARY KEY,
        articles INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    INSERT INTO settings VALUES ('revision', '0');
    """,
)
