// SPDX-License-Identifier: Apache-2.0
#include "sim/testing/environment.hpp"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace atomix::testing {
namespace {

absl::Status read_number(const char* name, std::optional<std::uint64_t>& number) {
  const char* const text = std::getenv(name);
  if (text == nullptr || *text == '\0') return absl::OkStatus();
  std::uint64_t value = 0;
  if (!absl::SimpleAtoi(text, &value))
    return absl::InvalidArgumentError(absl::StrCat(name, " is \"", text, "\", not a number"));
  number = value;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<environment> read_environment() {
  environment read;
  if (absl::Status s = read_number("ATOMIX_SEED", read.seed); !s.ok()) return s;
  if (absl::Status s = read_number("ATOMIX_RUNS", read.runs); !s.ok()) return s;
  if (const char* trace = std::getenv("ATOMIX_TRACE")) read.trace = trace;
  if (const char* report = std::getenv("ATOMIX_REPORT")) read.report = report;
  const char* const path = std::getenv("ATOMIX_REPLAY");
  if (path == nullptr || *path == '\0') return read;
  std::ifstream file{path};
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()))
    return absl::InvalidArgumentError(absl::StrCat("ATOMIX_REPLAY: cannot read ", path));
  read.repro = text.str();
  return read;
}

}  // namespace atomix::testing
