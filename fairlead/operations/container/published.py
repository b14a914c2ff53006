"""What a registry has of images, asked from a host by its own API: nothing is pulled."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.plan import Fact, Noun
from fairlead.operations import script

sh = script.beside(__file__)


class Published(Noun):
    """An image in its registry.

    `platforms`: system/architecture of each in its index, or its own. `fits`: is there one for the
    host? Then `size` (bytes to pull), `variables` and `labels` are those of that one.
    """

    reference: str
    is_index: bool
    platforms: tuple[str, ...]
    fits: bool
    size: int = 0
    variables: Mapping[str, str] = {}
    labels: Mapping[str, str] = {}


NONE = "not in the registry"


def fact(engine: str, *references: str) -> Fact:
    """`published`: what its registry has of each of these images (NAME:TAG), by that name; NONE
    where it knows no such one. One that it could not be asked for is not there.
    """
    return Fact("published", sh("published", engine, *references), published, timeout=150)


def published(code: int, text: str) -> Mapping[str, Published | str]:
    """The lines of shell/published.sh."""
    rows = [line.split() for line in text.splitlines()]
    known: dict[str, Published | str] = {row[0]: NONE for row in rows if row[1:] == ["none"]}
    for reference, *words in (row for row in rows if len(row) == 4):
        try:
            known[reference] = _published(reference, *map(_decoded, words))
        except ValueError:
            continue  # no JSON: not known
    return known


def _decoded(word: str) -> Mapping[str, Any]:
    """One of the words of a line; it is a map, or ValueError."""
    value = {} if word == "-" else json.loads(b64decode(word))
    if not isinstance(value, dict):
        raise ValueError(word)
    return value


def _published(
    reference: str,
    manifest: Mapping[str, Any],
    own: Mapping[str, Any],
    config: Mapping[str, Any],
) -> Published:
    inside = config.get("config") or {}
    words = (word.partition("=") for word in inside.get("Env") or ())
    return Published(
        reference=reference,
        is_index="manifests" in manifest,
        platforms=tuple(_platforms(manifest)) or (_platform(config),),
        fits=bool(own),
        size=sum(layer.get("size", 0) for layer in own.get("layers") or ()),
        variables={name: value for name, _, value in words},
        labels=inside.get("Labels") or {},
    )


def _platforms(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Those of an index; an attestation, which builders add, has none that is known."""
    entries = (entry.get("platform") or {} for entry in manifest.get("manifests") or ())
    yield from (_platform(entry) for entry in entries if entry.get("os") != "unknown")


def _platform(words: Mapping[str, Any]) -> str:
    return f"{words.get('os', 'unknown')}/{words.get('architecture', 'unknown')}"
