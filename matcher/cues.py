"""The words by which role, stage and age are read from a story. They decide what is asked, never what is true."""

import re

from models.vocabulary import Relation, Role, Stage


def _any_of(words: str) -> str:
    return "(?:" + "|".join(sorted(words.split(), key=len, reverse=True)).replace("_", "[- ]") + ")"


_KIN = _any_of(
    """
    mum mom mam mummy mama mother dad daddy father parent parents husband wife partner spouse fiance fiancee boyfriend
    girlfriend son daughter child children kid kids baby babies teenager teen brother sister sibling twin grandmother
    grandfather grandson granddaughter grandparents grandma grandpa grandchild nan gran granny nana grandad grandda
    uncle aunt auntie cousin niece nephew friend mate ex stepson stepdaughter stepdad stepmum stepmom stepfather
    stepmother mother_in_law father_in_law son_in_law daughter_in_law brother_in_law sister_in_law lad boy girl fella
    other_half little_one loved_one family
    """
)
_PET = _any_of("dog cat puppy kitten pet horse rabbit budgie")
_CONDITION = _any_of(
    r"""
    diagnos\w+ diagnosis cancer tumou?r chemo\w* radiotherapy leuk\w+ lymphoma melanoma stroke dementia alzheimer\w*
    parkinson\w* ms epilep\w+ seizures? diabet\w+ lupus arthritis fibromyalgia crohn\w* colitis coeliac celiac ibs ibd
    ostomy stoma \w+ostomy mastectomy hysterectomy transplant dialysis copd emphysema asthma heart pots dizz\w+
    faint\w* vertigo migraines? pain fatigue cfs long_covid hiv menopause perimenopause infertil\w+ ivf
    autis\w+ adhd add ocd ptsd bpd bipolar schizo\w+ psychos\w+ psychotic voices depress\w+ anxi\w+ panic\w*
    anorexi\w+ bulimi\w+ eating_disorder bing\w+ purg\w+ self_harm\w* suicid\w+ addict\w* alcohol\w* drink\w* drank
    drunk sober drugs? heroin opioids? pills cocaine coke crack meth ketamine weed using relaps\w+ gambl\w+ betting
    bets rehab disab\w+ amput\w+ blind deaf ill illness sick surgery operation burnout burnt_out trauma abus\w+
    assault\w* rap(?:ed|e) cut cutting cuts starv\w+ hoard\w+ scars? flares? stillb\w+ section(?:ed)? hospital ward
    prison jail borderline personality trans gay lesbian carer lonely alone dying unwell overdos\w+ injur\w+ symptoms?
    condition treatment recovery clean
    """
)
_NEGATION = r"\b(?:not|never|no|without|nor|none)\b|n't\b|\bdont\b"
# Up to sixty characters of one sentence that hold neither a "not" nor what is named.
_NEAR_KIN = rf"(?:(?!{_NEGATION}|\bi\b)[^.!?;\n]){{0,60}}?"
_NEAR_ME = rf"(?:(?!{_NEGATION}|\b{_KIN}\b)[^.!?;\n]){{0,45}}?"
_YEARS_OLD = r"\d{1,2} ?(?:yo|yr|year)s?[- ]?olds?"
_MY_KIN = rf"\b(?:my|our) (?:[\w-]+ ){{0,3}}?(?:{_KIN}|{_YEARS_OLD})"
_DIED = (
    r"(?:died|dies|passed|dead|was (?:shot and )?killed|was murdered|is gone|drowned"
    r"|went (?:suddenly|in her sleep|in his sleep)"
    r"|took (?:his|her|their) (?:own )?life|(?:killed|hanged|shot) (?:him|her|them)sel(?:f|ves))"
)


