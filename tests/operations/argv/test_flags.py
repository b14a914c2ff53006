"""What a container keeps of the one before it: what its own flags leave open."""

import pytest

from fairlead.operations.argv.flags import unclaimed


@pytest.mark.parametrize(
    "kept",
    ["4080:4080/tcp", "4080:9618/tcp", "127.0.0.1:4080:4080/tcp"],
)
def test_a_port_of_the_host_is_had_once(kept: str) -> None:
    assert unclaimed((f"--publish={kept}",), ("-p", "4080:4080"), ()) == ()


@pytest.mark.parametrize("kept", ["4081:4080/tcp", "4080:4080/udp"])
def test_another_port_is_kept(kept: str) -> None:
    word = f"--publish={kept}"
    assert unclaimed((word,), ("-p", "4080:4080"), ()) == (word,)
