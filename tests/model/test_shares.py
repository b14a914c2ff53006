"""Numbers and shares of hosts."""

import pytest

from fairlead.model.shares import Share, batch_sizes, share, sizes

SIZES = {
    ("2", 5): (2, 2, 1),
    ("1,5,25%,100%", 40): (1, 5, 10, 24),
    ("1,5", 12): (1, 5, 5, 1),
    ("10%", 5): (1, 1, 1, 1, 1),
    ("0", 5): (5,),
    ("9", 5): (5,),
    ("50%", 5): (2, 2, 1),
    ("1", 0): (),
}


@pytest.mark.parametrize(("text", "total"), SIZES)
def test_batches_are_as_large_as_is_said_the_last_again_and_again(text: str, total: int) -> None:
    assert batch_sizes(sizes(text), total) == SIZES[text, total]


def test_without_a_size_all_go_at_once() -> None:
    assert batch_sizes((), 7) == (7,)


@pytest.mark.parametrize(("text", "count"), [("0", 0), ("3", 3), ("10%", 1), ("9%", 0)])
def test_a_share_of_ten_hosts(text: str, count: int) -> None:
    assert share(text).of(10) == count


@pytest.mark.parametrize("text", ["", "-1", "x", "5.5", "101%", "1,,2", "1,0"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="; "):
        sizes(text)


def test_a_share_is_told_as_it_is_typed() -> None:
    assert [str(Share(3)), str(Share(percent=25))] == ["3", "25%"]
