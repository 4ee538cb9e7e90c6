"""The API keeps to its own description, whatever is sent; and the description is one that others can use."""

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import CheckFunction
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from api.scopes import Scope
from api.service import Service
from tests.api.conftest import Headers, make_keys
from tests.records import a_group, a_profile

_CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


_BOUNDED = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_every_reply_is_as_described_whatever_is_sent(app: FastAPI, service: Service) -> None:
    service.directory.put_group(a_group("g1"))
    service.directory.put_profile(a_profile("p1", "g1"))
    staff_key = make_keys(service)[Scope.STAFF]
    found = schemathesis.openapi.from_asgi("/openapi.json", app).get_all_operations()
    operations = [result.ok() for result in found if isinstance(result, Ok)]
    for operation in operations:

        @_BOUNDED
        @given(case=operation.as_strategy())
        def call(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(headers=staff_key, checks=_CHECKS)

        call()
    assert len(operations) > 10


def test_the_description_is_openapi_3_1_and_names_every_operation_once(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert document["openapi"].startswith("3.1")
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["description"] and operation["tags"] for operation in operations)
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_the_examples_of_an_intake_run(client: TestClient, recommend_key: Headers) -> None:
    body = client.get("/openapi.json").json()["paths"]["/v1/recommendations"]["post"]["requestBody"]
    examples = body["content"]["application/json"]["examples"].values()
    replies = [client.post("/v1/recommendations", json=one["value"], headers=recommend_key) for one in examples]
    assert [reply.status_code for reply in replies] == [200] * len(examples)


@pytest.mark.parametrize("address", ["/docs", "/redoc"])
def test_no_page_of_ours_loads_a_documentation_script_from_elsewhere(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404
