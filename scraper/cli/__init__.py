"""The `campusnews` command. Heavy parts are imported inside the commands: `--help` answers at once."""

from __future__ import annotations

import sys
from typing import Any

import click

from scraper.cli.backfill import backfill
from scraper.cli.care import repair, verify
from scraper.cli.compact import compact
from scraper.cli.data import changes, export
from scraper.cli.jobs import crawl, demo
from scraper.cli.options import tell
from scraper.cli.pages import discover, explain, extract
from scraper.cli.reading import diff, runs, status
from scraper.cli.rebuild import rebuild
from scraper.cli.reextract import reextract
from scraper.cli.sites import add
from storage.errors import CampusnewsError


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


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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


_COMMANDS = (
    *(add, backfill, crawl, demo),
    *(diff, runs, status),
    *(compact, rebuild, reextract, repair, verify),
    *(changes, export),
    *(discover, explain, extract),
)
for command in _COMMANDS:
    main.add_command(command)
