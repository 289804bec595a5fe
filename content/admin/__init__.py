from content.admin.pages import PageAdmin
from content.admin.sources import SourceAdmin, TermAdmin

__all__ = ["PageAdmin", "SourceAdmin", "TermAdmin"]
