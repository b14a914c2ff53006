"""What a component on n1 is asked, where all is well but for what a test says."""

from collections.abc import Callable, Mapping
from typing import Any

from fairlead.contract.loader import Plugins
from fairlead.testing import BASE, ask_for


def asking(component: str, good: Mapping[str, Any]) -> Callable[..., Any]:
    """A maker of its asks; `good`: the facts of a host where all is well."""

    def ask(
        plugins: Plugins,
        verb: str,
        section: Mapping[str, Any] = {},
        facts: Mapping[str, Any] = {},
        **more: Any,
    ) -> Any:
        return ask_for(
            plugins,
            component,
            verb,
            section={"hosts": "n1"} | dict(section),
            facts=BASE | dict(good) | dict(facts),
            **more,
        )

    return ask
