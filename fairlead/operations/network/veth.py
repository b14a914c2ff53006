"""The address of a container that was made with --net=none: what `pipework BRIDGE CONTAINER
ADDRESS@GATEWAY` does, without it.

A pair of interfaces, one end on the bridge, the other as eth0 inside. It goes with the container's
network: it is made anew after every start.
"""

from typing import Protocol

from fairlead.model.plan import Ask, Fact, Noun, Step, Word
from fairlead.operations import script
from fairlead.operations.digest import sha256

sh = script.beside(__file__)

MENDED = frozenset({"detached", "not-on-bridge", "addr-differs", "no-route", "mac-differs"})


class HasName(Protocol):
    @property
    def name(self) -> str: ...


class Attachment(Protocol):
    """What a section has to say: `address` is ADDRESS/BITS, `router` the container's way out."""

    @property
    def name(self) -> str: ...
    @property
    def bridge(self) -> HasName: ...
    @property
    def mac(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def router(self) -> str: ...


class AttachmentState(Noun):
    """How the container hangs on the bridge: a word, and what there is to say."""

    word: str
    reason: str


def attach(site: Attachment) -> tuple[Word, ...]:
    """What gives a started container its address; its name stands behind these words."""
    return sh("attach", *_words(site))


def _words(site: Attachment) -> tuple[str, ...]:
    return ("docker", site.bridge.name, link(site), site.mac, site.address, site.router)


def link(site: HasName) -> str:
    """The end of the pair that is on the bridge: at most 15 letters, its own to the container's
    name.
    """
    return f"vx{sha256(site.name)[:10]}"


def address(site: Attachment) -> Step:
    """The container has its address, and nothing else of it changes."""
    words = (*_words(site), site.name)
    return Step(
        name=f"address {site.address}",
        unless=sh("veth_ask", *words, " ".join(sorted(MENDED))),
        do=sh("attach", *words),
        undo=("sh", "-c", 'ip link delete dev "$1" 2>/dev/null || :', "address", link(site)),
        timeout=60,
    )


def forwarded(site: Attachment) -> Step:
    """The firewall lets frames pass from port to port of the bridge, where it sees them at all."""
    rule = ("DOCKER-USER", "-i", site.bridge.name, "-o", site.bridge.name, "-j", "ACCEPT")
    return Step(
        name="forwarding",
        unless=sh("forwarded", site.bridge.name),
        do=("iptables", "-w", "5", "-I", *rule),
        undo=("iptables", "-w", "5", "-D", *rule),
        timeout=30,
    )


def fact(ask: Ask) -> Fact:
    """`attached`: the same question, answered in words."""
    words = (*_words(ask.section), ask.section.name)
    return Fact("attached", sh("veth_state", *words), attachment_state)


def attachment_state(code: int, text: str) -> AttachmentState:
    """The state in "WORD what there is to say"; of any other answer `unknown`."""
    word, _, reason = text.strip().partition(" ")
    if code == 0 and reason and "\n" not in reason:
        return AttachmentState(word, reason)
    return AttachmentState("unknown", "the host did not say")
