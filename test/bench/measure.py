"""Runs a program to its end and prints what it cost, with all that it started, as one JSON line on stderr.

    python3 measure.py LIMIT PROGRAM ARGUMENT...

A program that has not ended after LIMIT seconds is ended, and `timedOut` is true.

wallMs   from its start until it ended
cpuMs    user and system time of all processes, also of those that made themselves daemons (ssh's ControlPersist)
peakMiB  most memory at once of all processes, shared pages counted once (sum of Pss, sampled), or the exact peak of
         the largest process where that is more

Node can measure neither: it has no clock of one child and cannot adopt orphans.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
# Sampling costs at most this share of one core.
SAMPLING_SHARE = 0.02
SHORTEST_PAUSE_S = 0.02
KILL_AFTER_S = 2


def children_of(pid):
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        found = []
        for thread in threads:
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(word) for word in file.read().split()]
        return found
    except OSError:
        return []


def descendants_of(pid):
    found = []
    waiting = children_of(pid)
    while waiting:
        each = waiting.pop()
        found.append(each)
        waiting += children_of(each)
    return found


def pss_kib(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def sample(stop, peak):
    while not stop.is_set():
        started = time.thread_time()
        peak[0] = max(peak[0], sum(map(pss_kib, descendants_of(os.getpid()))))
        stop.wait(max(SHORTEST_PAUSE_S, (time.thread_time() - started) / SAMPLING_SHARE))


def end_the_rest():
    """Ends daemons that were left behind, so that their time counts."""
    kill_at = time.monotonic() + KILL_AFTER_S
    while True:
        name = signal.SIGTERM if time.monotonic() < kill_at else signal.SIGKILL
        for pid in descendants_of(os.getpid()):
            try:
                os.kill(pid, name)
            except OSError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        except ChildProcessError:
            return
        time.sleep(0.02)


def wait_for(pid, limit_s):
    """The status of the program, and whether it had to be ended."""
    end_at = time.monotonic() + limit_s
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done == pid:
            return status, False
        left_s = end_at - time.monotonic()
        if left_s <= 0:
            os.kill(pid, signal.SIGKILL)
            return os.waitpid(pid, 0)[1], True
        # Woken by the end of any child, orphans that came here too.
        signal.sigtimedwait([signal.SIGCHLD], left_s)


def main():
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("prctl(PR_SET_CHILD_SUBREAPER) failed: orphans would not be measured")
    # Blocked in all threads, so that it waits for sigtimedwait; not in the program.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    words = sys.argv[2:]
    started = time.monotonic()
    pid = os.posix_spawnp(words[0], words, os.environ, setsigmask=[])
    stop, peak = threading.Event(), [0]
    sampler = threading.Thread(target=sample, args=(stop, peak))
    sampler.start()
    status, timed_out = wait_for(pid, float(sys.argv[1]))
    wall_s = time.monotonic() - started
    stop.set()
    sampler.join()
    end_the_rest()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cost = {
        "exitCode": os.waitstatus_to_exitcode(status),
        "timedOut": timed_out,
        "wallMs": wall_s * 1000,
        "cpuMs": (used.ru_utime + used.ru_stime) * 1000,
        "peakMiB": max(peak[0], used.ru_maxrss) / 1024,
    }
    print(json.dumps(cost), file=sys.stderr)


main()
