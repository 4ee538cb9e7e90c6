"""The application as a process of its own, with a fake encoder, on the database of the environment.

`uvicorn --factory tests.faults.serving:build_app`
"""

from fastapi import FastAPI

from api.app import create_app
from api.service import open_service
from api.settings import read_settings
from matcher.encoder import FakeEncoder


def build_app() -> FastAPI:
    return create_app(open_service(read_settings(), FakeEncoder()))
