"""Is an image here? Asked by whatever name the site gives it, in each shell that hosts have."""

import pytest

from fairlead.operations import script
from fairlead.operations.argv import docker
from fairlead.operations.argv.docker import Container
from tests.shells import Shell

C = Container(name="registry", image="docker.io/library/registry:3")

sh = script.beside(__file__)


@pytest.mark.parametrize(
    ("here", "down", "code"), [(C.image, "", 0), ("registry:2", "", 1), (C.image, "yes", 2)]
)
def test_an_image_is_here_by_its_whole_name_or_it_is_not(
    shell: Shell, here: str, down: str, code: int
) -> None:
    shell.tool("docker", sh.text("docker_image"))
    assert shell.run(docker.has_image(C), HERE=here, DOWN=down)[0] == code
