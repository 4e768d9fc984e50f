"""Whether a citation is true of the article that it names."""

from typing import TYPE_CHECKING

from index.errors import NotFound
from ui.documents import Checked, Citation

if TYPE_CHECKING:
    from index.archive import Archive


def check(archive: "Archive", citation: Citation) -> Checked:
    """Held, character by character, against the very version that it names."""
    try:
        now = archive.get(citation.article_id)
    except NotFound:
        return Checked(true=False, current=None, reason="no article has this id: it was removed, or never was")
    try:
        named = archive.get(citation.article_id, citation.content_hash)
    except NotFound:
        reason = f"the article has no version {citation.content_hash!r}; now it is {now.content_hash}"
        return Checked(true=False, current=None, reason=reason)
    current = named.content_hash == now.content_hash
    if not citation.start < citation.end <= len(named.text):
        reason = f"{citation.start} to {citation.end} is no part of its {len(named.text)} characters"
        return Checked(true=False, current=current, reason=reason)
    held = named.text[citation.start : citation.end]
    if held != citation.text:
        return Checked(true=False, current=current, reason=f"there it says {_cut(held)}, not {_cut(citation.text)}")
    reason = "it says so, word for word" + ("" if current else "; the article has been changed since")
    return Checked(true=True, current=current, reason=reason)


def _cut(text: str) -> str:
    return f"“{text[:80]}{'…' * (len(text) > 80)}”"
