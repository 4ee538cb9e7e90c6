"""Remakes docs/matching-report.md with its plots: what the matching reaches on real people's words, and what earns it.

    python -m scripts.matching_report                       # development newcomers only
    python -m scripts.matching_report --newcomers final     # the finished report
    python -m scripts.matching_report --only costs          # one part anew; the others stay as they were

Takes about half an hour on two free cores. Decides what is measured and how it is told; the recipes are in
`scripts.report_recipes`.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

import numpy as np

from matcher.calibration import Calibration, RefusalCurve
from matcher.encoder import load_encoder
from matcher.evaluation import MEASURES, Figure, Placing, Report, place_newcomers, report, summarise
from matcher.ranking import rank
from matcher.recommend import find_candidates, pose
from matcher.rulebook import default_rules
from matcher.screening import Screening
from matcher.situation import situate
from matcher.synonyms import add_synonyms
from matcher.text import encode_passages
from scripts.adapter_trial import tell_gain
from scripts.fetch_mental_health_posts import CACHE
from scripts.report_plots import plot_refusals, plot_reliability
from scripts.report_recipes import OTHERS, PARTS, Bench, Recipe, Scores, make_cases, place_by, usable
from scripts.vector_cache import RememberingEncoder

ROOT: Final = Path(__file__).parents[1]
TARGET: Final = ROOT / "docs" / "matching-report"
TEXT: Final = TARGET / "page.template"
PARTS_FILE: Final = TARGET / "parts.json"
PAGE: Final = TARGET.parent / "matching-report.md"
NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEEDS: Final = range(5)
# What was asked for before anything was measured: recall@1, recall@3, MRR.
TARGETS: Final = {
    "100 each": (0.68, 0.88, 0.79),
    "20 each": (0.65, 0.84, None),
    "very unequal": (None, 0.82, None),
    "none": (None, 0.78, None),
    "100 each; first 25 words": (None, 0.78, None),
}
_SETTINGS: Final = {
    "100 each": [("100", 0, 400)],
    "20 each": [("20", 0, 400)],
    "very unequal": [("unequal", seed, 400) for seed in SEEDS],
    "none": [("none", 0, 400)],
    "100 each; first 25 words": [("100", 0, 25)],
}
# What the recipes are compared on: profiles a group, and how many words of a story.
_COMPARED: Final = {
    "none": ("none", 400),
    "20 each": ("20", 400),
    "100 each": ("100", 400),
    "unequal": ("unequal", 400),
    "100 each; 25 words": ("100", 25),
}
_PRESENT: Final = "the present matcher"
_EARNED_BY: Final = {
    "vectors": "without vectors (words alone)",
    "words": "without words (vectors alone)",
    "phrases": "without the phrasebook's vectors",
    "whitening": "without whitening",
}
Table = list[list[str]]


def main() -> None:
    parser = argparse.ArgumentParser(description="Remake the matching report.")
    parser.add_argument("--newcomers", choices=("development", "final"), default="development")
    parts_of_development = sorted(set(_MAKERS) - _ASKED_FOR)
    parser.add_argument("--only", nargs="+", choices=parts_of_development, help="remake these, keep the other parts")
    chosen = parser.parse_args()
    encoder = RememberingEncoder(load_encoder(), CACHE / "vectors")
    parts: dict[str, str] = json.loads(PARTS_FILE.read_text(encoding="utf-8")) if chosen.only else {}
    for name in chosen.only or _MAKERS:
        parts |= _MAKERS[name](encoder, chosen.newcomers)
    PARTS_FILE.write_text(json.dumps(parts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(fill_in(TEXT.read_text(encoding="utf-8"), parts), encoding="utf-8")


def fill_in(text: str, parts: dict[str, str]) -> str:
    """The page: each part in its place in the template."""
    for name, content in parts.items():
        text = text.replace(f"{{{{{name}}}}}", content)
    return text


def _tell_headline(encoder: RememberingEncoder, newcomers: str) -> dict[str, str]:
    rows = []
    for name, draws in _SETTINGS.items():
        runs = [_run(encoder, make_cases(newcomers, *draw)).overall.figures for draw in draws]
        rows.append([name, *(_beside(_mean(runs, measure), name, place) for place, measure in enumerate(MEASURES))])
    heads = ["profiles a group", *(f"{measure} / target" for measure in MEASURES[:3]), MEASURES[3]]
    return {"newcomers": newcomers, "encoder": encoder.identity, "headline": _lay_out(heads, rows)}


def _mean(runs: Sequence[dict[str, Figure]], measure: str) -> Figure:
    """Over several draws of profiles; the interval is the mean one, of the same newcomers."""
    values = [(run[measure].value, run[measure].low, run[measure].high) for run in runs]
    return Figure(*(float(np.mean(column)) for column in zip(*values, strict=True)))


def _beside(figure: Figure, setting: str, place: int) -> str:
    target = TARGETS[setting][place] if place < len(TARGETS[setting]) else None
    told = f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
    return told if target is None else f"{told} / {target:.2f}{' ✓' if figure.value >= target else ''}"


def _run(encoder: RememberingEncoder, folder: Path) -> Report:
    """The whole flow, as `kindred evaluate` runs it."""
    rules = default_rules()
    bench = Bench.of(folder, encoder, rules)
    placings = place_newcomers(bench.cases.newcomers, bench.index, encoder, rules, NOW)
    _say(f"{folder.name}: {len(placings)} newcomers placed")
    return report(placings, np.random.default_rng(0), rules.levels.possible_closeness.value)


def _tell_recipes(encoder: RememberingEncoder) -> dict[str, str]:
    """Every recipe, the present one with the small encoder, and what the parts earn."""
    small = RememberingEncoder(load_encoder("minilm"), CACHE / "vectors")
    return lay_out_recipes(_try(encoder, OTHERS | PARTS), _try(small, {_PRESENT: PARTS[_PRESENT]}))


def _try(encoder: RememberingEncoder, recipes: dict[str, Recipe]) -> dict[str, list[str]]:
    """The figures of each recipe in each of _COMPARED."""
    told: dict[str, list[str]] = {name: [] for name in recipes}
    for name, (profiles, words) in _COMPARED.items():
        bench = Bench.of(make_cases("development", profiles, 0, words), encoder, default_rules())
        found = {recipe: _score(one(bench), bench) for recipe, one in usable(recipes, bench)}
        for recipe in recipes:
            told[recipe].append(found.get(recipe, "–"))
        _say(f"{name}: {len(found)} recipes compared")
    return told


def lay_out_recipes(told: dict[str, list[str]], small: dict[str, list[str]]) -> dict[str, str]:
    """Their tables; and what a part earns beside the present matcher without it, in MRR."""
    heads = ["recipe", *_COMPARED]
    earned = {f"earned_{part}": _tell_earned(told[_PRESENT], told[recipe]) for part, recipe in _EARNED_BY.items()}
    return {
        "recipes": _lay_out(heads, [[name, *cells] for name, cells in told.items()]),
        "small_encoder": _lay_out(heads, [[name, *cells] for name, cells in small.items()]),
        "earned_encoder": _tell_earned(told[_PRESENT], small[_PRESENT]),
        **earned,
    }


def _tell_earned(present: list[str], without: list[str]) -> str:
    """The gain in MRR with no profiles, with 20 and with 100, from the cells of two rows."""
    gains = [
        float(one.split(" / ")[2]) - float(other.split(" / ")[2])
        for one, other in zip(present[:3], without[:3], strict=True)
    ]
    return " / ".join(f"{gain:+.3f}" for gain in gains)


def _score(scores: Scores, bench: Bench) -> str:
    figures = summarise("", place_by(scores, bench), np.random.default_rng(0)).figures
    return " / ".join(f"{figures[measure].value:.3f}".lstrip("0") for measure in MEASURES[:3])


def _tell_readers(encoder: RememberingEncoder) -> dict[str, str]:
    """Two readers and the matcher on the same newcomers."""
    read = [json.loads(line) for line in (TARGET / "readers.jsonl").read_text(encoding="utf-8").splitlines()]
    first = [[reader["choices"][0] for reader in row["readers"]] for row in read]
    bench = Bench.of(make_cases("development", "100", 0, 400), encoder, default_rules())
    same = {row["newcomer"] for row in read}
    placings = [one for one in place_by(PARTS["the present matcher"](bench), bench) if one.id in same]
    rows = [_tell_reader(f"reader {place + 1}", [_read(row, place) for row in read]) for place in (0, 1)]
    rows.append(_tell_reader("the present matcher, 100 profiles", placings))
    for sure in ("sure", "likely", "can't tell"):
        ids = {row["newcomer"] for row in read if row["readers"][0]["sure"] == sure}
        rows.append(
            _tell_reader(f"… where reader 1 was “{sure}” ({len(ids)})", [one for one in placings if one.id in ids])
        )
    agreement = np.mean([one == other for one, other in first])
    return {"readers": _lay_out(["", "recall@1", "recall@3"], rows), "agreement": f"{agreement:.0%}"}


def _read(row: dict[str, Any], place: int) -> Placing:
    choices = row["readers"][place]["choices"]
    rank_ = choices.index(row["posted_in"]) + 1 if row["posted_in"] in choices else None
    return Placing(row["newcomer"], (row["posted_in"],), (rank_,), False, 0, 0)


def _tell_reader(name: str, placings: Sequence[Placing]) -> list[str]:
    ranks = [one.ranks[0] or len(MEASURES) + 99 for one in placings]
    return [name, *(f"{np.mean([place <= most for place in ranks]):.3f}" for most in (1, 3))]


def _tell_adapter() -> dict[str, str]:
    """What `scripts.adapter_trial` found."""
    found = json.loads((TARGET / "adapter.json").read_text(encoding="utf-8"))
    heads = ["judged on", "profiles a group", *(f"{measure}: before, gain" for measure in MEASURES[:3])]
    rows = [[one["groups"], one["profiles"], *_tell_gains(one)] for one in found["gains"]]
    about = {f"adapter_{name}": str(found[name]) for name in ("date", "newcomers")}
    return {"adapter": _lay_out(heads, rows), "adapter_holds": ", ".join(found["holds"]), **about}


def _tell_gains(one: dict[str, Any]) -> Iterator[str]:
    for measure in MEASURES[:3]:
        yield f"{one['before'][measure]['value']:.3f} {tell_gain(Figure(**one['gain'][measure]))}"


def _tell_probabilities(encoder: RememberingEncoder, newcomers: str) -> dict[str, str]:
    """Levels and refusals as tables, and the two plots."""
    found = _run(encoder, make_cases(newcomers, "100", 0, 400, strangers=True))
    calibration: Calibration = found.calibration
    curve: RefusalCurve | None = found.refusal_curve
    assert curve is not None
    assert curve.keeping is not None
    plot_reliability(calibration, TARGET / "reliability.svg")
    plot_refusals(curve, TARGET / "refusals.svg")
    levels = [
        [level.fit.value.replace("_", " "), str(level.claims), "–" if level.right is None else f"{level.right:.2f}"]
        for level in calibration.levels
    ]
    kinds = [
        [one.kind, str(one.newcomers), "–" if one.keeping is None else f"{one.keeping:.3f}", f"{one.present:.3f}"]
        for one in curve.kinds
    ]
    total = [f"all {curve.without_group}", "", f"{curve.keeping.declined:.3f}", f"{curve.present.declined:.3f}"]
    heads = ["declined", "newcomers", f"90 % kept (closeness {curve.keeping.closeness:.2f})"]
    heads.append(f"as the rules are ({curve.present.kept:.1%} kept)")
    return {
        "ece": f"{calibration.error:.3f}",
        "levels": _lay_out(["level", "groups among the first three", "share right"], levels),
        "refusals": _lay_out(heads, [*kinds, total]),
    }


def _tell_costs(encoder: RememberingEncoder) -> dict[str, str]:
    """The median of each part for one newcomer, in milliseconds."""
    rules, plain = default_rules(), load_encoder()
    bench = Bench.of(make_cases("development", "100", 0, 400), encoder, rules)
    newcomers = bench.cases.newcomers[:60]
    situations = [situate(one.intake, bench.index.towns, NOW) for one in newcomers]
    queries = [pose(one.intake, bench.index, encoder) for one in newcomers]
    screened = [Screening.of(bench.index.facts, one, rules) for one in situations]
    candidates = [find_candidates(*pair, bench.index) for pair in zip(queries, screened, strict=True)]
    passages, words = [add_synonyms(story) for story in bench.stories[:60]], bench.index.words
    timed = {
        "encoding": _time(lambda n: encode_passages([passages[n]], plain)),
        "vectors": _time(lambda n: bench.index.centres.evidence(bench.vectors[n])),
        "words": _time(lambda n: words.nearness(words.learned.weigh(passages[n]))),
        "reading": _time(lambda n: situate(newcomers[n].intake, bench.index.towns, NOW)),
        "ranking": _time(lambda n: rank(candidates[n], bench.index.ids, rules)),
    }
    return {f"ms_{name}": f"{value:.2f}" for name, value in timed.items()}


def _time(work: Callable[[int], object]) -> float:
    return median(_durations(work)) * 1000


def _durations(work: Callable[[int], object]) -> Iterator[float]:
    for number in range(60):
        begun = perf_counter()
        work(number)
        yield perf_counter() - begun


def _lay_out(heads: Sequence[str], rows: Table) -> str:
    """A table in Markdown."""
    return "\n".join(f"| {' | '.join(row)} |" for row in [list(heads), ["---"] * len(heads), *rows])


_MAKERS: Final[dict[str, Callable[[RememberingEncoder, str], dict[str, str]]]] = {
    "headline": _tell_headline,
    "recipes": lambda encoder, _: _tell_recipes(encoder),
    "readers": lambda encoder, _: _tell_readers(encoder),
    "probabilities": _tell_probabilities,
    "adapter": lambda *_: _tell_adapter(),
    "costs": lambda encoder, _: _tell_costs(encoder),
}
"""What makes each part of the page."""
# These are of the newcomers that are asked for, and made together; all others are of development.
_ASKED_FOR: Final = {"headline", "probabilities"}


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
