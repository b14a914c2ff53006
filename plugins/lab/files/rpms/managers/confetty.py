#!/usr/bin/python3
"""A stand-in for Confluent's command: it says its words to the server's socket; without words it
reads them, line by line."""

import socket
import sys


def say(words):
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect("/var/run/confluent/api.sock")
    except OSError as error:
        sys.exit(f"Could not connect to confluent: {error}")
    line.sendall(" ".join(words).encode() + b"\n")
    said = b"".join(iter(lambda: line.recv(4096), b"")).decode()
    if not said.startswith("ok\n"):
        sys.exit("Error: not found")
    print(said[3:])


if sys.argv[1:]:
    say(sys.argv[1:])
else:
    for words in sys.stdin:
        if words.strip() == "exit":
            break
        say(words.split())
