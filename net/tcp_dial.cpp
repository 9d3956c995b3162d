// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_dial.hpp"

#include "net/tcp_errors.hpp"
#include "net/tcp_lookup.hpp"

#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include <utility>

namespace atomix::net {

using asio::ip::tcp;

dial_attempt::dial_attempt(asio::io_context& loop, address remote, answer done)
    : resolver_(loop),
      socket_(loop),
      timer_(loop),
      remote_(std::move(remote)),
      done_(std::move(done)) {}

void dial_attempt::start(std::chrono::milliseconds timeout) {
  deadline_ = std::chrono::steady_clock::now() + timeout;
  std::error_code error;
  const auto number = asio::ip::make_address(remote_.host, error);
  if (error) return look_up();
  endpoints_.emplace_back(number, remote_.port);
  // Posted: a failure at once must not call back from inside the call to `dial`.
  asio::post(socket_.get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->try_next();
  });
}

void dial_attempt::look_up() {
  timer_.expires_at(deadline_);
  timer_.async_wait([weak = weak_from_this()](const std::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || !self->endpoints_.empty()) return;
    self->finish(lookup_error(asio::error::timed_out, self->remote_.to_string()));
  });
  resolver_.async_resolve(
      name_to_look_up(remote_),
      std::to_string(remote_.port),
      tcp::resolver::numeric_service,
      [weak = weak_from_this()](const std::error_code& error, const auto& results) {
        const auto self = weak.lock();
        if (!self || !self->done_) return;
        if (error) return self->finish(lookup_error(error, self->remote_.to_string()));
        for (const auto& result : results)
          self->endpoints_.push_back(result.endpoint());
        self->try_next();
      });
}

// What is left of the time is shared by the addresses left, so that a silent one does not use it
// up.
void dial_attempt::try_next() {
  if (!done_) return;
  const auto left = deadline_ - std::chrono::steady_clock::now();
  const auto share = left / static_cast<std::ptrdiff_t>(endpoints_.size() - next_);
  std::error_code ignored;
  socket_.close(ignored);
  const std::size_t turn = ++next_;
  timer_.expires_after(share);
  timer_.async_wait([weak = weak_from_this(), turn](const std::error_code& error) {
    const auto self = weak.lock();
    if (error || !self || self->next_ != turn) return;
    self->tried(asio::error::timed_out);
  });
  socket_.async_connect(
      endpoints_[turn - 1], [weak = weak_from_this(), turn](const std::error_code& error) {
        const auto self = weak.lock();
        if (self && self->next_ == turn) self->tried(error);
      });
}

void dial_attempt::tried(const std::error_code& result) {
  if (!done_) return;
  std::error_code error = result;
  if (!error) {
    // A port in the ephemeral range on which nobody listens may be chosen as the source port as
    // well; TCP then connects the socket with itself.
    std::error_code local_error;
    const auto local = socket_.local_endpoint(local_error);
    if (!local_error && local == endpoints_[next_ - 1]) error = asio::error::connection_refused;
  }
  if (!error) return finish(absl::OkStatus());
  const bool time_is_up = std::chrono::steady_clock::now() >= deadline_;
  if (next_ < endpoints_.size() && !time_is_up) return try_next();
  finish(dial_error(error, remote_.to_string()));
}

void dial_attempt::finish(const absl::Status& status) {
  if (!done_) return;
  timer_.cancel();
  if (!status.ok()) {
    std::error_code ignored;
    socket_.close(ignored);
  }
  const answer done = std::exchange(done_, nullptr);
  done(status, std::move(socket_));
}

}  // namespace atomix::net
