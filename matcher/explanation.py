"""Contributions become sentences: reasons, mismatches, unknowns. Nothing is calculated a second time here.

A sentence never holds a fact the newcomer did not state, a member's words, or what one member alone would reveal.
"""

from collections.abc import Callable
from dataclasses import dataclass

from matcher.eligibility import has_wish
from matcher.features import offered_hopes
from matcher.index import DirectoryIndex, Entry
from matcher.lexical import terms_of
from matcher.ranking import Ranked
from matcher.situation import Situation
from matcher.text import passage_of_group, passage_of_intake
from models.recommendation import Contribution, Outcome, Remark
from models.rules import MatchingRules
from models.schedule import day_part
from models.vocabulary import TOPIC_IDS, DayPart, Format, Importance, Term, Topic, Wish

_LANGUAGES = {
    "ar": "Arabic",
    "cy": "Welsh",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "pl": "Polish",
    "zh": "Chinese",
}


@dataclass(frozen=True)
class Case:
    """One group as explained to one newcomer."""

    ranked: Ranked
    situation: Situation
    index: DirectoryIndex
    rules: MatchingRules
    best_score: float
    """The score of the group suggested first."""

    @property
    def entry(self) -> Entry:
        return self.ranked.candidate.entry


Sentence = Callable[[Case], str | None]


def give_reasons(case: Case) -> tuple[Remark, ...]:
    """What speaks for the group, what counted most first; what hardly counted is no reason."""
    least = case.rules.limits.reason_at_least.value
    earned = sorted((part for part in case.ranked.contributions if part.amount >= least), key=_by_size)
    remarks = _remarks(earned, _REASONS, case)
    return remarks[: int(case.rules.limits.reasons_shown.value)]


def name_mismatches(case: Case) -> tuple[Remark, ...]:
    """What speaks against it, what counted most first."""
    known = sorted((part for part in case.ranked.contributions if part.value is not None), key=lambda part: part.amount)
    return _remarks(known, _MISMATCHES, case)


def name_unknowns(case: Case) -> tuple[Remark, ...]:
    """What the newcomer should ask the group, because the listing doesn't say."""
    findings = [finding for finding in case.ranked.candidate.findings if finding.outcome is Outcome.UNKNOWN]
    remarks = tuple(Remark(about=finding.rule, sentence=finding.sentence) for finding in findings)
    unknown = [part for part in case.ranked.contributions if part.value is None]
    said = {remark.sentence: remark for remark in reversed(remarks + _remarks(unknown, _UNKNOWNS, case))}
    return tuple(reversed(said.values()))


def _by_size(part: Contribution) -> tuple[float, str]:
    return -abs(part.amount), part.feature


def _remarks(parts: list[Contribution], sentences: dict[str, Sentence], case: Case) -> tuple[Remark, ...]:
    spoken = [(part.feature, sentences[part.feature](case)) for part in parts if part.feature in sentences]
    return tuple(Remark(about=feature, sentence=sentence) for feature, sentence in spoken if sentence)


def _shared_experience(case: Case) -> str | None:
    if len(case.entry.profiles) < case.rules.limits.voices_to_mention.value:
        return None
    if case.situation.intake.story:
        return "People there have been through something like what you describe."
    return "People there have been through something like what you picked."


def _same_subject(case: Case) -> str:
    """What the listing itself says it is about; never that this is what the newcomer wrote."""
    topics = [Topic(topic).label for topic in case.entry.group.topics or () if topic in TOPIC_IDS]
    what = "wrote" if case.situation.intake.story else "picked"
    return f"It is about {_list(topics[:3])}." if topics else f"What it is about is close to what you {what}."


def _same_words(case: Case) -> str | None:
    shared = rare_words_shared(
        passage_of_intake(case.situation.intake), passage_of_group(case.entry.group), case.index, case.rules
    )
    return f"Its description speaks of {_list([f'“{word}”' for word in shared])}, as you do." if shared else None


