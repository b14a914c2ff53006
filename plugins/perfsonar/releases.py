"""What is known of perfSONAR's images by their tags: where their packages are from, what they have.

Sources: perfsonar-testpoint-docker, systemd/Dockerfile of each tag and branch, and
publish_docker.yml; perfsonar-bundles, control of each tag.
"""

import re
from typing import Any

from fairlead.api import Noun

# first and last version, and whether only their branches are meant -> where the packages come from;
# an image of the branch `master` (latest, systemd) has those that are released
UNRELEASED = (
    ((5, 1, 0), (5, 1, 5), False, "the snapshot repository of 5.1"),
    ((5, 2, 0), (5, 2, 1), False, "the staging repository"),
    ((5, 2, 2), (5, 3, 0), True, "the staging repository"),
)
# key of the site -> since which version an image has what it is about, and what that is
KEYS = {"node_exporter": ((5, 1, 0), "the host's metrics")}
VARIABLE = "PG_VERSION"  # of an image: the major version of its PostgreSQL


class Release(Noun):
    """A tag of an image. `number` is () for one that moves, such as latest."""

    tag: str
    number: tuple[int, ...] = ()
    is_branch: bool = False


def release(tag: str) -> Release:
    """What a tag says: v5.2.1-systemd is of a version, 5.2.1-systemd of its branch."""
    match = re.match(r"(v?)([0-9]+(?:\.[0-9]+)+)(?:-|$)", tag)
    if not match:
        return Release(tag)
    return Release(tag, tuple(map(int, match[2].split("."))), not match[1])


def source(tag: str) -> str:
    """Where the packages of a tag's image come from, where that is no repository of releases."""
    known = release(tag)
    for first, last, only_branches, words in UNRELEASED:
        if first <= known.number <= last and (known.is_branch or not only_branches):
            return words
    return ""


def unknown_keys(section: Any, number: tuple[int, ...]) -> dict[str, str]:
    """Key of the site -> what it is about that an image of this version has not."""
    return {
        key: what
        for key, (since, what) in KEYS.items()
        if number and number < since and getattr(section, key, None)
    }
