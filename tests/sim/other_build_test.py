# SPDX-License-Identifier: Apache-2.0
"""A seed is the same run in every build: here and in one by another compiler that does not optimise.

Usage: other_build_test.py SOURCES BUILD_DIRECTORY SIM_ONE_SEED
Orders that the language leaves open (of arguments, above all) differ between compilers, and so would the traces.
"""

import subprocess
import sys

SEEDS = ("1", "12", "8")  # first, last, seconds


def main():
    sources, build, here = sys.argv[1:]
    configure = ["cmake", "-S", sources, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                 "-DCMAKE_CXX_COMPILER=clang++-14", "-DATOMIX_TESTS=ON", "-DATOMIX_LINT=OFF"]
    for command in (configure, ["cmake", "--build", build, "--target", "sim_one_seed", "--parallel", "2"]):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
    there = f"{build}/tests/sim/sim_one_seed"
    traces = [subprocess.run([program, *SEEDS], capture_output=True, text=True, check=True).stdout.splitlines()
              for program in (here, there)]
    if len(traces[0]) != int(SEEDS[1]):
        sys.exit(f"{len(traces[0])} lines for {SEEDS[1]} seeds")
    for one, other in zip(*traces, strict=True):
        if one != other:
            sys.exit(f"seed and trace hash: {one} here, {other} in {build}.\n"
                     f"`--trace` of both programs shows the first line that differs.")
    print(f"{len(traces[0])} seeds, the same traces")


if __name__ == "__main__":
    main()
