// SPDX-License-Identifier: Apache-2.0
#include "tools/sim_report.hpp"

#include "actors/version.hpp"
#include "sim/bug_zoo.hpp"
#include "sim/report/store.hpp"
#include "sim/report/text_sink.hpp"
#include "sim/repro.hpp"

#include <absl/strings/str_cat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

namespace atomix::tools {
namespace {

bool write_one(sim::run_record record, const sim_flags& flags, const std::string& stamp) {
  record.build = absl::StrCat("atomix ", atomix::version, ", ", __VERSION__);
  if (const sim::zoo_entry* const bug = sim::find_bug(flags.bug);
      bug != nullptr && !flags.bug.empty()) {
    record.planted = absl::StrCat(
        std::string{bug->name}, " (", std::string{bug->id}, "): ", std::string{bug->sentence});
  }
  if (flags.disks_lie) record.planted = "lying-disks: disks forget what they said was durable";
  const sim::report_place place{flags.report, "atomix-sim", stamp};
  const absl::Status written = sim::write_report(record, place);
  if (!written.ok()) {
    std::cerr << "atomix sim: no report: " << std::string{written.message()} << "\n";
    return false;
  }
  std::cout << "  report       " << place.path_of(record) << "/timeline.html" << std::endl;
  return true;
}

}  // namespace

absl::Status prepare_reports(const sim_flags& flags) {
  std::error_code error;
  std::filesystem::create_directories(flags.report, error);
  if (error) return sim::file_error("create the directory", flags.report, error.value());
  if (access(flags.report.c_str(), W_OK | X_OK) != 0)
    return sim::file_error("write to", flags.report, errno);
  return absl::OkStatus();
}

bool write_reports(
    const sim::run_report& report,
    const std::optional<sim::shrunk>& small,
    const sim::run_options& options,
    const sim_flags& flags) {
  const std::string stamp = absl::StrCat("seed-", report.played.seed);
  sim::run_record record = *report.record;
  record.command = how_to_repeat(flags, report.played.seed);
  if (!small) return write_one(std::move(record), flags, stamp);
  const sim::repro what{small->smallest, flags.bug, small->found.property, small->found.sentence};
  sim::run_options again = options;
  again.record = true;
  again.trace = nullptr;
  sim::run_record least = *sim::run(small->smallest, again).record;
  least.command = "atomix sim --replay repro.json";
  least.repro = record.repro = sim::to_json(what);
  least.repro_size = record.repro_size = show_size(small->smallest);
  record.repro_report = absl::StrCat("../", stamp, "-small/timeline.html");
  return write_one(std::move(record), flags, stamp)
         && write_one(std::move(least), flags, stamp + "-small");
}

}  // namespace atomix::tools
