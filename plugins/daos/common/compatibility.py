"""Which version may follow which, and which work together: refusals in words, from releases.py."""

from collections.abc import Iterator

from .releases import RELEASES, RULES, SETTINGS, Numbers, Rule, agree, numbers, release

AGREEMENTS = {
    "x.y.z": "be of the same version",
    "x.y": "be of the same release",
    "x.(y±1)": "be at most one release apart",
}
TOGETHER = "inv daos.upgrade brings all to one version"
FABRIC = {"server", "client"}  # what talks over the fabric: daos_engine and libdaos


def refusal(old: str, new: str) -> tuple[str, str]:
    """Why servers of version `old` may not become `new`, and what to do; ("", ""): they may."""
    before, after = numbers(old), numbers(new)
    if before[:1] != after[:1]:
        return (
            f"{old} and {new} have no layout of storage in common",
            "copy the data out, then begin anew with inv daos.admin.format",
        )
    if after < before:
        return (
            f"{new} is older than {old}, which runs",
            "inv daos.rollback returns to the version before; else set daos.version to what runs",
        )
    path = way(before, after)
    if len(path) > 1:
        steps = ", then ".join(path)
        return (
            f"{old} cannot become {new} at once: {_reason(old, new)}",
            f"set daos.version and run inv daos.upgrade for {steps}",
        )
    return "", ""


def _reason(old: str, new: str) -> str:
    target = release(new)
    if target and numbers(old)[:2] == target.after[:2]:
        return f"DAOS {_dotted(target.number)} takes {_dotted(target.after)} or newer"
    return "DAOS goes one release at a time"


def way(before: Numbers, after: Numbers) -> list[str]:
    """The versions to go through, the release that is wanted last; one where it can be at once.

    Of a release that the next one takes from a patch level on, that patch level.
    """
    minors = range(before[1] + 1, after[1] + 1)
    even = [minor for minor in minors if minor % 2 == 0 or minor == after[1]]
    stops = [stop for minor in even if (stop := _last_before(after[0], minor)) > before]
    return [*(_dotted(stop) for stop in stops), f"{after[0]}.{after[1]}"]


def _last_before(major: int, minor: int) -> Numbers:
    """What has to run before x.y may: the `after` of the table, else the release before."""
    known = next((entry for entry in RELEASES if entry.number == (major, minor)), None)
    after = known.after if known else (major, minor - 2, 0)
    return after if after[2:] != (0,) else after[:2]


def _dotted(version: Numbers) -> str:
    return ".".join(map(str, version))


def same_release(old: str, new: str) -> bool:
    """Do they differ in the patch level at most?"""
    return numbers(old)[:2] == numbers(new)[:2]


# Which work together


def disagreement(one: str, version: str, other: str, beside: str) -> tuple[str, str]:
    """Why a part `one` of this version does not work with `other` of version `beside`.

    And what to do; ("", ""): they work together.
    """
    parts = f"daos.{one} is of version {version}, daos.{other} of {beside}"
    for rule in rules_of(one, other):
        if not agree(rule.agreement, version, beside):
            return f"{parts}: they have to {AGREEMENTS[rule.agreement]}", TOGETHER
    for setting in SETTINGS if {one, other} == FABRIC else ():
        if {numbers(version), numbers(beside)} == {setting.one, setting.other}:
            return (
                f"{parts}: they talk only with {setting.variable} in the environment of both",
                f"{TOGETHER}; until then say it in env_vars of the engines and where clients run",
            )
    return "", ""


def rules_of(one: str, other: str) -> Iterator[Rule]:
    """The rules of the table about two parts, in either order."""
    return (rule for rule in RULES if sorted((rule.one, rule.other)) == sorted((one, other)))