def rare_words_shared(passage: str, description: str, index: DirectoryIndex, rules: MatchingRules) -> list[str]:
    """The words that stand in both and in few other texts of this directory, the rarest first."""
    shared = sorted(set(terms_of(passage)) & set(terms_of(description)))
    words = index.words(rules.words)
    shares = {word: words.share_of_texts(word) for word in shared}
    rare = [word for word in shared if shares[word] <= rules.limits.rare_word_share.value]
    return sorted(rare, key=lambda word: (shares[word], word))[: int(rules.limits.words_quoted.value)]


def _topics(case: Case) -> str | None:
    own = case.entry.group.topics or ()
    picked = [topic.label for topic in case.situation.intake.topics or () if topic in own]
    return f"It is about {_list(picked)}, which you picked." if picked else None


def _topics_missing(case: Case) -> str | None:
    own = case.entry.group.topics or ()
    missing = [topic.label for topic in case.situation.intake.topics or () if topic not in own]
    return f"Its listing doesn't name {_list(missing, 'or')}." if missing else None


def _role(case: Case) -> str | None:
    """Only from an answer: what was read from the story is still a question."""
    role, welcome = case.situation.intake.role, case.entry.group.eligibility.roles or ()
    if role is None:
        return None
    if role not in welcome:
        return f"Several there are {role.label}."
    return f"It is for {_list([one.label for one in welcome], 'or')}."


def _role_mismatch(case: Case) -> str | None:
    welcome = case.entry.group.eligibility.roles or ()
    if _part(case, "role").amount >= 0:
        return None
    if welcome:
        kept_for = case.entry.group.eligibility.relations or welcome
        return f"It is for {_list([one.label for one in kept_for], 'or')}. Is that you?"
    return "Most people there come for another reason than you: for themselves, or for someone else."


def _stage(case: Case) -> str | None:
    """Only from an answer: what was read from the story is still a question."""
    welcome = case.entry.group.eligibility.stages
    if case.situation.intake.stage is None:
        return None
    if welcome:
        return f"It is for {_list([one.label for one in welcome], 'or')}."
    return "Several people there are at a similar point."


def _stage_mismatch(case: Case) -> str | None:
    welcome = case.entry.group.eligibility.stages
    if _part(case, "stage").amount >= 0:
        return None
    if welcome:
        return f"It is for {_list([one.label for one in welcome], 'or')}. Is that you?"
    return "Most people there are at another point than you."


def _hopes(case: Case) -> str:
    shared = [hope.label for hope in case.situation.intake.hopes or () if hope in offered_hopes(case.entry, case.rules)]
    return f"People come there for {_list(shared)}."


def _time(case: Case) -> str | None:
    parts = _meets_when(case)
    free = [part.label for part in parts if part in (case.situation.intake.availability or ())]
    return f"It meets on {_list(free)}, when you are free." if free else None


def _time_mismatch(case: Case) -> str | None:
    parts = _meets_when(case)
    own = case.situation.intake.availability or ()
    if not parts or any(part in own for part in parts):
        return None
    when, free = _list([part.label for part in parts]), _list([part.label for part in own])
    return f"It meets on {when}; you are free on {free}.{_if_you_could_come_then(case)}"


def _if_you_could_come_then(case: Case) -> str:
    """What the newcomer could change, where it would make this group the first."""
    part = _part(case, "time")
    score_then = case.ranked.score - part.amount + part.weight * (1 - part.neutral)
    return " It would be our first suggestion if you could come then." if score_then > case.best_score else ""


def _meets_when(case: Case) -> list[DayPart]:
    """The parts of the week in which the group meets, on the clock that counts for the newcomer."""
    group, zone = case.entry.group, case.situation.zone
    starts = [
        start
        for schedule in group.schedules or ()
        for start in schedule.meetings_after(case.situation.now, int(case.rules.limits.meetings_compared.value))
    ]
    if group.format is not Format.IN_PERSON and zone:
        starts = [start.astimezone(zone) for start in starts]
    return sorted({day_part(start) for start in starts}, key=list(DayPart).index)


