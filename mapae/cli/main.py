"""The command ``mapae``: commands are imported when called, so that help is quick."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from mapae import __version__

# Command -> module that holds it. Help lists them in this order.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("mapae.cli.demo", "Build a small simulated workspace, run it, and show what Mapae is for."),
    "init": ("mapae.cli.workspace", "Make a folder a workspace."),
    "add": ("mapae.cli.add", "Take files as you hold them: say what each is, and how its logins join to people."),
    "declare": ("mapae.cli.declare", "Say what is known and allowed, so that it is no sign."),
    "run": ("mapae.cli.workspace", "Read what is new in inputs/, derive what follows, commit."),
    "status": ("mapae.cli.workspace", "What the workspace holds, and what its last run found."),
    "screen": ("mapae.cli.screen", "Screen names and files against the lists, and clear what is not the listed party."),
    "why": ("mapae.cli.reports", "Walk a finding back to the rows that it rests on."),
    "case": ("mapae.cli.reports", "Write the case file of a subject, or its form for HR or counsel."),
    "alerts": ("mapae.cli.casework", "The queue: new cases, open ones, those that wait or sleep."),
    "decide": ("mapae.cli.casework", "Record what was decided about a case, by whom and why."),
    "outcome": ("mapae.cli.casework", "Record what a case turned out to be, and how that is known."),
    "snooze": ("mapae.cli.casework", "Let a case rest until a day."),
    "sample": (
        "mapae.cli.casework",
        "Offer a few people from below the line for checking, so that misses are measured.",
    ),
    "names": ("mapae.cli.names", "Compare two names: match, possible or no match, and why."),
    "pivot": ("mapae.cli.reports", "Who had a value, when, how rare it is, and where to look next."),
    "schedule": ("mapae.cli.daily", "Print the lines for a daily run."),
    "notify": ("mapae.cli.daily", "Send a text without personal data to an address of yours."),
    "export": ("mapae.cli.reports", "Write the tables of the last run for other tools."),
    "verify": ("mapae.cli.workspace", "Compute every hash again and say what does not hold."),
    "sweep": ("mapae.cli.workspace", "Delete runs and parts that nothing needs."),
    "rules": ("mapae.cli.rules", "Check, test and show the rules of the catalogue."),
    "simulate": ("mapae.cli.worlds", "Write a simulated platform as a workspace, with its truth beside it."),
    "screening": ("mapae.cli.screening", "Publish what screening by name finds and whom it troubles."),
    "evaluate": ("mapae.cli.worlds", "Hold the last run of a simulated workspace against its truth."),
}


class _Lazy(click.Group):
    """A group whose commands are imported at need; its help needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mapae")
def cli() -> None:
    """Mapae (마패): records and lists go in; cases come out, in which every claim can be followed back.

    Mapae informs people; it never bans, designates or accuses.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 not done, 2 wrong use, 3 sum check failed under --strict."""
    sys.exit(call(arguments))


def call(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit code. No traceback reaches the user."""
    from mapae.model.errors import NOT_DONE, WRONG_USE, MapaeError

    try:
        done: Any = cli.main(args=arguments, prog_name="mapae", standalone_mode=False)
        return done if isinstance(done, int) else 0
    except click.exceptions.Exit as leave:
        return int(leave.exit_code)
    except click.Abort:
        click.echo("Stopped. Nothing committed was touched.", err=True)
        return NOT_DONE
    except click.ClickException as problem:
        problem.show()
        return WRONG_USE
    except MapaeError as problem:
        click.echo(str(problem), err=True)
        return problem.exit_code
    except KeyboardInterrupt:
        click.echo("Stopped. Nothing committed was touched.", err=True)
        return NOT_DONE
    except BrokenPipeError:
        return NOT_DONE
    except Exception as problem:
        return _unforeseen(problem)


def _unforeseen(problem: Exception) -> int:
    from mapae.model.errors import NOT_DONE

    frames = []
    trace = problem.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}")
        trace = trace.tb_next
    click.echo(
        "Something went wrong that Mapae did not foresee; nothing was committed.\n"
        f"  where: {frames[-1]} (called from {', '.join(frames[-4:-1])})\n"
        f"  why: {type(problem).__name__}\n"
        "  do: Report these lines (they hold none of your data); MAPAE_TRACEBACK=1 prints the rest.",
        err=True,
    )
    import os

    if os.environ.get("MAPAE_TRACEBACK"):
        import traceback

        traceback.print_exception(problem)
    return NOT_DONE


if __name__ == "__main__":
    main()
