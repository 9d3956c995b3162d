// SPDX-License-Identifier: Apache-2.0
/// \file The real transport over loopback, on an event loop that the test runs itself. Nothing
/// sleeps: the loop runs until what is awaited has happened, and a deadline turns hanging into
/// failing.
#pragma once

#include "net/tcp.hpp"

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace atomix::net {

/// Remembers what it is told.
class recorder : public connection_handler {
 public:
  void opened(connection_id connection, const std::string& remote) override {
    EXPECT_FALSE(inside_call) << "opened inside a call";
    opened_at.push_back(connection);
    remotes[connection] = remote;
    if (on_opened) on_opened(connection);
  }
  void received(connection_id connection, std::vector<frame> frames) override {
    EXPECT_FALSE(inside_call) << "received inside a call";
    if (frames.empty()) ++parts;
    EXPECT_FALSE(closed_with.count(connection)) << "received after closed";
    for (auto& f : frames) {
      if (echo != nullptr) {
        std::string out;
        append_frame(out, f.type, f.payload.view());
        echo->send(connection, std::move(out));
      }
      received_frames.push_back(std::move(f));
    }
  }
  void closed(connection_id connection, const absl::Status& why) override {
    EXPECT_FALSE(inside_call) << "closed inside a call";
    EXPECT_FALSE(closed_with.count(connection)) << "closed twice";
    closed_with[connection] = why;
  }

  transport* echo = nullptr;  ///< where to send back what comes in
  std::function<void(connection_id)> on_opened;
  bool inside_call = false;
  std::vector<connection_id> opened_at;
  std::map<connection_id, std::string> remotes;
  std::vector<frame> received_frames;
  std::size_t parts = 0;  // of frames that were not whole yet
  std::map<connection_id, absl::Status> closed_with;
};

inline std::string framed(std::string_view payload) {
  std::string out;
  append_frame(out, frame_type::requests, payload);
  return out;
}

class Tcp : public testing::Test {
 protected:
  /// Runs the loop until `condition` holds. False: it took ten seconds.
  bool run_until(const std::function<bool()>& condition) {
    const auto expired = std::make_shared<bool>(false);  // its handler may run later
    asio::steady_timer deadline{loop, std::chrono::seconds{10}};
    deadline.async_wait([expired](const std::error_code& error) { *expired = !error; });
    while (!condition() && !*expired)
      loop.run_one();
    const bool holds = condition();
    deadline.cancel();
    while (loop.poll_one() > 0 && !holds) {
    }
    return holds;
  }

  address listen(const std::string& host = "127.0.0.1") {
    auto bound = net->listen({host, 0}, server);
    EXPECT_TRUE(bound.ok()) << bound.status();
    return bound.ok() ? *bound : address{};
  }
  connection_id dial(const address& remote) {
    client.inside_call = true;
    const auto id = net->dial(remote, client);
    client.inside_call = false;
    return id;
  }
  bool run_until_closed(connection_id id) {
    return run_until([&] { return client.closed_with.count(id) > 0; });
  }
  void expect_closed(connection_id id, absl::StatusCode code, std::string_view text) {
    ASSERT_TRUE(run_until_closed(id));
    const auto& why = client.closed_with[id];
    EXPECT_EQ(why.code(), code) << why;
    EXPECT_NE(std::string{why.message()}.find(text), std::string::npos) << why;
  }
  void expect_echo(const address& remote) {
    server.echo = net.get();
    const auto id = dial(remote);
    net->send(id, framed("hello"));
    ASSERT_TRUE(run_until(
        [&] { return !client.received_frames.empty() || client.closed_with.count(id) > 0; }));
    ASSERT_EQ(client.received_frames.size(), 1U) << client.closed_with[id];
    EXPECT_EQ(client.received_frames[0].payload.view(), "hello");
    EXPECT_EQ(client.received_frames[0].type, frame_type::requests);
    EXPECT_EQ(client.remotes[id], remote.to_string());
  }

  asio::io_context loop{1};
  recorder server;
  recorder client;
  std::unique_ptr<transport> net = make_tcp_transport(loop);
};

}  // namespace atomix::net
