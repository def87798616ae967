"""`python -m infra.package --out build`: the template and the bundle that deploy.

Chalice packs app.py and what is in `vendor/`. So a project is laid out for it anew each time, with functions/ and the banner
as vendored packages: nothing of Chalice is patched, and nothing it kept from an earlier run can come back.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from functions.settings import PREFIX, Settings
from infra import packages, template
from infra.bundle import bundle, sizes
from infra.packages import ROOT, Target

STAGE = "live"
ARCHITECTURES = tuple(packages.MACHINES)


@dataclass(frozen=True, slots=True)
class Package:
    """What was made, and where."""

    template: Path
    bundle: Path


def build(out: Path, *, architecture: str = ARCHITECTURES[0], cache: Path = packages.CACHE) -> Package:
    """Write `template.json` and `deployment.zip`; the same sources give the same bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        project, packed = Path(scratch, "project"), Path(scratch, "packed")
        lay_out(project, architecture)
        run_chalice(project, packed)
        sam = json.loads((packed / "sam.json").read_bytes())
        app = (packed / "deployment.zip").read_bytes()
    made = Package(out / "template.json", out / "deployment.zip")
    out.mkdir(parents=True, exist_ok=True)
    made.template.write_text(json.dumps(template.complete(sam), indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    made.bundle.write_bytes(bundle(app, packages.installed(Target.of(architecture), cache)))
    return made


def lay_out(project: Path, architecture: str) -> None:
    """The app as Chalice wants it. Python packages are not its business here: requirements.txt stays empty."""
    without_bytecode = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "functions", project / "vendor" / "functions", ignore=without_bytecode)
    for folder in ("dist", "texts"):
        shutil.copytree(ROOT / "banner" / folder, project / "vendor" / "banner" / folder)
    shutil.copy(ROOT / "app.py", project)
    (project / "requirements.txt").touch()
    config = json.loads((ROOT / ".chalice" / "config.json").read_bytes())
    (project / ".chalice").mkdir()
    (project / ".chalice" / "config.json").write_text(json.dumps({**config, "lambda_architecture": architecture}), "utf-8")


def run_chalice(project: Path, out: Path) -> None:
    """In a process of its own, as packing imports the app: from the project, with settings that name nothing."""
    environment = {
        **os.environ,
        **{PREFIX + field.name.upper(): "packing" for field in fields(Settings)},
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PYTHONPATH": str(project / "vendor"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-c", "import sys; from chalice.cli import main; sys.exit(main())"]
    arguments = ["--project-dir", str(project), "package", "--stage", STAGE, str(out)]
    subprocess.run([*command, *arguments], env=environment, cwd=project, check=True, stdout=subprocess.DEVNULL)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.package", description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="folder to write to (build)")
    parser.add_argument("--architecture", choices=ARCHITECTURES, default=ARCHITECTURES[0], help="of Lambda's machines (x86_64)")
    wanted = parser.parse_args(arguments)
    made = build(wanted.out, architecture=wanted.architecture)
    written = [(str(path), path.stat().st_size) for path in (made.bundle, made.template)]
    for part, size in [*sizes(made.bundle)[:12], *written]:
        print(f"{size / 1e6:8.2f} MB  {part}")


if __name__ == "__main__":
    main()
