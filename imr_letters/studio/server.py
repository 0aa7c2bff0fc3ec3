"""The server of the studio: on the loopback interface alone, at a port that the system chooses, until nobody asks."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from pathlib import Path

import uvicorn

from imr_letters.draft.status import ANY, Target
from imr_letters.studio.app import Studio
from imr_letters.studio.folder import CaseFolder
from imr_letters.studio.guard import Doorkeeper


def serve(path: Path, target: Target = ANY, *, idle: float = 3600.0, ready: Callable[[str], None]) -> None:
    """Serve the drafts of a folder until Ctrl-C, or until nothing was asked for `idle` seconds.

    `ready` is called with the one-time link once the server listens. Raises `InputError` where there is no folder.
    """
    studio = Studio(CaseFolder(path, target))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        guard = Doorkeeper(studio.app(), listening.getsockname()[1])
        studio.csrf = guard.csrf
        config = uvicorn.Config(
            guard, log_config=None, access_log=False, server_header=False, lifespan="off", timeout_keep_alive=5,
            limit_concurrency=100, timeout_graceful_shutdown=3, ws="none",
        )  # fmt: skip
        asyncio.run(_serve(uvicorn.Server(config), listening, guard, idle, ready))


async def _serve(
    server: uvicorn.Server, listening: socket.socket, guard: Doorkeeper, idle: float, ready: Callable[[str], None]
) -> None:
    running = asyncio.create_task(server.serve(sockets=[listening]))
    ready(guard.link)
    while not running.done():
        await asyncio.wait([running], timeout=1.0)
        if time.monotonic() - guard.last > idle:
            server.should_exit = True
    await running
