"""What is public is written down here, so that no name comes, goes or changes unnoticed."""

import importlib
import inspect

import pytest

import index.errors
from index.errors import GroundwireError

PUBLIC = {
    "index": [
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
    ],
    "qa": [
        "Answer",
        "ArticleReference",
        "Assistant",
        "Candidate",
        "Evidence",
        "Excerpt",
        "Piece",
        "Reader",
        "Turn",
    ],
}
ERRORS = [error for _, error in inspect.getmembers(index.errors, inspect.isclass)]


@pytest.mark.parametrize("package", PUBLIC)
def test_the_public_names(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__all__ == sorted(PUBLIC[package], key=str) == PUBLIC[package]


@pytest.mark.parametrize(("package", "name"), [(package, name) for package, names in PUBLIC.items() for name in names])
def test_every_name_can_be_imported_and_says_what_it_is(package: str, name: str) -> None:
    found = getattr(importlib.import_module(package), name)
    assert inspect.getdoc(found)


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_is_of_the_one_tree_and_says_what_it_is(error: type[Exception]) -> None:
    assert issubclass(error, GroundwireError)
    assert error.__doc__ and error.__doc__.endswith(".")
    assert f" {error.__name__}  " in f" {index.errors.__doc__}  ".replace("\n", "  ")


def test_every_error_is_public() -> None:
    assert {error.__name__ for error in ERRORS} <= set(PUBLIC["index"])
