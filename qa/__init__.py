"""Question → cited answer."""

from qa.assistant import Assistant
from qa.types import Answer, ArticleReference, Candidate, Evidence, Excerpt, Piece, Reader, Turn

__all__ = ["Answer", "ArticleReference", "Assistant", "Candidate", "Evidence", "Excerpt", "Piece", "Reader", "Turn"]
