"""Searching vectors in PostgreSQL, against comparing all of them: under any condition, nothing near is left out."""

from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import ColumnElement, insert
from sqlalchemy.engine import URL

from api.storage.database import Database
from api.storage.schema import prepare
from api.storage.tables import groups
from api.storage.vector_search import VectorSearch, fact
from matcher.encoder import Matrix, Vector
from tests.databases import new_database

_GROUPS, _DIMENSIONS, _QUESTIONS, _LIMIT = 5000, 48, 30, 10


def scattered(rng: np.random.Generator, count: int) -> Matrix:
    """Around some middles, as texts are: evenly spread ones would be easier."""
    middles = np.random.default_rng(1).standard_normal((60, _DIMENSIONS))
    rows = middles[rng.integers(0, 60, count)] + rng.standard_normal((count, _DIMENSIONS)) * 0.7
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


CENTRES = scattered(np.random.default_rng(2), _GROUPS)
QUESTIONS = scattered(np.random.default_rng(3), _QUESTIONS)
IDS = [f"g{number:05}" for number in range(_GROUPS)]


@pytest.fixture(scope="module")
def search(postgresql_url: URL) -> Iterator[VectorSearch]:
    """Every second group is online, every hundredth takes place in B, every thousandth in C."""
    with new_database(postgresql_url, "template1") as url:
        database = Database(url)
        prepare(database)
        rows = [
            {
                "id": id_,
                "document": f'{{"n": {number}, "half": {number % 2}, "hundredth": {number % 100}, '
                f'"thousandth": {number % 1000}}}',
                "digest": "",
                "changed": 1,
            }
            for number, id_ in enumerate(IDS)
        ]
        with database.writing() as connection:
            connection.execute(insert(groups), rows)
        made = VectorSearch(database, _DIMENSIONS)
        made.prepare()
        for start in range(0, _GROUPS, 1000):
            made.keep(dict(zip(IDS[start : start + 1000], CENTRES[start : start + 1000], strict=True)))
        yield made
        database.close()


def truly_nearest(question: Vector, step: int) -> list[str]:
    cosines = CENTRES[::step] @ question
    return [IDS[step * row] for row in np.argsort(-cosines)[:_LIMIT]]


@pytest.mark.parametrize(
    ("step", "condition"),
    [
        (1, None),
        (2, fact("half") == "0"),
        (100, fact("hundredth") == "0"),
        (1000, fact("thousandth") == "0"),
    ],
    ids=["all", "50 %", "1 %", "0.1 %"],
)
def test_what_is_nearest_is_found_under_any_condition(
    step: int, condition: ColumnElement[bool] | None, search: VectorSearch
) -> None:
    found = [[near.group_id for near in search.nearest(question, _LIMIT, condition)] for question in QUESTIONS]
    wanted = [truly_nearest(question, step) for question in QUESTIONS]
    assert {len(each) for each in found} == {min(_LIMIT, _GROUPS // step)}
    hits = sum(len(set(got) & set(want)) for got, want in zip(found, wanted, strict=True))
    assert hits >= 0.99 * sum(len(want) for want in wanted)


def test_those_that_may_be_shown_are_found_however_far_they_are(search: VectorSearch) -> None:
    question = CENTRES[0]
    far = [IDS[row] for row in np.argsort(CENTRES @ question)[:_LIMIT]]
    found = search.nearest(question, _LIMIT, groups.c.id.in_(far))
    assert {near.group_id for near in found} == set(far)
    assert [near.cosine for near in found] == sorted((near.cosine for near in found), reverse=True)
    expected = np.sort(CENTRES @ question)[:_LIMIT][::-1]
    np.testing.assert_allclose([near.cosine for near in found], expected, atol=0.002)


def test_none_may_be_shown(search: VectorSearch) -> None:
    assert search.nearest(CENTRES[0], _LIMIT, fact("nothing") == "1") == []


def test_a_group_that_is_deleted_is_not_found_and_a_new_vector_replaces_the_old(postgresql_database: Database) -> None:
    search = VectorSearch(postgresql_database, _DIMENSIONS)
    search.prepare()
    with postgresql_database.writing() as connection:
        rows = [{"id": id_, "document": "{}", "digest": "", "changed": 1} for id_ in ("a", "b")]
        connection.execute(insert(groups), rows)
    search.keep({"a": CENTRES[0], "b": CENTRES[1]})
    search.keep({"a": CENTRES[2]})
    first = search.nearest(CENTRES[2], 5)[0]
    assert first.group_id == "a"
    assert first.cosine == pytest.approx(1, abs=0.01)
    with postgresql_database.writing() as connection:
        connection.execute(groups.delete().where(groups.c.id == "a"))
    assert [near.group_id for near in search.nearest(CENTRES[2], 5)] == ["b"]
    search.prepare()
    assert len(search.nearest(CENTRES[2], 5)) == 1
    other = VectorSearch(postgresql_database, _DIMENSIONS + 1)
    other.prepare()
    assert other.nearest(np.ones(_DIMENSIONS + 1, np.float32), 5) == []


def test_a_file_has_no_such_extension(sqlite_database: Database, postgresql_database: Database) -> None:
    assert not VectorSearch.is_available(sqlite_database)
    assert VectorSearch.is_available(postgresql_database)
