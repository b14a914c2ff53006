"""Variables in /etc/sysconfig/docker as people write them."""

import subprocess

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from tests.plugins.triumf.engine.test_daemon_config import section

OURS = "OPTIONS='--selinux-enabled=false -g /docker{}'\n"
CASES = {  # before -> after, by the document's section
    "OPTIONS='--selinux-enabled' # hand made\n": "# hand made\n" + OURS.format(""),
    "OPTIONS='--selinux-enabled \\\n  --log-driver=journald'\nB=1\n": (
        OURS.format(" --log-driver=journald") + "B=1\n"
    ),
    'OPTIONS="--log-opt tag=a#b \\\n-g /x"\n': OURS.format(" --log-opt tag=a#b"),
    'OPTIONS="--icc=false\n  --graph /x"\nB=1\n': OURS.format(" --icc=false") + "B=1\n",
    "OPTIONS=--icc=false\n": OURS.format(" --icc=false"),
    "OPTIONS=\n": OURS.format(""),
    "OPTIONS=--icc=false \\": OURS.format(" --icc=false"),
    "OPTIONS='a'\nOPTIONS='b' \n": "OPTIONS='a'\n" + OURS.format(" b"),
}
REFUSED = ["OPTIONS='--icc\n", "OPTIONS=a b\n", "OPTIONS='a' 'b'\n", 'OPTIONS="it\'s"\n']


@pytest.mark.parametrize("before", CASES)
def test_options_are_read_as_people_write_them(plugins: Plugins, before: str) -> None:
    from fairlead_plugins.triumf.engine import daemon_config

    wishes = section(plugins)
    after = daemon_config.main(wishes, before)
    assert after.startswith(CASES[before])
    assert daemon_config.main(wishes, after) == after
    for text in (after, before):
        done = subprocess.run(["sh", "-c", f"{text}\n:"], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("before", REFUSED)
def test_options_that_are_not_one_text_are_refused_in_words(plugins: Plugins, before: str) -> None:
    from fairlead_plugins.triumf.engine import daemon_config

    with pytest.raises(FairleadError) as refused:
        daemon_config.files(section(plugins), "wn024", {daemon_config.MAIN: before}, "1.12.6")
    assert str(refused.value) == (
        "wn024: /etc/sysconfig/docker: OPTIONS is not one quoted text; "
        "write it as OPTIONS='...', a remark on a line of its own"
    )
