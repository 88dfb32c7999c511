"""The readable page about the data: made from the OpenAPI document itself, and loading nothing from elsewhere."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe

from accounts import feeds, serializing
from accounts.api import api


@gzip_page
@require_safe
def data(http: HttpRequest) -> HttpResponse:
    """Every address of the API with what it takes, and the other files for machines."""
    base = http.build_absolute_uri("/").rstrip("/")
    context = {
        "base": base,
        "operations": _operations(),
        "fields": _fields("AccountData"),
        "registry_columns": serializing.REGISTRY,
        "snippet": feeds.snippet(http),
    }
    return render(http, "accounts/data.html", context)


@gzip_page
@conditional_page
@require_safe
def openapi(http: HttpRequest) -> JsonResponse:
    """The API's description, OpenAPI 3.1."""
    return JsonResponse(api.get_openapi_schema())


@require_safe
def nothing(http: HttpRequest, rest: str) -> JsonResponse:
    """What the API does not have, answered as data."""
    return JsonResponse({"detail": "Not Found"}, status=404)


def _operations() -> list[dict[str, Any]]:
    found = []
    for path, methods in api.get_openapi_schema()["paths"].items():
        for operation in methods.values():
            found.append(
                {
                    "path": path,
                    "summary": operation["summary"],
                    "description": operation.get("description", "").replace("`", ""),
                    "parameters": [_parameter(one) for one in operation.get("parameters", ())],
                }
            )
    return found


def _parameter(one: dict[str, Any]) -> dict[str, Any]:
    schema = one["schema"]
    text = schema.get("description", "").replace("`", "")
    if "maximum" in schema:
        text = f"{text} {schema['minimum']} to {schema['maximum']}, else {schema.get('default')}.".strip()
    return {"name": one["name"], "required": one.get("required", False), "text": text}


def _fields(name: str) -> list[str]:
    return list(api.get_openapi_schema()["components"]["schemas"][name]["properties"])
