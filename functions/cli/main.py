"""`consentinel`, for the operator of a deployment; it works on the deployment that the environment names."""

from typing import Annotated

import typer
from botocore.exceptions import NoRegionError
from rich.console import Console

from functions.cli.accounts import open_account
from functions.cli.auditing import audit
from functions.cli.rebuilding import rebuild_account
from functions.cli.verifying import verify_file
from functions.clock import utc_now
from functions.wiring import Wiring

main = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
tenants = typer.Typer(no_args_is_help=True, help="Merchants' accounts.")
main.add_typer(tenants, name="tenant")
main.command("verify")(verify_file)
main.command("audit")(audit)
main.command("rebuild")(rebuild_account)
console = Console()


def _deployment() -> Wiring:
    """The one that the environment names; says what is missing, where something is."""
    try:
        return Wiring.from_environment()
    except (LookupError, NoRegionError) as error:
        console.print(str(error), style="red")
        raise typer.Exit(2) from error


@tenants.callback()
def _tenants() -> None:
    """Keep `open` a command of its own name while it is the only one."""


@tenants.command("open")
def open_tenant(
    name: Annotated[str, typer.Argument(help="The account's name, such as the company's.")],
    contact: Annotated[str, typer.Option(help="E-mail address that notices about the account go to.")] = "",
    language: Annotated[list[str] | None, typer.Option(help="A language that the account speaks; may be repeated.")] = None,
) -> None:
    """Open an account and print its owner's API key, which is shown this once."""
    profile = {"languages": language or ["en"], **({"contact_email": contact} if contact else {})}
    tenant, key = open_account(name, profile=profile, wiring=_deployment(), now=utc_now())
    console.print(f"Tenant   {tenant}")
    console.print(f"API key  {key}", highlight=False, soft_wrap=True)
    console.print("The key is shown this once. Send it as Authorization: Bearer to every /v1/admin route.")
