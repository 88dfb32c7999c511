"""How settings are read: the process environment, then `.env`, and `X_FILE` naming a file that holds X."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured


class Variables(Mapping[str, str]):
    """Layers of variables, the first that knows a name wins; in each, `X_FILE` may stand for `X`.

    Docker and systemd hand secrets over as files. django-environ's own file-aware mapping keeps the newline
    at the end of such a file, and a secret with a stray newline is a wrong secret.
    """

    def __init__(self, *layers: Mapping[str, str]) -> None:
        self._layers = layers

    def __getitem__(self, name: str) -> str:
        for layer in self._layers:
            if name in layer:
                return layer[name]
            if path := layer.get(f"{name}_FILE"):
                return read_secret_file(name, path)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter({name for layer in self._layers for name in layer})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def read_secret_file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names {path}, which cannot be read: {error.strerror}."
        ) from error


def read_environment(dotenv: Path) -> environ.Env:
    """Read `.env` where there is one; a real environment variable wins over it.

    Whoever brings a SECRET_KEY of their own is past development: then `.env`, with its DEBUG, counts for nothing.
    """

    class Development(environ.Env):
        ENVIRON: dict[str, str] = {}  # where `read_env` reads into

    if dotenv.is_file() and not ({"SECRET_KEY", "SECRET_KEY_FILE"} & set(os.environ)):
        Development.read_env(dotenv)
    env = environ.Env()
    env.ENVIRON = Variables(os.environ, Development.ENVIRON)
    return env
