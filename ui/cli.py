"""The command `groundwire`. Nothing heavy is imported before a command needs it: `--help` is quick."""

from typing import Annotated

import typer

from ui import asking, evaluating, keeping, serving
from ui.terminal import speak_utf8

app = typer.Typer(
    help="Answers questions from your articles, and quotes the exact words that say so.",
    epilog="\b\nExample:\n  groundwire add news/\n  groundwire ask 'where will the summit be held?'",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help is quicker, and the same in a pipe
    pretty_exceptions_enable=False,
)
app.add_typer(asking.commands)
app.add_typer(serving.commands)
app.add_typer(keeping.commands)
app.add_typer(evaluating.commands)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"groundwire {version('groundwire')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None: ...


def main() -> None:
    speak_utf8()
    app(prog_name="groundwire")


if __name__ == "__main__":
    main()
