// SPDX-License-Identifier: Apache-2.0
#include "tools/sim_failure.hpp"

#include "sim/repro.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "tools/sim_text.hpp"
#include "tools/stopwatch.hpp"

namespace atomix::tools {
namespace {

constexpr double seconds_max = 60;

bool write_file(const std::string& path, const std::string& content) {
  std::ofstream file{path};
  file << content;
  file.close();
  if (file.good()) return true;
  std::cerr << "atomix sim: cannot write " << path << ": " << std::strerror(errno)
            << ". Choose another place with --out.\n";
  return false;
}

}  // namespace

sim::shrunk make_small(
    const sim::run_report& failed, const sim::run_options& options, const sim_flags& flags) {
  sim::run_options quietly = options;
  quietly.record = false;
  const stopwatch watch;
  sim::shrink_limits limits;
  limits.out_of_time = [&] {
    return watch.seconds() > seconds_max;
  };
  limits.progress = [&](const sim::scenario& smaller, std::size_t tries) {
    std::cerr << absl::StrFormat(
        "\rshrinking: %s after %d tries, %.0f s   ", show_size(smaller), tries, watch.seconds());
  };
  sim::shrunk small = sim::shrink(failed.played, failed.violations.front(), quietly, limits);
  std::cerr << "\n";
  const std::string name = absl::StrCat("seed_", failed.played.seed);
  const std::string stem = absl::StrCat(flags.out, "/", name);
  const sim::repro what{small.smallest, flags.bug, small.found.property, small.found.sentence};
  std::cout << absl::StrFormat(
      "  shrunk       from %s\n               to   %s, %d tries, %.1f s\n"
      "  shows        %s %s: %s: %s\n",
      show_size(failed.played),
      show_size(small.smallest),
      small.tries,
      watch.seconds(),
      sim::show_time(small.found.at),
      small.found.where,
      small.found.property,
      small.found.sentence);
  if (!write_file(stem + ".json", sim::to_json(what))) return small;
  if (!write_file(stem + "_test.cpp", sim::to_test(what, name))) return small;
  std::cout << "  replay with  atomix sim --replay " << stem << ".json\n"
            << "  as a test    " << stem << "_test.cpp\n";
  return small;
}

}  // namespace atomix::tools
