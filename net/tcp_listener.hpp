// SPDX-License-Identifier: Apache-2.0
/// \file One listening socket. Internal to the TCP transport.
#pragma once

#include "net/tcp_connection.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>

#include <memory>
#include <system_error>

namespace atomix::net {

/// Accepts connections until it is destroyed.
class tcp_listener : public std::enable_shared_from_this<tcp_listener> {
 public:
  tcp_listener(std::shared_ptr<tcp_connections> all, connection_handler& handler);

  [[nodiscard]] std::error_code bind(const asio::ip::tcp::endpoint& local);
  void accept();
  [[nodiscard]] std::uint16_t port() const;

 private:
  void accepted(const std::error_code& error, asio::ip::tcp::socket socket);

  std::shared_ptr<tcp_connections> all_;
  connection_handler& handler_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer pause_;
};

}  // namespace atomix::net