def _travel(case: Case) -> str | None:
    location = case.entry.group.location
    distance = case.situation.distance_km(location)
    if location is None or location.city is None or distance is None:
        return None
    near = case.rules.limits.same_town_km.value
    return (
        f"It is in {location.city}." if distance < near else f"It is in {location.city}, about {distance:.0f} km away."
    )


def _travel_mismatch(case: Case) -> str | None:
    return _travel(case) if _part(case, "travel").amount < 0 else None


def _soon_mismatch(case: Case) -> str | None:
    return "Its next meeting is weeks away." if _part(case, "soon").amount < 0 else None


def _ease(case: Case) -> str | None:
    fulfilled = _wishes(case, True)
    return f"As you wished: {_list(fulfilled)}." if fulfilled else None


def _ease_mismatch(case: Case) -> str | None:
    missed = _wishes(case, False)
    return f"Not as you wished: {_list(missed)}." if missed else None


def _wishes(case: Case, fulfilled: bool) -> list[str]:
    nice = [wish for wish in Wish if case.situation.intake.wants(wish) is Importance.NICE]
    return [w.label for w in nice if has_wish(case.entry.group, w, case.situation, case.rules) is fulfilled]


def _access(case: Case) -> str | None:
    offered = [need.label for need in _needs(case) if need in (case.entry.group.accessibility or ())]
    return f"It has {_list(offered)}." if offered else None


def _access_mismatch(case: Case) -> str | None:
    missing = [need.label for need in _needs(case) if need not in (case.entry.group.accessibility or ())]
    return f"It doesn't list {_list(missing, 'or')}. Ask before you go." if missing else None


def _access_unknown(case: Case) -> str | None:
    needs = [need.label for need in _needs(case)]
    return f"The listing doesn't say whether it has {_list(needs)}." if needs else None


def _needs(case: Case) -> list[Term]:
    return list(case.situation.intake.access_needs or ())


def _language_mismatch(case: Case) -> str | None:
    if _part(case, "language").amount >= 0:
        return None
    spoken = [_LANGUAGES.get(code.partition("-")[0], code) for code in case.entry.group.languages or ()]
    return f"It speaks {_list(spoken)}."


def _fresh_mismatch(case: Case) -> str | None:
    assured = case.entry.group.assured_date
    if assured is None or _part(case, "fresh").amount >= 0:
        return None
    return f"Nobody has checked this listing since {assured:%B %Y}. Get in touch before you go."


def _fresh_unknown(case: Case) -> str | None:
    return "Nobody has said when this listing was last checked. Get in touch before you go."


def _room(case: Case) -> str | None:
    return "There are places open."


def _room_mismatch(case: Case) -> str | None:
    return "Few places are open." if _part(case, "room").amount < 0 else None


def _time_unknown(case: Case) -> str | None:
    if not case.situation.intake.availability:
        return None
    if not case.entry.group.schedules:
        return "The listing doesn't say when it meets."
    return "Check what time it meets on your own clock."


def _part(case: Case, feature: str) -> Contribution:
    return next(part for part in case.ranked.contributions if part.feature == feature)


def _list(words: list[str], joined_by: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joined_by} {words[-1]}"


_REASONS: dict[str, Sentence] = {
    "shared_experience": _shared_experience,
    "same_subject": _same_subject,
    "same_words": _same_words,
    "topics": _topics,
    "role": _role,
    "stage": _stage,
    "further_along": lambda case: "Several people there are further along than you.",
    "hopes": _hopes,
    "time": _time,
    "travel": _travel,
    "soon": lambda case: "It meets again soon.",
    "ease": _ease,
    "access": _access,
    "room": _room,
}
_MISMATCHES: dict[str, Sentence] = {
    "topics": _topics_missing,
    "role": _role_mismatch,
    "stage": _stage_mismatch,
    "time": _time_mismatch,
    "travel": _travel_mismatch,
    "soon": _soon_mismatch,
    "ease": _ease_mismatch,
    "access": _access_mismatch,
    "language": _language_mismatch,
    "fresh": _fresh_mismatch,
    "room": _room_mismatch,
}
_UNKNOWNS: dict[str, Sentence] = {"time": _time_unknown, "access": _access_unknown, "fresh": _fresh_unknown}
