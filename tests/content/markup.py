"""What a browser would find in a piece of HTML, read with the standard library's parser."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    around: frozenset[str] = frozenset()  # the tags that it stands in
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def __getitem__(self, name: str) -> str | None:
        return self.attributes.get(name)


class Markup(HTMLParser):
    """Every element of the HTML in order; `text` is what stands in it, inner elements included."""

    VOID = ("br", "hr", "meta", "link", "input", "img", "source", "path", "circle", "rect", "line", "use")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.comments: list[str] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.elements if element.tag in tags]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs), frozenset(element.tag for element in self._open)))
        if tag not in self.VOID:
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag: str) -> None:
        while any(element.tag == tag for element in self._open):
            if self._open.pop().tag == tag:
                break

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)
