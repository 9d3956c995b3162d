// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_listener.hpp"

#include <utility>

namespace atomix::net {

using asio::ip::tcp;

tcp_listener::tcp_listener(std::shared_ptr<tcp_connections> all, connection_handler& handler)
    : all_(std::move(all)), handler_(handler), acceptor_(all_->loop), pause_(all_->loop) {}

std::error_code tcp_listener::bind(const tcp::endpoint& local) {
  std::error_code error;
  acceptor_.open(local.protocol(), error);
  if (error) return error;
  keep_from_children(acceptor_.native_handle());
  acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
  if (error) return error;
  acceptor_.bind(local, error);
  if (error) return error;
  acceptor_.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

std::uint16_t tcp_listener::port() const {
  std::error_code ignored;
  return acceptor_.local_endpoint(ignored).port();
}

void tcp_listener::accept() {
  acceptor_.async_accept(
      [weak = weak_from_this()](const std::error_code& error, tcp::socket socket) {
        if (const auto self = weak.lock()) self->accepted(error, std::move(socket));
      });
}

void tcp_listener::accepted(const std::error_code& error, tcp::socket socket) {
  if (!acceptor_.is_open()) return;
  if (error) {
    // Out of descriptors, most likely: trying again at once would spin until one is free.
    pause_.expires_after(std::chrono::milliseconds{50});
    pause_.async_wait([weak = weak_from_this()](const std::error_code& cancelled) {
      const auto self = weak.lock();
      if (self && !cancelled) self->accept();
    });
    return;
  }
  accept();
  std::error_code left_already;
  const auto remote = socket.remote_endpoint(left_already);
  if (left_already) return;
  const address place{remote.address().to_string(), remote.port()};
  all_->add(handler_, place.to_string())->open(std::move(socket));
}

}  // namespace atomix::net
