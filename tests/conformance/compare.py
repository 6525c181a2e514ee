#!/usr/bin/env python3
"""Compares hocket's traces with those of a reference model of Trio, byte for byte, on random programs.

    compare.py MODEL_DIR [--programs N] [--seed S] [--sizes 20,40,80] [--keep-going] [--mutate]
                         [--binary PATH]
    compare.py MODEL_DIR --file PROGRAMS.jsonl
    compare.py MODEL_DIR --record-deviations GOLDEN.jsonl > golden_deviations.jsonl

MODEL_DIR holds model.py and oracle.py, which are not a part of this project. Run by hand:

    bazel build --compilation_mode=opt //tests/conformance:run_programs
    tests/conformance/compare.py MODEL_DIR --programs 20000

A trace that differs from the model's is excused if the model, changed by one of the deviations in model_deviations.py
(or by several, if no single one explains it), gives the same. With --keep-going an error does not end a program early,
which large ones otherwise do. With --mutate each program is damaged at random first:
those that are still of the language are compared, the others must be refused with a message that names their line.
Exit status 1 if anything is not excused, or more than 2 % of the programs are.
"""

import argparse
import collections
import contextlib
import itertools
import json
import pathlib
import random
import subprocess
import sys
import time

from model_deviations import DEVIATIONS, Applied

BATCH = 200  # programs for one process
BATCH_TIMEOUT = 120  # seconds
MOST_EXCUSED = 0.02
STRANGE_VALUES = (None, True, -1, 0, 1, 2, 3, 1.5, 2**31, 2**63, 2**64, 10**30, "", "x", "t0", "n0", "s00", "c0s0",
                  "c0r0", "c1s1", "cp", "ANY", [], {}, [[]], "\u00e9")


