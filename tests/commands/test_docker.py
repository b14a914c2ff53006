"""A container as data."""

from msgspec import structs

from fairlead.commands import docker


def test_a_site_that_is_renamed_replaces_no_container():
    c = docker.Container(name="board", image="busybox:1.36", labels=(("fairlead.site", "old"),))
    assert docker.spec(c) == docker.spec(structs.replace(c, labels=(("fairlead.site", "new"),)))
    assert docker.spec(c) != docker.spec(structs.replace(c, options=("--privileged",)))
