"""Imports Invoke and msgspec without what a command line never uses, and without looking for
garbage.

Import this first. Invoke's MockContext imports unittest.mock and with it asyncio and ssl (34 ms
of 105), its YAML looks for libyaml in PyYAML (8 ms). While Invoke is being imported, a stand-in
is there for the one, and PyYAML is not to be seen. msgspec takes from typing_extensions (2 ms)
what typing has as well since Python 3.11, so that is not to be seen either. Afterwards all are as
ever: MockContext makes true mocks.

What loading makes stays, so looking for garbage in it is in vain (8 ms): the program collects
again once the tasks are there.
"""

import gc
import sys
from types import ModuleType
from typing import Any


def _mock(*arguments: object, **keywords: object) -> object:
    """unittest.mock.Mock, imported when one is made."""
    from unittest.mock import Mock

    return Mock(*arguments, **keywords)


def _import_both() -> None:
    stand_in = ModuleType("unittest.mock")
    vars(stand_in)["Mock"] = _mock
    stand_ins: dict[str, Any] = {
        "unittest.mock": stand_in,
        "yaml": None,
        "typing_extensions": None,
    }
    absent = {name: module for name, module in stand_ins.items() if name not in sys.modules}
    sys.modules.update(absent)
    try:
        import invoke  # noqa: F401
        import msgspec  # noqa: F401
    finally:
        for name in absent:
            del sys.modules[name]


gc.disable()
_import_both()
