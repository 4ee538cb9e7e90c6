"""Whether vectors can be adapted so that groups which nothing was learned from gain: a trial, and its figures.

    python -m scripts.adapter_trial

Takes about four minutes, and writes docs/matching-report/adapter.json, which the matching report
shows. Development newcomers only. Decides who may learn from whom: the communities are dealt into three folds, and each
fold is judged by an adapter that saw none of it. How strongly an adapter is held back is chosen in the same way among
the communities it may learn from. What an adapter is, is decided in `scripts.linear_adapter`.
"""

import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import cache
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from matcher.encoder import Matrix, load_encoder
from matcher.evaluation import Figure, JudgedNewcomer, Placing, compare, summarise
from matcher.pooling import fill_out, pool
from matcher.rulebook import default_rules
from matcher.synonyms import add_synonyms
from matcher.text import encode_passages
from models.rules import MatchingRules
from scripts.fetch_mental_health_posts import CACHE, ROOT, SUPPORT
from scripts.linear_adapter import Lessons, Map, apply_map, learn_map
from scripts.report_recipes import Bench, Scores, make_cases, place_newcomers_by
from scripts.vector_cache import RememberingEncoder

TARGET: Final = ROOT / "docs" / "matching-report" / "adapter.json"
FOLDS: Final = 3
PROFILES: Final = ("none", "20", "100")
HOLDS: Final = (0.1, 0.3, 1.0, float("inf"))
_LEARNED_WITH: Final = "100"

Fold = frozenset[str]


# Compared by identity, so that what is known of one can be remembered.
@dataclass(frozen=True, eq=False)
class Directory:
    """Groups, their members' profiles and the newcomers, as arrays."""

    ids: tuple[str, ...]
    descriptions: Matrix  # (groups, dimensions)
    voices: Matrix  # (groups, dimensions)
    profiles: Matrix  # (profiles, dimensions)
    owners: NDArray[np.int64]  # (profiles,) the row of the group each belongs to
    newcomers: tuple[JudgedNewcomer, ...]
    stories: Matrix  # (newcomers, dimensions)
    words: Scores  # (newcomers, groups) how near their words are, which no adapter changes

    @staticmethod
    def of(bench: Bench) -> "Directory":
        """The arrays that the present matcher scores by."""
        passages, words = [add_synonyms(story) for story in bench.stories], bench.index.words
        return Directory(
            ids=bench.group_ids,
            descriptions=np.stack([entry.vector for entry in bench.entries]),
            voices=np.stack([entry.voice for entry in bench.entries]),
            profiles=bench.profile_vectors,
            owners=bench.owners,
            newcomers=tuple(bench.cases.newcomers),
            stories=encode_passages(passages, bench.encoder),
            words=np.clip([words.nearness(words.learned.weigh(passage)) for passage in passages], 0.0, 1.0),
        )

    def only(self, kept: Collection[str]) -> "Directory":
        """These groups alone, with their newcomers: a directory in which there is nothing else."""
        rows = [row for row, group in enumerate(self.ids) if group in kept]
        own = np.isin(self.owners, rows)
        here = [row for row, one in enumerate(self.newcomers) if set(one.good) <= set(kept)]
        return Directory(
            ids=tuple(self.ids[row] for row in rows),
            descriptions=self.descriptions[rows],
            voices=self.voices[rows],
            profiles=self.profiles[own],
            owners=np.searchsorted(rows, self.owners[own]),
            newcomers=tuple(self.newcomers[row] for row in here),
            stories=self.stories[here],
            words=self.words[np.ix_(here, rows)],
        )

    def mapped(self, learned: Map) -> "Directory":
        """Every vector adapted."""
        return replace(
            self,
            descriptions=apply_map(self.descriptions, learned),
            voices=apply_map(self.voices, learned),
            profiles=apply_map(self.profiles, learned),
            stories=apply_map(self.stories, learned),
        )


@dataclass(frozen=True)
class Gain:
    """What an adapter changed for some newcomers."""

    groups: str
    profiles: str
    before: dict[str, Figure]
    gain: dict[str, Figure]


def main() -> None:
    # So small are the products that threads would only wait for each other.
    torch.set_num_threads(1)
    rules, encoder = default_rules(), RememberingEncoder(load_encoder(), CACHE / "vectors")
    directories = {name: Directory.of(_bench(name, encoder, rules)) for name in PROFILES}
    trial = Trial(directories, rules)
    holds = trial.choose_holds()
    _say(f"held back by {holds}, chosen among the communities that were learned from")
    gains = trial.judge(holds)
    figures = {
        "command": "python -m scripts.adapter_trial",
        "date": date.today().isoformat(),
        "encoder": encoder.identity,
        "newcomers": len(directories[_LEARNED_WITH].newcomers),
        "folds": [sorted(fold) for fold in trial.folds],
        "holds": [_tell_hold(hold) for hold in holds],
        "gains": [asdict(one) for one in gains],
        "by_hold": {
            _tell_hold(hold): [asdict(one) for one in trial.judge_left_out([hold] * FOLDS)]
            for hold in HOLDS
            if np.isfinite(hold)
        },
    }
    TARGET.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    for one in gains:
        print(tell(one))


def _bench(profiles: str, encoder: RememberingEncoder, rules: MatchingRules) -> Bench:
    return Bench.of(make_cases("development", profiles, 0, 400), encoder, rules)


def split_folds(communities: Collection[str], folds: int = FOLDS, seed: int = 0) -> list[Fold]:
    """Each community in one fold, support groups and the others dealt evenly."""
    rng = np.random.default_rng(seed)
    support, others = sorted(set(communities) & SUPPORT), sorted(set(communities) - SUPPORT)
    dealt = [*rng.permutation(support).tolist(), *rng.permutation(others).tolist()]
    return [frozenset(dealt[fold::folds]) for fold in range(folds)]


