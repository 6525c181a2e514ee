#!/usr/bin/env python3
"""Counts the test cases of one `bazel test`, from its --build_event_json_file.

Usage: count_results.py EVENTS BAZEL_EXIT_STATUS

Prints "PASSED FAILED SKIPPED" on standard output and names what failed on standard error. A
target that did not build, crashed or ran out of time is at least one failure.
"""

import collections
import json
import pathlib
import sys
import urllib.parse
import xml.etree.ElementTree


def count_cases(report):
    """The test cases of one JUnit report, as a Counter, and the names of the failed ones."""
    counts = collections.Counter()
    failed = []
    for case in xml.etree.ElementTree.parse(report).iter("testcase"):
        if case.get("status") == "notrun":
            continue
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(".".join(filter(None, (case.get("classname"), case.get("name")))))
        elif case.find("skipped") is not None:
            counts["skipped"] += 1
        else:
            counts["passed"] += 1
    return counts, failed


def report_of(result):
    """The path of test.xml among a result's outputs, if it is there."""
    for output in result.get("testActionOutput", []):
        if output["name"] == "test.xml":
            path = pathlib.Path(urllib.parse.unquote(urllib.parse.urlparse(output["uri"]).path))
            return path if path.exists() else None
    return None


def main(events_path, bazel_status):
    results = {}  # (label, run, shard) -> its last attempt
    broken = []
    with open(events_path, encoding="utf-8") as events:
        for event in map(json.loads, events):
            if "testResult" in event["id"]:
                key = event["id"]["testResult"]
                results[key["label"], key["run"], key["shard"]] = event["testResult"]
            elif "targetCompleted" in event["id"] and not event.get("completed", {}).get("success"):
                broken.append(event["id"]["targetCompleted"]["label"] + " (not built)")

    counts = collections.Counter()
    failed = broken
    for (label, _, _), result in results.items():
        report = report_of(result)
        report_counts, failed_cases = count_cases(report) if report else ({}, [])
        counts.update(report_counts)
        failed += [f"{label} {case}" for case in failed_cases]
        if result["status"] not in ("PASSED", "FLAKY") and not failed_cases:
            failed.append(f"{label} ({result['status']})")
    if bazel_status != 0 and not failed:
        failed.append(f"bazel (exit status {bazel_status})")

    for name in failed:
        print(f"  failed: {name}", file=sys.stderr)
    print(counts["passed"], len(failed), counts["skipped"])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
