"""Help articles: read from Markdown, found by words and intent, shown in the help centre."""

from kefu.knowledge.errors import ArticleNotFound, KnowledgeInvalid
from kefu.knowledge.library import Library, Passage, domain_intents, load_library, open_library
from kefu.knowledge.watching import LibraryWatch

__all__ = [
    "ArticleNotFound",
    "KnowledgeInvalid",
    "Library",
    "LibraryWatch",
    "Passage",
    "domain_intents",
    "load_library",
    "open_library",
]
