"""What a flag is, in the words of its help."""

from typing import Annotated, Any

from msgspec import Meta

from fairlead.cli.flags import Flag

WORD = Annotated[str, Meta(description="a word: letters")]


def flag(annotation: Any, required: bool = False) -> Flag:
    return Flag("name", annotation, "", required)


def test_the_words_of_a_verb_go_before_those_of_a_type() -> None:
    own = Annotated[WORD, Meta(description="of the pool")]
    assert flag(own).about == "of the pool"
    assert flag(WORD).about == "a word: letters"
    assert flag(str).about == ""
    assert flag(own, required=True).argument().help == "of the pool. Must be given."
