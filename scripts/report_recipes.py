"""The recipes that the matching report compares: what others build, and the present matcher with one part left out.

Each scores every group for every newcomer from words alone, so that one part at a time can be told. Which cases they
are compared on, and where their scores place a newcomer's group, is here too. Decides no figure.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from matcher.encoder import Matrix, TextEncoder
from matcher.evaluation import JudgedNewcomer, Placing
from matcher.features import nearness, weigh_words
from matcher.index import DirectoryIndex, Entry
from matcher.synonyms import add_synonyms
from matcher.text import encode_passages
from models.rules import Chosen, MatchingRules
from scripts.cases import Cases, encode_all, make_entries, read_cases
from scripts.fetch_mental_health_posts import CACHE, ROOT
from scripts.vector_cache import RememberingEncoder

Scores = NDArray[np.float64]  # (newcomers, groups)
_NEAREST: Final = 10


def make_cases(newcomers: str, profiles: str, seed: int, words: int, strangers: bool = False) -> Path:
    """The folder of such cases, made when it isn't there."""
    folder = CACHE / f"{newcomers}-{profiles}-seed{seed}-{words}words{'-strangers' if strangers else ''}"
    if not (folder / "newcomers.jsonl").exists():
        command = [sys.executable, "-m", "scripts.fetch_mental_health_posts", "--newcomers", newcomers]
        command += ["--profiles", profiles, "--seed", str(seed), "--words", str(words)]
        subprocess.run([*command, *(["--strangers"] if strangers else [])], check=True, cwd=ROOT)
    return folder


@dataclass(frozen=True)
class Bench:
    """One set of cases with all its vectors."""

    cases: Cases
    entries: Sequence[Entry]
    encoder: TextEncoder
    rules: MatchingRules

    @staticmethod
    def of(folder: Path, encoder: RememberingEncoder, rules: MatchingRules) -> "Bench":
        """Reads and encodes the cases in a folder."""
        cases = read_cases(folder)
        encode_all(cases, encoder)
        encoder.keep()
        entries = sorted(make_entries(cases, encoder), key=lambda entry: entry.group.id)
        return Bench(cases, entries, encoder, rules)

    @cached_property
    def index(self) -> DirectoryIndex:
        """The directory as requests would search it under these rules."""
        return DirectoryIndex.build(self.entries, "cases", self.encoder.dimensions, self.rules)

    @cached_property
    def profile_vectors(self) -> Matrix:
        """Of all members, group after group, (profiles, dimensions)."""
        return np.concatenate([entry.profile_vectors for entry in self.entries])

    @cached_property
    def owners(self) -> NDArray[np.int64]:
        """The row of the group that each profile belongs to, (profiles,)."""
        return np.repeat(np.arange(len(self.entries)), [len(entry.profiles) for entry in self.entries])

    @cached_property
    def stories(self) -> list[str]:
        """What every newcomer wrote."""
        return [newcomer.intake.story or "" for newcomer in self.cases.newcomers]

    @cached_property
    def vectors(self) -> Matrix:
        """Of the stories as they stand, (newcomers, dimensions)."""
        return encode_passages(self.stories, self.encoder)

    @cached_property
    def group_ids(self) -> tuple[str, ...]:
        return tuple(entry.group.id for entry in self.entries)

    @property
    def has_profiles(self) -> bool:
        return bool(len(self.owners))


Recipe = Callable[[Bench], Scores]


def place_by(scores: Scores, bench: Bench) -> list[Placing]:
    """Where each newcomer's judged group stands by these scores alone."""
    return place_newcomers_by(scores, bench.group_ids, bench.cases.newcomers)


def place_newcomers_by(scores: Scores, group_ids: Sequence[str], newcomers: Sequence[JudgedNewcomer]) -> list[Placing]:
    """The same without an index; equal groups share the worse place."""
    rows = {group: row for row, group in enumerate(group_ids)}
    return [
        Placing(one.id, one.good, tuple(int((own >= own[rows[group]]).sum()) for group in one.good), False, 0, 0)
        for one, own in zip(newcomers, scores, strict=True)
    ]


