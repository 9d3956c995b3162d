// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace atomix::net {
namespace {

absl::Status bad_address(std::string_view text, std::string_view cause) {
  return absl::InvalidArgumentError(absl::StrCat(
      "\"",
      std::string{text},
      "\" is not an address: ",
      std::string{cause},
      "; expected HOST:PORT, such as db1.example.org:5000, 10.0.0.1:5000 or [::1]:5000."));
}

bool is_name_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return letter || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

bool is_ipv6_number(std::string_view host) {
  // A zone, as in fe80::1%eth0, is a matter of the machine and checked when it is used.
  const std::string number{host.substr(0, host.find('%'))};
  in6_addr parsed{};
  return inet_pton(AF_INET6, number.c_str(), &parsed) == 1;
}

/// "10.0.0.300" is a slip of the pen and not a name: it must not end up in a look-up.
bool is_broken_ipv4_number(const std::string& host) {
  const auto in_number = [](char c) {
    return (c >= '0' && c <= '9') || c == '.';
  };
  in_addr parsed{};
  return std::all_of(host.begin(), host.end(), in_number)
         && inet_pton(AF_INET, host.c_str(), &parsed) != 1;
}

/// The sentence that says what is wrong with the host, or nothing.
std::string_view fault_of_host(const std::string& host, bool bracketed) {
  if (host.empty()) return "the host is missing";
  if (bracketed) return is_ipv6_number(host) ? "" : "no IPv6 number stands in the brackets";
  if (host.find(':') != std::string::npos) return "an IPv6 number needs brackets";
  if (!std::all_of(host.begin(), host.end(), is_name_character)) {
    return "the host has a character that no name has";
  }
  if (is_broken_ipv4_number(host)) return "the host looks like an IPv4 number, but is none";
  return "";
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

}  // namespace

std::string address::to_string() const {
  if (host.find(':') != std::string::npos) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

absl::StatusOr<address> parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const bool ends_in_bracket = !text.empty() && text.back() == ']';
  if (colon == std::string_view::npos || ends_in_bracket) {
    return bad_address(text, "the port is missing");
  }
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);

  address result;
  result.host = std::string{host};
  const std::string_view fault = fault_of_host(result.host, bracketed);
  if (!fault.empty()) return bad_address(text, fault);

  const std::string_view port = text.substr(colon + 1);
  const char* const end = port.data() + port.size();
  const auto [stop, error] = std::from_chars(port.data(), end, result.port);
  if (error != std::errc{} || stop != end) {
    return bad_address(text, "the port is no number from 0 to 65535");
  }
  return result;
}

absl::StatusOr<std::vector<address>> parse_addresses(std::string_view text) {
  std::vector<address> result;
  while (true) {
    const auto comma = text.find(',');
    auto one = parse_address(trimmed(text.substr(0, comma)));
    if (!one.ok()) return one.status();
    result.push_back(*std::move(one));
    if (comma == std::string_view::npos) return result;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace atomix::net
