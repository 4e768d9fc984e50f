"""The REST API held against its own OpenAPI document: whatever is sent, no answer is a server error or undescribed.

GROUNDWIRE_CASES=10000 sends more: `GROUNDWIRE_CASES=10000 .venv/bin/pytest tests/ui/test_openapi.py`.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import one_of
from pydantic import SecretStr
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import article
from tests.ui.answers import ARTICLE, AnsweringFrom, archive_with
from ui.app import create_app
from ui.examples import ID
from ui.settings import Settings

CASES = int(os.environ.get("GROUNDWIRE_CASES", "2000"))
KEY = "a-secret-admin-key"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# The share of the cases that each operation gets; those that take nothing get one.
SHARES = {
    "POST /api/ask": 0.25,
    "POST /api/search": 0.15,
    "GET /api/search": 0.15,
    "POST /api/verify": 0.15,
    "GET /api/articles": 0.1,
    "GET /api/articles/{article_id}": 0.1,
    "POST /api/feedback": 0.05,
    "PUT /api/articles/{article_id}": 0.05,
    "DELETE /api/articles/{article_id}": 0.05,
    "GET /api/suggestions": 0,
    "GET /api/about": 0,
    "GET /api/quotation": 0,
    "GET /api/health": 0,
    "GET /metrics": 0,
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    path = tmp_path_factory.mktemp("openapi") / "news.db"
    most = 1_000_000
    with archive_with(path, ARTICLE, article(ID)) as archive:
        yield create_app(
            AnsweringFrom(archive),
            Settings(admin_key=SecretStr(KEY), per_ip=most, per_session=most),
        )


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_is_tried(document: dict[str, Any]) -> None:
    assert {name for name, _ in operations(document)} == set(SHARES)
    assert sum(SHARES.values()) >= 1


def test_every_operation_says_what_it_does_and_how_it_fails(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(names)) == len(names)
    for name, operation in operations(document):
        assert operation["description"] and operation["tags"], name
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (name, status)
        if name.startswith("POST"):
            body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
            assert document["components"]["schemas"][body]["examples"], f"{body} has no example"


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", SHARES)
def test_whatever_is_sent_is_answered_as_described(app: FastAPI, name: str) -> None:
    method, path = name.split()
    operation = schemathesis.openapi.from_asgi("/api/openapi.json", app)[path][method]
    headers = {"Authorization": f"Bearer {KEY}"} if method in ("PUT", "DELETE") else {}
    wanted, sent = max(1, round(SHARES[name] * CASES)), 0
    # What the document allows, and what it does not.
    modes = list(GenerationMode) if SHARES[name] else [GenerationMode.POSITIVE]
    cases = one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

    @given(case=cases)
    @settings(
        max_examples=wanted,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        case.call_and_validate(checks=CHECKS, headers=headers)

    send()
    assert sent >= wanted
