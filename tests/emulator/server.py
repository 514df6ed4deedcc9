# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The network interface: an aiohttp server in its own thread, and the faults during the transfer of answers."""

from __future__ import annotations

import asyncio
import gzip
import http
import json
import logging
import socket
import struct
import threading
import typing as t

from aiohttp import web

from . import control
from .calls import Answer
from .service import Incoming, Reply

if t.TYPE_CHECKING:
    from .emulator import Emulator

# "Body limit 12 MB." Authentication contract, section 4: Signed requests.
BODY_LIMIT = 12 * 1024 * 1024
# Only logs defects of the emulator itself.
_LOGGER = logging.getLogger("huaweicloud_vpn_emulator")
_LOGGER.setLevel(logging.ERROR)


class Server:
    """Serves one emulator on 127.0.0.1 until stopped."""

    def __init__(self, emulator: Emulator, port: int) -> None:
        self._emulator = emulator
        self._wanted_port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="emulator", daemon=True)
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._stop = asyncio.Event()
        self.port = 0

    def start(self) -> None:
        """Start the server; returns as soon as it accepts connections. OSError if the port is in use."""
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Close open connections and end the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._loop.close()
            self._ready.set()

    async def _serve(self) -> None:
        server = web.Server(
            self._receive, request_factory=_make_request, logger=_LOGGER, access_log=None, keepalive_timeout=75
        )
        runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", self._wanted_port, backlog=512)
            await site.start()
            self.port = runner.addresses[0][1]
            self._ready.set()
            await self._stop.wait()
        finally:
            await runner.cleanup()
            # Slow answers may still be pending; no client waits for them anymore.
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _receive(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _response(Answer(413, {"error_code": "APIGW.0201", "error_msg": "The request is too large"}))
        headers = {name.lower(): value for name, value in request.headers.items()}
        incoming = Incoming(request.method, request.raw_path, headers, body)
        if incoming.path.startswith(control.PREFIX):
            return _response(control.handle(self._emulator, incoming))
        reply = self._emulator.service.handle(incoming)
        if reply.latency:
            await asyncio.sleep(reply.latency)
        return await _deliver(request, reply)


def _make_request(message: t.Any, payload: t.Any, protocol: t.Any, writer: t.Any, task: t.Any) -> web.BaseRequest:
    return web.BaseRequest(message, payload, protocol, writer, task, protocol._loop, client_max_size=BODY_LIMIT)


def _payload(answer: Answer) -> bytes:
    if answer.raw is not None:
        return answer.raw
    return b"" if answer.body is None else json.dumps(answer.body, ensure_ascii=False).encode()


def _response(answer: Answer) -> web.Response:
    if answer.status == 204:
        return web.Response(status=204, headers=answer.headers)
    return web.Response(
        status=answer.status, body=_payload(answer), headers={**answer.headers, "Content-Type": answer.content_type}
    )


async def _deliver(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Send an answer, modified by its fault."""
    answer, kind = reply.answer, reply.hit.kind if reply.hit else None
    details = reply.hit.details if reply.hit else {}
    payload, written = _payload(answer), False
    if kind == "connection_reset" or (kind == "truncated" and not payload):
        return _cut(request)
    if kind == "slow_headers" and not details["dribble"]:
        await asyncio.sleep(details["seconds"])
    elif kind == "slow_headers":
        written = await _write(request, _head(answer) + payload, details["seconds"], details["pieces"])
    elif kind == "slow_body" and payload:
        await _write(request, _head(answer), 0)
        written = await _write(request, payload, details["seconds"], details["pieces"])
    elif kind == "truncated":
        written = await _write(request, _head(answer) + payload[: int(len(payload) * details["fraction"])], 0)
    elif kind == "cut_json":
        answer = Answer(answer.status, None, answer.headers, payload[: int(len(payload) * details["fraction"])])
    elif kind == "oversized" and payload:
        packed = gzip.compress(payload + b" " * (details["megabytes"] << 20), 1)
        answer = Answer(answer.status, None, {**answer.headers, "Content-Encoding": "gzip"}, packed)
    elif kind == "wrong_type":
        answer = Answer(answer.status, None, answer.headers, payload, details["content_type"])
    if written and request.transport is not None:
        request.transport.close()
    return _response(answer)


def _head(answer: Answer) -> bytes:
    """Status line and headers of an answer that is written directly to the socket, and ends the connection."""
    headers = {
        **answer.headers,
        "Content-Type": answer.content_type,
        "Content-Length": str(len(_payload(answer))),
        "Connection": "close",
    }
    lines = [f"HTTP/1.1 {answer.status} {http.HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _write(request: web.BaseRequest, data: bytes, seconds: float, pieces: int = 1) -> bool:
    """Write bytes directly to the socket, in pieces over some seconds. Returns True: an answer has been sent."""
    size = max(1, -(-len(data) // pieces)) if seconds else len(data)
    for start in range(0, len(data), size):
        await asyncio.sleep(seconds / pieces)
        if request.transport is not None:
            request.transport.write(data[start : start + size])
    return True


def _cut(request: web.BaseRequest) -> web.Response:
    """Reset the connection without an answer."""
    if request.transport is not None:
        wire = request.transport.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response(status=503)
