// SPDX-License-Identifier: Apache-2.0
/// \file One attempt to reach an address: look-up, then every address the name has, in time.
/// Internal to the TCP transport.
#pragma once

#include "net/address.hpp"

#include <absl/status/status.h>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace atomix::net {

/// Owned by whoever waits for it; its end is the end of the attempt, without an answer.
class dial_attempt : public std::enable_shared_from_this<dial_attempt> {
 public:
  /// Called once, from the event loop: with an open socket, or with the reason.
  using answer = std::function<void(const absl::Status&, asio::ip::tcp::socket)>;

  dial_attempt(asio::io_context& loop, address remote, answer done);
  void start(std::chrono::milliseconds timeout);

 private:
  void look_up();
  void try_next();
  void tried(const std::error_code& result);
  void finish(const absl::Status& status);

  asio::ip::tcp::resolver resolver_;
  asio::ip::tcp::socket socket_;
  asio::steady_timer timer_;
  address remote_;
  answer done_;  // empty once called
  std::chrono::steady_clock::time_point deadline_;
  std::vector<asio::ip::tcp::endpoint> endpoints_;
  std::size_t next_ = 0;
};

}  // namespace atomix::net
