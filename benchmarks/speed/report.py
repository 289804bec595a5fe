"""The tables, and what was asked for beside what was found."""

import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.speed import subjects
from benchmarks.speed.load import Sample

HOW = """\
Each server is one web process with four threads (nginx: one worker) on the same core as PostgreSQL; the load, four
connections that stay open, comes from the other cores and is not counted. So “a second” is what one core does. “CPU” is
what each answer costs the processes of web and database together, read from /proc: it is the steadier of the two.

“granian, the same bytes and headers from memory” looks at nothing and returns constants: the least that an answer can
cost on the site's server, with the site's options. What nginx does better than that is the server's, not the site's.

Pages are asked for by wrk. Forms are filled in by visitors with cookies and hidden fields; their time is that of the
whole visit. A contact request is sent 3 seconds after its form was opened, which are not counted: the site takes what
is faster for automatic and sends no receipt. The answer to its POST acknowledges it: a redirect that sets the
reference as a cookie. Who goes on to the page that shows it is a subject of its own. PostgreSQL commits durably for
everyone. “Queries” are the statements in PostgreSQL's own log, without BEGIN, SAVEPOINT and the like, but with those
that only ask whether a connection lives.

Wagtail is a project as `wagtail start` makes it, under gunicorn, with its settings for production, the text of our page
and the fields of our forms, on the same PostgreSQL, with connections that stay open as ours do. Each ratio is the
median of the rounds' ratios: how many times as many a second, and how many times as much work the other is for the
processors.
"""

Rounds = Mapping[str, Sequence[Sample]]  # by subject, a sample each round


@dataclass(frozen=True)
class Target:
    subject: str
    against: str
    bound: float
    at_most: bool = False  # the processors' work, where more than so many times as much is too much

    def by_rate(self, found: Rounds) -> float:
        """How many times as many of the subject a second."""
        return self._median(found, lambda one, other: one.rate / other.rate)

    def by_cost(self, found: Rounds) -> float:
        """How many times as much work the other is for the processors; the other way round where that is asked for."""
        return self._median(found, lambda one, other: one.cost / other.cost if self.at_most else other.cost / one.cost)

    def _median(self, found: Rounds, ratio: Callable[[Sample, Sample], float]) -> float:
        return statistics.median(map(ratio, found[self.subject], found[self.against]))

    def is_met(self, found: Rounds) -> bool:
        return self.by_cost(found) <= self.bound if self.at_most else self.by_rate(found) >= self.bound

    @property
    def wish(self) -> str:
        return f"work at most {self.bound:g} ×" if self.at_most else f"at least {self.bound:g} ×"


TARGETS = [
    *(
        Target(page, against, bound)
        for page in (subjects.CONTENT, subjects.KNOWN)
        for against, bound in (
            (subjects.BARE, 3),
            (subjects.EMPTY, 3),
            (subjects.WAGTAIL_PAGE, 100),
            (subjects.FILE, 0.4),
        )
    ),
    Target(subjects.STEP, subjects.PLAIN_FORM, 3),
    Target(subjects.STEP, subjects.WAGTAIL_FORM, 5),
    Target(subjects.CONTACT, subjects.WAGTAIL_VISIT, 5),
    Target(subjects.CONTACT_TO_THE_END, subjects.WAGTAIL_VISIT, 5),
    Target(subjects.SCREENING, subjects.WAGTAIL_VISIT, 2, at_most=True),
]


def measured(found: Rounds, queries: Mapping[str, float]) -> Iterator[str]:
    yield "| what | a second | median, ms | p99, ms | CPU, ms | queries | failed |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for name, samples in found.items():
        rate, median, p99, cost = (
            statistics.median(getattr(sample, part) for sample in samples) for part in ("rate", "median", "p99", "cost")
        )
        failed = sum(sample.failed for sample in samples)
        yield f"| {name} | {rate:,.1f} | {median:,.2f} | {p99:,.2f} | {cost:,.3f} | {queries[name]:.1f} | {failed} |"


def compared(found: Rounds) -> Iterator[str]:
    yield "| what | beside | asked for | by number a second | by CPU | met |"
    yield "|---|---|--:|--:|--:|---|"
    for target in TARGETS:
        if not {target.subject, target.against} <= found.keys():
            continue  # left out in a quick look
        rate, cost, met = target.by_rate(found), target.by_cost(found), "yes" if target.is_met(found) else "no"
        yield f"| {target.subject} | {target.against} | {target.wish} | {rate:.2f} | {cost:.2f} | {met} |"
