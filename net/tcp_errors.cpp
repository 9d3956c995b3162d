// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_errors.hpp"

#include <absl/strings/str_cat.h>
#include <asio/error.hpp>

namespace atomix::net {

absl::Status dial_error(const std::error_code& error, const std::string& place) {
  if (error == asio::error::connection_refused) {
    return absl::UnavailableError(
        absl::StrCat("Connection refused by ", place, ": is a replica running there?"));
  }
  if (error == asio::error::timed_out) {
    return absl::DeadlineExceededError(absl::StrCat(
        "No connection to ",
        place,
        " in time: is the machine up, and does a firewall drop packets?"));
  }
  if (error == asio::error::no_descriptors) {
    return absl::UnavailableError(absl::StrCat(
        "No connection to ",
        place,
        ": this process has too many open files; raise its limit (ulimit -n)."));
  }
  return absl::UnavailableError(absl::StrCat(
      "No connection to ", place, ": ", error.message(), "; check the address and the network."));
}

absl::Status lookup_error(const std::error_code& error, const std::string& place) {
  return absl::UnavailableError(absl::StrCat(
      "The name in ", place, " cannot be looked up: ", error.message(), "; check it and the DNS."));
}

absl::Status stream_error(const std::error_code& error, const std::string& place) {
  if (error == asio::error::eof) {
    return absl::UnavailableError(
        absl::StrCat("The connection was closed by ", place, ": it stopped or turned us away."));
  }
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe) {
    return absl::UnavailableError(
        absl::StrCat("The connection was reset by ", place, ": the process there died or left."));
  }
  return absl::UnavailableError(absl::StrCat(
      "The connection with ", place, " broke: ", error.message(), "; check the network."));
}

absl::Status listen_error(const std::error_code& error, const std::string& place) {
  if (error == asio::error::address_in_use) {
    return absl::AlreadyExistsError(absl::StrCat(
        "Cannot listen on ",
        place,
        ": the port is in use; stop the other process or choose another port."));
  }
  if (error == asio::error::access_denied) {
    return absl::InvalidArgumentError(absl::StrCat(
        "Cannot listen on ", place, ": ports below 1024 need privileges; choose a higher one."));
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "Cannot listen on ",
      place,
      ": ",
      error.message(),
      "; name an address that this machine has."));
}

}  // namespace atomix::net
