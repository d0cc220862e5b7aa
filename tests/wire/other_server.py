"""A WebSocket server that shares no code with cinta: Debian's python3-websockets, with TLS if a certificate is given.

    other_server.py READY_FILE [CERTIFICATE KEY]

Answers an smd with one Md for each product, the first of them in fragments, then sends a new price every 20 ms.
Pings its clients and closes connections without a pong. With a product called CLOSE/n it closes the connection
with code n after a few frames.
"""
import asyncio
import http
import itertools
import json
import os
import ssl
import sys
import time

import websockets
import websockets.version

TOKEN_BYTES = 44
REFUSAL = "no token, no stream\n"


def frame(symbol, price):
    return json.dumps({"type": "Md", "timestamp": int(time.time() * 1000),
                       "instrumentId": {"marketId": "ROFX", "symbol": symbol},
                       "marketData": {"LA": {"price": price, "size": 1, "date": int(time.time() * 1000)}, "BI": [], "OF": None}})


async def play(socket, symbols):
    for n in itertools.count():
        for symbol in symbols:
            await socket.send(frame(symbol, 1000 + n))
            if symbol.startswith("CLOSE/") and n == 3:
                await socket.close(int(symbol[6:]), "requested")
                return
        await asyncio.sleep(0.02)


async def serve(socket):
    async for text in socket:
        message = json.loads(text)
        symbols = [product["symbol"] for product in message["products"]]
        first = frame(symbols[0], 999)
        await socket.send([first[:10], first[10:11], first[11:]])  # fragments
        asyncio.ensure_future(play(socket, symbols))


def is_in(path, headers):
    return path == "/" and len(headers.get("X-Auth-Token", "")) == TOKEN_BYTES


async def admit_by_path(path, headers):
    """For websockets 10, of Debian 12."""
    if not is_in(path, headers):
        return http.HTTPStatus.UNAUTHORIZED, [("X-Reason", "no token")], REFUSAL.encode()


async def admit_by_request(connection, request):
    """For websockets 15, of Debian 13."""
    if not is_in(request.path, request.headers):
        answer = connection.respond(http.HTTPStatus.UNAUTHORIZED, REFUSAL)
        answer.headers["X-Reason"] = "no token"
        return answer


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    admit = admit_by_request if int(websockets.version.version.split(".")[0]) >= 14 else admit_by_path
    async with websockets.serve(serve, "127.0.0.1", 0, ssl=context, process_request=admit, ping_interval=0.5,
                                ping_timeout=5) as server:
        with open(sys.argv[1] + ".new", "w", encoding="utf-8") as file:
            file.write(str(server.sockets[0].getsockname()[1]))
        os.rename(sys.argv[1] + ".new", sys.argv[1])
        await asyncio.Future()


if __name__ == "__main__":
    asyncio.run(main())
