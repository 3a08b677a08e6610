"""Writes the name of each file that Ansible opens below DIFFERENTIAL_ROOT to the file DIFFERENTIAL_READS."""

import os
import sys

root = os.environ.get("DIFFERENTIAL_ROOT")
reads = os.environ.get("DIFFERENTIAL_READS")

if root and reads:
    log = os.open(reads, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def record(event, args):
        if event != "open" or not isinstance(args[0], (str, bytes)):
            return
        path = os.path.abspath(os.fsdecode(args[0]))
        if path.startswith(root + "/"):
            os.write(log, (path + "\n").encode())

    sys.addaudithook(record)
