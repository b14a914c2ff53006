"""Is an image here? Asked by whatever name the site gives it, in each shell that hosts have."""

import pytest

from fairlead.operations.argv import docker
from fairlead.operations.argv.docker import Container
from tests.shells import Shell

C = Container(name="registry", image="docker.io/library/registry:3")
# Docker's own: what it lists has no docker.io/ before its name, what it inspects may have
DOCKER = """[ -z "$DOWN" ] || exit 1
case $1.$2.$3 in
  image.inspect."$HERE") echo "[]" ;;
  image.ls.-q) ;;
  *) exit 1 ;;
esac"""


@pytest.mark.parametrize(
    ("here", "down", "code"), [(C.image, "", 0), ("registry:2", "", 1), (C.image, "yes", 2)]
)
def test_an_image_is_here_by_its_whole_name_or_it_is_not(
    shell: Shell, here: str, down: str, code: int
) -> None:
    shell.tool("docker", DOCKER)
    assert shell.run(docker.has_image(C), HERE=here, DOWN=down)[0] == code