def _cue(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


BEREAVED = _cue(
    rf"\b(?:my|our) (?:[\w-]+ ){{0,3}}?(?:{_KIN}|{_PET}){_NEAR_KIN} {_DIED}\b",
    rf"\b(?:{_KIN}|{_PET}) {_DIED}\b",
    r"\b(?:lost|buried|burying|losing|miss(?:ing)?|grieving(?: for)?|mourning|death of|loss of|funeral (?:of|for)"
    r"|since) "
    rf"(?:my|our) (?:[\w-]+ ){{0,3}}?(?:{_KIN}|{_PET})\b(?! (?:started|began|came|was|is|has|got|left|moved))",
    rf"\blost (?:a|an|one of my|both my|my (?:only|first|late)) (?:\w+ )?{_KIN}\b",
    r"\b(?:i'?m|i am|i was|became|been|being|left|as) (?:a )?(?:young )?(?:widow(?:ed|er)?|bereaved)\b",
    r"^widow(?:er|ed)?\b",
    r"\b(?:miscarr\w+|stillb\w+|still born|neonatal death)\b",
    rf"\b(?:my|our) (?:[\w-]+ )?(?:{_KIN}|{_PET})'s (?:death|funeral|suicide|ashes|passing|inquest|grave|clothes)\b",
)
SUPPORTING = _cue(
    rf"{_MY_KIN}\b{_NEAR_KIN}\b{_CONDITION}\b",
    r"\b(?:look(?:ing)?|car(?:e|ing)|cooking|do everything|carer) (?:after|for) "
    r"(?:him|her|them|my|our|someone|the pair|both)\b",
    rf"\b(?:worr(?:y|ied)|scared|frightened|terrified) (?:sick )?(?:for|about) (?:my|our) (?:[\w-]+ ){{0,2}}?{_KIN}\b",
    rf"\b(?:{_KIN}|parent|child|family) (?:of|to) (?:an? |my )?(?:[\w-]+ )?(?:alcoholic|addict|drinker|gambler|drunk"
    r"|hoarder|someone|person)\b",
    r"\b(?:grew up|raised|brought up|living|live|married) (?:with|by|to|around) (?:an? |my )?(?:[\w-]+ )?"
    r"(?:alcoholic|addict|drinker|gambler|drunk|drinking)\b",
    rf"\b(?:alcoholic|addict|drinker|gambler)'s {_KIN}\b",
    r"\b(?:it's|this is|i'm writing|i am writing|here) (?:all )?(?:about|for|because of) "
    rf"(?:my|our) (?:[\w-]+ )?{_KIN}\b",
    r"\bi(?:'m| am) (?:a |his |her |their )?(?:full[- ]time |young )?carer\b",
    rf"\b{_KIN} here\b",
    rf"{_MY_KIN} (?:does|did|has it|came out)\b(?! not|n't)",
)
LIVING_WITH = _cue(
    rf"\b(?:i|i'm|i've|im|ive|me)\b{_NEAR_ME}\b{_CONDITION}\b",
    rf"\bmy (?:own )?(?:(?!{_KIN}\b)[\w-]+ ){{0,3}}?(?!{_KIN}\b){_CONDITION}\b(?!'s)",
    r"\bi (?:panic|gamble|gambled|binge|purge)\b|\bi (?:can'?t|cannot|couldn'?t) "
    r"(?:stop (?:drinking|using|gambling|eating|spending|worrying)|get out of bed|leave the house)\b",
)
ROLES = {Role.SUPPORTING: SUPPORTING, Role.LIVING_WITH: LIVING_WITH}
RELATIONS = {
    Relation.PARTNER: _cue(
        r"\b(?:my|our) (?:[\w-]+ ){0,2}?"
        r"(?:husband|wife|partner|spouse|fianc[eé]e?|boyfriend|girlfriend|ex|other half)\b",
        r"\b(?:husband|wife|partner|spouse) (?:of|here|died|drinks|gambles)\b|\bwidow(?:ed|er)?\b|\bmarried to\b",
        r"\bi(?:'m| am) (?:\w+ )?(?:wife|husband|partner) (?:of|to)\b|^(?:husband|wife)\b",
    ),
    Relation.PARENT: _cue(
        r"\b(?:my|our) (?:[\w-]+ ){0,2}?(?:mum|mom|mam|mummy|mama|mother|dad|daddy|father|parents?)\b(?![- ]in[- ]law)",
        r"\b(?:daughter|son|child) of\b|\b(?:alcoholic|addict|drinker|gambler)'s (?:daughter|son|child)\b",
        r"\b(?:mum|mom|mam|mother|dad|father) (?:died|drinks|drank|has|had|is|was)\b|^(?:mum|mom|mam|dad)\b",
    ),
    Relation.CHILD: _cue(
        rf"\b(?:my|our) (?:[\w-]+ ){{0,2}}?(?:son|daughter|child|children|kid|kids|baby|babies|teenager|teen|lad"
        rf"|little one|{_YEARS_OLD})\b(?![- ]in[- ]law)",
        r"\b(?:mother|father|mum|mom|mam|dad|parent) of\b|\b(?:mum|mom|mam|dad) here\b|\bstillb\w+|\bmiscarr\w+",
    ),
    Relation.SIBLING: _cue(r"\b(?:my|our) (?:[\w-]+ ){0,2}?(?:brother|sister|sibling|twin)s?\b(?![- ]in[- ]law)"),
}
SOMEONE_ELSE = _cue(rf"\b(?:{_KIN}|{_PET}|him|her|he|she|them|{_YEARS_OLD})\b")
# Where somebody else is spoken of four times or more, it may be about them.
MUCH_OF_SOMEONE_ELSE = re.compile(r"(?:\b(?:he|she|him|her|his)\b.*?){4}", re.IGNORECASE | re.DOTALL)
ANY_SUBJECT = _cue(
    rf"\b(?:i'm|i've|im|my|{_CONDITION})\b",
    r"\bi (?:am|have|had|can|can't|want|feel|need|don't|keep|just|was|lost|cry|hate|live|work|moved|got|think)\b",
)

_FEW = r"(?:\d|a few|few|one|two|three|four|five|six|a couple of|couple of)"
_MANY = r"(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|many|several)"
_MONTHS = r"january|february|march|april|may|june|july|august|september|october|november|december"
STAGES = {
    Stage.FINDING_OUT: _cue(
        r"\b(?:not|never|without|no|haven'?t|hasn'?t|isn'?t|wasn'?t)(?: \w+){0,3} (?:diagnos\w+)\b",
        r"\b(?:waiting|wait) (?:for|on) (?:\w+ ){0,3}(?:diagnosis|results?|tests?|biopsy|scan|assessment|referral)\b",
        r"\b(?:doctors?|gp|nobody|no one|they) (?:don'?t|doesn'?t|can'?t|do not|cannot) "
        r"(?:know|say|tell|find|work out) (?:what|why|anything|if)\b",
        r"\b(?:undiagnosed|self[- ]diagnosed|could it be|think i (?:may|might) (?:have|be)"
        r"|wonder(?:ing)? (?:if|whether) i(?:'m| am| have))\b",
    ),
    Stage.ADVANCED: _cue(
        r"\b(?:stage (?:4|iv|four)|metasta\w+|terminal(?:ly)?|incurable|can'?t be cured|palliative|hospice"
        r"|end of life)\b"
    ),
    Stage.RECOVERING: _cue(
        r"(?<!not )\b(?:in remission|in recovery|(?:finished|after) (?:my )?(?:treatment|chemo\w*)"
        r"|cancer[- ]free|all clear|recovering (?:from|alcoholic|addict))\b",
        rf"\b(?:a|one|{_MANY}) years? (?:sober|clean)\b",
    ),
    Stage.ONGOING: _cue(
        r"\b(?:on|having|in the middle of|halfway through|going through|in) "
        r"(?:chemo\w*|radiotherapy|treatment|rehab|dialysis)\b",
        r"\b(?:second|third|fourth|next|last) (?:round|cycle) of chemo\w*\b",
    ),
    Stage.NEW: _cue(
        r"(?<!not )\b(?:just|newly|recently|only just) (?:been |got |was )?"
        r"(?:diagnosed|found out|told|started|lost|widowed|sober|separated)\b",
        r"(?<!not )\bdiagnosed (?:\w+ ){0,3}?(?:yesterday|today|last (?:week|month)|this (?:week|month)"
        rf"|{_FEW} (?:days|weeks|months) ago)\b",
        rf"\b(?:\d{{1,2}}|ten|{_FEW}) (?:days|weeks) (?:sober|clean|ago|since|in|old)\b",
        rf"\b{_FEW} months? (?:sober|clean|since|ago)\b",
        r"\blast (?:week|month)\b",
    ),
    Stage.LONG_TERM: _cue(
        rf"\b(?:for|over|after|nearly|almost|him|her|it|been) (?:\w+ ){{0,2}}?{_MANY} years\b",
        rf"\b{_MANY} years (?:ago|now|on|later|in)\b",
        r"\b(?:all my life|since i was (?:a )?(?:child|kid|teenager|\d{1,2})|for decades)\b",
    ),
}

AGES = (
    re.compile(
        r"\b(?:i'm|i am|im) (?:a )?(\d{2})\b"
        r"(?!:| ?(?:%|am|pm|weeks?|days?|months?|years? (?:sober|clean|in|into|out|on)|minutes?|hours?|miles"
        r"|stone|kg|lbs?|th\b))",
        re.IGNORECASE,
    ),
    re.compile(r"^(\d{2})(?:,| ?[fmFM]\b| ?yo\b)"),
    re.compile(r"\b(?:woman|man|female|male|girl|lad|lass), (\d{2})\b", re.IGNORECASE),
)
