"""`kindred serve`: takes the port, opens everything, loads the demo directory into an empty one, and serves."""

import errno
import gc
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import click

from api.settings import Settings, read_settings
from models.errors import InvalidInput
from scripts.importing import load_demo

if TYPE_CHECKING:
    from fastapi import FastAPI

_STOP_SECONDS = 10
# How much must be made, and how often the younger must have been looked through, before each generation of what is
# made is searched for garbage: a search through all of it holds everybody up for a tenth of a second.
_GARBAGE = (10_000, 20, 50)


@click.command()
def serve() -> None:
    """Serve the pages and the API, until Ctrl-C."""
    settings = read_settings()
    with take_port(settings.host, settings.port) as listener:
        click.echo("Kindred is starting …")
        _log_to_screen()
        app = _open(settings)
        _listen(listener, settings)
        _serve(app, listener, settings)


def _open(settings: Settings) -> "FastAPI":
    """The application. The encoder is loaded beside the libraries: each takes about a second."""
    # Hardly anything made until the server has started is ever given back: looking through it for garbage would only
    # take time, now and later.
    gc.disable()
    from matcher.encoder import import_runtime, load_encoder

    # Once these libraries are there, the encoder leaves the interpreter to the others.
    import_runtime(settings.encoder)
    with ThreadPoolExecutor(1) as beside:
        encoder = beside.submit(load_encoder, settings.encoder, settings.cache_dir)
        import uvicorn  # noqa: F401 (loaded while the encoder is)

        from api.app import create_app
        from api.service import open_service
        from matcher.phrasebook import keep_phrasebook

        keep_phrasebook(encoder.result(), settings.cache_dir)
        service = open_service(settings, encoder.result())
    load_demo(service)
    return create_app(service)


def take_port(host: str, port: int) -> socket.socket:
    """A socket bound to the address, before anything slow is begun. Raises InvalidInput, saying what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError):
        raise InvalidInput("KINDRED_HOST: is not an address of this machine. 127.0.0.1 is this machine only.") from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise InvalidInput(_why_not(error, host, port)) from None
    return listener


def _listen(listener: socket.socket, settings: Settings) -> None:
    try:
        listener.listen()
    except OSError as error:
        raise InvalidInput(_why_not(error, settings.host, settings.port)) from None


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 8000
        return (
            f"Port {port} on {host} is taken. Stop what listens there, or choose another: "
            f"KINDRED_PORT={other} scripts/serve"
        )
    if error.errno == errno.EACCES:
        return f"This account may not listen on port {port}. Choose one above 1023: KINDRED_PORT=8000 scripts/serve"
    return f"{host} is not an address of this machine. Set KINDRED_HOST to one that is, such as 127.0.0.1."


def _serve(app: "FastAPI", listener: socket.socket, settings: Settings) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            _search_garbage_seldom()
            if self.started:
                click.echo(f"Kindred is at {_address(settings)} – stop it with Ctrl-C.")

    # The application writes its own access log, without addresses and without anything a newcomer wrote.
    config = uvicorn.Config(
        app, access_log=False, log_config=None, server_header=False, timeout_graceful_shutdown=_STOP_SECONDS
    )
    Server(config).run(sockets=[listener])


def _search_garbage_seldom() -> None:
    """And never in what is there when the server has started: by then the directory's index is open, too."""
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    gc.enable()


def _address(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.port}"


def _log_to_screen() -> None:
    # Libraries speak up only when something is wrong; Kindred itself says what it does.
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("api").setLevel(logging.INFO)
