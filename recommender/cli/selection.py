"""The selection flags, named and meant as in `hubble observe`, for every command that reads flows.

@click.command(cls=SelectionCommand)
@selection_options
def command(**options): selection = selection_from(options)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from recommender.model.selection import Condition, Selection

SECTION: Final = "Selection (as in `hubble observe`)"
_NOT: Final = "--not"
_PREFIX: Final = "not-"
_Decorated = TypeVar("_Decorated", bound="Callable[..., Any] | click.Command")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Flag:
    name: str
    help: str
    metavar: str
    short: str = ""


def _either_end(name: str, metavar: str, text: str, *, short: str = "") -> tuple[_Flag, ...]:
    return (
        _Flag(name=name, metavar=metavar, short=short, help=f"Either end {text}"),
        _Flag(name=f"from-{name}", metavar=metavar, help=f"The source {text}"),
        _Flag(name=f"to-{name}", metavar=metavar, help=f"The destination {text}"),
    )


_TYPES: Final = "drop, capture, trace, policy-verdict, trace-sock or l7, and a sub type such as trace:to-endpoint"

FLAGS: Final = (
    *_either_end("namespace", "NS", "is in this namespace.", short="-n"),
    *_either_end("pod", "[NS/]PREFIX", "is a pod whose name starts so; without a namespace, in `default`."),
    *_either_end("label", "SELECTOR", "has these labels: k8s:app=web, app=web, app, reserved:world.", short="-l"),
    *_either_end("workload", "[NS/]NAME", "is a pod of this workload; NAME* for a prefix, KIND/NAME for a kind."),
    *_either_end("service", "[NS/]PREFIX", "is the address of a service whose name starts so."),
    *_either_end("ip", "ADDRESS|CIDR", "has this address."),
    *_either_end("fqdn", "PATTERN", "has this DNS name; * stands for any characters."),
    *_either_end("identity", "ID", "has this Cilium identity: a number, or host, world, remote-node …"),
    *_either_end("port", "PORT", "has this port."),
    *_either_end("cluster", "PATTERN", "is in this Cilium cluster."),
    _Flag(name="protocol", metavar="PROTOCOL", help="tcp, udp, sctp, icmp, icmpv4, icmpv6, dns, http or kafka."),
    _Flag(
        name="verdict", metavar="VERDICT", help="FORWARDED, DROPPED, AUDIT, REDIRECTED, ERROR, TRACED or TRANSLATED."
    ),
    _Flag(name="type", metavar="TYPE[:SUBTYPE]", short="-t", help=f"{_TYPES}."),
    _Flag(name="drop-reason-desc", metavar="REASON", help="Why it was dropped, such as POLICY_DENIED."),
    _Flag(name="traffic-direction", metavar="DIRECTION", help="ingress or egress."),
    _Flag(name="tcp-flags", metavar="FLAGS", help="These TCP flags are all set, such as SYN,ACK."),
    _Flag(name="http-method", metavar="METHOD", help="GET, POST …"),
    _Flag(name="http-path", metavar="REGEX", help="The path of the URL matches, such as ^/page/[0-9]+$."),
    _Flag(name="http-status", metavar="STATUS", help="404, or 5+ for every status that starts so."),
    _Flag(name="snat-ip", metavar="ADDRESS|CIDR", help="The source was translated to this address."),
    _Flag(name="node-name", metavar="PATTERN", help="Seen on this node: node-1, prod-*/node-1 or prod-*/."),
    _Flag(name="ip-version", metavar="VERSION", help="v4, v6 or none."),
    _Flag(name="uuid", metavar="UUID", help="The one flow with this id."),
)
_VERSIONS: Final = (("-4", "ipv4", "v4"), ("-6", "ipv6", "v6"))


class SectionOption(click.Option):
    """An option that the help lists under a heading of its own."""

    def __init__(self, *arguments: Any, section: str = SECTION, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.section = section


class SelectionCommand(click.Command):
    """A command whose `--not` turns the filter flag after it into an exclusion, and whose help has sections."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Replace `--not --from-ip X` by the hidden twin `--not-from-ip X`."""
        return super().parse_args(ctx, list(_with_twins(args, ctx)))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options, those with a section under its heading and after the others."""
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                section = parameter.section if isinstance(parameter, SectionOption) else "Options"
                sections.setdefault(section, []).append(record)
        for section, records in sections.items():
            if records:
                with formatter.section(section):
                    formatter.write_dl(records)


def selection_options(command: _Decorated) -> _Decorated:
    """Add the selection flags, `--not`, `--since` and `--until` to a command."""
    for decorate in reversed(list(_options())):
        command = decorate(command)
    return command


def selection_from(options: Mapping[str, Any]) -> Selection:
    """Read the selection out of a command's options; others among them are ignored."""
    from recommender.model.selection import Selection  # noqa: PLC0415 - wanted only when a command runs

    return Selection(
        wanted=_conditions(options, prefix=""),
        unwanted=_conditions(options, prefix=_PREFIX),
        since=options.get(_parameter("since")) or "",
        until=options.get(_parameter("until")) or "",
    )


