// SPDX-License-Identifier: Apache-2.0
// Runs seeds FIRST to LAST for SECONDS each and prints a trace hash per line: the same in every
// process. Ends with 1 at the first violation, by abort at a broken invariant of a core. With a
// fourth argument, "lie", disks forget what they said was durable, and there are only power losses.
#include "sim/run.hpp"

#include <cstdlib>
#include <iostream>

int main(int count, char** arguments) {
  if (count < 4) return 254;
  const auto number = [&](int i) {
    return std::strtoull(arguments[i], nullptr, 10);
  };
  for (std::uint64_t seed = number(1); seed <= number(2); ++seed) {
    atomix::sim::run_options options;
    options.seed = seed;
    options.time = number(3) * atomix::sim::second;
    if (count > 4) {
      options.disks_lie = true;
      options.faults = {atomix::sim::fault_kind::blackout, atomix::sim::fault_kind::power_loss};
    }
    const auto report = atomix::sim::run(options);
    std::cout << seed << " " << std::hex << report.trace_hash << std::dec << "\n";
    for (const auto& v : report.violations)
      std::cout << atomix::sim::show_time(v.at) << " " << v.where << ": " << v.property << ": "
                << v.sentence << "\n";
    if (!report.ok()) return 1;
  }
  return 0;
}
