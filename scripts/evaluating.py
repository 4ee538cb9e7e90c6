"""`kindred evaluate`: how well the matching finds the groups that people judged to be right.

Decides what a run is compared with. The measures are in `matcher.evaluation` and `matcher.calibration`, the files in
`scripts.cases`, the figures as a table and as a page in `scripts.evaluation_table` and `scripts.evaluation_page`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.settings import read_settings
from models.errors import InvalidInput, InvalidRules
from scripts.outputs import check_writable

if TYPE_CHECKING:
    from matcher.evaluation import Placing
    from models.rules import MatchingRules
    from scripts.cases import Cases
    from scripts.vector_cache import OnEncoded

_SEED = 0

_file = click.Path(path_type=Path, exists=True, dir_okay=False)
_folder = click.Path(path_type=Path, file_okay=False)
_new_file = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("cases", type=click.Path(path_type=Path, exists=True))
@click.option("--directory", type=_folder, help="Where groups.jsonl and profiles.jsonl lie, if not with CASES.")
@click.option("--rules", type=_file, help="Matching rules to use; default: those of Kindred.")
@click.option("--encoder", default="mpnet", show_default=True, help="As KINDRED_ENCODER.")
@click.option("--against", type=_file, help="Compare with other rules (.toml), or with an earlier run (.json).")
@click.option("--against-encoder", metavar="ENCODER", help="Compare with another encoder.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to match on; default: today.")
@click.option("--json", "json_file", type=_new_file, callback=check_writable, help="Write everything here as JSON.")
@click.option("--page", type=_new_file, callback=check_writable, help="Write a page with plots here.")
@click.option(
    "--vectors",
    type=_folder,
    callback=check_writable,
    help="Keep the texts' vectors in this folder, to be quicker next time.",
)
def evaluate(
    cases: Path,
    directory: Path | None,
    rules: Path | None,
    encoder: str,
    against: Path | None,
    against_encoder: str | None,
    on: datetime | None,
    json_file: Path | None,
    page: Path | None,
    vectors: Path | None,
) -> None:
    """Measure the matching on CASES: a folder with groups.jsonl, profiles.jsonl and newcomers.jsonl, or a file of
    newcomers (see docs/evaluation.md).
    """
    import numpy as np

    from matcher.evaluation import compare, report
    from scripts.cases import read_cases, write_run
    from scripts.evaluation_page import make_page
    from scripts.evaluation_table import lay_out

    own_rules = _read_rules(rules)
    now = (on or datetime.now(UTC)).replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=UTC)
    bench = _Bench(read_cases(cases, directory), now, vectors)
    about = {"cases": cases.name, "rules": own_rules.version, "encoder": encoder, "on": now.date().isoformat()}
    placings = bench.run(own_rules, encoder)
    figures = report(placings, np.random.default_rng(_SEED), own_rules.levels.possible_closeness.value)
    comparison = None
    if against is not None or against_encoder is not None:
        about["against"] = " ".join(filter(None, (against.name if against else None, against_encoder)))
        others = _run_other(bench, own_rules, encoder, against, against_encoder)
        comparison = compare(others, placings, np.random.default_rng(_SEED))
    if json_file is not None:
        write_run(json_file, about, placings, figures, comparison)
    if page is not None:
        page.write_text(make_page(about, figures, comparison), encoding="utf-8")
    click.echo("\n".join(lay_out(about, figures, comparison)))


def _read_rules(file: Path | None) -> MatchingRules:
    from matcher.rulebook import default_rules, parse_rules

    if file is None:
        return default_rules()
    try:
        return parse_rules(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError):
        raise InvalidRules(f"{file.name}: can't be read as rules in UTF-8.") from None


@dataclass(frozen=True)
class _Bench:
    """What stays the same between two runs."""

    cases: Cases
    now: datetime
    vectors: Path | None

    def run(self, rules: MatchingRules, encoder: str) -> list[Placing]:
        from matcher import encoder as encoders
        from matcher.evaluation import place_newcomers
        from scripts.cases import encode_all, make_index
        from scripts.vector_cache import RememberingEncoder

        own = encoders.load_encoder(encoder, read_settings().cache_dir)
        with _progress("Encoding") as on_progress:
            remembering = RememberingEncoder(own, self.vectors, on_progress)
            encode_all(self.cases, remembering)
        remembering.keep()
        index, newcomers = make_index(self.cases, remembering, rules), self.cases.newcomers
        with _progress("Matching") as on_progress:
            return place_newcomers(
                newcomers, index, remembering, rules, self.now, lambda done: on_progress(done, len(newcomers))
            )


def _run_other(
    bench: _Bench, rules: MatchingRules, encoder: str, against: Path | None, against_encoder: str | None
) -> list[Placing]:
    from scripts.cases import read_placings

    if against is None or against.suffix.lower() != ".json":
        return bench.run(_read_rules(against) if against else rules, against_encoder or encoder)
    if against_encoder is not None:
        raise InvalidInput("--against-encoder: an earlier run has its own encoder. Leave one of the two out.")
    return read_placings(against)


@contextmanager
def _progress(label: str) -> Iterator[OnEncoded]:
    """A bar that is told how much is done, and of how much."""
    with click.progressbar(
        length=1, label=label, show_eta=True, width=0, file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield show