def _conditions(options: Mapping[str, Any], *, prefix: str) -> tuple[Condition, ...]:
    from recommender.model.selection import Condition  # noqa: PLC0415 - as above

    values = {flag.name: tuple(options.get(_parameter(prefix + flag.name)) or ()) for flag in FLAGS}
    chosen = (version for _, name, version in _VERSIONS if options.get(_parameter(prefix + name)))
    values["ip-version"] = tuple(dict.fromkeys((*values["ip-version"], *chosen)))
    return tuple(Condition(flag=flag.name, values=values[flag.name]) for flag in FLAGS if values[flag.name])


def _parameter(name: str) -> str:
    # A prefix keeps the names apart from a command's own parameters, and from Python's `type`.
    return "select_" + name.replace("-", "_")


def _options() -> Iterator[Callable[[Any], Any]]:
    yield click.option(
        _NOT,
        is_flag=True,
        expose_value=False,
        cls=SectionOption,
        help="Leave out what the next filter flag matches; after several different ones, what they all match.",
    )
    for flag in FLAGS:
        yield _filter_option(flag)
        yield _filter_option(flag, hidden=True)
    for short, name, version in _VERSIONS:
        text = f"As --ip-version {version}."
        yield click.option(short, f"--{name}", _parameter(name), is_flag=True, cls=SectionOption, help=text)
        twin = _PREFIX + name
        yield click.option(f"--{twin}", _parameter(twin), is_flag=True, cls=SectionOption, hidden=True)
    for name, text in (("since", "Not before this time"), ("until", "Not after this time")):
        yield click.option(
            f"--{name}",
            _parameter(name),
            metavar="TIME",
            cls=SectionOption,
            help=f"{text}: RFC 3339, a date, or a duration back from the newest flow (36h, 7d).",
        )


def _filter_option(flag: _Flag, *, hidden: bool = False) -> Callable[[Any], Any]:
    name = _PREFIX + flag.name if hidden else flag.name
    spellings = [f"--{name}", *([flag.short] if flag.short and not hidden else [])]
    return click.option(
        *spellings,
        _parameter(name),
        multiple=True,
        metavar=flag.metavar,
        hidden=hidden,
        cls=SectionOption,
        help=None if hidden else flag.help,
    )


def _with_twins(arguments: list[str], ctx: click.Context) -> Iterator[str]:
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            yield argument
            yield from waiting
        elif argument == _NOT:
            yield _twin(next(waiting, ""), ctx)
        else:
            yield argument


def _twin(argument: str, ctx: click.Context) -> str:
    """Spell `--from-ip`, `--from-ip=X`, `-n` or `-nX` as the hidden twin."""
    name, equals, value = argument.partition("=")
    names = {f"--{flag.name}" for flag in FLAGS} | {f"--{name}" for _, name, _ in _VERSIONS}
    if name in names:
        return f"--{_PREFIX}{name.removeprefix('--')}{equals}{value}"
    shorts = {flag.short: flag.name for flag in FLAGS if flag.short}
    shorts |= {short: name for short, name, _ in _VERSIONS}
    short, rest = argument[:2], argument[2:]
    if short in shorts:
        return f"--{_PREFIX}{shorts[short]}" + (f"={rest}" if rest else "")
    found = f", not {argument}" if argument else ""
    raise click.UsageError(f"--not needs a filter flag right after it{found}, as in --not --from-ip 192.0.2.7", ctx)
