"""Bars are judged by plain arithmetic on what was measured, and what was not measured is never called reached."""

from dataclasses import replace

import pytest

from scripts.bench.figures import Growth, Guess, Run
from scripts.bench.targets import TARGETS, Measured, Outcome, Sense, Target, Verdict, how_far_off, judge, judge_run
from tests.bench.runs import MACHINE, full_run, size


def verdict(id_: str, run: Run) -> Verdict:
    return next(one for one in judge_run(run) if one.target.id == id_)


@pytest.mark.parametrize(
    ("id_", "value"),
    [
        ("encoding.rate", 3.5),
        ("quality.loss", 0.002),
        ("growth.whole", 1.36),
        ("growth.outside", 3.6),
        ("serving.crowd", 300 / 340),
        ("peers.transformers", 300 / 25),
        ("peers.lancedb", 5.0),
        ("quality.peers", 0.1),
        ("growth.rate", 30 / 3.6),
        ("growth.memory", 7000 / 1024),
        ("importing.share", 290 / 330),
        ("start.memory", 480.0),
        ("start.seconds", 2.4),
        ("overload.goodput", 0.9),
        ("overload.help", 0.0),
    ],
)
def test_each_bar_is_computed_from_the_figures(id_: str, value: float) -> None:
    assert verdict(id_, full_run()).value == pytest.approx(value)


def test_only_what_falls_short_is_missed() -> None:
    outcomes = {one.target.id: one.outcome for one in judge_run(full_run())}
    assert {id_ for id_, outcome in outcomes.items() if outcome is Outcome.MISSED} == {"growth.outside"}
    assert {id_ for id_, outcome in outcomes.items() if outcome is Outcome.NOT_MEASURED} == {"peers.pgvector"}
    assert {id_ for id_, outcome in outcomes.items() if outcome is Outcome.READ_OFF} == {"growth.rate", "growth.memory"}


def test_a_run_without_figures_reaches_nothing() -> None:
    assert {one.outcome for one in judge_run(Run(machine=MACHINE, full=False, encoder="mpnet"))} == {
        Outcome.NOT_MEASURED
    }


def test_why_it_was_not_measured_is_told() -> None:
    run = Run(machine=MACHINE, full=False, encoder="mpnet", failures={"growth": "There was no room."})
    assert verdict("growth.outside", run).sentence.endswith("Not measured: There was no room.")


def test_why_a_peer_was_not_measured_is_told() -> None:
    told = "Not measured: pgvector not installed: .venv/bin/pip install -e '.[bench,report]'."
    assert verdict("peers.pgvector", full_run()).sentence.endswith(told)


def test_exactly_on_the_bar_is_reached() -> None:
    for sense in Sense:
        target = Target("on.it", "A bar", sense, 2.0, "ms", lambda _: Measured(2.0))
        assert judge(target, full_run()).outcome is Outcome.PASSED


def test_what_is_no_number_is_not_measured() -> None:
    target = Target("on.it", "A bar", Sense.AT_MOST, 2.0, "ms", lambda _: Measured(float("nan")))
    assert judge(target, full_run()).outcome is Outcome.NOT_MEASURED


@pytest.mark.parametrize(
    ("sense", "value", "told"),
    [
        (Sense.AT_LEAST, 1.5, "25% short"),
        (Sense.AT_MOST, 2.5, "25% too much"),
        (Sense.AT_MOST, 7.0, "3.5 times too much"),
        (Sense.AT_LEAST, 0.0, "which is not enough"),
    ],
)
def test_how_far_off_it_is_told_in_words(sense: Sense, value: float, told: str) -> None:
    assert how_far_off(Target("x", "A bar", sense, 2.0, "", lambda _: None), value) == told


def test_a_load_that_fell_short_is_said() -> None:
    overload = full_run().overload
    assert overload is not None
    run = replace(full_run(), overload=replace(overload, offered_per_second=2100.0))
    assert "at 7.0 times only" in verdict("overload.goodput", run).sentence


def test_a_figure_of_a_smaller_directory_says_so() -> None:
    run = replace(full_run(), growth=Growth((size(1_000, 2.0, 400.0),), ()))
    assert "at 1,000 groups only" in verdict("growth.outside", run).sentence


@pytest.mark.parametrize(("mib", "side"), [(8192.0, "within the bar"), (8193.0, "beyond the bar")])
def test_what_was_read_off_is_neither_passed_nor_missed(mib: float, side: str) -> None:
    growth = Growth(
        (size(1_000, 2.0, 400.0), size(10_000, 3.6, 600.0)), (Guess(1_000_000, 10_000_000, 30.0, mib, 1.0),)
    )
    found = verdict("growth.memory", replace(full_run(), growth=growth))
    assert found.outcome is Outcome.READ_OFF
    assert f"Read off, not measured: {side}" in found.sentence
    assert "by the curve up to 10,000 groups" in found.sentence


def test_a_measured_million_is_preferred_to_a_guess() -> None:
    sizes = (size(10_000, 3.0, 600.0), size(1_000_000, 20.0, 6000.0))
    run = replace(full_run(), growth=Growth(sizes, (Guess(1_000_000, 10_000_000, 99.0, 99_999.0, 1.0),)))
    found = verdict("growth.rate", run)
    assert found.value == pytest.approx(20 / 3)
    assert found.outcome is Outcome.PASSED


def test_a_measured_million_is_compared_with_what_was_measured_beside_it() -> None:
    growth = Growth((size(10_000, 3.0, 600.0), size(1_000_000, 20.0, 6000.0)), (), again=size(10_000, 4.0, 600.0))
    assert verdict("growth.rate", replace(full_run(), growth=growth)).value == pytest.approx(5.0)


def test_what_was_read_off_a_curve_is_compared_with_where_the_curve_begins() -> None:
    sizes = (size(10_000, 3.0, 600.0), size(100_000, 6.0, 6000.0))
    growth = Growth(sizes, (Guess(1_000_000, 10_000_000, 12.0, 9000.0, 1.0),), again=size(10_000, 4.0, 600.0))
    assert verdict("growth.rate", replace(full_run(), growth=growth)).value == pytest.approx(4.0)


def test_every_bar_has_its_own_name() -> None:
    assert len({target.id for target in TARGETS}) == len(TARGETS)
