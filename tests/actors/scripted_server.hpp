// SPDX-License-Identifier: Apache-2.0
/// \file The other end of a session, played by the test: a network on which the test answers what
/// the session dials and sends. Lives on the runtime's thread; the test waits with deadlines.
#pragma once

#include "actors/runtime.hpp"
#include "actors/session.hpp"

#include "net/transport.hpp"
#include "net/wire.pb.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/actors/running_cluster.hpp"

namespace atomix::actors {

class scripted_server final : public net::transport {
 public:
  absl::StatusOr<net::address> listen(
      const net::address& local, net::connection_handler&) override {
    return local;
  }
  net::connection_id dial(const net::address& remote, net::connection_handler& handler) override {
    handler_ = &handler;
    last_ = last_.next();
    dials.add(remote);
    if (greeting_) open();
    return last_;
  }
  void send(net::connection_id connection, std::string bytes) override {
    if (connection != last_) return;
    std::vector<net::frame> frames;
    net::frame_parser parser;
    EXPECT_TRUE(parser.push(bytes, frames).ok());
    for (const auto& f : frames) {
      frame_sizes.add(f.payload.size());
      wire::RequestBatch batch;
      if (f.type == net::frame_type::client_hello && greeting_)
        say(net::frame_type::server_hello, *greeting_);
      if (f.type != net::frame_type::requests) continue;
      EXPECT_TRUE(batch.ParseFromString(std::string(f.payload.view())));
      for (const auto& r : batch.requests()) {
        requests.add(r);
        if (r.has_ping() && ping_answer_) say(net::frame_type::responses, *ping_answer_);
      }
    }
  }
  void close(net::connection_id connection) override {
    if (connection == last_) handler_ = nullptr;
  }

  // On the runtime's thread. Who has closed the connection hears nothing any more.
  void open() {
    if (handler_ != nullptr) handler_->opened(last_, "scripted");
  }
  void hang_up() {
    greeting_.reset();
    if (handler_ != nullptr) handler_->closed(last_, absl::UnavailableError("hung up"));
  }
  template <class Message>
  void say(net::frame_type type, const Message& m) {
    if (handler_ != nullptr)
      handler_->received(last_, {{type, shared_bytes{m.SerializeAsString()}}});
  }
  /// Opens and greets every connection, the present one too, until `hang_up`.
  void greet_with(wire::ServerHello hello) {
    greeting_ = std::move(hello);
    open();
  }
  [[nodiscard]] const std::optional<wire::ServerHello>& greeting() const { return greeting_; }
  /// Every ping is answered like this from now on.
  void answer_pings(wire::ResponseBatch answer) { ping_answer_ = std::move(answer); }

  log_of<net::address> dials;
  log_of<wire::Request> requests;
  log_of<std::size_t> frame_sizes;

 private:
  net::connection_handler* handler_ = nullptr;
  net::connection_id last_;
  std::optional<wire::ServerHello> greeting_;
  std::optional<wire::ResponseBatch> ping_answer_;
};

class scripted : public testing::Test {
 protected:
  using body = wire::Request::BodyCase;
  static constexpr std::uint64_t id = 7;

