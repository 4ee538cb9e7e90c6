"""A peer behind HTTP, as its user would put it there: FastAPI, a plain function for a route, uvicorn with one process.

    python -m scripts.bench.peers.server NAME DIRECTORY GROUPS FOLDER PORT

The request and the reply have Kindred's shape, less what only Kindred says (reasons, what doesn't fit, what to ask).
"""

import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from matcher.encoder import TextEncoder
from matcher.text import encode_passages
from scripts.bench.directories import DrawnDirectory
from scripts.bench.peers.peer import PEERS, Peer


class _Answers(BaseModel):
    story: str


class _Asked(BaseModel):
    answers: _Answers
    limit: int = 3


def make_app(peer: Peer, encoder: TextEncoder, listings: list[dict[str, Any]]) -> FastAPI:
    """The peer as an application, which closes it when it stops; `listings` are the groups by their rows."""

    @asynccontextmanager
    async def run(_app: FastAPI) -> AsyncIterator[None]:
        yield
        peer.close()

    app = FastAPI(lifespan=run)
    # As many texts at a time as use all cores; more at once would only take each other's.
    turns = threading.Semaphore(encoder.streams)

    @app.get("/readyz")
    def tell_ready() -> dict[str, bool]:
        return {"ready": True}

    @app.post("/v1/recommendations")
    def recommend(asked: _Asked) -> dict[str, Any]:
        with turns:
            vector = encode_passages([asked.answers.story], encoder)[0]
        found = peer.search(vector, asked.limit)
        return {"recommendations": [{"group": listings[group], "score": score} for group, score in found]}

    return app


def main(name: str, directory: str, groups: str, folder: str, port: str) -> None:
    kind = PEERS[name]
    peer = kind.make(Path(folder))
    peer.open()
    encoder = kind.load_encoder()
    encoder.encode(["A group for people who share what they live with."])
    app = make_app(peer, encoder, DrawnDirectory(Path(directory), int(groups)).listings())
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
