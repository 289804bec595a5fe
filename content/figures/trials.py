"""What trials found: a row a trial, drawn from its numbers, and the same rows in a table."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from content.figures import plot
from content.figures.frame import Cite, cited, figure, note
from content.figures.markup import joined, number, tag
from content.figures.words import read


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    study: str
    sources: list[str]
    people: int
    who: str
    measured: str
    finding: str

    @property
    def participants(self) -> str:
        return self.who.format(people=number(self.people))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares(Trial):
    """People out of 100 with ketamine and, where there was one, in the comparison group."""

    share: float
    other: str = ""
    other_share: float | None = None
    about: bool = False

    @property
    def gain(self) -> float:
        """How many more did well with ketamine; a trial without a comparison is last in order."""
        return float("inf") if self.other_share is None else self.share - self.other_share

    @property
    def interval(self) -> tuple[float, float]:
        """Our own calculation, from the whole people that the published share stands for."""
        return plot.wilson(round(self.share * self.people / 100), self.people)

    def result(self, words: dict[str, Any]) -> str:
        if self.other_share is None:
            low, high = self.interval
            return _said(words["one_arm"], share=self.share, low=round(low), high=round(high))
        form = words["two_arms_about" if self.about else "two_arms"]
        return _said(form, share=self.share, other_share=self.other_share, other=self.other)

    def drawn(self, words: dict[str, Any]) -> SafeString:
        scale, label = plot.SHARES, f"{number(self.share)} {words['ketamine']}"
        if self.other_share is None:
            marks = [
                plot.interval(scale, *self.interval),
                plot.text(scale, self.share, label, "middle"),
            ]
        else:
            marks = [plot.link(scale, self.share, self.other_share), *self._labels(words["ketamine"], self.other_share)]
            marks.append(plot.dot(scale, self.other_share, hollow=True))
        return plot.plot(scale, *marks, plot.dot(scale, self.share), label=self.result(words))

    def _labels(self, ketamine: str, other_share: float) -> Iterable[SafeString]:
        """Each label leads away from the other dot, so that they never meet."""
        low, high = sorted([(self.share, ketamine), (other_share, self.other)])
        yield plot.text(plot.SHARES, low[0], f"{low[1]} {number(low[0])}", "end")
        yield plot.text(plot.SHARES, high[0], f"{number(high[0])} {high[1]}", "start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Trial):
    """Ketamine's score minus that of the comparison group, with its 95% interval; below zero, ketamine did better."""

    value: float
    low: float
    high: float
    other: str

    def result(self, words: dict[str, Any]) -> str:
        return _said(words["difference"], value=self.value, low=self.low, high=self.high, other=self.other)

    def drawn(self, words: dict[str, Any]) -> SafeString:
        scale = plot.around_zero(self.low, self.high)
        marks = [
            tag("line", x1=scale.place(0), x2=scale.place(0), y1="8%", y2="70%", class_="plot__zero"),
            plot.interval(scale, self.low, self.high),
            plot.text(scale, self.low, number(self.low), "end"),
            plot.text(scale, self.value, number(self.value), "middle"),
            plot.text(scale, self.high, number(self.high), "start"),
            plot.dot(scale, self.value),
        ]
        sides = [tag("span", words[side].format(other=self.other)) for side in ("favors_ketamine", "favors_other")]
        return plot.plot(scale, *marks, label=self.result(words)) + tag("p", *sides, class_="plot__sides")


def draw(language: str, cite: Cite) -> SafeString:
    words = read("trials", language)
    shares = sorted((Shares(**row) for row in words["shares"]), key=lambda trial: trial.gain)
    differences = sorted((Difference(**row) for row in words["differences"]), key=lambda trial: -trial.value)
    return figure(
        "trials",
        words,
        _panel(words["shares_title"], shares, words, cite),
        _panel(words["difference_title"], differences, words, cite),
        _table([*shares, *differences], words, cite),
        note=note(words["note"]),
    )


def _said(form: str, **values: float | str) -> str:
    return form.format(**{key: value if isinstance(value, str) else number(value) for key, value in values.items()})


def _panel(
    title: str, trials: Iterable[Shares] | Iterable[Difference], words: dict[str, Any], cite: Cite
) -> SafeString:
    rows = [
        tag(
            "li",
            tag("p", tag("strong", trial.finding)),
            tag(
                "p",
                tag("strong", trial.study),
                cited(trial.sources, cite),
                " ",
                trial.participants,
                f" {words['measured_label']} {trial.measured}.",
                class_="trial__who",
            ),
            trial.drawn(words),
            class_="trial",
        )
        for trial in trials
    ]
    return tag("div", tag("p", title, class_="figure__panel"), tag("ul", *rows))


def _table(trials: Iterable[Shares | Difference], words: dict[str, Any], cite: Cite) -> SafeString:
    head = joined(tag("th", words["columns"][column], scope="col") for column in ("study", "measured", "result"))
    rows = [
        tag(
            "tr",
            tag("th", trial.study, cited(trial.sources, cite), tag("span", trial.participants), scope="row"),
            tag("td", trial.measured),
            tag("td", trial.result(words), " ", trial.finding),
        )
        for trial in trials
    ]
    table = tag("table", tag("thead", tag("tr", head)), tag("tbody", *rows))
    box = tag(
        "div",
        table,
        class_="table-scroll",
        role="region",
        tabindex=0,
        aria_label=f"{words['title']}: {words['table_label']}",
    )
    return tag("details", tag("summary", words["table_label"]), box, class_="figure__details")
