// SPDX-License-Identifier: Apache-2.0
// Writes the report of a made-up run: write_sample DIRECTORY [valid].
#include "sim/report/store.hpp"

#include <cstdio>
#include <string>

#include "tests/sim/report/sample_record.hpp"

int main(int count, char** arguments) {
  using namespace atomix;
  if (count < 2) return 254;
  const sim::run_record record = count > 2 ? sim::valid_sample_record() : sim::sample_record();
  const sim::report_place place{arguments[1]};
  const absl::Status status = sim::write_report(record, place);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    return 255;
  }
  std::printf("%s/timeline.html\n", place.path_of(record).c_str());
  return 0;
}
