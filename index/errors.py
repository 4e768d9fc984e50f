"""One tree of errors; every message says what was wrong and how to mend it.

GroundwireError
├── BadInput            what was handed in cannot be used
│   ├── BadArticle      an article, or the file that should hold one
│   ├── BadQuestion     a question nobody could answer as it stands
│   └── BadFilter       a filter that no article could ever match
├── NotFound            no article has that id
├── ModelError          a model cannot be prepared or loaded
│   └── ModelMismatch   the archive was made with another model
└── ArchiveError        the archive itself
    ├── NotAnArchive    the file is something else
    ├── ArchiveBusy     another process is writing
    └── ArchiveDamaged  what is stored is not what was written
"""


class GroundwireError(Exception):
    """The root: catch this to catch everything Groundwire raises on purpose."""


class BadInput(GroundwireError, ValueError):
    """What was handed in cannot be used."""


class BadArticle(BadInput):
    """An article, or the file that should hold one, cannot be used."""


class BadQuestion(BadInput):
    """A question that nobody could answer as it stands."""


class BadFilter(BadInput):
    """A filter that no article could ever match."""


class NotFound(GroundwireError, LookupError):
    """No article has that id."""


class ModelError(GroundwireError):
    """A model cannot be prepared or loaded."""


class ModelMismatch(ModelError):
    """The archive was made with another model."""


class ArchiveError(GroundwireError):
    """The archive itself is at fault."""


class NotAnArchive(ArchiveError):
    """The file is something else than an archive."""


class ArchiveBusy(ArchiveError):
    """Another process is writing to the archive."""


class ArchiveDamaged(ArchiveError):
    """What is stored is not what was written."""
