"""A server in a process of its own whose assistant waits until it is let go: `python -m tests.ui.served FOLDER PORT`.

FOLDER/asked gets a line for each question that is really answered; "slow" ones wait for FOLDER/go.
"""

import sys
import time
from pathlib import Path
from typing import Any

import uvicorn

from qa.types import Answer
from tests.ui.answers import ARTICLE, AnsweringFrom, archive_with
from ui.app import create_app
from ui.settings import read_settings


class Waiting(AnsweringFrom):
    folder: Path

    def ask(self, question: str, **settings: Any) -> Answer:
        with (self.folder / "asked").open("a") as asked:
            print(question, file=asked)
        while "slow" in question and not (self.folder / "go").exists():
            time.sleep(0.01)
        return super().ask(question.replace("slow", ""), **settings)


def main() -> None:
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    with archive_with(folder / "news.db", ARTICLE) as archive:
        assistant = Waiting(archive)
        assistant.folder = folder
        app = create_app(assistant, read_settings(port=port))
        uvicorn.run(app, port=port, log_level="warning")


if __name__ == "__main__":
    main()
