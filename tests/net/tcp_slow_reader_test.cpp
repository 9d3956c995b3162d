// SPDX-License-Identifier: Apache-2.0
#include "tests/net/tcp_fixture.hpp"

namespace atomix::net {
namespace {

using asio::ip::tcp;

/// A reader that takes nothing: what the kernel does not hold piles up at the sender.
class SlowReader : public Tcp {
 protected:
  void SetUp() override {
    net = make_tcp_transport(loop, {.send_limit_bytes = 1U << 20U});
    sleeper.open(tcp::v4());
    sleeper.set_option(tcp::socket::receive_buffer_size{4096});
    sleeper.bind({asio::ip::address_v4::loopback(), 0});
    sleeper.listen();
    id = dial({"127.0.0.1", sleeper.local_endpoint().port()});
    ASSERT_TRUE(run_until([&] { return client.opened_at.size() == 1; }));
  }
  void send(std::string frames) {
    client.inside_call = true;
    net->send(id, std::move(frames));
    client.inside_call = false;
  }

  tcp::acceptor sleeper{loop};
  connection_id id;
};

TEST_F(SlowReader, IsCutOff) {
  const std::string chunk = framed(std::string(100'000, 'x'));
  for (int i = 0; i < 1000; ++i)
    send(chunk);
  expect_closed(id, absl::StatusCode::kResourceExhausted, "reads too slowly");
}

TEST_F(SlowReader, MayCatchUpBelowTheLimit) {
  constexpr std::size_t size = 900'000;
  send(std::string(size, 'x'));
  tcp::socket reader = sleeper.accept();
  reader.non_blocking(true);
  std::size_t read = 0;
  std::vector<char> buffer(1U << 16U);
  std::function<void()> read_on = [&] {
    reader.async_read_some(asio::buffer(buffer), [&](const std::error_code& error, std::size_t n) {
      read += n;
      if (!error) read_on();
    });
  };
  read_on();
  EXPECT_TRUE(run_until([&] { return read == size; }));
  EXPECT_TRUE(client.closed_with.empty());
  reader.close();
  EXPECT_TRUE(run_until_closed(id));
}

TEST_F(SlowReader, DelaysACloseOnlyForAWhile) {
  net = make_tcp_transport(loop, {.linger = std::chrono::milliseconds{50}});
  id = dial({"127.0.0.1", sleeper.local_endpoint().port()});
  send(std::string(32U << 20U, 'x'));
  net->close(id);
  asio::steady_timer long_after{loop, std::chrono::milliseconds{300}};
  bool over = false;
  long_after.async_wait([&](const std::error_code&) { over = true; });
  ASSERT_TRUE(run_until([&] { return over; }));
  // The socket is closed by now: the reader comes to an end, and not to that of the data.
  sleeper.accept().close();
  tcp::socket reader = sleeper.accept();
  std::vector<char> buffer(1U << 20U);
  std::size_t read = 0;
  std::error_code error;
  while (!error)
    read += reader.read_some(asio::buffer(buffer), error);
  EXPECT_LT(read, 32U << 20U) << "the close waited for all of it";
}

TEST_F(Tcp, ManySendsInOneTurnAreNoSlowReader) {
  net = make_tcp_transport(loop, {.send_limit_bytes = 1000});
  const auto bound = listen();
  const auto id = dial(bound);
  ASSERT_TRUE(run_until([&] { return client.opened_at.size() == 1; }));
  for (int i = 0; i < 100; ++i)
    net->send(id, framed(std::string(100, 'x')));
  EXPECT_TRUE(run_until([&] { return server.received_frames.size() == 100; }));
  EXPECT_TRUE(client.closed_with.empty());
}

}  // namespace
}  // namespace atomix::net
