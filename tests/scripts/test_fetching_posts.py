"""How the posts of the Reddit Mental Health Dataset become cases; on invented posts."""

import csv
import io
import json
from pathlib import Path

import pytest

from models.group import Group
from scripts.fetch_mental_health_posts import (
    GROUPS,
    SUPPORT,
    as_newcomer,
    choose_newcomers,
    choose_profiles,
    part_of,
    read_posts,
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
