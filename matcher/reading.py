"""Reads role and stage from the story's own words, as statements to confirm. What is read is never taken for true:
it may move a group up or down a little, it never puts one in or out, and where two readings disagree nothing is read.
"""

import re
from dataclasses import dataclass

from models.intake import Intake
from models.recommendation import Statement
from models.vocabulary import Role, Stage

_KIN_WORDS = """
mum mom mam mummy mother dad daddy father parent parents husband wife partner spouse fiance fiancee boyfriend girlfriend
son daughter child children kid kids baby teenager brother sister sibling twin grandmother grandfather grandson
granddaughter grandparents grandma grandpa grandchild nan gran granny grandad uncle aunt auntie cousin niece nephew
friend mate ex stepson stepdaughter stepdad stepmum stepmom stepfather stepmother mother-in-law father-in-law
son-in-law daughter-in-law brother-in-law sister-in-law
"""
_KIN = f"(?:{'|'.join(sorted(_KIN_WORDS.split(), key=len, reverse=True))}|best friend|loved one)"
_MY_KIN = rf"(?:my|our) (?:\w+ ){{0,2}}?{_KIN}"
_DIED = (
    r"(?:died|dies|passed|is dead|was killed|is gone forever|overdosed and died"
    r"|took (?:his|her|their) (?:own )?life|(?:killed|hanged|shot) (?:him|her|them)sel(?:f|ves))"
)
_STRUGGLES = (
    r"(?:drinks?|drinking|drank|uses?|gambles?|gambling|relapsed?|hears? voices|cuts?|starves?|binges?"
    r"|won'?t (?:eat|stop|leave)|can'?t stop|has|'s got|got|'s|have|had|is|was|were|are|been|suffers?|struggles?"
    r"|lives? with|keeps?|refuses|needs?|came out|lost (?:his|her|their)|takes?)"
)

_BEREAVED = [
    rf"\b{_MY_KIN}(?: \w+){{0,6}}? {_DIED}\b",
    r"\b(?:lost|buried|burying|losing|miss(?:ing)?|grieving(?: for)?|mourning|death of|loss of|funeral (?:of|for)) "
    rf"(?:{_MY_KIN})\b",
    r"\b(?:lost|buried|losing|grieving|death of|loss of) "
    rf"(?:a|an|one of my|both my|my (?:only|first|late)) (?:\w+ )?{_KIN}\b",
    r"\b(?:i'?m|i am|i was|became|been|being|left|as) (?:a )?(?:young )?(?:widow(?:ed|er)?|bereaved)\b",
    r"\b(?:miscarr\w+|stillb\w+|still born|neonatal death)\b",
    rf"\bsince {_MY_KIN} (?:died|passed|went)\b",
    rf"\b{_MY_KIN}'s (?:death|funeral|suicide|ashes|passing|inquest)\b",
]
_SUPPORTING = [
    rf"\b{_MY_KIN}(?:'s|,? who)? (?:\w+ ){{0,3}}?{_STRUGGLES}\b",
    rf"\b{_MY_KIN}'s (?:\w+ )?(?:drinking|addiction|gambling|using|relapse|illness|diagnosis|cancer|dementia|condition"
    r"|stroke|depression|psychosis|episodes?|eating|recovery|surgery|care|carer|anxiety|temper|moods?|voices|ostomy"
    r"|stoma|chemo)\b",
    rf"\b(?:caring|care|carer|cooking|worr(?:y|ied)|scared|frightened) (?:for|about) (?:{_MY_KIN})\b",
    r"\b(?:daughter|son|child|wife|husband|partner|mother|father|mum|mom|dad|sister|brother|parent|family) of "
    r"(?:an? |my )?(?:\w+ )?(?:alcoholic|addict|drinker|gambler|drunk|schizophrenic|hoarder|someone|person)\b",
    r"\b(?:grew up|raised|brought up|living|live|married) (?:with|by|to|around) (?:an? |my )?(?:\w+ )?"
    r"(?:alcoholic|addict|drinker|gambler|drunk|drinking)\b",
    r"\b(?:alcoholic|addict|drinker)'s (?:daughter|son|wife|husband|child|partner|mother|father)\b",
    rf"\b(?:look(?:ing)? after|support(?:ing)?|help(?:ing)?) {_MY_KIN}\b",
    r"\bi(?:'m| am) (?:a |his |her |their )?(?:full[- ]time )?carer\b",
]
_LIVING_WITH = [
    r"\bi(?:'m| am) (?:an? )?(?:\w+ )?(?:alcoholic|addict|gambler|drinker|bipolar|autistic|diabetic|survivor|depressed"
    r"|anxious|sober|clean|in recovery|suicidal|dizzy)\b",
    r"\b(?:i|i've|i have) (?:just |recently |only |now )?(?:been |was |got )"
    r"(?:just |recently |newly |finally )?(?:diagnosed|told i have)\b",
    r"\bi (?:have|'ve got|got|had|suffer from|live with|struggle with|deal with|battle) "
    rf"(?!to\b|no\b|not\b|never\b|been\b|a (?:{_KIN})\b)\w+",
    r"\bi've (?:got|had) (?!to\b)\w+",
    r"\bi (?:drink|drank|use|used drugs|gamble|gambled|binge|purge|relapsed|hear voices|panic|cut myself|hurt myself"
    r"|self[- ]harm)\b",
    r"\bi (?:can'?t|cannot|couldn'?t) (?:stop (?:drinking|using|gambling|eating|spending|worrying|crying)|sleep"
    r"|get out of bed|leave the house)\b",
    r"\bmy (?:own )?(?:\w+ )?(?:drinking|addiction|gambling|diagnosis|surgery|operation|mastectomy|ostomy|stoma"
    r"|ileostomy|colostomy|bag|drains?|anxiety|depression|panic attacks?|ocd|adhd|ptsd|psychosis|voices|cancer|chemo"
    r"|epilepsy|seizures?|stroke|transplant|dialysis|scar|flare(?:s|-ups?)?|recovery|sobriety|relapse|symptoms)\b",
    r"\bi(?:'ve been| have been| was) (?:sober|clean|in hospital|sectioned|assaulted|abused|raped|deployed|on chemo"
    r"|in treatment)\b",
    r"\bi feel (?:so |very |really )?(?:depressed|anxious|hopeless|numb|empty|alone|lonely|low|ashamed)\b",
]

