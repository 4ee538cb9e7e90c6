"""The closed lists that intakes, groups and rules share, each term with the words that describe it.

Labels here speak of a group or of the people in it ("people who support someone"); the questions' own wording,
which speaks to the newcomer, is in `default_questionnaire.toml`.
"""

from enum import StrEnum


class Term(StrEnum):
    """One term of a closed list: its value is stored and exchanged, its label is read by people."""

    label: str

    def __new__(cls, value: str, label: str = "") -> "Term":
        term = str.__new__(cls, value)
        term._value_ = value
        term.label = label
        return term


class Topic(Term):
    """What a group is about."""

    ALCOHOL = "alcohol", "alcohol"
    DRUGS = "drugs", "drugs or medicines"
    GAMBLING = "gambling", "gambling"
    COMPULSIVE_BEHAVIOUR = "compulsive_behaviour", "compulsive sex, spending, gaming or screens"
    EATING_DISORDER = "eating_disorder", "eating disorders"
    SELF_HARM = "self_harm", "self-harm"
    SUICIDAL_THOUGHTS = "suicidal_thoughts", "suicidal thoughts"
    DEPRESSION = "depression", "depression"
    ANXIETY = "anxiety", "anxiety and panic"
    SOCIAL_ANXIETY = "social_anxiety", "social anxiety"
    OCD = "ocd", "obsessive-compulsive disorder"
    BIPOLAR = "bipolar", "bipolar disorder"
    PSYCHOSIS = "psychosis", "psychosis, schizophrenia, hearing voices"
    INTENSE_EMOTIONS = "intense_emotions", "intense emotions, borderline personality, DBT skills"
    TRAUMA = "trauma", "trauma and PTSD"
    SEXUAL_ABUSE = "sexual_abuse", "sexual abuse or assault"
    DOMESTIC_ABUSE = "domestic_abuse", "abuse in a relationship or family"
    ADHD = "adhd", "ADHD"
    AUTISM = "autism", "autism"
    GRIEF = "grief", "grief"
    CHILD_LOSS = "child_loss", "the death of a child"
    PREGNANCY_LOSS = "pregnancy_loss", "miscarriage, stillbirth or loss in pregnancy"
    PARTNER_LOSS = "partner_loss", "the death of a partner"
    SUICIDE_LOSS = "suicide_loss", "losing someone to suicide"
    OVERDOSE_LOSS = "overdose_loss", "losing someone to drugs or alcohol"
    PET_LOSS = "pet_loss", "the death of a pet"
    CANCER = "cancer", "cancer"
    SURGERY = "surgery", "surgery"
    OSTOMY = "ostomy", "life with an ostomy"
    DIGESTIVE = "digestive", "bowel and digestive illness"
    HEART = "heart", "heart conditions"
    STROKE_BRAIN_INJURY = "stroke_brain_injury", "stroke or brain injury"
    DIABETES = "diabetes", "diabetes"
    KIDNEY_LIVER = "kidney_liver", "kidney or liver illness, dialysis, transplant"
    LUNG = "lung", "lung conditions"
    CHRONIC_PAIN = "chronic_pain", "long-term pain"
    FATIGUE = "fatigue", "ME/CFS, long COVID and fatigue"
    DIZZINESS = "dizziness", "dizziness, fainting, POTS"
    NEUROLOGICAL = "neurological", "MS, Parkinson's, epilepsy and other nerve conditions"
    AUTOIMMUNE = "autoimmune", "arthritis, lupus and other autoimmune illness"
    RARE_CONDITION = "rare_condition", "rare conditions"
    DISABILITY = "disability", "disability, limb loss, sight or hearing loss"
    DEMENTIA = "dementia", "dementia"
    HIV = "hiv", "HIV"
    FERTILITY = "fertility", "trouble having a baby"
    MENOPAUSE = "menopause", "menopause"
    CARING = "caring", "caring for someone"
    NEW_PARENT = "new_parent", "new parents, after birth"
    PARENTING = "parenting", "raising a child who needs more support"
    SEPARATION = "separation", "divorce or separation"
    LONELINESS = "loneliness", "loneliness"
    STIGMA = "stigma", "shame and stigma"
    WORK = "work", "work, burnout, losing a job"
    MIGRATION = "migration", "starting again in a new country"
    GENDER_SEXUALITY = "gender_sexuality", "gender, sexuality, coming out"
    MILITARY = "military", "military service and coming home"
    PRISON = "prison", "prison, for people and families"


