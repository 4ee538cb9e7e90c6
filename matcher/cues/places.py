"""Reads where the newcomer lives, of the towns that are known: not every town a story names is theirs."""

import re
from collections.abc import Iterable
from string import capwords

from matcher.cues.people import MARK, PARTS, mark_people

_NEAR = (
    r"(?:in|near|outside|just outside|around|round|close to|not far from|inside)(?: the)?"
    r"(?: (?:(?:north|south)-?(?:east|west)?|east|west|central|greater|inner|downtown|middle of|centre of))?"
)
_ONE_OF_US = rf"(?:{MARK}|(?:my|our) [\w'-]+)"
_WE = rf"(?:i|i'm|i've|we|we're|we've|me|{_ONE_OF_US} and (?:i|me)|(?:me|i) and {_ONE_OF_US})"
_LIVE = (
    r"(?:live|living|am|are|based|stay|stayed|staying|stuck|settled|moved|renting|housed|retired|alone|on my own"
    r"|by myself|home|up|down|over|out|back|here|way|right|currently|now|just|only|still|both|all|mostly|originally"
    r"|born and bred)"
)
_HOME = r"(?:house|flat|home|apartment|place|bedsit|room|caravan|farm|bungalow|council house|studio|digs)"
_WORK = r"(?:teach|teaching|work|working|rent|renting|farm|study|studying|nurse|run|own|drive an?)"
_OTHERS = (
    r"(?:groups?|meetings?|anyone|anybody|someone|somebody|people|anything|something|somewhere|support|others|mums|dads"
    r"|parents|women|men|ones?|face to face|in person|person|around)"
)
# What stands before a town where somebody lives.
_HERE = re.compile(
    "|".join(
        (
            rf"(?:^|[^\w']){_WE}(?:,? {_LIVE})* ,?{_NEAR} $",
            rf"\b(?:live|living|based|settled|staying|renting) (?:(?:[\w'-]+|{MARK}) ){{0,4}}?{_NEAR} $",
            rf"\b(?:i|we|i'm|we're|i've)(?: [\w']+)? {_WORK}(?: [\w'-]+){{0,4}} in $",
            r"\b(?:i'm|i am|we're) an? (?:[\w-]+ ){1,4}in $",
            r"\bmoved (?:[\w'-]+ ){0,4}?to $",
            r"\b(?:new (?:to|in)|arrived in|here in|back in|home is|home in|area:?|location:?) $",
            r"\b(?:writing|posting|greetings|hello|hi) from $|\b(?:i'm|i am|we're|we are) from (?:near |outside )?$",
            rf"\b(?:my|our) {_HOME}(?:'s| is) {_NEAR} $|\b(?:an?|the|my|our) (?:\w+ )?{_HOME} {_NEAR} $",
            rf"\b(?:we|i)(?: have|'ve got| got|'ve) (?:an?|two|three) (?:[\w'-]+ ){{0,3}}?{PARTS['kin']}"
            rf"(?: with [\w' -]+?)? {_NEAR} $",
            rf"\b{_OTHERS} (?:\w+ )?{_NEAR} $",
        )
    )
)
_ELSEWHERE = re.compile(
    r"(?:\b(?:used to|never|not|want(?:ed|s)? to|hop(?:e|ing) to|wish|if|he|she|they|who|he's|she's|they're|was|were"
    rf"|grew up|born|raised|family|visit\w*|don't live|isn't|aren't)"
    rf"|(?:^|[,;] |\b(?:and|but|where|while|that) ){MARK}(?! and\b))(?:'s)? (?:[\w']+ ){{0,4}}?(?:{_NEAR}|to) $"
)
_NAMED_AFTER = re.compile(r" (?:fans?|crystal|united|city fan|rovers|street|road|hospital|university|accent|born)\b")
_SOMEONE_ELSE = re.compile(rf"{MARK}|\b(?:he|she|him|her|his|they)\b")
# A town by itself: "Leeds." "Woman, 36, in Cork city."
_ALONE_BEFORE = re.compile(rf"(?:^|[,;(] ?)(?:from |{_NEAR} )?(?:(?:north|south|east|west|central) )?$")
_ALONE_AFTER = re.compile(
    r"\s*(?:[.,;!?)/]|$|\b(?:here|area|way|if|but|and|so|or|uk|ireland|usa?|city|county|ohio|texas)\b| [a-z]{1,2}\d)"
)
_BASED_AFTER = re.compile(r"(?:[- ]based| area\b| (?:here|now)\b)")
_LOOKED_BACK_CHARACTERS = 90


def read_towns(story: str, towns: Iterable[str]) -> list[str]:
    """The towns, of those with these names in small letters, where a story says that the newcomer lives, or near."""
    lower = story.lower()
    homes = (_home_in(story, town, story == lower) for town in towns if town in lower)
    return [home for home in homes if home is not None]


def _home_in(story: str, town: str, uncapped: bool) -> str | None:
    for match in re.finditer(rf"(?<![\w'-]){re.escape(town)}(?![\w-]|'s\b)", story, re.IGNORECASE):
        # Only with its capital letter, but for those who write none: a cork is not Cork.
        capped = match[0][0].isupper()
        if (capped or uncapped) and _is_home(story[: match.start()], story[match.end() :].lower()):
            return match[0] if capped and not match[0].isupper() else capwords(match[0])
    return None


def _is_home(before: str, after: str) -> bool:
    """Whether the words around a town say that the newcomer lives there."""
    sentence = re.split(r"[.!?\n]", before[-_LOOKED_BACK_CHARACTERS:])[-1].lstrip()
    told = mark_people(sentence).text
    if _ELSEWHERE.search(told) or _NAMED_AFTER.match(after):
        return False
    alone = _ALONE_BEFORE.search(told) and _ALONE_AFTER.match(after) and not _SOMEONE_ELSE.search(told)
    return bool(_HERE.search(told) or _BASED_AFTER.match(after) or alone)
