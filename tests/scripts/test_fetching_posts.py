"""How the posts of the Reddit Mental Health Dataset become cases; on invented posts."""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from models.group import Group
from scripts import fetch_mental_health_posts
from scripts.cases import read_cases
from scripts.fetch_mental_health_posts import (
    GROUPS,
    STRANGERS,
    SUPPORT,
    as_newcomer,
    choose_newcomers,
    choose_profiles,
    choose_strangers,
    main,
    part_of,
    part_of_stranger,
    read_posts,
    read_rows,
)

COMMUNITIES = ["lonely", "guns", "adhd"]


def some_posts(each: int = 150) -> str:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(["subreddit", "author", "post"])
    rows.writerows([name, f"{name}{n}", f"{name} post {n} " + "on " * 500] for name in COMMUNITIES for n in range(each))
    return written.getvalue()


POSTS = list(read_posts(some_posts()))


def test_the_split_is_by_author_and_frozen() -> None:
    authors = ["alex", "blake", "casey", "drew", "ellis", "frankie"]
    assert [part_of(author) for author in authors] == [
        "profiles",
        "profiles",
        "development",
        "profiles",
        "development",
        "final",
    ]


def test_a_post_is_cut_to_400_words_and_stands_once() -> None:
    twice = some_posts(2) + some_posts(2).partition("\n")[2]
    posts = list(read_posts(twice))
    assert len(posts) == 6
    assert {len(post.text.split()) for post in posts} == {400}


def test_newcomers_are_of_the_part_asked_for_and_of_support_communities() -> None:
    chosen = choose_newcomers(POSTS, "development")
    assert {(post.part, post.community) for post in chosen} == {("development", "lonely"), ("development", "adhd")}


def test_cutting_a_story_short_keeps_its_id() -> None:
    whole, short = as_newcomer(POSTS[0], 400), as_newcomer(POSTS[0], 25)
    assert whole["id"] == short["id"]
    assert len(short["answers"]["story"].split()) == 25


@pytest.mark.parametrize(("how_many", "each"), [("none", 0), ("5", 5)])
def test_so_many_profiles_are_drawn_of_each_community(how_many: str, each: int) -> None:
    drawn = choose_profiles(POSTS, how_many, seed=0)
    assert [sum(post.community == name for post in drawn) for name in COMMUNITIES] == [each] * 3
    assert {post.part for post in drawn} <= {"profiles"}


def test_a_seed_draws_the_same_again_and_a_larger_number_holds_the_smaller() -> None:
    assert choose_profiles(POSTS, "unequal", 3) == choose_profiles(POSTS, "unequal", 3)
    assert set(choose_profiles(POSTS, "5", 1)) < set(choose_profiles(POSTS, "20", 1)) < set(POSTS)
    assert choose_profiles(POSTS, "5", 1) != choose_profiles(POSTS, "5", 2)


def test_the_described_communities_are_groups_and_eighteen_are_for_support() -> None:
    groups = [Group.model_validate(json.loads(line)) for line in Path(GROUPS).read_text(encoding="utf-8").splitlines()]
    assert len(groups) == 27
    assert len(SUPPORT) == 18
    assert {group.id for group in groups} >= SUPPORT


@pytest.mark.parametrize("part", ["development", "final"])
def test_strangers_are_of_other_communities_of_the_part_asked_for_and_half_of_the_invented(part: str) -> None:
    rows = choose_strangers(POSTS, part, words=25)
    others = [post.id for post in POSTS if (post.community, post.part) == ("guns", part)]
    assert Counter(row["kind"] for row in rows) == {
        "another subject": len(others),
        "gibberish": 10,
        "another language": 10,
        "everyday": 10,
    }
    assert [row["id"] for row in rows if row["kind"] == "another subject"] == others
    assert all(row["nothing_close"] and len(row["answers"]["story"].split()) <= 25 for row in rows)


def test_the_halves_of_the_invented_strangers_are_frozen() -> None:
    assert [part_of_stranger(id) for id in ("gibberish-1", "everyday-2", "language-19", "language-20")] == [
        "development",
        "final",
        "development",
        "final",
    ]


def test_no_invented_stranger_stands_twice() -> None:
    rows = read_rows(STRANGERS)
    assert len({row["id"] for row in rows}) == len({row["story"] for row in rows}) == len(rows) == 60


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Runs the command on the invented posts and returns the one folder that it made."""
    monkeypatch.setattr(fetch_mental_health_posts, "fetch_csv", some_posts)
    monkeypatch.setattr(fetch_mental_health_posts, "CACHE", tmp_path)

    def run(*options: str) -> Path:
        monkeypatch.setattr("sys.argv", ["fetch", *options])
        main()
        [folder] = tmp_path.iterdir()
        return folder

    return run


def test_with_strangers_the_directory_holds_only_the_support_groups(make: Callable[..., Path]) -> None:
    folder = make("--profiles", "5", "--strangers")
    cases = read_cases(folder)
    assert folder.name == "development-5-seed0-400words-strangers"
    assert {group.id for group in cases.groups} == SUPPORT
    assert {profile.group_id for profile in cases.profiles} == {"lonely", "adhd"}
    assert {newcomer.good for newcomer in cases.newcomers} == {("lonely",), ("adhd",), ()}


def test_without_them_everybody_has_a_group_and_every_community_is_one(make: Callable[..., Path]) -> None:
    folder = make("--profiles", "5")
    cases = read_cases(folder)
    assert folder.name == "development-5-seed0-400words"
    assert len(cases.groups) == 27
    assert {profile.group_id for profile in cases.profiles} == set(COMMUNITIES)
    assert {newcomer.good for newcomer in cases.newcomers} == {("lonely",), ("adhd",)}
