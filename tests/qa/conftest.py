"""A real archive of the sample article, with the real model, shared by the tests of answers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.archive import Archive
from index.load import load_articles
from qa.assistant import Assistant

SEEDS = Path(__file__).parents[2] / "seeds"


@pytest.fixture(scope="session")
def sample_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive.open(tmp_path_factory.mktemp("sample") / "sample.db") as archive:
        report = archive.add(load_articles(SEEDS))
        assert (report.added, report.rejected) == (1, [])
        yield archive


@pytest.fixture(scope="session")
def assistant(sample_archive: Archive) -> Assistant:
    return Assistant(sample_archive)