_FINDING_OUT = [
    r"\b(?:not|never|n't|without|no|haven'?t|hasn'?t|isn'?t|wasn'?t)(?: \w+){0,3} (?:diagnos\w+)\b",
    r"\b(?:waiting|wait) (?:for|on) (?:\w+ ){0,3}(?:diagnosis|results?|tests?|biopsy|scan|assessment|referral)\b",
    r"\b(?:doctors?|gp|nobody|no one|they) (?:don'?t|doesn'?t|can'?t|do not|cannot) (?:know|say|tell|find|work out)\b",
    r"\b(?:undiagnosed|self[- ]diagnosed|might (?:have|be)|could it be|think i (?:may|might)"
    r"|wonder(?:ing)? (?:if|whether) i)\b",
]
_FEW = r"(?:\d|a few|few|one|two|three|four|five|six|a couple of)"
_NEW = [
    r"(?<!not )\b(?:just|newly|recently|only just) (?:been |got |was )?"
    r"(?:diagnosed|found out|told|started|lost|widowed|sober|separated)\b",
    r"(?<!not )\bdiagnosed (?:\w+ ){0,3}?(?:yesterday|today|last (?:week|month)|this (?:week|month)"
    rf"|{_FEW} (?:days|weeks|months) ago)\b",
    rf"\b(?:\d{{1,2}}|ten|{_FEW}) (?:days|weeks) (?:sober|clean|ago|since|in|old)\b",
    rf"\b{_FEW} months? (?:sober|clean|since|ago)\b",
    r"\blast (?:week|month)\b",
]
_ONGOING = [
    r"\b(?:on|having|in the middle of|halfway through|going through|in) "
    r"(?:chemo\w*|radiotherapy|treatment|rehab|dialysis)\b",
]
_MANY = r"(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|many|several)"
_LONG_TERM = [
    rf"\b(?:for|over|after|nearly|almost) (?:\w+ ){{0,2}}?{_MANY} years\b",
    rf"\b{_MANY} years (?:ago|now|on|later)\b",
    r"\b(?:all my life|since i was (?:a )?(?:child|kid|teenager|\d{1,2})|for decades)\b",
]
_RECOVERING = [
    r"\b(?:in remission|in recovery|finished (?:my )?(?:treatment|chemo\w*)|after (?:my )?(?:treatment|chemo\w*)"
    r"|cancer[- ]free|all clear)\b",
    rf"\b(?:a|one|{_MANY}) years? (?:sober|clean)\b",
    r"\brecovering (?:from|alcoholic|addict)\b",
]
_ADVANCED = [
    r"\b(?:stage (?:4|iv|four)|metasta\w+|terminal(?:ly)?|incurable|can'?t be cured|palliative|hospice|end of life)\b",
]


@dataclass(frozen=True)
class _Reading:
    question_id: str
    value: str
    sentence: str
    pattern: re.Pattern[str]


def _reading(value: Role | Stage, sentence: str, patterns: list[str]) -> _Reading:
    question_id = "role" if isinstance(value, Role) else "stage"
    return _Reading(question_id, value.value, sentence, re.compile("|".join(patterns), re.IGNORECASE))


_READINGS = (
    _reading(Role.BEREAVED, "It's about someone who has died.", _BEREAVED),
    _reading(Role.SUPPORTING, "You're supporting or worried about someone.", _SUPPORTING),
    _reading(Role.LIVING_WITH, "You're going through it yourself.", _LIVING_WITH),
    _reading(Stage.FINDING_OUT, "There is no diagnosis yet.", _FINDING_OUT),
    _reading(Stage.ADVANCED, "The illness is advanced or can't be cured.", _ADVANCED),
    _reading(Stage.RECOVERING, "You (or they) are recovering.", _RECOVERING),
    _reading(Stage.ONGOING, "You (or they) are in the middle of treatment.", _ONGOING),
    _reading(Stage.NEW, "It's new: the last few months.", _NEW),
    _reading(Stage.LONG_TERM, "It has been years.", _LONG_TERM),
)


def read_statements(intake: Intake) -> tuple[Statement, ...]:
    """What the story seems to say of role and stage, where the newcomer neither answered nor struck it."""
    story = (intake.story or "").replace("’", "'")
    return tuple(
        Statement(
            id=f"{reading.question_id}:{reading.value}",
            question_id=reading.question_id,
            value=reading.value,
            sentence=reading.sentence,
        )
        for reading in _READINGS
        if getattr(intake, reading.question_id) is None
        and f"{reading.question_id}:{reading.value}" not in intake.struck
        and reading.pattern.search(story)
    )


def only_reading(statements: tuple[Statement, ...], question_id: str) -> str | None:
    """The one value read for a question; None when nothing, or more than one thing, was read."""
    values = [statement.value for statement in statements if statement.question_id == question_id]
    return values[0] if len(values) == 1 else None
