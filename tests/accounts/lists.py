"""Lists to import, written the way the tests need them."""

import csv
import io
from pathlib import Path

from django.core.management import call_command

COLUMNS = (
    "account_platform,account_url,account_name,short_description,long_description,language,agencies,contacts,notes,"
    "platform_account_id"
)
CONGRESS = Path(__file__).resolve().parent.parent / "data" / "congress_accounts.csv"


def line(
    platform: str = "X", url: str = "x.com/hutchzoo", agencies: str = "Hutchinson Zoo", **more: str
) -> str:
    """One record of a list, without its line end."""
    values = {
        "account_platform": platform,
        "account_url": url,
        "account_name": "Hutch Zoo",
        "agencies": agencies,
    }
    values.update(more)
    out = io.StringIO()
    csv.writer(out).writerow([values.get(name, "") for name in COLUMNS.split(",")])
    return out.getvalue().rstrip("\r\n")


def write(path: Path, *lines: str, header: str = COLUMNS, encoding: str = "utf-8", end: str = "\n") -> Path:
    """A list with `lines` in a file."""
    path.write_bytes((end.join([header, *lines]) + end).encode(encoding))
    return path


class Outcome:
    """What `import_accounts` said and returned."""

    def __init__(self, path: Path, *options: str) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.code = 0
        try:
            call_command("import_accounts", str(path), *options, stdout=out, stderr=err)
        except SystemExit as stopped:
            self.code = int(stopped.code or 0)
        except Exception as error:
            self.code = getattr(error, "returncode", -1)
            err.write(str(error))
        self.out, self.err = out.getvalue(), err.getvalue()
