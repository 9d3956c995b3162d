// SPDX-License-Identifier: Apache-2.0
#include <asio/post.hpp>
#include <asio/write.hpp>

#include "tests/net/tcp_fixture.hpp"

namespace atomix::net {
namespace {

using asio::ip::tcp;

/// A port of loopback on which nobody listens (any more).
std::uint16_t free_port(asio::io_context& loop) {
  const tcp::acceptor brief{loop, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  return brief.local_endpoint().port();
}

bool has_ipv6_loopback(asio::io_context& loop) {
  tcp::acceptor probe{loop};
  std::error_code error;
  probe.open(tcp::v6(), error);
  if (!error) probe.bind({asio::ip::address_v6::loopback(), 0}, error);
  return !error;
}

TEST_F(Tcp, EchoesOverIpv4) {
  expect_echo(listen());
}

TEST_F(Tcp, EchoesOverIpv6) {
  if (!has_ipv6_loopback(loop)) GTEST_SKIP() << "this machine has no [::1]";
  const auto bound = listen("::1");
  EXPECT_EQ(bound.to_string().rfind("[::1]:", 0), 0U);
  expect_echo(bound);
}

TEST_F(Tcp, ListensAndDialsByName) {
  expect_echo(listen("localhost"));
}

TEST_F(Tcp, TriesEveryAddressOfAName) {
  // The listener is on one of the addresses of localhost only.
  const auto bound = listen();
  expect_echo({"localhost", bound.port});
}

TEST_F(Tcp, KeepsTheOrderOfManySmallFrames) {
  server.echo = net.get();
  const auto id = dial(listen());
  constexpr std::size_t count = 10'000;
  for (std::size_t i = 0; i < count; ++i)
    net->send(id, framed(std::to_string(i)));
  ASSERT_TRUE(run_until([&] { return client.received_frames.size() >= count; }));
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(client.received_frames[i].payload.view(), std::to_string(i));
  }
  EXPECT_EQ(client.received_frames.size(), count);
}

TEST_F(Tcp, SmallFramesAreNotLostBesideLargeOnes) {
  server.echo = net.get();
  const auto id = dial(listen());
  const std::vector<std::string> payloads{"small", std::string(1U << 20U, 'x'), "last"};
  for (const auto& each : payloads)
    net->send(id, framed(each));
  ASSERT_TRUE(run_until([&] { return client.received_frames.size() >= payloads.size(); }));
  for (std::size_t i = 0; i < payloads.size(); ++i)
    EXPECT_TRUE(client.received_frames[i].payload.view() == payloads[i]) << i;
}

// Port scanners and health checks do that.
TEST_F(Tcp, AVisitorThatLeavesBeforeItIsAcceptedDoesNoHarm) {
  const auto bound = listen();
  tcp::socket visitor{loop};
  visitor.connect({asio::ip::address_v4::loopback(), bound.port});
  visitor.set_option(asio::socket_base::linger{true, 0});
  visitor.close();
  expect_echo(bound);
}

// Such as why we are turned away.
TEST_F(Tcp, HearsWhatWasSaidBeforeTheOtherSideLeft) {
  tcp::acceptor acceptor{loop, tcp::endpoint{asio::ip::address_v4::loopback(), 0}};
  const auto id = dial({"127.0.0.1", acceptor.local_endpoint().port()});
  ASSERT_TRUE(run_until([&] { return !client.opened_at.empty(); }));
  tcp::socket other{loop};
  acceptor.accept(other);
  net->send(id, framed("never read"));
  ASSERT_TRUE(run_until([&] { return other.available() > 0; }));
  // In one turn of the loop: our writing fails before it sees that there is something to read.
  asio::post(loop, [&] {
    asio::write(other, asio::buffer(framed("why")));
    other.close();
  });
  net->send(id, framed("cannot be sent"));
  ASSERT_TRUE(run_until_closed(id));
  ASSERT_EQ(client.received_frames.size(), 1U);
  EXPECT_EQ(client.received_frames[0].payload.view(), "why");
}

TEST_F(Tcp, CarriesTheBiggestFrame) {
  server.echo = net.get();
  const auto id = dial(listen());
  std::string payload(frame_bytes_max, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<char>(i * 31 >> 3U);
  net->send(id, framed(payload));
  ASSERT_TRUE(run_until(
      [&] { return !client.received_frames.empty() || client.closed_with.count(id) > 0; }));
  ASSERT_EQ(client.received_frames.size(), 1U) << client.closed_with[id];
  EXPECT_TRUE(client.received_frames[0].payload.view() == payload);
  EXPECT_GT(client.parts, 0U) << "who waits for it sees that the other side lives";
}

TEST_F(Tcp, ManyConnectionsAtOnce) {
  server.echo = net.get();
  const auto bound = listen();
  constexpr std::size_t count = 100;
  for (std::size_t i = 0; i < count; ++i)
    net->send(dial(bound), framed("x"));
  EXPECT_TRUE(run_until([&] { return client.received_frames.size() == count; }));
  EXPECT_EQ(client.opened_at.size(), count);
}

TEST_F(Tcp, SaysWhoRefused) {
  const address nobody{"127.0.0.1", free_port(loop)};
  const auto id = dial(nobody);
  expect_closed(id, absl::StatusCode::kUnavailable, "refused by " + nobody.to_string());
  EXPECT_TRUE(client.opened_at.empty());
}

TEST_F(Tcp, SaysThatANameIsUnknown) {
  // ".invalid" is reserved never to exist (RFC 2606), with a DNS or without.
  expect_closed(dial({"nowhere.invalid", 1}), absl::StatusCode::kUnavailable, "nowhere.invalid:1");
}

TEST_F(Tcp, GivesUpOnASilentAddress) {
  // A listener whose queue is full answers no further attempt, as a firewall that drops packets.
  tcp::acceptor full{loop};
  full.open(tcp::v4());
  full.bind({asio::ip::address_v4::loopback(), 0});
  full.listen(0);
  std::vector<tcp::socket> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.emplace_back(loop);
    fillers.back().async_connect(full.local_endpoint(), [](const std::error_code&) {});
  }
  net = make_tcp_transport(loop, {.connect_timeout = std::chrono::milliseconds{100}});
  const auto id = dial({"127.0.0.1", full.local_endpoint().port()});
  expect_closed(id, absl::StatusCode::kDeadlineExceeded, "in time");
}

TEST_F(Tcp, SaysThatAPortIsInUse) {
  const auto bound = listen();
  const auto again = net->listen(bound, server);
  EXPECT_EQ(again.status().code(), absl::StatusCode::kAlreadyExists) << again.status();
  EXPECT_NE(again.status().message().find(bound.to_string()), absl::string_view::npos);
}

TEST_F(Tcp, SaysThatALocalAddressIsNotOurs) {
  // 192.0.2.0/24 is reserved for documentation (RFC 5737).
  const auto bound = net->listen({"192.0.2.1", 0}, server);
  EXPECT_EQ(bound.status().code(), absl::StatusCode::kInvalidArgument) << bound.status();
}

TEST_F(Tcp, ListensAgainOnThePortOfItsPredecessor) {
  const auto bound = listen();
  const auto id = dial(bound);
  ASSERT_TRUE(run_until([&] { return server.opened_at.size() == 1; }));
  net.reset();
  EXPECT_TRUE(client.closed_with.empty()) << "the end of a transport is silent";
  net = make_tcp_transport(loop);
  EXPECT_TRUE(net->listen(bound, server).ok());
  net->send(id, "a number of the past");
}

TEST_F(Tcp, HearsThatTheOtherSideClosed) {
  server.on_opened = [this](connection_id c) {
    net->close(c);
  };
  const auto id = dial(listen());
  expect_closed(id, absl::StatusCode::kUnavailable, "closed by 127.0.0.1");
  EXPECT_EQ(client.opened_at.size(), 1U);
  EXPECT_TRUE(server.closed_with.empty()) << "who closes hears no more";
}

TEST_F(Tcp, DeliversWhatWasSentBeforeClosing) {
  const std::string big(8U << 20U, 'b');
  server.on_opened = [&](connection_id c) {
    net->send(c, framed(big));
    net->send(c, framed("the reason"));
    net->close(c);
    net->send(c, framed("too late"));
  };
  const auto id = dial(listen());
  net->send(id, framed("never read"));
  ASSERT_TRUE(run_until_closed(id));
  ASSERT_EQ(client.received_frames.size(), 2U) << client.closed_with[id];
  EXPECT_TRUE(client.received_frames[0].payload.view() == big);
  EXPECT_EQ(client.received_frames[1].payload.view(), "the reason");
}

TEST_F(Tcp, ClosesWhileDialling) {
  const auto bound = listen();
  const auto silent = dial(bound);
  net->close(silent);
  const auto parting = dial(bound);
  net->send(parting, framed("goodbye"));
  net->close(parting);
  ASSERT_TRUE(run_until([&] { return !server.received_frames.empty(); }));
  EXPECT_EQ(server.received_frames[0].payload.view(), "goodbye");
  EXPECT_TRUE(client.opened_at.empty());
  EXPECT_TRUE(client.closed_with.empty());
}

TEST_F(Tcp, TurnsAwayWhoSpeaksSomethingElse) {
  const auto bound = listen();
  tcp::socket stranger{loop};
  stranger.connect({asio::ip::address_v4::loopback(), bound.port});
  asio::write(stranger, asio::buffer(std::string{"GET / HTTP/1.1\r\n\r\n"}));
  ASSERT_TRUE(run_until([&] { return !server.closed_with.empty(); }));
  const auto& [id, why] = *server.closed_with.begin();
  EXPECT_EQ(why.code(), absl::StatusCode::kInvalidArgument) << why;
  EXPECT_NE(why.message().find("HTTP"), absl::string_view::npos) << why;
  EXPECT_NE(std::string{why.message()}.find(server.remotes[id]), std::string::npos) << why;
}

TEST_F(Tcp, TurnsAwayDamagedFramesAfterTheGoodOnes) {
  const auto id = dial(listen());
  std::string bytes = framed("good") + framed("bad");
  bytes.back() = '!';
  net->send(id, bytes);
  ASSERT_TRUE(run_until([&] { return !server.closed_with.empty(); }));
  EXPECT_EQ(server.closed_with.begin()->second.code(), absl::StatusCode::kDataLoss);
  ASSERT_EQ(server.received_frames.size(), 1U);
  EXPECT_EQ(server.received_frames[0].payload.view(), "good");
  EXPECT_TRUE(run_until_closed(id));
}

TEST_F(Tcp, EndsInSilenceWithEverythingUnderWay) {
  const auto bound = listen();
  net->send(dial(bound), framed("queued"));
  dial({"localhost", bound.port});
  dial({"127.0.0.1", free_port(loop)});
  const auto open = dial(bound);
  ASSERT_TRUE(run_until([&] { return server.opened_at.size() >= 2; }));
  net->send(open, framed("never flushed"));
  dial({"localhost", bound.port});
  const auto told = [this] {
    std::size_t calls = 0;
    for (const recorder* r : {&client, &server}) {
      calls += r->opened_at.size() + r->received_frames.size() + r->closed_with.size();
    }
    return calls;
  };
  const auto before = told();
  net.reset();
  loop.run();
  EXPECT_EQ(told(), before);
}

}  // namespace
}  // namespace atomix::net
