// SPDX-License-Identifier: Apache-2.0
/// \file HOST:PORT as one value: the only place that parses and prints addresses.
#pragma once

#include <absl/status/statusor.h>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atomix::net {

/// A name or number and a port. Names are kept as names and looked up on each dial.
struct address {
  std::string host;  ///< without brackets
  std::uint16_t port = 0;

  /// "host:port", with brackets around an IPv6 number.
  [[nodiscard]] std::string to_string() const;
  friend auto operator<=>(const address&, const address&) = default;
};

/// Reads "host:port", "1.2.3.4:port" or "[::1]:port". Errors: invalid_argument with what is
/// expected.
[[nodiscard]] absl::StatusOr<address> parse_address(std::string_view text);
/// A comma-separated list of at least one address.
[[nodiscard]] absl::StatusOr<std::vector<address>> parse_addresses(std::string_view text);

}  // namespace atomix::net