class Role(Term):
    """Whose experience it is."""

    LIVING_WITH = "living_with", "people going through it themselves"
    SUPPORTING = "supporting", "people who support someone"
    BEREAVED = "bereaved", "people who have lost someone"


class Relation(Term):
    """Who the person it is about is to the newcomer; the label names the newcomer's side of it."""

    PARTNER = "partner", "partners"
    PARENT = "parent", "sons and daughters"
    CHILD = "child", "parents"
    SIBLING = "sibling", "brothers and sisters"
    OTHER = "other", "other family and friends"


class Stage(Term):
    """Where in it somebody is."""

    FINDING_OUT = "finding_out", "people still finding out, with no diagnosis"
    NEW = "new", "people for whom it is new"
    ONGOING = "ongoing", "people in the middle of it"
    LONG_TERM = "long_term", "people who have lived with it for years"
    RECOVERING = "recovering", "people recovering, or after treatment"
    ADVANCED = "advanced", "people whose illness is advanced or can't be cured"


class Hope(Term):
    """What somebody hopes a group will give them."""

    BE_HEARD = "be_heard", "being heard"
    PRACTICAL_TIPS = "practical_tips", "practical tips"
    COPING_SKILLS = "coping_skills", "coping skills"
    COMPANY = "company", "company"
    ACCOUNTABILITY = "accountability", "help to keep going with a change"
    HOPE = "hope", "hope from people further along"
    HELPING_OTHERS = "helping_others", "helping others"


class Format(Term):
    """How people meet."""

    IN_PERSON = "in_person", "in person"
    ONLINE = "online", "online"
    HYBRID = "hybrid", "in person and online"
    PHONE = "phone", "by phone"


class DayPart(Term):
    """When somebody is free: mornings end at 12:00, afternoons at 17:00."""

    WEEKDAY_MORNING = "weekday_morning", "weekday mornings"
    WEEKDAY_AFTERNOON = "weekday_afternoon", "weekday afternoons"
    WEEKDAY_EVENING = "weekday_evening", "weekday evenings"
    WEEKEND_MORNING = "weekend_morning", "weekend mornings"
    WEEKEND_AFTERNOON = "weekend_afternoon", "weekend afternoons"
    WEEKEND_EVENING = "weekend_evening", "weekend evenings"


class Identity(Term):
    """Whom a group can be kept for. Only ever named by the newcomer, never guessed."""

    WOMEN = "women", "women"
    MEN = "men", "men"
    TRANS_NONBINARY = "trans_nonbinary", "trans and non-binary people"
    LGBTQ = "lgbtq", "LGBTQ+ people"
    PEOPLE_OF_COLOUR = "people_of_colour", "people of colour"
    VETERANS = "veterans", "veterans and serving personnel"
    STUDENTS = "students", "students"
    HEALTH_WORKERS = "health_workers", "health, care and emergency workers"
    MIGRANTS = "migrants", "migrants and refugees"
    PARENTS = "parents", "parents"


class AccessNeed(Term):
    """What somebody needs to be able to take part."""

    STEP_FREE = "step_free", "step-free access"
    CAPTIONS = "captions", "captions"
    SIGN_LANGUAGE = "sign_language", "a sign-language interpreter"
    HEARING_LOOP = "hearing_loop", "a hearing loop"
    QUIET_SPACE = "quiet_space", "a quiet, low-stimulation space"
    CHILDCARE = "childcare", "childcare"


