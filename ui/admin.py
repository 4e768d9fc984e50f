"""Routes that change the archive; there are none unless an admin key is set."""

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from index.errors import BadArticle
from index.fields import article_from
from ui import schemas
from ui.api import FAILURES, NO_STORE, NOT_FOUND, ArticleId
from ui.documents import ArticleTaken, Stored
from ui.problems import Problem, Refusal
from ui.service import Service

DENIED: dict[int | str, dict[str, Any]] = {401: {"model": Problem, "description": "The admin key is missing or wrong."}}
bearer = HTTPBearer(auto_error=False, scheme_name="AdminKey", description="The admin key of the settings.")


def admin_routes(service: Service, key: SecretStr) -> APIRouter:
    """Putting and deleting articles, for whoever shows the key."""

    def shown(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> None:
        given = credentials.credentials if credentials else ""
        # As long for a wrong key as for the right one, wherever they differ.
        if not hmac.compare_digest(given.encode("utf-8", "replace"), key.get_secret_value().encode()):
            raise Refusal(
                401,
                "WrongKey",
                "the admin key is missing or wrong; send it as: Authorization: Bearer KEY",
                WWW_Authenticate="Bearer",
            )

    router = APIRouter(
        prefix="/api", tags=["administration"], dependencies=[Depends(shown)], responses={**FAILURES, **DENIED}
    )
    _routes(router, service)
    return router


def _routes(router: APIRouter, service: Service) -> None:
    @router.put(
        "/articles/{article_id:path}",
        response_model=Stored,
        responses={
            201: {"model": Stored, "description": "It was added."},
            404: {"model": Problem, "description": "No article can have that id."},
        },
    )
    def put_article(article_id: ArticleId, taken: ArticleTaken) -> Response:
        """Add an article, or store a new version of it."""
        article = article_from({**taken.model_dump(), "id": article_id}, article_id)
        report = service.archive.add([article])
        if report.rejected:
            raise BadArticle(report.rejected[0].reason)
        outcome = "added" if report.added else "updated" if report.updated else "unchanged"
        document = {"outcome": outcome, "article": schemas.head_as_json(article)}
        return JSONResponse(document, 201 if report.added else 200, NO_STORE)

    @router.delete("/articles/{article_id:path}", status_code=204, responses=NOT_FOUND)
    def delete_article(article_id: ArticleId) -> Response:
        """Remove an article with all its versions."""
        service.archive.remove(article_id)
        return Response(status_code=204, headers=NO_STORE)
