// SPDX-License-Identifier: Apache-2.0
// Machines of the user's, written as a user would, on real replicas.
#include "resources/counter/counter.pb.h"
#include "resources/machine_registry.hpp"
#include "resources/reply.hpp"

#include "tests/actors/running_cluster.hpp"

namespace atomix {
namespace {

namespace proto = resources::counter::proto;

/// Remembers the largest number it was given. Borrows the counter's messages.
class maximum_machine {
 public:
  static constexpr std::string_view type_name = "maximum";
  using commands = resources::op_list<proto::Set>;
  using queries = resources::op_list<proto::Get>;
  using events = resources::op_list<>;

  void apply(resources::commit_context& c, const proto::Set& op) {
    largest_ = std::max(largest_, op.value());
    c.reply(current());
  }
  void query(resources::query_context& c, const proto::Get&) const { c.reply(current()); }
  void on_session_closed(resources::commit_context&, session_id) {}
  void on_timer(resources::commit_context&, resources::timer_key) {}
  void walk(resources::state_walk& walk) const {
    walk.number(static_cast<std::uint64_t>(largest_));
  }

 private:
  [[nodiscard]] proto::Current current() const {
    proto::Current reply;
    reply.set_value(largest_);
    return reply;
  }
  std::int64_t largest_ = 0;
};

class maximum : public handle {
 public:
  maximum(std::shared_ptr<invoker> session, std::string name)
      : handle(std::move(session), std::move(name), maximum_machine::type_name) {}
  [[nodiscard]] future<std::int64_t> offer(std::int64_t value) const {
    proto::Set op;
    op.set_value(value);
    return command<std::int64_t>(
        resources::encode_op<maximum_machine::commands>(op),
        resources::reading<std::int64_t, proto::Current>(
            [](const auto& reply) { return reply.value(); }));
  }
};

/// Starts one replica that knows `Machine` beside what is built in.
template <class Machine>
void start_with(running_cluster& servers) {
  auto machines = std::make_shared<resources::machine_registry>(resources::builtin_machines());
  machines->add<Machine>();
  servers.machines = machines;
  servers.start_all();
}

TEST(users_machine, is_served_by_replicas_that_know_it) {
  running_cluster servers{1};
  start_with<maximum_machine>(servers);
  const auto c = servers.connect();
  const auto m = c.get<maximum>("m");
  EXPECT_EQ(*await(m.offer(3)), 3);
  EXPECT_EQ(*await(m.offer(2)), 3);
}

TEST(users_machine, is_refused_by_servers_that_do_not_have_it) {
  running_cluster servers{1};
  servers.start_all();
  const auto c = servers.connect();
  const auto refused = await(c.get<maximum>("m").offer(3));
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status())) << refused.status();
  EXPECT_NE(
      std::string(refused.status().message()).find("unknown resource type 'maximum'"),
      std::string::npos);
}

/// Sends an event of as many bytes as it is told to whoever tells it.
class echo_machine {
 public:
  static constexpr std::string_view type_name = "echo";
  using commands = resources::op_list<proto::Set>;
  using queries = resources::op_list<proto::Get>;
  using events = resources::op_list<proto::Changed>;

  void apply(resources::commit_context& c, const proto::Set& op) {
    c.reply(proto::Current{});
    c.publish(c.session(), std::string(static_cast<std::size_t>(op.value()), 'x'));
  }
  void query(resources::query_context& c, const proto::Get&) const { c.reply(proto::Current{}); }
  void on_session_closed(resources::commit_context&, session_id) {}
  void on_timer(resources::commit_context&, resources::timer_key) {}
  void walk(resources::state_walk&) const {}
};

class echo : public handle {
 public:
  echo(std::shared_ptr<invoker> session, std::string name)
      : handle(std::move(session), std::move(name), echo_machine::type_name) {}
  [[nodiscard]] future<void> shout(std::int64_t bytes) const {
    proto::Set op;
    op.set_value(bytes);
    return command<void>(resources::encode_op<echo_machine::commands>(op), resources::no_reply);
  }
};

// An event that no frame can hold used to end every server.
TEST(users_machine, that_sends_too_large_an_event_ends_the_session_and_no_more) {
  running_cluster servers{1};
  start_with<echo_machine>(servers);
  auto options = servers.how_to_connect();
  options.session_timeout = milliseconds{500};
  const auto c = servers.connect(options);
  log_of<session_state> states;
  c.on_state_change([&](session_state s) { states.add(s); });
  EXPECT_TRUE(await(c.get<echo>("e").shout(1 << 20)).ok());
  EXPECT_TRUE(await(c.get<echo>("e").shout(65 << 20)).ok());
  EXPECT_TRUE(states.await(session_state::expired));
  EXPECT_EQ(*await(servers.connect().get<counter>("n").increment_and_get()), 1);
}

}  // namespace
}  // namespace atomix
