"""The `campusnews` command. Heavy parts are imported inside the commands: `--help` answers at once."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, cast

import click

from scraper.cli.options import tell
from storage.errors import CampusnewsError

gc.set_threshold(50_000)  # a command makes objects to the end, and few cycles; `thrift` is for those that do

# Each command with the module of this package that has it.
_MODULES = {
    **dict.fromkeys(("crawl", "demo"), "jobs"),
    **dict.fromkeys(("diff", "runs", "status"), "reading"),
    **dict.fromkeys(("repair", "verify"), "care"),
    **dict.fromkeys(("changes", "export"), "data"),
    **dict.fromkeys(("discover", "explain", "extract"), "pages"),
    **{name: name for name in ("backfill", "compact", "rebuild", "reextract")},
    "add": "sites",
}


class _Commands(Mapping[str, click.Command]):
    """The commands by name, each imported when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        command: click.Command = getattr(import_module(f"scraper.cli.{_MODULES[name]}"), name)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


class _Group(click.Group):
    """The command group; an error of ours is one line for a person and an exit code for a program."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CampusnewsError as error:
            for line in str(error).splitlines():
                tell(f"error: {line}")
            _give_up_unwritten()
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            tell("interrupted: what was fetched is kept, run the same command again to go on")
            ctx.exit(130)
        except BrokenPipeError:  # `| head` has seen enough
            sys.stdout = None
            ctx.exit(0)


def _give_up_unwritten() -> None:
    """Let standard output go where it cannot be written, so that leaving does not try, and fail, again."""
    try:
        sys.stdout.flush()
    except OSError:
        sys.stdout = None


@click.group(
    cls=_Group,
    commands=cast(Any, _Commands()),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="campusnews")
@click.option("-v", "--verbose", is_flag=True, help="Log what happens, one line each, to standard error.")
@click.option(
    "--log-format",
    type=click.Choice(["plain", "json"]),
    default="plain",
    show_default=True,
    help="Form of what is logged: for people, or one JSON object a line for programs.",
)
@click.pass_context
def main(context: click.Context, verbose: bool, log_format: str) -> None:
    """Crawl university news, keep the evidence, find the edits.

    \b
    First steps:
      campusnews demo                    a whole run on a bundled sample campus, offline
      campusnews extract page.html       read one saved page, or an address
      campusnews add URL                 take a site into config.yaml: a home page, or a list of news
      campusnews crawl                   crawl the sites of config.yaml into the archive
      campusnews diff                    what changed between the last two runs

    \b
    Exit codes: 0 done · 1 finished, some sites failed or drifted · 2 usage or config error · 3 another run
    holds the archive · 4 archive damaged · 5 no space · 130 interrupted (state saved)
    """
    from scraper import logs

    handler = logs.start(log_format, verbose=verbose)
    context.call_on_close(lambda: logs.stop(handler))
