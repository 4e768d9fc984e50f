"""Question → cited answer."""

from qa.assistant import Assistant
from qa.types import Answer, ArticleReference, Excerpt, Piece, Reader, Reading, Turn

__all__ = ["Answer", "ArticleReference", "Assistant", "Excerpt", "Piece", "Reader", "Reading", "Turn"]
