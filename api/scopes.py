"""The names of what an access key may open. What each opens is decided in `api.security`."""

from enum import StrEnum


class Scope(StrEnum):
    """What a key opens."""

    RECOMMEND = "recommend"
    DIRECTORY = "directory"
    STAFF = "staff"
