"""The command that serves: the chat page and the REST API."""

import socket
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from ui.command import answering, command, opened, say_if_empty
from ui.terminal import DONE

commands = typer.Typer()


class WithSettings(TyperCommand):
    """Its help ends with what can be set, read only when somebody asks."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        super().format_epilog(ctx, formatter)
        from ui.settings import FILE, environment_names

        with formatter.section(f"Settings (in the environment; in {FILE} in small letters, without GROUNDWIRE_)"):
            formatter.write_dl(environment_names())


@command(
    commands,
    "groundwire serve --db news.db --port 8000",
    "groundwire serve --settings news.toml",
    kind=WithSettings,
)
def serve(
    *,
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="0.0.0.0 lets other machines in.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, metavar="N", help="By default 7860.")] = None,
    reader: Annotated[
        str | None, typer.Option(metavar="NAME", help="What reads: bundled, sentence, or a model by name or folder.")
    ] = None,
    db: Annotated[str | None, typer.Option("--db", metavar="FILE", help="The archive.")] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE", help="By default groundwire.toml, if it is here.")
    ] = None,
) -> int:
    """Serve the chat page and the REST API."""
    from ui.settings import read_settings

    chosen = read_settings(settings, host=host, port=port, reader=reader, db=db)
    with opened(chosen.db) as archive:
        refuse_taken_address(chosen.host, chosen.port)
        from ui.app import serve as serve_app

        assistant = answering(archive, chosen.reader)
        if not say_if_empty(archive, chosen.db):
            assistant.ask("What?")  # loads the models: the first reader need not wait for that
        serve_app(assistant, chosen)
    return DONE


def refuse_taken_address(host: str, port: int) -> None:
    """GroundwireError where it cannot be used; told at once, before the seconds that preparing takes."""
    from index.errors import GroundwireError

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise GroundwireError(
                f"{host}:{port} cannot be used ({error.strerror}); is another server running? Choose another --port"
            ) from error
