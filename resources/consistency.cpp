// SPDX-License-Identifier: Apache-2.0
#include "resources/consistency.hpp"

#include "raft/base/check.hpp"

#include <absl/strings/cord.h>
#include <absl/strings/string_view.h>

namespace atomix {
namespace {

constexpr absl::string_view unknown_mark = "atomix/unknown-outcome";

}  // namespace

certainty certainty_of(const absl::Status& status) {
  if (status.ok()) return certainty::done;
  return status.GetPayload(unknown_mark).has_value() ? certainty::unknown : certainty::not_done;
}

absl::Status unknown_outcome(absl::Status status) {
  ATOMIX_CHECK(!status.ok(), "only a failure can have an unknown outcome");
  status.SetPayload(unknown_mark, absl::Cord());
  return status;
}

}  // namespace atomix
