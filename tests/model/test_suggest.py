"""What a misspelt name is told."""

import pytest

from fairlead.model.suggest import did_you_mean, suggestion

HOSTS = ("bastion", "n1", "n2")


@pytest.mark.parametrize(
    ("name", "sentence"), [("bastoin", "did you mean bastion? "), ("x", ""), ("", "")]
)
def test_the_nearest_name_is_suggested(name: str, sentence: str) -> None:
    assert did_you_mean(name, HOSTS) == sentence


def test_a_name_is_shown_as_it_is_typed() -> None:
    assert did_you_mean("bastoin", HOSTS, shown="@{}".format) == "did you mean @bastion? "


def test_how_near_it_has_to_be_can_be_told() -> None:
    assert did_you_mean("stat", ("status",), likeness=0.9) == ""
    assert did_you_mean("stat", ("status",), likeness=0.5) == "did you mean status? "


def test_a_remedy_names_all_there_is() -> None:
    assert suggestion("bastoin", HOSTS) == "did you mean bastion? known: bastion, n1, n2"
    assert suggestion("x", HOSTS) == "known: bastion, n1, n2"
    assert suggestion("x", ()) == "known: none"
