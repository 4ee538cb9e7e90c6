"""The trial of adapters: who may learn from whom, and that it finds what is there and nothing else."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from matcher.encoder import FakeEncoder, Matrix
from matcher.evaluation import JudgedNewcomer, Placing
from matcher.rulebook import default_rules
from models.intake import Intake
from scripts import adapter_trial, linear_adapter
from scripts.adapter_trial import Directory, Fold, Trial, score, split_folds
from scripts.cases import Cases, make_entries
from scripts.fetch_mental_health_posts import GROUPS, SUPPORT, read_rows
from scripts.linear_adapter import Lessons, Map, apply_map, learn_map
from scripts.report_recipes import Bench, present
from tests.records import a_group, a_profile

COMMUNITIES = {row["id"] for row in read_rows(GROUPS)}
GROUPS_DRAWN, PROFILES_EACH, NEWCOMERS_EACH, DIMENSIONS = 12, 12, 12, 32
TELLING = 8


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_adapter, "STEPS", 60)


def test_every_community_is_left_out_once_and_support_groups_evenly() -> None:
    folds = split_folds(COMMUNITIES)
    assert sorted(community for fold in folds for community in fold) == sorted(COMMUNITIES)
    assert [(len(fold), len(fold & SUPPORT)) for fold in folds] == [(9, 6)] * 3


def test_the_trial_scores_as_the_present_matcher_does() -> None:
    cases = Cases(
        (a_group("drains", description="Living with an ileostomy."), a_group("drink", name="Partners who drink")),
        (a_profile("p", "drains"), a_profile("q", "drains", experience="My ileostomy leaks."), a_profile("r", "drink")),
        (_newcomer("a", "An ileostomy, and it leaks at night", "drains"), _newcomer("b", "He drinks", "drink")),
    )
    bench = Bench(cases, make_entries(cases, FakeEncoder()), FakeEncoder(), default_rules())
    assert score(Directory.of(bench), bench.rules) == pytest.approx(present(bench))


def test_an_adapter_that_is_held_for_good_is_the_identity() -> None:
    directory = draw_directory(nuisance=2.0)
    lessons = Lessons(directory.descriptions, directory.profiles, directory.owners)
    held = learn_map(lessons, float("inf"))
    assert np.array_equal(held, np.eye(DIMENSIONS))
    strayed = [np.linalg.norm(learn_map(lessons, hold) - held) for hold in (1e9, 1.0)]
    assert strayed[0] < strayed[1] / 10


def test_an_adapter_turns_rows_and_leaves_their_lengths() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32)
    turned = apply_map(rows, np.array([[1.0, 0.0], [0.0, 0.0]], dtype=np.float32))
    assert turned == pytest.approx(np.array([[5.0, 0.0], [0.0, 0.0]]))


def test_an_adapter_sees_nothing_of_the_groups_it_is_judged_on(monkeypatch: pytest.MonkeyPatch) -> None:
    directory, seen = draw_directory(nuisance=2.0), []

    def remember(lessons: Lessons, hold: float) -> Map:  # noqa: ARG001 (stands in for a function that has it)
        seen.append({row.tobytes() for row in lessons.profiles} | {row.tobytes() for row in lessons.listings})
        return np.eye(DIMENSIONS, dtype=np.float32)

    monkeypatch.setattr(adapter_trial, "learn_map", remember)
    trial = _trial(directory)
    trial.judge_left_out([1.0] * 3)
    for fold, known in zip(trial.folds, seen, strict=True):
        left_out = directory.only(fold)
        assert not known & {row.tobytes() for row in (*left_out.profiles, *left_out.descriptions)}
        assert len(known) == (PROFILES_EACH + 1) * (GROUPS_DRAWN - len(fold))


def test_what_blurs_every_group_alike_is_learned_away_for_groups_never_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter_trial, "HOLDS", (0.3, float("inf")))
    trial = _trial(draw_directory(nuisance=2.0))
    holds = trial.choose_holds()
    for one in (*trial.judge_left_out(holds), *trial.judge_alone(holds)):
        assert one.gain["MRR"].low > 0, (one.groups, one.profiles)


def test_where_groups_do_not_differ_the_interval_holds_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter_trial, "HOLDS", (0.3, 1.0))
    trial = _trial(draw_directory(nuisance=2.0, apart=0.0))
    for one in trial.judge_alone(trial.choose_holds()):
        assert one.gain["MRR"].low <= 0 <= one.gain["MRR"].high, one.profiles


def test_every_newcomer_counts_once_wherever_an_adapter_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    directory, counted = draw_directory(nuisance=0.0), []
    trial = _trial(directory)
    place = trial._place

    def remember(where: Sequence[tuple[Directory, Fold]], maps: Sequence[Map] | None = None) -> list[Placing]:
        placings = place(where, maps)
        counted.append(sorted(one.id for one in placings))
        return placings

    monkeypatch.setattr(trial, "_place", remember)
    told = trial.judge([float("inf")] * 3)
    assert [(one.groups, one.profiles) for one in told] == [
        (groups, profiles) for groups in ("left out", "left out, alone", "learned from") for profiles in ("none", "100")
    ]
    assert all(figure.value == figure.low == figure.high == 0 for one in told for figure in one.gain.values())
    # As placed without an adapter, and with one.
    assert counted == [sorted(one.id for one in directory.newcomers)] * 2 * len(told)


def draw_directory(nuisance: float, apart: float = 1.0) -> Directory:
    """Groups lie `apart` in the first TELLING dimensions; in four others, people differ by `nuisance` in any group."""
    rng = np.random.default_rng(3)
    centres = np.zeros((GROUPS_DRAWN, DIMENSIONS))
    centres[:, :TELLING] = apart * rng.standard_normal((GROUPS_DRAWN, TELLING)) / TELLING**0.5
    owners = np.repeat(np.arange(GROUPS_DRAWN), PROFILES_EACH)
    goods = np.repeat(np.arange(GROUPS_DRAWN), NEWCOMERS_EACH)
    ids = tuple(f"g{number:02}" for number in range(GROUPS_DRAWN))
    return Directory(
        ids=ids,
        descriptions=_people(centres, nuisance / 2, rng),
        voices=np.zeros((GROUPS_DRAWN, DIMENSIONS), dtype=np.float32),
        profiles=_people(centres[owners], nuisance, rng),
        owners=owners,
        newcomers=tuple(_newcomer(f"n{row}", "x", ids[good]) for row, good in enumerate(goods)),
        stories=_people(centres[goods], nuisance, rng),
        words=np.zeros((len(goods), GROUPS_DRAWN)),
    )


def _people(centres: np.ndarray, nuisance: float, rng: np.random.Generator) -> Matrix:
    """Unit rows around their centres."""
    rows = centres + 0.2 * rng.standard_normal(centres.shape)
    rows[:, TELLING : TELLING + 4] += nuisance * rng.standard_normal((len(rows), 4))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _trial(directory: Directory) -> Trial:
    none = np.zeros(0, dtype=np.int64)
    bare = replace(directory, profiles=directory.profiles[:0], owners=none)
    return Trial({"none": bare, "100": directory}, default_rules())


def _newcomer(id: str, story: str, good: str) -> JudgedNewcomer:
    return JudgedNewcomer(id, Intake(story=story), (good,))
