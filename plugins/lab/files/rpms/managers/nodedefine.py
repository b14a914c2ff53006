#!/usr/bin/python3
"""A stand-in for Confluent's command: a node is defined."""

import os
import sys

os.execv("/opt/confluent/bin/confetty", ["confetty", "create", f"/nodes/{sys.argv[1]}"])