  void start(std::uint64_t timeout_ms = 60'000) {
    session_options options;
    options.servers = {net::address{"scripted", 1}};
    options.timeout_ms = timeout_ms;
    options.outstanding_max = outstanding_max;
    options.outstanding_bytes_max = outstanding_bytes_max;
    here([&](caf::actor_system& system, const world& outside) {
      auto surroundings = outside;
      surroundings.network = &server;
      session = start_session(system, surroundings, options);
      session->watch_state([this](session_state s) { states.add(s); });
    });
  }
  void here(const std::function<void(caf::actor_system&, const world&)>& task) { life->call(task); }
  /// Accepts connections from now on, and greets as the leader.
  void accept(std::uint64_t term = 1) {
    wire::ServerHello hello;
    hello.set_id(1);
    hello.mutable_leadership()->set_leader(1);
    hello.mutable_leadership()->set_term(term);
    here([&](caf::actor_system&, const world&) { server.greet_with(std::move(hello)); });
  }
  void answer_pings() {
    wire::ResponseBatch well;
    *well.add_responses() = pong(1, 1);
    here([&](caf::actor_system&, const world&) { server.answer_pings(std::move(well)); });
  }
  /// Waits for the `count`-th request of a kind and returns it.
  wire::Request request(body kind, std::size_t count = 1) {
    std::optional<wire::Request> found;
    EXPECT_TRUE(server.requests.await([&](const auto& all) {
      std::size_t seen = 0;
      for (const auto& r : all)
        if (r.body_case() == kind && ++seen == count) found = r;
      return found.has_value();
    })) << "request of kind "
        << static_cast<int>(kind);
    return found.value_or(wire::Request{});
  }
  std::size_t requests_of(body kind) {
    const auto all = server.requests.all();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const auto& r) { return r.body_case() == kind; }));
  }
  void respond(const std::vector<wire::Response>& responses) {
    wire::ResponseBatch batch;
    for (const auto& r : responses)
      *batch.add_responses() = r;
    here([&](caf::actor_system&, const world&) { server.say(net::frame_type::responses, batch); });
  }
  /// Answers the `count`-th request for one.
  void open_session(std::uint64_t timeout_ms = 60'000, std::size_t count = 1) {
    wire::Response r;
    auto* opened = r.mutable_session_opened();
    opened->set_token(request(body::kOpenSession, count).open_session().token());
    opened->set_session(id);
    opened->set_timeout_ms(timeout_ms);
    respond({r});
    ASSERT_TRUE(states.await(session_state::connected));
  }
  /// A session that is open and attached.
  void connect() {
    start();
    accept();
    open_session();
  }
  static wire::Response reply(std::uint64_t sequence, std::uint64_t index, std::uint32_t code = 0) {
    wire::Response r;
    auto* to = r.mutable_reply();
    to->set_session(id);
    to->set_sequence(sequence);
    to->set_index(index);
    to->set_code(code);
    return r;
  }
  static wire::Response answer(std::uint64_t query, std::uint64_t index) {
    wire::Response r;
    r.mutable_query_reply()->set_id(query);
    r.mutable_query_reply()->set_index(index);
    return r;
  }
  static wire::Response event(
      std::uint64_t number, std::uint64_t index, std::uint64_t after_sequence) {
    wire::Response r;
    auto* to = r.mutable_event();
    to->set_session(id);
    to->set_number(number);
    to->set_index(index);
    to->set_after_sequence(after_sequence);
    to->set_resource("r");
    to->set_event("e");
    return r;
  }
  static wire::Response kept(std::uint64_t sent_ms) {
    wire::Response r;
    r.mutable_session_kept()->set_session(id);
    r.mutable_session_kept()->set_sent_ms(sent_ms);
    return r;
  }
  static wire::Response pong(std::uint64_t term, std::uint64_t leader) {
    wire::Response r;
    r.mutable_pong()->mutable_leadership()->set_term(term);
    r.mutable_pong()->mutable_leadership()->set_leader(leader);
    return r;
  }
  static completion tell(log_of<std::string>& to, const std::string& name) {
    return [&to, name](const absl::StatusOr<outcome>& r) {
      to.add(absl::StrCat(name, " ", r.ok() ? "ok" : absl::StatusCodeToString(r.status().code())));
    };
  }
  void command(const std::string& operation, log_of<std::string>& to, const std::string& name) {
    session->command({"r", "t"}, operation, tell(to, name));
  }
  void query(const std::string& operation, log_of<std::string>& to, const std::string& name) {
    session->query({"r", "t"}, operation, consistency::sequential, tell(to, name));
  }

  std::size_t outstanding_max = 65'536;
  std::size_t outstanding_bytes_max = 32U << 20U;
  scripted_server server;
  // What listeners and completions write to outlives the session.
  log_of<session_state> states;
  log_of<session_state> late;
  log_of<std::string> told;
  log_of<int> closed;
  std::shared_ptr<actors::session> session;
  std::optional<runtime> life{std::in_place, disk_use::none, nullptr};
};

}  // namespace atomix::actors
