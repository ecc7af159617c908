"""`panjereh`: the platform from the command line. Thin over `runtime`, `agency` and `sandbox`."""

import getpass
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from panjereh.runtime.environment import FLOORS, SITES, Environment, environment
from panjereh.runtime.home import Home, HomeRefused
from panjereh.runtime.steps import StepFailed

app = typer.Typer(
    help="Panjereh, the smart-government platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
sandbox = typer.Typer(help="The invented nation.", invoke_without_command=True)
service = typer.Typer(help="Service packages.", no_args_is_help=True)
app.add_typer(sandbox, name="sandbox")
app.add_typer(service, name="service")
exchange = typer.Typer(help="Evidence of calls.", no_args_is_help=True)
app.add_typer(exchange, name="exchange")
card = typer.Typer(help="The national card in a reader.", no_args_is_help=True)
app.add_typer(card, name="card")
PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}

Json = Annotated[bool, typer.Option("--json", help="For machines.")]


def main() -> None:
    """Entry point: what a person can mend ends in one line, not in a traceback."""
    try:
        app()
    except (HomeRefused, StepFailed) as refusal:
        raise SystemExit(f"panjereh: {refusal}") from None


def _home() -> Home:
    return Home(environment().home)


@app.command()
def up(
    detach: Annotated[bool, typer.Option(help="Return when everything answers.")] = False,
    port: Annotated[int | None, typer.Option(help="First of the ports.", max=65000)] = None,
    nodes: Annotated[
        int | None, typer.Option(help="3: a cluster of streams and a second gateway.")
    ] = None,
) -> None:
    """Start everything; Ctrl-C stops it."""
    from panjereh.runtime.detach import detached  # noqa: PLC0415  # keep the other commands quick
    from panjereh.runtime.progress import Progress  # noqa: PLC0415
    from panjereh.runtime.up import up as bring_up  # noqa: PLC0415

    env = _environment_with(PORT=port, NODES=nodes)
    if detach:
        log = env.home / "logs" / "supervisor.log"
        code = detached(lambda p, ready: bring_up(env, progress=p, when_ready=ready), log)
    else:
        code = bring_up(env, progress=Progress(), when_ready=lambda: None)
    raise typer.Exit(code)


def _environment_with(**asked: int | None) -> Environment:
    told = {f"PANJEREH_{name}": str(value) for name, value in asked.items() if value}
    if told:
        os.environ.update(told)
        environment.cache_clear()
    return environment()


@app.command()
def status(as_json: Json = False) -> None:
    """What runs, where, how healthy, how large. Exits with 3 when nothing runs."""
    from panjereh.runtime import status as told  # noqa: PLC0415

    home = _home()
    services = told.platform_status(home)
    total = told.platform_memory_mib(home) if services else 0
    if as_json:
        typer.echo(told.as_json(services, total_mib=total))
    elif services:
        typer.echo(told.as_table(services, total_mib=total))
    else:
        typer.echo(f"Nothing runs in {home.folder}. Start it with `panjereh up`.")
    raise typer.Exit(0 if services else 3)


@app.command()
def sign(
    file: Annotated[Path, typer.Argument(help="What is to be signed.", exists=True)],
    module: Annotated[Path, typer.Option(help="The PKCS#11 module of the token or card.")],
    token: Annotated[str, typer.Option(help="Its label, where there are several.")] = "",
    into: Annotated[Path | None, typer.Option(help="The signature file.")] = None,
) -> None:
    """Sign a file with your token or card; the key never leaves it."""
    from panjereh.sdk.token_signing import TokenTrouble, sign_file  # noqa: PLC0415

    pin = typer.prompt("PIN of the token", hide_input=True)
    try:
        signed = sign_file(file.read_bytes(), module=module, pin=pin, label=token)
    except TokenTrouble as told:
        raise SystemExit(f"panjereh: {told}") from None
    target = into or file.with_name(f"{file.name}.p7s")
    target.write_bytes(signed)
    typer.echo(f"Signed: {target}")


@card.command("read")
def card_read(
    card: Annotated[Path, typer.Argument(help="The card: here a file of the simulator.")],
    purpose: Annotated[str, typer.Option(help="What it is read for; the card signs it.")],
    reader: Annotated[str, typer.Option(help="Who reads: the counter or agent.")],
    file: Annotated[Path | None, typer.Option(help="The file that the sign-on gave.")] = None,
    into: Annotated[Path | None, typer.Option(help="Where the reading is kept.")] = None,
) -> None:
    """Read identity data offline after PIN 1, and keep the consent (SSO-19)."""
    from panjereh.sandbox.authority.counter import CardTrouble, read_card  # noqa: PLC0415

    typer.echo(f"The card is read for: {purpose}")
    pin = typer.prompt("PIN 1, entered by the holder", hide_input=True)
    try:
        reading, kept = read_card(
            card, environment().home, pin=pin, purpose=purpose, reader=reader, file=file, into=into
        )
    except CardTrouble as trouble:
        raise SystemExit(f"panjereh: {trouble}") from None
    data = reading.data
    typer.echo(f"{data.given_name} {data.family_name}, {data.national_id}, born {data.birth_date}")
    typer.echo(f"The consent is kept in {kept}")


