"""Who may call what. Every route names one: `Depends(anyone)` or `Depends(Allow(Scope.…))`; a test walks them all.

Decides whether a key opens a route. How keys are made and stored is in `api.storage.keys`.
"""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.errors import ProblemError, Trouble
from api.scopes import Scope
from api.storage.keys import AccessKey, KeyStore

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="A key made with `kindred keys create NAME --scope recommend|directory|staff`, sent as "
    "`Authorization: Bearer kindred_…`. A staff key opens everything.",
)


async def anyone() -> None:
    """Open to everyone: nothing here is about a person."""


class Allow:
    """Lets in who brings a key of this scope, or a staff key."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(
        self, request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
    ) -> None:
        if credentials is None:
            raise ProblemError(Trouble.KEY_NEEDED, self._how_to_get_a_key("This needs a key."), _CHALLENGE)
        key = await _find_key(request.app.state.service.keys, credentials.credentials)
        if key is None:
            sentence = self._how_to_get_a_key("This key is not known, or was revoked.")
            raise ProblemError(Trouble.KEY_NEEDED, sentence, _challenge('error="invalid_token"'))
        if key.scope not in {self.scope, Scope.STAFF}:
            raise ProblemError(
                Trouble.SCOPE_NEEDED,
                f"This needs a key of scope {self.scope.value} or staff; the key sent has scope {key.scope.value}.",
                _challenge(f'error="insufficient_scope", scope="{self.scope.value}"'),
            )

    def _how_to_get_a_key(self, sentence: str) -> str:
        return (
            f"{sentence} Send one as “Authorization: Bearer kindred_…”. Who runs this Kindred makes one with: "
            f".venv/bin/kindred keys create NAME --scope {self.scope.value}"
        )


async def _find_key(keys: KeyStore, secret: str) -> AccessKey | None:
    # Asking the database must not hold up other requests, so that takes a thread.
    return keys.find_at_once(secret) or await run_in_threadpool(keys.find, secret)


def _challenge(more: str) -> dict[str, str]:
    return {"WWW-Authenticate": f'Bearer realm="kindred", {more}'}


_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="kindred"'}
