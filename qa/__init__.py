"""Question → cited answer."""

from qa.assistant import Assistant
from qa.types import Answer, ArticleReference, Candidate, Excerpt, Finding, Piece, Reader

__all__ = ["Answer", "ArticleReference", "Assistant", "Candidate", "Excerpt", "Finding", "Piece", "Reader"]
