"""The directory: groups, which anyone may read, and experience profiles, which only a directory key opens."""

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Path, Query, Response

from api.errors import Trouble, problems
from api.routes.access import TheService
from api.scopes import Scope
from api.security import Allow, anyone
from api.storage.directory_records import Outcome
from models.errors import InvalidInput
from models.group import Group
from models.profile import ExperienceProfile
from models.text import Identifier, Record

router = APIRouter(prefix="/v1")

_GROUPS, _PROFILES = "Groups", "Experience profiles"
_directory_key = Depends(Allow(Scope.DIRECTORY))
_KEYED = (Trouble.KEY_NEEDED, Trouble.SCOPE_NEEDED, Trouble.INVALID)
_WRITING = (*_KEYED, Trouble.UNREADABLE, Trouble.TOO_LARGE, Trouble.NOT_JSON)
_LOCATION = {"Location": {"description": "Where it is now.", "schema": {"type": "string"}}}
_LINK = {"Link": {"description": 'The next page, as `<…>; rel="next"`, if there is one.', "schema": {"type": "string"}}}

Id = Annotated[Identifier, Path(description="Its id in this directory.")]
Limit = Annotated[int, Query(ge=1, le=200, description="The most on one page.")]
After = Annotated[Identifier | None, Query(description="Only those whose ids come after this one.")]


class GroupPage(Record):
    """Some groups, in the order of their ids."""

    groups: tuple[Group, ...]


class ProfilePage(Record):
    """Some experience profiles, in the order of their ids."""

    profiles: tuple[ExperienceProfile, ...]


class GroupToPut(Group):
    """A group as it shall be. Its id may be left out, because the address holds it."""

    id: Identifier | None = None  # type: ignore[assignment]  # never kept


class ProfileToPut(ExperienceProfile):
    """An experience profile as it shall be. Its id may be left out, because the address holds it."""

    id: Identifier | None = None  # type: ignore[assignment]  # never kept


@router.get(
    "/groups",
    tags=[_GROUPS],
    dependencies=[Depends(anyone)],
    responses={200: {"headers": _LINK}, **problems(Trouble.INVALID)},
)
def list_groups(service: TheService, response: Response, limit: Limit = 50, after: After = None) -> GroupPage:
    """All groups, a page at a time. Follow `Link: <…>; rel="next"` until there is none."""
    groups = service.store.groups(after or "", limit + 1)
    _link_next(response, "/v1/groups", [group.id for group in groups], limit)
    return GroupPage(groups=tuple(groups[:limit]))


@router.post(
    "/groups",
    status_code=201,
    tags=[_GROUPS],
    dependencies=[_directory_key],
    responses={201: {"headers": _LOCATION}, **problems(*_WRITING, Trouble.CONFLICT)},
)
def create_group(group: Group, service: TheService, response: Response) -> Group:
    """Add a group. It can be recommended at once."""
    service.directory.add_group(group)
    response.headers["Location"] = _address("groups", group.id)
    return group


@router.get(
    "/groups/{group_id}",
    tags=[_GROUPS],
    dependencies=[Depends(anyone)],
    responses=problems(Trouble.NOT_FOUND, Trouble.INVALID),
)
def read_group(group_id: Id, service: TheService) -> Group:
    """One group, as it was put."""
    return service.store.group(group_id)


@router.put(
    "/groups/{group_id}",
    tags=[_GROUPS],
    dependencies=[_directory_key],
    responses={201: {"model": Group, "description": "Created", "headers": _LOCATION}, **problems(*_WRITING)},
)
def put_group(group_id: Id, body: GroupToPut, service: TheService, response: Response) -> Group:
    """Create or replace a group. What the body leaves out is not known from then on."""
    group = Group(**{**dict(body), "id": _agreed_id(body.id, group_id)})
    _tell_created(response, service.directory.put_group(group), _address("groups", group.id))
    return group


@router.delete(
    "/groups/{group_id}",
    status_code=204,
    tags=[_GROUPS],
    dependencies=[_directory_key],
    responses=problems(*_KEYED, Trouble.NOT_FOUND),
)
def delete_group(group_id: Id, service: TheService) -> None:
    """Delete a group with all its experience profiles."""
    service.directory.delete_group(group_id)


@router.get(
    "/groups/{group_id}/profiles",
    tags=[_PROFILES],
    dependencies=[_directory_key],
    responses={200: {"headers": _LINK}, **problems(*_KEYED, Trouble.NOT_FOUND)},
)
def list_profiles(
    group_id: Id, service: TheService, response: Response, limit: Limit = 50, after: After = None
) -> ProfilePage:
    """The experience profiles of one group, a page at a time."""
    profiles = service.store.profiles(after or "", limit + 1, group_id)
    ids = [profile.id for profile in profiles]
    _link_next(response, f"{_address('groups', group_id)}/profiles", ids, limit)
    return ProfilePage(profiles=tuple(profiles[:limit]))


@router.post(
    "/profiles",
    status_code=201,
    tags=[_PROFILES],
    dependencies=[_directory_key],
    responses={201: {"headers": _LOCATION}, **problems(*_WRITING, Trouble.CONFLICT, Trouble.NOT_FOUND)},
)
def create_profile(profile: ExperienceProfile, service: TheService, response: Response) -> ExperienceProfile:
    """Add what one member consented to share. Its group must be there."""
    service.directory.add_profile(profile)
    response.headers["Location"] = _address("profiles", profile.id)
    return profile


@router.get(
    "/profiles/{profile_id}",
    tags=[_PROFILES],
    dependencies=[_directory_key],
    responses=problems(*_KEYED, Trouble.NOT_FOUND),
)
def read_profile(profile_id: Id, service: TheService) -> ExperienceProfile:
    """One experience profile, as it was put."""
    return service.store.profile(profile_id)


@router.put(
    "/profiles/{profile_id}",
    tags=[_PROFILES],
    dependencies=[_directory_key],
    responses={
        201: {"model": ExperienceProfile, "description": "Created", "headers": _LOCATION},
        **problems(*_WRITING, Trouble.NOT_FOUND),
    },
)
def put_profile(profile_id: Id, body: ProfileToPut, service: TheService, response: Response) -> ExperienceProfile:
    """Create or replace an experience profile; another `group_id` moves it. Its group must be there."""
    profile = ExperienceProfile(**{**dict(body), "id": _agreed_id(body.id, profile_id)})
    _tell_created(response, service.directory.put_profile(profile), _address("profiles", profile.id))
    return profile


@router.delete(
    "/profiles/{profile_id}",
    status_code=204,
    tags=[_PROFILES],
    dependencies=[_directory_key],
    responses=problems(*_KEYED, Trouble.NOT_FOUND),
)
def delete_profile(profile_id: Id, service: TheService) -> None:
    """Delete an experience profile."""
    service.directory.delete_profile(profile_id)


def _agreed_id(in_body: str | None, in_address: str) -> str:
    if in_body not in {None, in_address}:
        raise InvalidInput(
            "The body's id is not the id in the address. Leave it out, or send the same. Nothing changed."
        )
    return in_address


def _address(kind: str, id_: str) -> str:
    return f"/v1/{kind}/{quote(id_, safe='')}"


def _tell_created(response: Response, outcome: Outcome, address: str) -> None:
    if outcome is Outcome.CREATED:
        response.status_code = 201
        response.headers["Location"] = address


def _link_next(response: Response, address: str, ids: list[str], limit: int) -> None:
    if len(ids) > limit:
        query = urlencode({"limit": limit, "after": ids[limit - 1]})
        response.headers["Link"] = f'<{address}?{query}>; rel="next"'
