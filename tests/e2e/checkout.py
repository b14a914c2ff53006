"""A checkout of a test point, which its host builds and Compose drives."""

from pathlib import Path

from tests.e2e.ground import NAME, REMOTE, done, remotes, sh, site_with, under
from tests.e2e.inv import inv

SOURCE = "/root/testpoint"
BUILT = 'docker exec "$1" cat /etc/built-here'
DIGESTS = 'cd "$1"; sha256sum Dockerfile docker-compose.yml'
ENDS = "echo 'ENTRYPOINT [\"false\"]' >>/root/testpoint/Dockerfile"
SECTION = {
    "source": SOURCE,
    "image": "testpoint-of-ours",
    "tag": "latest",
    "flavor": "supervisord",
    "patience": 10,
}


class Checkout:
    """One that is built and up, with a remote; its own files are as they were."""

    def __init__(self, host: str, folder: Path):
        self.host = host
        self.site = f"--site={site_with(folder, perfsonar=SECTION | {'hosts': host})}"
        files = under(host, sh.text("checkout"), "first")
        done("perfsonar.build", self.site)
        done("perfsonar.up", self.site)
        assert not done("perfsonar.up", self.site, "--json").json["changed"]
        done("perfsonar.psconfig.add", self.site, f"--url={REMOTE}")
        assert under(host, DIGESTS, SOURCE) == files

    def runs(self, word: str) -> None:
        """What was built of this word is in service, with the state of the first."""
        assert under(self.host, BUILT, NAME) == f"{word}\n"
        assert remotes(self.host) == REMOTE

    def is_upgraded_and_returns(self) -> None:
        under(self.host, "sed -i s/first/second/ /root/testpoint/Dockerfile")
        done("perfsonar.upgrade", self.site)
        self.runs("second")
        done("perfsonar.rollback", self.site)
        self.runs("first")

    def comes_back_from_a_build_that_ends_at_once(self) -> None:
        under(self.host, ENDS)
        result = inv("perfsonar.upgrade", self.site)
        assert result.code == 8, result.err + result.out
        self.runs("first")
        under(self.host, "sed -i /ENTRYPOINT/d /root/testpoint/Dockerfile")

    def goes(self) -> None:
        done("perfsonar.down", self.site)
