// SPDX-License-Identifier: Apache-2.0
#include "sim/testing/result.hpp"

#include "sim/time.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <ostream>

namespace atomix::testing {
namespace {

std::string show(const finding& f) {
  const auto at = static_cast<sim::sim_time>(f.at.count());
  return absl::StrCat("  ", sim::show_time(at), "  ", f.where, ": ", f.sentence, "\n");
}

std::string show(const tally& sums, std::uint64_t runs) {
  std::string text = absl::StrFormat(
      "%d runs, %d simulated seconds: %d calls (%d acknowledged, %d failed, %d unknown), %d "
      "elections, %d restarts\n",
      runs,
      sums.simulated.count() / 1'000'000'000,
      sums.calls,
      sums.acknowledged,
      sums.failed,
      sums.unknown,
      sums.elections,
      sums.restarts);
  std::string faults;
  for (const auto& [kind, count] : sums.faults)
    absl::StrAppend(&faults, faults.empty() ? "  faults: " : ", ", kind, " ", count);
  return faults.empty() ? text : text + faults + "\n";
}

}  // namespace

std::string result::text() const {
  std::string text;
  if (found) {
    absl::StrAppend(
        &text, "\"", found->claim, "\" is violated with seed ", seed, ":\n", show(*found));
    if (smallest)
      absl::StrAppend(&text, "shrunk to:\n", smallest->to_string(), "which shows:\n", show(*shown));
    text +=
        "see it again, with this test program (ATOMIX_TRACE=FILE: the trace; ATOMIX_REPORT=DIR: a "
        "page):\n";
    if (!repro_file.empty())
      absl::StrAppend(&text, "  ATOMIX_REPLAY=", repro_file, "    what it was shrunk to\n");
    absl::StrAppend(&text, "  ATOMIX_SEED=", seed, "    all of it\n");
  }
  if (!report.empty()) absl::StrAppend(&text, "report: ", report, "\n");
  return text + show(sums, runs);
}

std::ostream& operator<<(std::ostream& out, const result& r) {
  return out << r.text();
}

}  // namespace atomix::testing