class Wish(Term):
    """What a newcomer may mark *must*, *nice* or *avoid*."""

    ONLINE = "online", "meets online or by phone"
    IN_PERSON = "in_person", "meets in person"
    LISTENING_ONLY = "listening_only", "you can just listen"
    CAMERA_OFF = "camera_off", "the camera can stay off"
    SMALL = "small", "a small group"
    FACILITATED = "facilitated", "led by someone trained"
    STRUCTURED = "structured", "follows a set programme"
    TWELVE_STEP = "twelve_step", "follows the twelve steps"
    FAITH = "faith", "includes faith or prayer"
    SHARED_IDENTITY = "shared_identity", "kept for people like me"
    FREE = "free", "free of charge"
    DROP_IN = "drop_in", "no sign-up needed"


class Importance(Term):
    """How much a wish counts."""

    MUST = "must", "must have"
    NICE = "nice", "would be nice"
    AVOID = "avoid", "not for me"


class Status(Term):
    """Whether a group is running (terms of Open Referral HSDS)."""

    ACTIVE = "active", "running"
    TEMPORARILY_CLOSED = "temporarily closed", "closed for now"
    INACTIVE = "inactive", "not running"
    DEFUNCT = "defunct", "ended"


class Facilitation(Term):
    """Who holds the meeting."""

    PROFESSIONAL = "professional", "led by a professional"
    TRAINED_PEER = "trained_peer", "led by a trained peer"
    PEER = "peer", "run by its members"
    NONE = "none", "nobody guides the meeting"


class Structure(Term):
    """How a meeting runs."""

    OPEN = "open", "open sharing"
    TOPIC = "topic", "a topic each time"
    PROGRAMME = "programme", "a set programme"


class Faith(Term):
    """What place faith has in a group."""

    SECULAR = "secular", "no religious content"
    SPIRITUAL = "spiritual", "some spiritual content"
    FAITH_BASED = "faith_based", "based on a faith"


class Cost(Term):
    """What it costs to come."""

    FREE = "free", "free"
    DONATION = "donation", "by donation"
    PAID = "paid", "there is a fee"


TOPIC_IDS = frozenset(topic.value for topic in Topic)

# A group about the broader topic is about the narrower one too, if less precisely.
BROADER_TOPIC = {
    Topic.CHILD_LOSS: Topic.GRIEF,
    Topic.PREGNANCY_LOSS: Topic.GRIEF,
    Topic.PARTNER_LOSS: Topic.GRIEF,
    Topic.SUICIDE_LOSS: Topic.GRIEF,
    Topic.OVERDOSE_LOSS: Topic.GRIEF,
    Topic.PET_LOSS: Topic.GRIEF,
    Topic.OSTOMY: Topic.DIGESTIVE,
    Topic.SOCIAL_ANXIETY: Topic.ANXIETY,
    Topic.SEXUAL_ABUSE: Topic.TRAUMA,
    Topic.DOMESTIC_ABUSE: Topic.TRAUMA,
}

# Countries with one clock: the newcomer's zone is known from the country.
ZONE_OF_COUNTRY = {"GB": "Europe/London", "IE": "Europe/Dublin"}

# As they stand in a sentence.
_COUNTRIES = {
    "AU": "Australia",
    "CA": "Canada",
    "GB": "the United Kingdom",
    "IE": "Ireland",
    "NZ": "New Zealand",
    "US": "the United States",
}
_LANGUAGES = {
    "ar": "Arabic",
    "cy": "Welsh",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "pl": "Polish",
    "pt": "Portuguese",
    "ur": "Urdu",
    "zh": "Chinese",
}


def say_country(code: str) -> str:
    """A country's name in a sentence; its code where no name is known."""
    return _COUNTRIES.get(code, code)


def say_language(code: str) -> str:
    """A language's name in a sentence, whatever its region; its code where no name is known."""
    return _LANGUAGES.get(code.partition("-")[0], code)
