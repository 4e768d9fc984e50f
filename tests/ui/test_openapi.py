"""The REST API held against its own OpenAPI document: whatever is sent, no answer is a server error or undescribed.

GROUNDWIRE_CASES=10000 sends more: `GROUNDWIRE_CASES=10000 .venv/bin/pytest tests/ui/test_openapi.py`.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
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

from index.archive import Archive
from qa.assistant import Assistant
from tests.conftest import article
from tests.ui.answers import ARTICLE, AnsweringFrom, archive_with
from ui.app import create_app
from ui.examples import ID
from ui.settings import Settings, SiteKey

CASES = int(os.environ.get("GROUNDWIRE_CASES", "2000"))
KEY = "a-secret-admin-key"
SITE_KEY = {"X-Site-Key": "a-public-key"}
STORED = {"id": ARTICLE.id, "version": ARTICLE.content_hash}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# The share of the cases that each operation gets; those that take nothing get one.
SHARES = {
    "POST /api/ask": 0.25,
    "POST /api/search": 0.15,
    "GET /api/search": 0.15,
    "POST /api/verify": 0.15,
    "GET /api/articles": 0.1,
    "GET /api/articles/{article_id}": 0.1,
    "GET /api/quotation": 0.1,
    "POST /api/feedback": 0.05,
    "PUT /api/articles/{article_id}": 0.05,
    "DELETE /api/articles/{article_id}": 0.05,
    "GET /api/suggestions": 0,
    "GET /api/about": 0,
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
            Settings(
                admin_key=SecretStr(KEY),
                site_keys=(SiteKey(key=SITE_KEY["X-Site-Key"], origins=("*",), per_minute=most),),
                per_ip=most,
                per_session=most,
            ),
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


def test_every_success_has_an_example_that_is_one(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            for kind, media in response.get("content", {}).items() if status.startswith("2") else ():
                assert "example" in media, (name, status, kind)
                schema = {**media["schema"], "components": document["components"]}
                jsonschema_rs.validator_for(schema).validate(media["example"])


def test_the_headers_that_are_counted_by_are_declared(document: dict[str, Any]) -> None:
    components = document["components"]
    assert components["securitySchemes"]["SiteKey"]["name"] == "X-Site-Key"
    assert components["parameters"]["Session"]["name"] == "X-Session-Id"
    for name, operation in operations(document):
        is_counted = name not in ("GET /api/health", "GET /metrics")
        assert ({"$ref": "#/components/parameters/Session"} in operation.get("parameters", [])) == is_counted, name
        ways = [set(each) for each in operation.get("security", [])]
        assert any("SiteKey" in way for way in ways) == is_counted, name
        assert not is_counted or any("SiteKey" not in way for way in ways), f"{name} can be asked without a key"


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", SHARES)
def test_whatever_is_sent_is_answered_as_described(app: FastAPI, name: str) -> None:
    # What the document allows, and what it does not.
    modes = list(GenerationMode) if SHARES[name] else [GenerationMode.POSITIVE]
    send_cases(app, name, max(1, round(SHARES[name] * CASES)), modes)


@pytest.mark.filterwarnings("default")
def test_whatever_is_asked_the_real_assistant_answers_it(db: Path) -> None:
    with Archive.open(db) as archive:
        app = create_app(Assistant(archive), Settings(per_ip=1_000_000, per_session=1_000_000))
        send_cases(app, "POST /api/ask", CASES // 25, [GenerationMode.POSITIVE])


def send_cases(app: FastAPI, name: str, wanted: int, modes: list[GenerationMode]) -> None:
    """So many requests to one operation, each of whose answers must be as the document says."""
    method, path = name.split()
    operation = schemathesis.openapi.from_asgi("/api/openapi.json", app)[path][method]
    headers = SITE_KEY | ({"Authorization": f"Bearer {KEY}"} if method in ("PUT", "DELETE") else {})
    headers = headers if app.state.service.settings.site_keys else {}
    sent = 0
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
        if path == "/api/quotation" and sent % 2 and isinstance(case.query, dict):
            case.query |= STORED  # which no chance would find
        case.call_and_validate(checks=CHECKS, headers=headers)

    send()
    assert sent >= wanted
