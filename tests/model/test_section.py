"""What the core reads of a section whose type is a plugin's own."""

from fairlead.model.plan import Noun
from fairlead.model.section import distinction, has_build_host, has_hosts, part_of


class Bell(Noun):
    hosts: str = ""


class Tower(Noun):
    build_host: str = ""
    bell: Bell | None = Bell()
    folder: str = "/srv/tower"


def test_a_component_has_its_part_of_the_section_or_the_whole() -> None:
    assert part_of(Tower(), "bell") == Bell()
    assert part_of(Tower(), "clock") == Tower()
    assert part_of(Tower(bell=None), "bell") is None


def test_what_a_section_has_is_seen_from_its_fields() -> None:
    assert has_hosts(Bell())
    assert not has_hosts(Tower())
    assert has_build_host(Tower())
    assert not has_build_host(Bell())


def test_several_on_one_host_are_told_apart_by_a_field() -> None:
    assert distinction(Tower(), "folder") == "/srv/tower"
    assert distinction(Tower(), "") == ""
