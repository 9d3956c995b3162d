// SPDX-License-Identifier: Apache-2.0
// Runs seeds FIRST to LAST for SECONDS each and prints a trace hash per line: the same in every
// process. Ends with 1 at the first violation. With a
// fourth argument, "lie", disks forget what they said was durable, and there are only power losses;
// with "trace" every line of the traces comes first.
#include "sim/run.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

int main(int count, char** arguments) {
  using namespace atomix;
  if (count < 4) return 254;
  const auto number = [&](int i) {
    return std::strtoull(arguments[i], nullptr, 10);
  };
  for (std::uint64_t seed = number(1); seed <= number(2); ++seed) {
    sim::run_options options;
    options.seed = seed;
    options.time = number(3) * sim::second;
    const std::string_view wish = count > 4 ? arguments[4] : "";
    if (wish == "trace") {
      options.trace = [](const std::string& line) {
        std::puts(line.c_str());
      };
    }
    if (wish == "lie") {
      options.disks_lie = true;
      options.faults = {sim::fault_kind::blackout, sim::fault_kind::power_loss};
    }
    const sim::run_report report = sim::run(options);
    std::printf("%" PRIu64 " %016" PRIx64 "\n", seed, report.trace_hash);
    for (const sim::violation& v : report.violations) {
      const std::string at = sim::show_time(v.at);
      std::printf(
          "%s %s: %s: %s\n", at.c_str(), v.where.c_str(), v.property.c_str(), v.sentence.c_str());
    }
    if (!report.ok()) return 1;
  }
  return 0;
}