@app.command()
def down() -> None:
    """Stop everything."""
    from panjereh.runtime import upkeep  # noqa: PLC0415

    home = _home()
    stopped = upkeep.down(home)
    typer.echo("Stopped." if stopped else f"Nothing runs in {home.folder}.")


@app.command()
def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Delete all data, keys and logs of this installation."""
    from panjereh.runtime import upkeep  # noqa: PLC0415

    home = _home()
    if not yes:
        typer.confirm(f"Delete everything in {home.folder}?", abort=True)
    upkeep.reset(home)
    typer.echo(f"{home.folder} is gone; the next start makes a new one.")


@app.command()
def logs(
    name: Annotated[str, typer.Argument(help="A service; all when left out.")] = "",
    follow: Annotated[bool, typer.Option("--follow", "-f")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0)] = 40,
) -> None:
    """Show what the services wrote."""
    from panjereh.runtime import upkeep  # noqa: PLC0415

    home = _home()
    names = upkeep.log_names(home)
    if name and name not in names:
        raise HomeRefused(
            f"There is no log of {name}; there are: {', '.join(names) or 'none yet'}."
        )
    chosen = [name] if name else names
    for line in upkeep.read_logs(home, chosen, count=lines):
        typer.echo(line)
    if follow:
        for line in upkeep.follow_logs(home, chosen):
            typer.echo(line)


@app.command()
def serve(site: Annotated[str, typer.Argument(help=", ".join(SITES))]) -> None:
    """Run one web process of one site."""
    _become("panjereh.runtime.serve", site)


@app.command()
def work(site: Annotated[str, typer.Argument(help=", ".join(SITES))]) -> None:
    """Run the background tasks of one site."""
    _become("panjereh.runtime.work", site)


@app.command()
def migrate(floor: Annotated[str, typer.Argument(help=", ".join(FLOORS))]) -> None:
    """Make or change the tables of one floor."""
    _become("panjereh.runtime.prepare", floor)


@app.command()
def seed(
    floor: Annotated[str, typer.Argument(help=", ".join(FLOORS))],
    people: Annotated[int, typer.Option(min=100)] = 10_000,
) -> None:
    """Make the tables of one floor and fill them with invented people."""
    _become("panjereh.runtime.prepare", floor, str(people))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def manage(
    context: typer.Context, floor: Annotated[str, typer.Argument(help=", ".join(FLOORS))]
) -> None:
    """Run a Django command with the settings of one floor."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    from panjereh.runtime.prepare import setup  # noqa: PLC0415

    setup(floor)
    execute_from_command_line(["panjereh manage", *context.args])


@app.command(context_settings=PASSED_ON)
def keys(context: typer.Context) -> None:
    """list, next ALG, turn ALG, retire ALG, seal: the signing keys of the sign-on."""
    from panjereh.runtime.prepare import setup  # noqa: PLC0415

    setup("sso")
    from panjereh.sso.provider.rotation import main as rotate  # noqa: PLC0415

    rotate(context.args)


def _become(module: str, *arguments: str) -> None:
    """Replace this process: the command line's own imports are not worth their memory."""
    os.execv(sys.executable, [sys.executable, "-m", module, *arguments])  # noqa: S606


@sandbox.callback()
def nation(
    context: typer.Context,
    people: Annotated[int | None, typer.Option(help="How many people.", min=100)] = None,
) -> None:
    """Show or change how many people the nation has."""
    from panjereh.runtime import preparation  # noqa: PLC0415
    from panjereh.runtime.nation import populate  # noqa: PLC0415

    if context.invoked_subcommand:
        return
    if people:
        seconds = populate(environment(), people=people)
        typer.echo(f"The nation has {people:,} people; it took {seconds:.1f} s.")
    else:
        typer.echo(f"The nation has {preparation.people(environment()):,} people.")


@sandbox.command()
def person(as_json: Json = False) -> None:
    """A mother of a newborn to try the platform with."""
    from panjereh.runtime.person import person_to_try  # noqa: PLC0415

    found = person_to_try(environment())
    if not found:
        raise HomeRefused("Nobody is left to try; `panjereh sandbox --people N` makes more.")
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        for key, value in found.items():
            if isinstance(value, str):  # the husband is for machines
                typer.echo(f"{key.replace('_', ' '):<20} {value}")


