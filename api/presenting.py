"""Recommendations as programs read them: the shape of the reply, made in one place for HTTP and the command line.

Decides which facts leave: fits in words, never a score; a member's words, never, nor numbers so fine that they could be
worked out from many replies.
"""

from dataclasses import dataclass
from urllib.parse import quote

from models.group import Group
from models.help import Help
from models.recommendation import (
    Fit,
    NextMeeting,
    Recommendation,
    Recommendations,
    Remark,
    Statement,
    Versions,
)
from models.text import Record


class GroupToVisit(Group):
    """A group as listed, with when it meets next. What is null, the listing doesn't say."""

    next_meeting: NextMeeting | None
    url: str
    """The address of its page for newcomers, on this server."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one feature did to a group's place in the order, in tenths: above 0 it raised it, below 0 it lowered it."""

    feature: str
    amount: float


class RecommendedGroup(Record):
    """One group, how well it fits, and why."""

    group: GroupToVisit
    fit: Fit
    """`strong`, `good` or `possible`; among the nearest of `nothing_close` also `not_close`."""
    reasons: tuple[Remark, ...]
    """What speaks for it, what counted most first."""
    mismatches: tuple[Remark, ...]
    """What speaks against it, what counted most first."""
    unknowns: tuple[Remark, ...]
    """What to ask the group, because the listing doesn't say."""
    contributions: tuple[Part, ...]
    """What its place in the order is made of; together they are all there is to it, but for rounding."""


class NothingCloseToIt(Record):
    """That no group is close, and the nearest there are."""

    sentence: str
    nearest: tuple[RecommendedGroup, ...]


class RecommendationsReply(Record):
    """The answer to one intake. Nothing of the intake is kept."""

    recommendations: tuple[RecommendedGroup, ...]
    """Best first. They differ from each other: people find their group by visiting several."""
    nothing_close: NothingCloseToIt | None
    """Only when there are no recommendations."""
    understood: tuple[Statement, ...]
    """What the story seems to say, for the newcomer to confirm (as an answer) or strike (by its id in `struck`)."""
    open_questions: tuple[str, ...]
    """Ids of questions that were neither answered nor read from the story, and on which the groups at the top depend,
    what decides most first. Ask a few of these and send the answers again; any of them may be skipped."""
    help: Help
    """Where help is now. Show it with every reply, and first when it is prominent."""
    versions: Versions
    """What the answer was made with."""


def present_recommendations(answer: Recommendations) -> RecommendationsReply:
    """The reply to an intake."""
    nothing = answer.nothing_close
    return RecommendationsReply(
        recommendations=tuple(_present(one) for one in answer.recommendations),
        nothing_close=nothing
        and NothingCloseToIt(sentence=nothing.sentence, nearest=tuple(_present(one) for one in nothing.nearest)),
        understood=answer.understood,
        open_questions=answer.open_questions,
        help=answer.help,
        versions=answer.versions,
    )


def _to_visit(group: Group, next_meeting: NextMeeting | None) -> GroupToVisit:
    """With all that the group holds. That was validated already, and would take longer than the rest of the reply."""
    held = group.__getstate__()
    visit = GroupToVisit.__new__(GroupToVisit)
    more = {"next_meeting": next_meeting, "url": page_of(group.id)}
    visit.__setstate__({**held, "__dict__": {**held["__dict__"], **more}})
    return visit


def page_of(group_id: str) -> str:
    """The address of a group's page for newcomers."""
    return f"/groups/{quote(group_id, safe='')}"


def _present(one: Recommendation) -> RecommendedGroup:
    return RecommendedGroup(
        group=_to_visit(one.group, one.next_meeting),
        fit=one.fit,
        reasons=one.reasons,
        mismatches=one.mismatches,
        unknowns=one.unknowns,
        # Where few members have told something, finer amounts for many stories would tell what one of them told.
        contributions=tuple(Part(part.feature, round(part.amount, 1)) for part in one.contributions),
    )
