"""The examples of docs/api.md are run, in order, against a server that was started as it says."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.conftest import COMMAND, free_port, without_settings
from ui.settings import read_settings

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = [
    line.removeprefix("$ ")
    for block in re.findall(r"^```console\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def address(db: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    folder = tmp_path_factory.mktemp("docs") / "archive"
    shutil.copytree(db.parent, folder)
    key = re.findall(r"GROUNDWIRE_ADMIN_KEY=(\S+) groundwire serve", TEXT)[0]
    server = subprocess.Popen(
        [COMMAND, "serve", "--db", folder / db.name, "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env=without_settings() | {"PYTHONUNBUFFERED": "1", "GROUNDWIRE_ADMIN_KEY": key},
    )
    try:
        assert server.stdout is not None and "answers at" in server.stdout.readline()
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def test_there_are_examples_of_every_route() -> None:
    for route in ("ask", "search", "articles", "verify", "feedback", "suggestions", "health", "about", "quotation"):
        assert any(f"/api/{route}" in example for example in EXAMPLES), route


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_run(address: str, example: str) -> None:
    command = example.replace("127.0.0.1:7860", address).replace(
        "curl ", "curl --fail-with-body --retry-connrefused --retry 20 "
    )
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        command, shell=True, capture_output=True, text=True, timeout=120, check=False, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if "event-stream" in example:
        assert done.stdout.count("event: done\n") == 1
    elif "/api/verify" in example:
        assert json.loads(done.stdout)["true"] is True
    elif "/metrics" not in example and "DELETE" not in example:
        assert json.loads(done.stdout)


def test_the_settings_can_be_set(tmp_path: Path) -> None:
    file = tmp_path / "groundwire.toml"
    file.write_text(re.findall(r"^```toml\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)[0], encoding="utf-8")
    assert read_settings(file).site_keys[0].key == "blog"
