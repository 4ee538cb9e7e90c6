"""Whose experience a story tells: the newcomer's own, someone's they support, or someone's who died; and who that is.

Reads by where people stand in a sentence: who has it, whose it is, who is only mentioned. Decides nothing that is not
shown to the newcomer; where the words point both ways, both are returned.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matcher.cues import roles
from matcher.cues.language import count, is_said, said
from matcher.cues.patterns import Match
from matcher.cues.people import Marked, relation_of
from models.vocabulary import Relation, Role


@dataclass(frozen=True)
class Whose:
    """What a story seems to say of whom it is about."""

    roles: tuple[Role, ...] = ()
    relations: tuple[Relation, ...] = ()


# Up to so many words of themselves a story can be about anyone.
_OWN_WORDS_FEW = 4
# From so many words of somebody else, it may be about them.
_OTHERS_WORDS_MANY = 4
_LOOKED_AROUND_CHARACTERS = 200
_WHO_HAS_IT = re.compile(rf"(?:^|\band )({roles.PERSON.pattern})")
_NEXT_CLAUSE = re.compile(r"(?:,| and| but| so| because| while|;) (?:i|i'm|i've|i'd)\b")


def tell_whose(story: Marked) -> Whose:
    """What is read of role and relation; empty where nothing is."""
    return _contrasted(story) or _bereaved(story) or _living(story)


def _contrasted(story: Marked) -> Whose | None:
    """ "It's not me, it's my daughter", and the other way round: no other words outweigh that."""
    if them := roles.THEM_NOT_ME.search(story.text):
        return Whose((Role.SUPPORTING,), _relations(story, _groups(them) or _mentioned(story)))
    return Whose((Role.LIVING_WITH,)) if roles.ME_NOT_THEM.search(story.text) else None


def _bereaved(story: Marked) -> Whose | None:
    deaths = list(said(roles.DIED, story.text))
    late = [mark for mark in roles.PERSON.findall(story.text) if story.person(mark).has_died]
    if not deaths and not late:
        return None
    dead = [*late, *(words for death in deaths for words in _groups(death))]
    untold = [who for who, died in roles.DIED_BY_ITSELF.items() if any(died.search(death[0]) for death in deaths)]
    relations = tuple(dict.fromkeys([*_relations(story, dead), *untold]))
    own = [Role.LIVING_WITH] if roles.OWN.search(story.text) else []
    return Whose((Role.BEREAVED, *own), relations if relations or dead else _relations(story, _mentioned(story)))


def _living(story: Marked) -> Whose:
    text, ill = story.text, list(_ill(story))
    harmed = is_said(roles.HARMED, text)
    own = harmed or bool(roles.OWN.search(text))
    if ill or roles.CARING.search(text):
        return Whose((Role.SUPPORTING, *([Role.LIVING_WITH] if own else [])), _cared_for(story, ill))
    own = own or is_said(roles.PARTED, text)
    if not own and (topic := list(_topic(story))):
        return Whose((Role.SUPPORTING,), _relations(story, topic))
    mentioned = _relations(story, _mentioned(story))
    if not own and not _tells_of_self(story):
        return Whose((), mentioned)
    perhaps = [Role.SUPPORTING] if not harmed and _speaks_much_of_someone_else(text) else []
    return Whose((Role.LIVING_WITH, *perhaps), mentioned)


def _ill(story: Marked) -> Iterator[str]:
    """The marks of people who have what the story is about."""
    if not any(having.search(story.by_sentence) for having in (roles.SOMEONE_HAS_IT, roles.HE_OR_SHE_HAS_IT)):
        return
    named: list[str] = []
    for sentence in story.sentences:
        having = [one for one in said(roles.SOMEONE_HAS_IT, sentence) if _is_subject(one, sentence)]
        if having and not roles.HEALTHY.search(sentence):
            yield from (mark for one in having for mark in _WHO_HAS_IT.findall(one[0]))
        named += _subjects(sentence)
        for match in roles.HE_OR_SHE_HAS_IT.finditer(sentence):
            yield from [mark for mark in reversed(named) if story.person(mark).can_be_meant_by(_groups(match)[0])][:1]


def _cared_for(story: Marked, ill: list[str]) -> tuple[Relation, ...]:
    """Who those are that have it or are looked after; else what the newcomer is to them; else whoever is named."""
    cared = [mark for match in roles.CARING.finditer(story.text) for mark in _marks_and_groups(match)]
    sides = tuple(relation for relation, words in roles.OWN_SIDE.items() if words.search(story.text))
    return _relations(story, [*ill, *cared]) or sides or _relations(story, _mentioned(story))


def _topic(story: Marked) -> Iterator[str]:
    """The marks of whoever the story opens with, when they do more than stand by: my mother hoards."""
    opening = _opening(story)
    if not roles.PERSON.search(opening):
        return
    if roles.PARTED_PERHAPS.search(story.text) or roles.HEALTHY.search(opening) or _speaks_mostly_of_self(story.text):
        return
    for match in roles.PERSON.finditer(opening):
        before, after = _around(match, opening)
        beside_me = roles.ME.search(before) and not roles.NOTICED.search(before)
        if beside_me or roles.ME.search(_NEXT_CLAUSE.split(after)[0]) or not _is_subject(match, opening):
            return
        if not story.person(match[0]).are_many_or_apart:
            yield match[0]


def _opening(story: Marked) -> str:
    """The first sentence that names the newcomer or somebody else."""
    told = (one for one in story.sentences if roles.FIRST_PERSON.search(one) or roles.PERSON.search(one))
    return next(told, story.text)


def _speaks_mostly_of_self(text: str) -> bool:
    own = count(roles.FIRST_PERSON, text)
    return own > _OWN_WORDS_FEW and own > count(roles.THIRD_PERSON, text)


def _speaks_much_of_someone_else(text: str) -> bool:
    return count(roles.HE_OR_SHE, text) >= _OTHERS_WORDS_MANY


def _tells_of_self(story: Marked) -> bool:
    """Whoever opens with themselves, or names nobody else, is most likely writing of themselves."""
    if not roles.BEGINS.search(story.text):
        return False
    opening = next((one for one in story.sentences if roles.FIRST_PERSON.search(one)), story.text)
    return not any(_is_subject(match, opening) for match in roles.SOMEONE_ELSE.finditer(opening))


def _is_subject(match: Match, sentence: str) -> bool:
    """Whether somebody does or has something, rather than being told, visited or likened to."""
    before, after = _around(match, sentence)
    return not (roles.LIKENED if re.match(r"'s? \w", after) else roles.BESIDE).search(before)


def _around(match: Match, text: str) -> tuple[str, str]:
    """What stands before somebody, and after their mark."""
    end = match.start() + 1
    return text[max(0, end - _LOOKED_AROUND_CHARACTERS) : end - 1], text[end : end + _LOOKED_AROUND_CHARACTERS]


def _subjects(text: str) -> list[str]:
    return [match[0] for match in said(roles.PERSON, text) if _is_subject(match, text)]


def _mentioned(story: Marked) -> list[str]:
    """The marks of those the story opens with, or else of all it names, but for those only stood beside."""
    return _subjects(_opening(story)) or _subjects(story.text)


def _groups(match: Match) -> list[str]:
    return [words for words in match.groupdict().values() if words]


def _marks_and_groups(match: Match) -> list[str]:
    return [*roles.PERSON.findall(match[0]), *_groups(match)]


def _relations(story: Marked, named: Iterable[str]) -> tuple[Relation, ...]:
    """Of marks, or of plain words where somebody was not called "my"."""
    words = dict.fromkeys(story.person(one).words if roles.PERSON.match(one) else one for one in named)
    return tuple(dict.fromkeys(relation for one in words if (relation := relation_of(one)) is not None))
