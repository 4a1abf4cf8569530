#!/usr/bin/env python3
"""Restart services that are down: the original of examples/watchdog.rs."""
import argparse
import subprocess
import sys
import time


def systemctl(verb, service):
    try:
        run = subprocess.run(["systemctl", "--quiet", verb, service], stderr=subprocess.DEVNULL, timeout=30)
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


def check(service, failed):
    if systemctl("is-active", service):
        return 0
    restarted = systemctl("restart", service) and systemctl("is-active", service)
    failed = 0 if restarted else failed + 1
    outcome = "was down, and is up again" if restarted else f"is down, restart {failed} did not help"
    print(time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()), service, outcome)
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("services", nargs="+")
    parser.add_argument("--interval", type=float, default=60)
    parser.add_argument("--give-up", type=int, default=3)
    parser.add_argument("--rounds", type=int)
    args = parser.parse_args()
    services = {service: 0 for service in args.services}
    done = 0
    while args.rounds is None or done < args.rounds:
        if done > 0:
            time.sleep(args.interval)
        done += 1
        services = {service: check(service, failed) for service, failed in services.items()}
        services = {service: failed for service, failed in services.items() if failed < args.give_up}
        if not services:
            sys.exit("no service is left to watch")


main()
