"""Articles → searchable passages."""

from index.archive import Archive
from index.errors import (
    ArchiveBusy,
    ArchiveDamaged,
    ArchiveError,
    BadArticle,
    BadFilter,
    BadInput,
    BadQuestion,
    GroundwireError,
    ModelError,
    ModelMismatch,
    NotAnArchive,
    NotFound,
)
from index.load import load_articles
from index.types import (
    AddReport,
    Article,
    Embedder,
    Filters,
    Finding,
    Hit,
    Passage,
    Progress,
    Rejection,
    Stats,
)

__all__ = [
    "AddReport",
    "Archive",
    "ArchiveBusy",
    "ArchiveDamaged",
    "ArchiveError",
    "Article",
    "BadArticle",
    "BadFilter",
    "BadInput",
    "BadQuestion",
    "Embedder",
    "Filters",
    "Finding",
    "GroundwireError",
    "Hit",
    "ModelError",
    "ModelMismatch",
    "NotAnArchive",
    "NotFound",
    "Passage",
    "Progress",
    "Rejection",
    "Stats",
    "load_articles",
]
