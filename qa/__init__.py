"""Question → cited answer."""

from qa.assistant import Assistant
from qa.types import Answer, ArticleReference, Candidate, Evidence, Excerpt, Piece, Reader

__all__ = ["Answer", "ArticleReference", "Assistant", "Candidate", "Evidence", "Excerpt", "Piece", "Reader"]
