"""A host that builds one image, in words of a site, and what it is asked."""

from collections.abc import Mapping
from typing import Any

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Secret, Step
from fairlead.testing import BASE, ask_for, plan_of

REGISTRY = {"hosts": "n1", "name": "n1", "users": {"t1user": "t1"}, "tls": {"ca_secret": "ca"}}


RECIPE = {"method": "debootstrap", "release": "bookworm", "mirror": "http://a/debian"}


SECRETS = {name: Secret(name) for name in ("ca", "t1", "image.gpg", "image.pub")}


WORK = "/data/docker/scratch/sl6"


def ask(
    plugins: Plugins,
    verb: str,
    recipe: Mapping[str, Any] = RECIPE,
    facts: Mapping[str, Any] = BASE,
    **more: Any,
) -> Any:
    image = {"hosts": "n1", "recipes": {"sl6": recipe}} | more.pop("image", {})
    section = {"hosts": "n1", "registry": REGISTRY, "image": image} | more.pop("section", {})
    return ask_for(
        plugins, "triumf.image", verb, section=section, facts=facts, secrets=SECRETS, **more
    )


def steps(
    plugins: Plugins, recipe: Mapping[str, Any] = RECIPE, verb: str = "build", **more: Any
) -> dict[str, Step]:
    return {
        step.name.removeprefix("sl6: "): step
        for step in plan_of(plugins, ask(plugins, verb, recipe, **more))
    }