def present(bench: Bench) -> Scores:
    """The present matcher."""
    passages = [add_synonyms(story) for story in bench.stories]
    vectors = encode_passages(passages, bench.encoder)
    rows = [
        nearness(weigh_words(bench.index.query(passage, vector), bench.index, bench.rules), bench.rules)
        for passage, vector in zip(passages, vectors, strict=True)
    ]
    return np.stack(rows)


def cosine_to_description(bench: Bench) -> Scores:
    """What most would build."""
    descriptions = [entry.group.description for entry in bench.entries]
    return np.asarray(bench.vectors @ encode_passages(descriptions, bench.encoder).T)


def cosine_to_name_and_description(bench: Bench) -> Scores:
    return np.asarray(bench.vectors @ bench.index.descriptions.take().T)


def nearest_profiles(bench: Bench, number: int = _NEAREST) -> Scores:
    """The mean cosine to the nearest profiles of each group; the description where there are none."""
    similarities = bench.vectors @ bench.profile_vectors.T
    columns = [
        np.sort(similarities[:, bench.owners == row], axis=1)[:, -number:].mean(axis=1) if count else described
        for row, (count, described) in enumerate(
            zip(bench.index.facts.profiles, cosine_to_name_and_description(bench).T, strict=True)
        )
    ]
    return np.stack(columns, axis=1)


def nearest_profile(bench: Bench) -> Scores:
    return nearest_profiles(bench, 1)


def supervised(bench: Bench) -> Scores:
    """Logistic regression on vectors and TF-IDF, trained on every profile: what labels can do with these texts."""
    tfidf = TfidfVectorizer(sublinear_tf=True, min_df=2)
    told = [profile.experience for entry in bench.entries for profile in entry.profiles]
    train = sparse.hstack([sparse.csr_matrix(bench.profile_vectors * 4), tfidf.fit_transform(told)])
    test = sparse.hstack([sparse.csr_matrix(bench.vectors * 4), tfidf.transform(bench.stories)])
    model = LogisticRegression(C=10, max_iter=300).fit(train.tocsr(), bench.owners)
    return np.asarray(model.decision_function(test.tocsr()))


def without(section: str, value: float, *keys: str) -> Recipe:
    """The present matcher with one number of its rules, or a few, set to another value."""

    def recipe(bench: Bench) -> Scores:
        part = getattr(bench.rules, section)
        chosen: dict[str, Chosen] = {key: getattr(part, key).model_copy(update={"value": value}) for key in keys}
        changed = part.model_copy(update=chosen)
        return present(replace(bench, rules=bench.rules.model_copy(update={section: changed})))

    return recipe


OTHERS: Final[dict[str, Recipe]] = {
    "cosine to the description alone": cosine_to_description,
    "cosine to “name: description”": cosine_to_name_and_description,
    "nearest single profile": nearest_profile,
    f"mean of the nearest {_NEAREST} profiles": nearest_profiles,
    "supervised: logistic regression on vectors and TF-IDF": supervised,
}
PARTS: Final[dict[str, Recipe]] = {
    "the present matcher": present,
    "without words (vectors alone)": without("weights", 0.0, "same_words"),
    "without vectors (words alone)": without("weights", 0.0, "shared_experience", "same_subject"),
    "without the phrasebook's vectors": without("pooling", 0.0, "phrases_weight"),
    "without the phrasebook's words": without("words", 0.0, "phrases_weight"),
    "without whitening": without("pooling", 0.0, "whitening_share"),
    "words as rare as the directory alone says": without("words", 1.0, "usual_texts"),
    "words that only some members use count in full": without("words", 0.0, "spread_cost"),
    "full offset of centres far out": without("pooling", 1.0, "offset_share"),
}
NEEDS_PROFILES: Final = frozenset({nearest_profile, nearest_profiles, supervised})


def usable(recipes: dict[str, Recipe], bench: Bench) -> Iterator[tuple[str, Recipe]]:
    """Those that these cases have what it takes for."""
    return ((name, one) for name, one in recipes.items() if bench.has_profiles or one not in NEEDS_PROFILES)