@sandbox.command()
def signer(
    into: Annotated[Path, typer.Option(help="A folder for certificate and card.")],
    role: Annotated[str, typer.Argument(help="Who: mother, staff, widow, …")] = "mother",
    pin: Annotated[str, typer.Option(help="Of the card and of the kept key.")] = "271828",
) -> None:
    """Give a person something to sign with: certificate, national card, key at a service."""
    from panjereh.runtime.person import cast_member  # noqa: PLC0415
    from panjereh.runtime.signer import make_signer  # noqa: PLC0415

    person = cast_member(environment(), role)
    if not person:
        raise HomeRefused(f"Nobody is {role} here, or nothing runs.")
    typer.echo(f"{person['given_name']} {person['family_name']}, {person['national_id']}")
    for line in make_signer(environment(), person, into, pin=pin):
        typer.echo(f"  {line}")


@sandbox.command("change-identity")
def change_identity(
    national_id: str,
    family_name: Annotated[str, typer.Option(help="The new one; else one is chosen.")] = "",
) -> None:
    """Let the civil registry change a person's identity data; prints the serial of the new card."""
    _let_happen("change-identity", national_id, family_name)


@sandbox.command()
def die(national_id: str) -> None:
    """Let the civil registry enter a person's death."""
    _let_happen("die", national_id)


@sandbox.command("undo-death")
def undo_death(national_id: str) -> None:
    """Let the civil registry withdraw a death that was entered wrongly."""
    _let_happen("undo-death", national_id)


@sandbox.command("change-chief-executive")
def change_chief_executive(legal_id: str, national_id: str) -> None:
    """Let the registry of legal persons name another chief executive of a company."""
    _let_happen("change-chief-executive", legal_id, national_id)


@sandbox.command()
def dissolve(legal_id: str) -> None:
    """Let the registry of legal persons enter that a company is dissolved."""
    _let_happen("dissolve", legal_id)


@sandbox.command()
def revive(legal_id: str) -> None:
    """Let the registry of legal persons enter that a company may act again."""
    _let_happen("revive", legal_id)


def _let_happen(deed: str, *arguments: str) -> None:
    from panjereh.runtime.life import happen  # noqa: PLC0415

    for key, value in happen(environment(), deed, *arguments).items():
        typer.echo(f"{key.replace('_', ' '):<20} {value}")


@service.command()
def check(folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Lint a service package; exits with 1 when something must be mended."""
    from panjereh.agency.packages.check import check as findings_of  # noqa: PLC0415

    findings = list(findings_of(folder))
    for finding in findings:
        typer.echo(str(finding))
    typer.echo(f"{len(findings)} to mend." if findings else "Nothing to mend.")
    raise typer.Exit(1 if findings else 0)


@service.command()
def publish(folder: Annotated[Path, typer.Argument(exists=True, file_okay=False)]) -> None:
    """Put a service package on the air, through the catalogue's approval."""
    from panjereh.runtime import publish as publishing  # noqa: PLC0415

    publishing.main([folder.resolve()], actor=getpass.getuser())


@exchange.command(context_settings=PASSED_ON)
def verify(context: typer.Context) -> None:
    """PROOF [RECORD] [--key VKEY]: check a call offline; without a key, by this installation's."""
    _become("panjereh.exchange.evidence.verify", *context.args, *_own_keys(context.args))


def _own_keys(arguments: list[str]) -> list[str]:
    from panjereh.exchange.evidence.keys import KeysMissing, public_keys  # noqa: PLC0415

    if "--key" in arguments:
        return []
    try:
        return [word for key in public_keys(environment().keys) for word in ("--key", str(key))]
    except KeysMissing:
        return []


@exchange.command(context_settings=PASSED_ON)
def audit(context: typer.Context) -> None:
    """[--days N]: was a record deleted, altered or moved, in the log or in the books?"""
    _become("panjereh.exchange.evidence", "audit", *context.args)


@exchange.command()
def rebuild() -> None:
    """Make again what is missing of the log."""
    _become("panjereh.exchange.evidence", "rebuild")


@exchange.command(context_settings=PASSED_ON)
def witness(context: typer.Context) -> None:
    """--key FILE --log VKEY --state FOLDER [--listen HOST:PORT]: witness a log."""
    _become("panjereh.exchange.evidence.witness", *context.args)


@app.command()
def demo(as_json: Json = False) -> None:
    """A birth certificate through all five floors, hop by hop."""
    from panjereh.sandbox.demo import main as run_demo  # noqa: PLC0415

    raise typer.Exit(run_demo(as_json=as_json))
