"""All traits of the verbs, in one table: what command line, runner and output treat differently.

A verb that is in no table is a component's own; `@verb(...)` beside its function says its traits.
"""

from collections.abc import Mapping

from fairlead.model.plan import Noun


class Verb(Noun, kw_only=True):
    """The traits of one verb."""

    changes: bool = True  # changes hosts: takes leases and locks, is journalled, has a dry run
    destroys: str = ""  # the data that it destroys: the site's name has to be typed
    destroys_with: str = ""  # its flag with which alone it destroys; "": it always does
    words: bool = False  # takes what follows `--`
    asks_preflight: bool = False  # is done only where the component's preflight blocks nothing
    reverse_order: bool = False  # goes through systems and components from the last to the first
    confirms_many: bool = False  # asks before it is done on more than one host
    on_build_host: bool = False  # is done once, on the section's `build_host` where it names one
    delivers_secrets: bool = False  # gets those secrets of `needs` that have a path
    checks: bool = False  # answers with Checks; --fix does their steps
    session: bool = False  # runs a program for its output
    interactive: bool = False  # its output is the operator's terminal, byte for byte
    joins_streams: bool = False  # stderr is part of the output
    reports: bool = False  # its answer can be kept as a page: --report
    keeps_images: bool = False  # what runs has the image after it that it had before
    serves: bool = False  # what it is done to serves: where it fails, status is asked


VERBS: Mapping[str, Verb] = {
    "preflight": Verb(changes=False, checks=True),
    "secrets": Verb(delivers_secrets=True),
    "build": Verb(on_build_host=True),
    "pull": Verb(keeps_images=True),
    "up": Verb(asks_preflight=True, serves=True),
    "down": Verb(reverse_order=True, confirms_many=True),
    "restart": Verb(keeps_images=True, serves=True),
    "upgrade": Verb(asks_preflight=True, serves=True),
    "rollback": Verb(serves=True),
    "backup": Verb(keeps_images=True),
    "restore": Verb(confirms_many=True, keeps_images=True, serves=True),
    "prune": Verb(),
    "du": Verb(changes=False),
    "status": Verb(changes=False, reports=True),
    "logs": Verb(changes=False, session=True, joins_streams=True),
    "exec": Verb(changes=False, session=True, interactive=True, words=True),
}
OWN = Verb()

# What a host is when a verb is done: "not upgraded because of n5"
PARTICIPLES: Mapping[str, str] = {
    "build": "built",
    "pull": "given its image",
    "up": "brought up",
    "down": "taken down",
    "restart": "restarted",
    "upgrade": "upgraded",
    "rollback": "rolled back",
    "backup": "backed up",
    "restore": "restored",
    "prune": "pruned",
}


def traits(verb: str) -> Verb:
    """The traits that follow from a verb's name: those of the table, else those of OWN."""
    return VERBS.get(verb, OWN)


def participle(verb: str) -> str:
    """What a host is when the verb is done: "upgraded"."""
    return PARTICIPLES.get(verb, "finished")
