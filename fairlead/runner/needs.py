"""The secrets that a part of a request needs, read before the first connection opens."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping

from fairlead.contract.loader import Plugins
from fairlead.contract.verbs import traits
from fairlead.model.errors import SecretError
from fairlead.model.plan import Ask, Secret, SecretSpec, Target
from fairlead.runner.request import Request
from fairlead.runner.targets import Part

# The value of a secret by its name; the second word is what to type where it is nowhere.
ReadSecret = Callable[[str, str], Secret]
# host -> name of a secret -> its value, or why it cannot be had.
HostSecrets = Mapping[str, Mapping[str, Secret | SecretError]]


def secrets_of(
    part: Part,
    request: Request,
    plugins: Plugins,
    read: ReadSecret,
) -> HostSecrets:
    """What a part gets: for preflight whatever `up` would need, as far as it can be had.

    Raises SecretError as `read` does, but not for preflight.
    """
    if traits(part.verb.name).checks:
        return _secrets_of_up(part, plugins, read)
    return _required_secrets(part, request, plugins, read) if part.verb.changes else {}


def secret_specs(part: Part, plugins: Plugins) -> Iterator[tuple[str, SecretSpec]]:
    """(host, specification) of all secrets that belong to a part.

    Whatever is to be done with it, and whichever host is offline today.
    """
    options = part.component.defaults("secrets")
    for target in (*part.targets, *part.offline_targets):
        for spec in _specs(plugins, Ask("secrets", target, {}, options)):
            yield target.host, spec


def require_sound(
    todo: Iterable[Part],
    secrets: Iterable[HostSecrets],
    request: Request,
    plugins: Plugins,
    now: float,
) -> None:
    """Every secret that a part of the request delivers can be used, before the first host changes.

    `secrets` are those of each part; `now` in seconds since the epoch. Raises SecretError, which
    tells all that cannot.
    """
    errors: dict[str, SecretError] = {}
    for part, of_part in zip(todo, secrets, strict=True):
        if traits(part.verb.name).checks or not part.verb.changes:
            continue
        for target in part.targets:
            specs = _specs(plugins, _ask(part, target, request))
            errors |= dict(_unsound(specs, of_part[target.host], errors, now))
    if errors:
        first, *others = errors.values()
        what = "; ".join((first.what, *(f"{other.where}: {other.what}" for other in others)))
        raise SecretError(first.where, what, first.remedy)


def _unsound(
    specs: Iterable[SecretSpec],
    values: Mapping[str, Secret | SecretError],
    known: Container[str],
    now: float,
) -> Iterator[tuple[str, SecretError]]:
    """Name and error of those that cannot be used, but for those that are `known` to be so."""
    sound = {name: value for name, value in values.items() if isinstance(value, Secret)}
    for spec in specs:
        if spec.check and spec.name not in known and {spec.name, *spec.fits} <= set(sound):
            try:
                spec.check(sound, now)
            except SecretError as error:
                yield spec.name, error


def _secrets_of_up(part: Part, plugins: Plugins, read: ReadSecret) -> HostSecrets:
    def value_or_error(spec: SecretSpec) -> Secret | SecretError:
        try:
            return read(spec.name, _command_to_make(part, spec))
        except SecretError as error:
            return error

    options = part.component.defaults("up")

    def of(target: Target) -> dict[str, Secret | SecretError]:
        specs = _specs(plugins, Ask("up", target, {}, options))
        return {spec.name: value_or_error(spec) for spec in specs}

    return {target.host: of(target) for target in part.targets}


def _required_secrets(
    part: Part,
    request: Request,
    plugins: Plugins,
    read: ReadSecret,
) -> HostSecrets:
    """What the component names for a verb that changes; for `secrets` those that are delivered."""
    only_delivered = traits(part.verb.name).delivers_secrets

    def required(target: Target) -> list[SecretSpec]:
        specs = _specs(plugins, _ask(part, target, request))
        return [spec for spec in specs if spec.path or not only_delivered]

    specs = {target.host: required(target) for target in part.targets}
    return {host: _values(part, required, read) for host, required in specs.items()}


def _values(
    part: Part, specs: Iterable[SecretSpec], read: ReadSecret
) -> dict[str, Secret | SecretError]:
    return {spec.name: read(spec.name, _command_to_make(part, spec)) for spec in specs}


def _ask(part: Part, target: Target, request: Request) -> Ask:
    """What the component is asked about its secrets: no facts are known yet."""
    return Ask(part.verb.name, target, {}, part.options, request.argv)


def _specs(plugins: Plugins, ask: Ask) -> Iterable[SecretSpec]:
    return plugins.ask(ask, "needs") or ()


def _command_to_make(part: Part, spec: SecretSpec) -> str:
    """What to type where the secret is missing; "" where fairlead cannot make it."""
    return f"inv {part.system.name}.secrets --generate" if spec.make else ""
