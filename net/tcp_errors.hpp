// SPDX-License-Identifier: Apache-2.0
/// \file What the operating system says about sockets, in sentences with cause, place and remedy.
#pragma once

#include <absl/status/status.h>

#include <string>
#include <system_error>

namespace atomix::net {

/// A connection to `place` could not be made.
[[nodiscard]] absl::Status dial_error(const std::error_code& error, const std::string& place);
/// The name in `place` could not be looked up.
[[nodiscard]] absl::Status lookup_error(const std::error_code& error, const std::string& place);
/// An established connection with `place` broke.
[[nodiscard]] absl::Status stream_error(const std::error_code& error, const std::string& place);
/// Nothing can be accepted on `place`.
[[nodiscard]] absl::Status listen_error(const std::error_code& error, const std::string& place);

}  // namespace atomix::net
