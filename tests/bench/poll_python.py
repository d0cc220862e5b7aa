"""Polling, written as users would in Python: requests with kept-alive connections in a pool of threads, json, sqlite3.

    poll_python.py URL DB RATE IN_FLIGHT
"""
import queue
import sys
import threading
import time

import requests

from recorder_python import ENTRIES, Recorder, login

url, path, rate, in_flight = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])


def work(wanted, answers, token):
    session = requests.Session()
    session.headers.update(token)
    while True:
        symbol = wanted.get()
        answer = session.get(url + "rest/marketdata/get", timeout=10, params={
            "marketId": "ROFX", "symbol": symbol, "entries": ",".join(ENTRIES), "depth": 5})
        answers.put((symbol, answer.json()))


def pace(symbols, wanted):
    began, sent = time.monotonic(), 0
    while True:
        while sent < (time.monotonic() - began) * rate:
            wanted.put(symbols[sent % len(symbols)])  # waits for a thread if all are busy
            sent += 1
        time.sleep(0.001)


recorder = Recorder(path)
headers, products = login(url)
to_ask, answered = queue.Queue(in_flight), queue.Queue()
for _ in range(in_flight):
    threading.Thread(target=work, args=(to_ask, answered, headers), daemon=True).start()
threading.Thread(target=pace, args=([product["symbol"] for product in products], to_ask), daemon=True).start()
while True:
    try:
        name, message = answered.get(timeout=0.25)
        if message.get("status") == "OK":
            recorder.record(name, message["marketData"], None)
    except queue.Empty:
        pass
    recorder.flush_if_due()
