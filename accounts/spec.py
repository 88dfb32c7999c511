"""How a platform is described: its hosts, the forms of its addresses, what makes two handles the same."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """Where an account's address lives."""

    HOSTED = "hosted"  # on hosts of the platform: the path names the account
    FEDERATED = "federated"  # on any server: the host is part of the handle
    SITE = "site"  # a web site of its own: host and path are the account


@dataclass(frozen=True)
class Form:
    """One way in which an address is written: a pattern over path and kept query, and the handle that it names.

    `post` marks the address of a single post: it names an account, and is not the account's address.
    """

    pattern: str
    handle: str = "{name}"
    post: bool = False


@dataclass(frozen=True)
class Spec:
    """One platform. `hosts[0]` is the canonical one; `paths` turn a handle into its path, first match wins.

    `case_kept` matches handles in which case tells accounts apart; `ignored` are characters of a handle that the
    platform itself ignores. `query` are the parameters that may name an account. `expects` ends the sentence
    "An account on … is …" when something does not fit.
    """

    slug: str
    name: str
    label: str
    expects: str
    handle_pattern: str
    aliases: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    kind: Kind = Kind.HOSTED
    forms: tuple[Form, ...] = ()
    paths: tuple[tuple[str, str], ...] = ((".+", "/{handle}"),)
    reserved: frozenset[str] = frozenset()
    query: tuple[str, ...] = ()
    case_kept: str | None = None
    ignored: str = ""
    at: bool = True
