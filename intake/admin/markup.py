"""Notes are Markdown. What comes out holds a few elements without attributes: no HTML, no link, no picture."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(
    ["image", "link", "autolink", "reference", "heading", "lheading"]
)
# The parser already leaves raw HTML as text. This is the second lock.
_cleaner = nh3.Cleaner(
    tags={"p", "br", "hr", "ul", "ol", "li", "strong", "em", "blockquote", "code", "pre"},
    attributes={},
    clean_content_tags={"script", "style"},
)


def to_html(text: str) -> SafeString:
    return mark_safe(_cleaner.clean(_parser.render(text)))  # nosec B308 # cleaned
