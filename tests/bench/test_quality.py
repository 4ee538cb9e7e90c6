"""What the bench compares its encoder with the reference on."""

from matcher.evaluation import JudgedNewcomer
from models.group import Group
from models.intake import Intake
from models.profile import ExperienceProfile
from scripts.bench.quality import shorten
from scripts.cases import Cases

GROUP = Group(id="drains", name="Drains", description="People whose drains are blocked.")
STORY = " ".join(f"word{number}" for number in range(100))


def test_the_short_cases_keep_every_newcomer_with_their_first_words_and_no_profiles() -> None:
    told = ExperienceProfile(id="p", group_id="drains", experience="Mine is blocked.")
    newcomers = (
        JudgedNewcomer("a", Intake(story=STORY), ("drains",)),
        JudgedNewcomer("b", Intake(topics=("alcohol",)), ()),
    )
    short = shorten(Cases((GROUP,), (told,), newcomers))
    assert short.profiles == ()
    assert [one.good for one in short.newcomers] == [("drains",), ()]
    story = short.newcomers[0].intake.story
    assert story is not None
    assert STORY.startswith(f"{story} ")
    assert len(story.split()) == 25
    assert short.newcomers[1].intake == newcomers[1].intake
