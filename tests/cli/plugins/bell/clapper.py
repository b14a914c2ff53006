"""A clapper."""

from fairlead.api import Ask, Step, hookimpl

RING = ("sh", "-c", 'touch "$1/begun" && sleep "$2" && touch "$1/ended"', "ring")


@hookimpl
def restart(ask: Ask):
    """Ring once."""
    yield Step(name="ring", do=(*RING, ask.section.folder, str(ask.section.seconds)))
