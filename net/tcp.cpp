// SPDX-License-Identifier: Apache-2.0
#include "net/tcp.hpp"

#include "net/tcp_connection.hpp"
#include "net/tcp_errors.hpp"
#include "net/tcp_listener.hpp"
#include "net/tcp_lookup.hpp"

#include <utility>

namespace atomix::net {
namespace {

using asio::ip::tcp;

class tcp_transport final : public transport {
 public:
  tcp_transport(asio::io_context& loop, const tcp_options& options)
      : all_(std::make_shared<tcp_connections>(loop, options)) {}
  ~tcp_transport() override {
    listeners_.clear();
    all_->end();
  }

  absl::StatusOr<address> listen(const address& local, connection_handler& handler) override;

  connection_id dial(const address& remote, connection_handler& handler) override {
    const auto connection = all_->add(handler, remote.to_string());
    connection->dial(remote);
    return connection->id();
  }
  void send(connection_id connection, std::string frames) override {
    if (const auto found = all_->find(connection)) found->send(std::move(frames));
  }
  void close(connection_id connection) override {
    if (const auto found = all_->find(connection)) found->close();
  }

 private:
  [[nodiscard]] absl::StatusOr<std::vector<tcp::endpoint>> look_up(const address& local) const;

  std::shared_ptr<tcp_connections> all_;
  std::vector<std::shared_ptr<tcp_listener>> listeners_;
};

absl::StatusOr<std::vector<tcp::endpoint>> tcp_transport::look_up(const address& local) const {
  std::error_code error;
  const auto number = asio::ip::make_address(local.host, error);
  if (!error) return std::vector{tcp::endpoint{number, local.port}};
  tcp::resolver resolver{all_->loop};
  const auto results = resolver.resolve(
      name_to_look_up(local), std::to_string(local.port), tcp::resolver::numeric_service, error);
  if (error) return listen_error(error, local.to_string());
  std::vector<tcp::endpoint> endpoints;
  for (const auto& result : results)
    endpoints.push_back(result.endpoint());
  return endpoints;
}

absl::StatusOr<address> tcp_transport::listen(const address& local, connection_handler& handler) {
  auto endpoints = look_up(local);
  if (!endpoints.ok()) return endpoints.status();

  address bound = local;
  std::error_code failure;
  std::vector<std::shared_ptr<tcp_listener>> listeners;
  for (auto endpoint : *endpoints) {
    endpoint.port(bound.port);
    auto listener = std::make_shared<tcp_listener>(all_, handler);
    const std::error_code error = listener->bind(endpoint);
    if (error) {
      failure = error;
      // Half a listener would send some who dial the name to a stranger. An address family that the
      // machine does not have is another matter.
      if (error == asio::error::address_in_use) break;
      continue;
    }
    bound.port = listener->port();
    listeners.push_back(std::move(listener));
  }
  if (listeners.empty() || failure == asio::error::address_in_use) {
    return listen_error(failure, local.to_string());
  }
  for (const auto& listener : listeners)
    listener->accept();
  listeners_.insert(listeners_.end(), listeners.begin(), listeners.end());
  return bound;
}

}  // namespace

std::unique_ptr<transport> make_tcp_transport(asio::io_context& loop, const tcp_options& options) {
  return std::make_unique<tcp_transport>(loop, options);
}

}  // namespace atomix::net
