"""From an intake to groups, and the questions that an intake answers."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request, Response
from pydantic import Field

from api.errors import Trouble, problems
from api.presenting import RecommendationsReply, present_recommendations
from api.routes.access import answer_in_turn
from api.scopes import Scope
from api.security import Allow, anyone
from matcher.recommend import LIMIT_MOST
from models.intake import Intake
from models.questionnaire import Questionnaire, default_questionnaire
from models.recommendation import Recommendations
from models.text import Record

router = APIRouter(prefix="/v1", tags=["Recommendations"])

_EXAMPLES: dict[str, Any] = {
    "own words": {
        "summary": "Own words are enough",
        "value": {"answers": {"story": "I had an ileostomy in spring and I am frightened of eating with others."}},
    },
    "no words": {
        "summary": "No words, only picks",
        "value": {
            "answers": {
                "topics": ["alcohol"],
                "role": "supporting",
                "wishes": {"online": "must", "faith": "avoid"},
                "availability": ["weekday_evening"],
                "country": "GB",
            },
            "limit": 5,
        },
    },
}


class RecommendationsRequest(Record):
    """One intake, and how many groups to answer with."""

    answers: Intake
    limit: int = Field(default=3, strict=True, ge=1, le=LIMIT_MOST)
    """The most groups to return. Newcomers do well with three; programs may ask for more."""


@router.post(
    "/recommendations",
    response_model=RecommendationsReply,
    dependencies=[Depends(Allow(Scope.RECOMMEND))],
    responses=problems(
        Trouble.UNREADABLE,
        Trouble.KEY_NEEDED,
        Trouble.SCOPE_NEEDED,
        Trouble.TOO_LARGE,
        Trouble.NOT_JSON,
        Trouble.INVALID,
        Trouble.BUSY,
    ),
)
async def recommend_groups(
    asked: Annotated[RecommendationsRequest, Body(openapi_examples=_EXAMPLES)], request: Request
) -> Response:
    """Groups for one newcomer, each with why it may fit and what may not.

    Every answer may be left out; the story alone will do. Nothing of the intake is kept or logged.
    """
    return await answer_in_turn(request, lambda service: _write(service.recommend(asked.answers, asked.limit)))


ROUTE = router.routes[-1]
"""Where programs ask for recommendations."""


@router.get("/questionnaire", dependencies=[Depends(anyone)], responses=problems())
async def read_questionnaire() -> Questionnaire:
    """What newcomers are asked, in which order and words. Each question's id is a field of `answers`."""
    return default_questionnaire()


def _write(found: Recommendations) -> Response:
    # Written where it was made, while it is still in that core's cache, and not in the event loop.
    return Response(present_recommendations(found).model_dump_json(), media_type="application/json")
