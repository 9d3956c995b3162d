// SPDX-License-Identifier: Apache-2.0
// Clients that find no cluster, or the wrong one.
#include "tests/actors/running_cluster.hpp"
#include "tests/actors/stopwatch.hpp"

namespace atomix {
namespace {

TEST(client_connect, tells_each_servers_reason) {
  const auto ports = free_ports(2);
  client_options options;
  options.servers = {absl::StrCat("127.0.0.1:", ports[0]), absl::StrCat("127.0.0.1:", ports[1])};
  options.connect_timeout = milliseconds{300};
  const auto c = client::connect(options);
  EXPECT_TRUE(absl::IsUnavailable(c.status())) << c.status();
  for (const auto& server : options.servers)
    EXPECT_NE(std::string(c.status().message()).find(server), std::string::npos) << c.status();
  EXPECT_NE(std::string(c.status().message()).find("refused"), std::string::npos) << c.status();
}

TEST(client_connect, is_refused_by_another_cluster_at_once) {
  running_cluster servers{1};
  servers.start_all();
  auto options = servers.how_to_connect();
  options.cluster = "moon";
  options.connect_timeout = milliseconds{60'000};
  const atomix::stopwatch watch;
  const auto c = client::connect(options);
  EXPECT_TRUE(absl::IsFailedPrecondition(c.status())) << c.status();
  EXPECT_NE(std::string(c.status().message()).find("not 'moon'"), std::string::npos);
  EXPECT_LT(watch.elapsed(), std::chrono::seconds{5});
}

TEST(client_connect, checks_its_options) {
  client_options options;
  options.servers = {"nowhere"};
  EXPECT_TRUE(absl::IsInvalidArgument(client::connect(options).status()));
  options.servers = {"127.0.0.1:1"};
  options.session_timeout = milliseconds{1};
  EXPECT_TRUE(absl::IsInvalidArgument(client::connect(options).status()));
  options = {};
  options.servers = {"127.0.0.1:1"};
  // More than the cluster remembers answers for: some would be lost.
  options.outstanding_max = 100'000;
  EXPECT_TRUE(absl::IsInvalidArgument(client::connect(options).status()));
}

TEST(client_connect, waits_for_a_majority) {
  running_cluster servers{3};
  servers.start(0);
  auto options = servers.how_to_connect();
  options.connect_timeout = milliseconds{300};
  const auto too_early = client::connect(options);
  EXPECT_TRUE(absl::IsUnavailable(too_early.status())) << too_early.status();
  servers.start(1);
  EXPECT_EQ(*await(servers.connect().get<counter>("n").increment_and_get()), 1);
}

TEST(status_of, says_why_there_is_no_answer) {
  const auto server = absl::StrCat("127.0.0.1:", free_ports(1)[0]);
  const auto s = client::status_of(server, long_enough);
  EXPECT_TRUE(absl::IsUnavailable(s.status())) << s.status();
  EXPECT_NE(std::string(s.status().message()).find(server), std::string::npos);
}

TEST(status_of, needs_no_leader) {
  running_cluster servers{3};
  servers.start(0);
  const auto s = client::status_of(servers.server(0), long_enough);
  ASSERT_TRUE(s.ok()) << s.status();
  EXPECT_EQ(s->name, "n1");
  EXPECT_EQ(s->leader, "");
}

}  // namespace
}  // namespace atomix