def dump(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


class Reference:
    """The model, in this process."""

    def __init__(self, directory):
        sys.path.insert(0, str(directory))
        import model

        self.model = model
        self.oracle = model.load_interp()
        sys.setrecursionlimit(10000)

    def generate(self, seed, size):
        return self.oracle.Gen(seed, size).prog

    def answer(self, program, deviations=()):
        with Applied(self.model, deviations):
            trace = self.model.run_program(self.oracle, program)
            answer = dump({"k": 0, "seed": program.get("seed"), "trace": trace})
            # After an unbreakable deadlock there are unfinished tasks. They end here, and not in the next program.
            for task in list(self.model.RUN.tasks):
                with contextlib.suppress(BaseException):
                    task.coro.close()
        return answer

    def excuse(self, program, answer):
        """The deviations that make the model give this answer; None if none do."""
        for count in range(1, len(DEVIATIONS) + 1):
            for names in itertools.combinations(DEVIATIONS, count):
                if self.answer(program, names) == answer:
                    return "+".join(names)
        return None


def run_programs(binary, lines):
    """The answers to the lines in order, None where one was refused, and the messages."""
    process = subprocess.run([binary], input="".join(line + "\n" for line in lines), text=True, capture_output=True,
                             timeout=BATCH_TIMEOUT)
    messages = {}
    for message in process.stderr.splitlines():
        word, number, text = message.split(" ", 2)
        assert word == "line" and number.endswith(":"), message
        messages[int(number[:-1]) - 1] = text
    assert process.returncode == (2 if messages else 0), f"exit status {process.returncode}: {process.stderr[-2000:]}"
    answers = iter(process.stdout.splitlines())
    result = [None if i in messages else next(answers) for i in range(len(lines))]
    assert next(answers, None) is None, "more answers than lines"
    return result, messages


def keep_going(program):
    """The program with each of its main statements in a try that swallows all errors."""
    main = [{"id": 100000 + i, "op": "try", "on": ["ANY"], "body": [st]} for i, st in enumerate(program["main"])]
    return dict(program, main=main)


def places(value):
    """Every (container, key) in a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(pairs):
        yield value, key
        yield from places(inner)


def mutate(program, rng):
    """A copy with some values replaced, dropped, doubled or swapped."""
    program = json.loads(json.dumps(program))
    for _ in range(rng.choice((1, 1, 2, 4))):
        container, key = rng.choice(list(places(program)))
        other, other_key = rng.choice(list(places(program)))
        way = rng.randrange(8)
        if way == 0:
            del container[key]
        elif way == 1 and isinstance(container, list):
            container.insert(key, json.loads(json.dumps(container[key])))
        elif way == 2:
            container[key] = rng.choice(STRANGE_VALUES)
        elif way == 3 and isinstance(container[key], int):
            container[key] += rng.choice((-1, 1))
        elif isinstance(container[key], type(other[other_key])):  # includes a statement for a statement
            container[key] = json.loads(json.dumps(other[other_key]))
        if not program:
            break
    return program


def damage_text(line, rng):
    """Some characters of the text replaced, dropped or doubled."""
    place = rng.randrange(len(line))
    return line[:place] + rng.choice(("", line[place] * 2, '"', "{", "]", ",", "\\", "9", "\t")) + line[place + 1:]


def batches(reference, arguments):
    """Lists of (size, line)."""
    if arguments.file:
        sources = (("file", line.rstrip("\n")) for line in arguments.file)
    else:
        sizes = [int(size) for size in arguments.sizes.split(",")]
        seeds = range(arguments.seed, arguments.seed + arguments.programs)
        # The generator has four profiles, by seed, so sizes change every fourth seed.
        drawn = ((sizes[seed // 4 % len(sizes)], seed) for seed in seeds)
        programs = ((size, seed, reference.generate(seed, size)) for size, seed in drawn)
        if arguments.keep_going:
            programs = ((size, seed, keep_going(program)) for size, seed, program in programs)
        if arguments.mutate:
            sources = ((size, mutated(program, random.Random(seed))) for size, seed, program in programs)
        else:
            sources = ((size, json.dumps(program)) for size, _, program in programs)
    while batch := list(itertools.islice(sources, BATCH)):
        yield batch


def mutated(program, rng):
    line = json.dumps(mutate(program, rng))
    return damage_text(line, rng) if rng.randrange(10) == 0 else line


def compare(reference, arguments):
    sizes, modes, excused, refusals = (collections.Counter() for _ in range(4))
    events = decisions = mismatches = longest = 0
    start = time.time()
    for batch in batches(reference, arguments):
        answers, messages = run_programs(arguments.binary, [line for _, line in batch])
        for index, ((size, line), answer) in enumerate(zip(batch, answers)):
            if answer is None:
                if not arguments.mutate:
                    mismatches += 1
                    print(f"REFUSED: {messages[index]}\n  {line}")
                refusals["refused"] += 1
                continue
            program = json.loads(line)
            sizes[size] += 1
            modes[program.get("mode", "batch")] += 1
            trace = json.loads(answer)["trace"]
            events += len(trace)
            longest = max(longest, len(trace))
            decisions += trace[-1]["decisions"]
            if reference.answer(program) == answer:
                continue
            excuse = reference.excuse(program, answer)
            if excuse is not None:
                excused[excuse] += 1
                continue
            mismatches += 1
            print(f"MISMATCH:\n  {line}\n  ours {answer}\n  model {reference.answer(program)}")
    count = sum(sizes.values())
    print(f"{count} programs compared in {time.time() - start:.0f} s, refused {sum(refusals.values())}\n"
          f"by size: {dict(sizes)}\nby mode: {dict(modes)}\n"
          f"events {events}, longest trace {longest}, decisions {decisions}\n"
          f"excused: {dict(excused)}\nmismatches: {mismatches}")
    return mismatches == 0 and (arguments.file or sum(excused.values()) <= MOST_EXCUSED * count)


def record_deviations(reference, arguments):
    """Prints the programs of a golden file that reach a deviation, with the traces of the model that deviates."""
    rows = [json.loads(line) for line in arguments.record_deviations]
    answers, _ = run_programs(arguments.binary, [json.dumps(row["prog"]) for row in rows])
    for row, answer in zip(rows, answers):
        program = row["prog"]
        assert json.loads(reference.answer(program))["trace"] == row["trace"], "the model is not as recorded"
        if json.loads(answer)["trace"] == row["trace"]:
            continue
        deviation = reference.excuse(program, answer)
        if deviation is None:
            print(f"not excused: {dump(program)}", file=sys.stderr)
            return False
        trace = json.loads(reference.answer(program, deviation.split("+")))["trace"]
        print(json.dumps({"prog": program, "trace": trace, "deviation": deviation}, separators=(",", ":")))
    return True


def main():
    folder = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_dir", type=pathlib.Path, metavar="MODEL_DIR")
    parser.add_argument("--programs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of the first program; the others follow")
    parser.add_argument("--sizes", default="20,40,80", help="statements in a program, roughly")
    parser.add_argument("--keep-going", action="store_true")
    parser.add_argument("--mutate", action="store_true")
    parser.add_argument("--file", type=argparse.FileType(), help="programs to compare instead of random ones")
    parser.add_argument("--record-deviations", type=argparse.FileType(), metavar="GOLDEN")
    parser.add_argument("--binary", default=folder.parents[1] / "bazel-bin/tests/conformance/run_programs")
    arguments = parser.parse_args()
    reference = Reference(arguments.model_dir)
    act = record_deviations if arguments.record_deviations else compare
    sys.exit(0 if act(reference, arguments) else 1)


if __name__ == "__main__":
    main()
