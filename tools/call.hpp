// SPDX-License-Identifier: Apache-2.0
/// \file One call of a resource from the command line: who is asked, how long to wait, how to show
/// the answer.
#pragma once

#include "actors/client.hpp"

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "tools/output.hpp"

namespace atomix::tools {

/// What every call takes.
struct call_arguments {
  std::string servers = "127.0.0.1:7001";  ///< "host:port,..."
  std::string cluster;                     ///< empty: whichever answers
  std::chrono::milliseconds timeout{5000};
  std::chrono::milliseconds session_timeout{5000};
  output_format output = output_format::table;
  std::string name;  ///< of the resource
};

/// Opens a session as the arguments say.
[[nodiscard]] absl::StatusOr<client> open_client(const call_arguments& a);
/// Opens a session, hands it to `body` and returns its exit code; 1 if there is no session.
[[nodiscard]] int with_client(
    const call_arguments& a, const std::function<int(const client&)>& body);

/// What is known when nobody answered in time.
[[nodiscard]] absl::Status no_answer(std::chrono::milliseconds waited);

template <class T>
[[nodiscard]] result_t<T> await(const future<T>& pending, std::chrono::milliseconds patience) {
  std::optional<result_t<T>> result = pending.get_for(patience);
  return result ? *std::move(result) : result_t<T>{no_answer(patience)};
}

/// Print an answer, or why there is none; return the exit code. False and absent answers end with
/// 1, so that a shell can branch on them.
[[nodiscard]] int show(const call_arguments& a, const absl::Status& done);
[[nodiscard]] int show(const call_arguments& a, const absl::StatusOr<bool>& answer);
[[nodiscard]] int show(const call_arguments& a, const absl::StatusOr<std::int64_t>& number);
[[nodiscard]] int show(const call_arguments& a, const absl::StatusOr<std::uint64_t>& number);
[[nodiscard]] int show(
    const call_arguments& a, const absl::StatusOr<std::optional<std::string>>& found);

/// Waits for the answer and shows it.
template <class T>
[[nodiscard]] int finish(const call_arguments& a, const future<T>& pending) {
  return show(a, await(pending, a.timeout));
}

}  // namespace atomix::tools