class Trial:
    """One linear adapter for each fold, judged on newcomers whose group it did not learn from."""

    def __init__(self, directories: dict[str, Directory], rules: MatchingRules) -> None:
        self.directories = directories
        """By how many profiles a group has; one of them, with most, is learned from."""
        self._everyone = frozenset(directories[_LEARNED_WITH].ids)
        self.folds = split_folds(self._everyone)
        self._rules = rules
        self._learn = cache(self._learn_from)
        self._place_unchanged = cache(lambda directory: place(directory, rules))

    def judge(self, holds: Sequence[float]) -> list[Gain]:
        """In the whole directory and in one of left-out groups alone; beside them, groups that were learned from.

        Each newcomer counts once in each: of the two adapters that know their group, the next fold's is taken.
        """
        return [*self.judge_left_out(holds), *self.judge_alone(holds), *self._judge_known(holds)]

    def judge_left_out(self, holds: Sequence[float]) -> list[Gain]:
        """Among all groups. An adapter that pushes the known groups back would seem to help here."""
        return [
            self._gain("left out", profiles, [(directory, fold) for fold in self.folds], self._maps(holds))
            for profiles, directory in self.directories.items()
        ]

    def judge_alone(self, holds: Sequence[float]) -> list[Gain]:
        """Among the left-out groups of a fold: a directory that the adapter has never seen."""
        return [
            self._gain("left out, alone", profiles, [(directory.only(f), f) for f in self.folds], self._maps(holds))
            for profiles, directory in self.directories.items()
        ]

    def _judge_known(self, holds: Sequence[float]) -> list[Gain]:
        following = [*self.folds[1:], self.folds[0]]
        return [
            self._gain("learned from", profiles, [(directory, fold) for fold in following], self._maps(holds))
            for profiles, directory in self.directories.items()
        ]

    def choose_holds(self) -> list[float]:
        """One for each fold."""
        return [self._choose_hold(self._everyone - fold) for fold in self.folds]

    def _choose_hold(self, known: Fold) -> float:
        """The hold that helps most where parts of the known communities are left out in turn; of equals the firmest."""
        inner = {name: directory.only(known) for name, directory in self.directories.items()}
        return max(HOLDS, key=lambda hold: (self._reach(inner, known, hold), hold))

    def _reach(self, inner: dict[str, Directory], known: Fold, hold: float) -> float:
        """The mean MRR on left-out parts of the known communities."""
        parts = split_folds(known)
        maps = [self._learn(known - part, hold) for part in parts]
        placings = [self._place([(directory, part) for part in parts], maps) for directory in inner.values()]
        return float(np.mean([summarise("", one, np.random.default_rng(0)).figures["MRR"].value for one in placings]))

    def _maps(self, holds: Sequence[float]) -> list[Map]:
        return [self._learn(self._everyone - fold, hold) for fold, hold in zip(self.folds, holds, strict=True)]

    def _learn_from(self, known: Fold, hold: float) -> Map:
        directory = self.directories[_LEARNED_WITH].only(known)
        listings = fill_out(directory.descriptions, directory.voices, self._rules.pooling)
        return learn_map(Lessons(listings, directory.profiles, directory.owners), hold)

    def _gain(self, groups: str, profiles: str, where: Sequence[tuple[Directory, Fold]], maps: Sequence[Map]) -> Gain:
        before, after = self._place(where), self._place(where, maps)
        return Gain(
            groups,
            profiles,
            summarise("", before, np.random.default_rng(0)).figures,
            compare(before, after, np.random.default_rng(0)).differences,
        )

    def _place(self, where: Sequence[tuple[Directory, Fold]], maps: Sequence[Map] | None = None) -> list[Placing]:
        """The newcomers of each fold, in its directory, adapted by its map."""
        if maps is None:
            placed = [self._place_unchanged(directory) for directory, _ in where]
        else:
            placed = [place(one.mapped(learned), self._rules) for (one, _), learned in zip(where, maps, strict=True)]
        return [
            one for (_, fold), placings in zip(where, placed, strict=True) for one in placings if set(one.good) <= fold
        ]


def place(directory: Directory, rules: MatchingRules) -> list[Placing]:
    return place_newcomers_by(score(directory, rules), directory.ids, directory.newcomers)


def score(directory: Directory, rules: MatchingRules) -> Scores:
    """What the present matcher gives every group for its newcomers' words."""
    listings = fill_out(directory.descriptions, directory.voices, rules.pooling)
    centres = pool(listings, directory.profiles, directory.owners, rules.pooling)
    evidence = [centres.evidence(story) for story in directory.stories]
    described, lived = (np.stack(column) for column in zip(*evidence, strict=True))
    return np.asarray(
        rules.weights.same_subject.value * _as_value(described, rules)
        + rules.weights.shared_experience.value * _as_value(lived, rules)
        + rules.weights.same_words.value * directory.words
    )


def _as_value(evidence: NDArray[np.float64], rules: MatchingRules) -> NDArray[np.float64]:
    return np.clip(0.5 + evidence / (2 * rules.scales.evidence_most.value), 0.0, 1.0)


def tell(one: Gain) -> str:
    """One line."""
    told = [f"{name} {one.before[name].value:.3f} {tell_gain(gain)}" for name, gain in list(one.gain.items())[:3]]
    return f"{one.groups:>16}, {one.profiles:>4} profiles: {'; '.join(told)}"


def tell_gain(gain: Figure) -> str:
    return f"{gain.value:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]"


def _tell_hold(hold: float) -> str:
    return "the identity" if np.isinf(hold) else f"{hold:g}"


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
