"""`consentinel verify`: the verifier that also goes out as one file with every dispute pack."""

from pathlib import Path
from typing import Annotated

import typer


def verify_file(
    file: Annotated[Path, typer.Argument(help="The receipt (JSON) or the dispute pack (ZIP).")],
    key: Annotated[
        list[str] | None, typer.Option(metavar="VKEY", help="A verifier key from elsewhere; may be repeated.")
    ] = None,
    checkpoint: Annotated[Path | None, typer.Option(help="An earlier checkpoint of the log that you kept.")] = None,
    consistency: Annotated[Path | None, typer.Option(help="The proof that joins it to the receipt's, a hash a line.")] = None,
    authority: Annotated[
        list[Path] | None, typer.Option(metavar="CERT.pem", help="A time-stamp authority's certificate; may be repeated.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False,
) -> None:
    """Check a receipt or a dispute pack offline, and say what is proven and what is not."""
    from functions.cli.verify import report, verify  # noqa: PLC0415 - no other command needs it

    verdict = verify(file, keys=key or (), checkpoint=checkpoint, consistency=consistency, certificates=authority or ())
    typer.echo(report(verdict, as_json=as_json), nl=False)
    raise typer.Exit(verdict.exit_code)
