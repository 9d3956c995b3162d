// SPDX-License-Identifier: Apache-2.0
/// \file Turns a sequence of calls and returns by processes into operations. For the readers.
#pragma once

#include "sim/checker/history.hpp"

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace atomix::checker {

enum class event_kind : std::uint8_t { invoke, ok, fail, info };

struct event {
  event_kind kind = event_kind::invoke;
  value process;
  std::string f;
  std::optional<value> key;
  value content;
  std::int64_t time_ns = operation::no_time;
  std::uint64_t index = 0;
  std::string model;
  std::size_t line = 0;
};

class event_pairing {
 public:
  /// Errors: a return without a call, a call by a process that is still busy, another operation.
  [[nodiscard]] absl::Status add(event e);
  /// Without lines if several events stand in one, as they would not tell which is meant.
  [[nodiscard]] history take();

 private:
  [[nodiscard]] absl::Status finish(event e, std::size_t number);

  recorder recorder_;
  std::size_t line_ = 0;  // of the last event
  bool lines_tell_ = true;
  std::map<value, std::size_t> open_;  // by process
};

/// Splits the key off a tuple: of a value tagged as one, or of any pair if `forced`.
void take_key(event& e, bool forced);

}  // namespace atomix::checker
