// SPDX-License-Identifier: Apache-2.0
#include "net/tcp_connection.hpp"

#include "net/tcp_errors.hpp"

#include <absl/strings/str_cat.h>
#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

namespace atomix::net {
namespace {

using asio::ip::tcp;

constexpr std::size_t read_buffer_bytes = 256U << 10U;
/// What one connection may read before the others get their turn.
constexpr std::size_t fair_read_bytes = 1U << 20U;
/// A buffer that grew beyond this is given back once it is empty.
constexpr std::size_t kept_buffer_bytes = 1U << 20U;
constexpr int keep_alive_probes = 3;

bool would_block(const std::error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again
         || error == asio::error::interrupted;
}

/// Options that are refused cost speed or patience and not correctness: errors are ignored.
void prepare(tcp::socket& socket, std::chrono::seconds keep_alive) {
  std::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(tcp::no_delay{true}, ignored);
  keep_from_children(socket.native_handle());
  if (keep_alive.count() == 0) return;
  socket.set_option(asio::socket_base::keep_alive{true}, ignored);
  const int fd = socket.native_handle();
  const int idle = static_cast<int>(keep_alive.count());
  const int interval = std::max(1, idle / keep_alive_probes);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &keep_alive_probes, sizeof keep_alive_probes);
  // Keep-alive only probes idle connections. With data on its way the kernel would go on sending
  // for a quarter of an hour to a machine that is gone.
  const unsigned patience_ms = static_cast<unsigned>(idle) * 1000;
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience_ms, sizeof patience_ms);
}

void clear(std::string& buffer) {
  if (buffer.capacity() > kept_buffer_bytes) {
    buffer = std::string{};
  } else {
    buffer.clear();
  }
}

absl::Status with_place(const absl::Status& status, const std::string& place) {
  return {status.code(), absl::StrCat(place, ": ", status.message())};
}

}  // namespace

void keep_from_children(int socket) {
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
}

// ---- all connections ---------------------------------------------------------------------------

tcp_connections::tcp_connections(asio::io_context& loop_, const tcp_options& options_)
    : loop(loop_), options(options_), read_buffer(read_buffer_bytes) {}

std::shared_ptr<tcp_connection> tcp_connections::add(
    connection_handler& handler, std::string remote) {
  last_ = last_.next();
  auto connection =
      std::make_shared<tcp_connection>(shared_from_this(), last_, handler, std::move(remote));
  open_.emplace(last_, connection);
  return connection;
}

std::shared_ptr<tcp_connection> tcp_connections::find(connection_id id) const {
  const auto at = open_.find(id);
  return at == open_.end() ? nullptr : at->second;
}

void tcp_connections::end() {
  const auto ending = std::exchange(open_, {});
  for (const auto& [id, connection] : ending)
    connection->abandon();
  dirty_.clear();
}

void tcp_connections::flush_soon(std::weak_ptr<tcp_connection> connection) {
  dirty_.push_back(std::move(connection));
  if (dirty_.size() > 1) return;
  asio::post(loop, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->flush_all();
  });
}

void tcp_connections::flush_all() {
  flushing_.swap(dirty_);
  for (const auto& weak : flushing_) {
    if (const auto connection = weak.lock()) connection->flush();
  }
  flushing_.clear();
}

// ---- one connection ----------------------------------------------------------------------------

tcp_connection::tcp_connection(
    std::shared_ptr<tcp_connections> all,
    connection_id id,
    connection_handler& handler,
    std::string remote)
    : all_(std::move(all)),
      id_(id),
      handler_(&handler),
      remote_(std::move(remote)),
      socket_(all_->loop),
      timer_(all_->loop) {}

void tcp_connection::dial(const address& remote) {
  auto done = [weak = weak_from_this()](const absl::Status& status, tcp::socket socket) {
    const auto self = weak.lock();
    if (!self || self->gone_) return;
    if (!status.ok()) return self->finish(status);
    self->open(std::move(socket));
  };
  dialling_ = std::make_shared<dial_attempt>(all_->loop, remote, std::move(done));
  dialling_->start(all_->options.connect_timeout);
}

void tcp_connection::open(tcp::socket socket) {
  dialling_.reset();
  socket_ = std::move(socket);
  prepare(socket_, all_->options.keep_alive);
  if (handler_ != nullptr) handler_->opened(id_, remote_);
  if (gone_) return;
  wait_readable();
  flush();
}

std::size_t tcp_connection::waiting_bytes() const {
  return writing_.size() - written_ + pending_.size();
}

void tcp_connection::send(std::string frames) {
  if (gone_ || handler_ == nullptr || !doom_.ok() || frames.empty()) return;
  const std::size_t limit = all_->options.send_limit_bytes;
  if (waiting_bytes() > 0 && waiting_bytes() + frames.size() > limit) {
    // Perhaps the reader is not slow and much was sent in one turn of the loop.
    if (!dialling_) write();
    if (waiting_bytes() > 0 && waiting_bytes() + frames.size() > limit) {
      return doom(absl::ResourceExhaustedError(absl::StrCat(
          remote_,
          " reads too slowly: more than ",
          limit,
          " bytes wait for it; the connection is given up.")));
    }
  }
  if (pending_.empty() && frames.size() > pending_.capacity()) {
    pending_ = std::move(frames);
  } else {
    pending_ += frames;
  }
  if (dirty_ || blocked_ || dialling_) return;
  dirty_ = true;
  all_->flush_soon(weak_from_this());
}

void tcp_connection::close() {
  if (gone_ || handler_ == nullptr) return;
  handler_ = nullptr;
  const bool nothing_to_send = waiting_bytes() == 0;
  if (!doom_.ok() || (dialling_ && nothing_to_send)) return finish(doom_);
  finish_after(all_->options.linger);
  if (nothing_to_send) all_sent();
}

void tcp_connection::abandon() {
  handler_ = nullptr;
  finish(absl::OkStatus());
}

void tcp_connection::flush() {
  dirty_ = false;
  if (!gone_ && !dialling_ && !blocked_) write();
}

// ---- reading -----------------------------------------------------------------------------------

void tcp_connection::wait_readable() {
  socket_.async_wait(
      tcp::socket::wait_read, [weak = weak_from_this()](const std::error_code& error) {
        const auto self = weak.lock();
        if (!self || self->gone_) return;
        if (error) return self->finish(stream_error(error, self->remote_));
        self->read();
      });
}

void tcp_connection::read() {
  std::vector<frame> frames;
  std::size_t bytes = 0;
  const absl::Status status = read_frames(frames, bytes);
  const bool alive = !frames.empty() || (bytes > 0 && status.ok());
  if (alive && handler_ != nullptr) handler_->received(id_, std::move(frames));
  if (gone_) return;
  if (!status.ok()) return finish(status);
  wait_readable();
}

// Not ok: the connection is at its end; what came before still counts.
absl::Status tcp_connection::read_frames(std::vector<frame>& frames, std::size_t& bytes) {
  auto& buffer = all_->read_buffer;
  while (bytes < fair_read_bytes) {
    std::error_code error;
    const std::size_t size = socket_.read_some(asio::buffer(buffer), error);
    if (would_block(error)) return absl::OkStatus();
    if (error) return stream_error(error, remote_);
    bytes += size;
    // While lingering, reading on only keeps the kernel from resetting the connection over unread
    // bytes, which could destroy what we sent last.
    if (handler_ != nullptr) {
      const absl::Status status = parser_.push({buffer.data(), size}, frames);
      if (!status.ok()) return with_place(status, remote_);
    }
    if (size < buffer.size()) return absl::OkStatus();
  }
  return absl::OkStatus();
}

// ---- writing -----------------------------------------------------------------------------------

void tcp_connection::wait_writable() {
  blocked_ = true;
  socket_.async_wait(
      tcp::socket::wait_write, [weak = weak_from_this()](const std::error_code& error) {
        const auto self = weak.lock();
        if (!self || self->gone_) return;
        self->blocked_ = false;
        if (error) return self->finish(stream_error(error, self->remote_));
        self->write();
      });
}

bool tcp_connection::next_buffer() {
  if (written_ < writing_.size()) return true;
  clear(writing_);
  written_ = 0;
  writing_.swap(pending_);
  return !writing_.empty();
}

void tcp_connection::write() {
  while (!blocked_ && next_buffer()) {
    std::error_code error;
    written_ += socket_.write_some(
        asio::buffer(writing_.data() + written_, writing_.size() - written_), error);
    if (would_block(error)) return wait_writable();
    if (error) return doom(stream_error(error, remote_));
  }
  if (!blocked_ && handler_ == nullptr) all_sent();
}

// ---- the end -----------------------------------------------------------------------------------

// Lingering and nothing left to send: the other side sees the end, and we wait for its own.
void tcp_connection::all_sent() {
  std::error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

// May run inside a call to the transport: the handler hears of it later. What the other side said
// before it left (why it refuses us, perhaps) is still read first.
void tcp_connection::doom(absl::Status why) {
  if (!doom_.ok()) return;
  doom_ = std::move(why);
  clear(writing_);
  clear(pending_);
  written_ = 0;
  asio::post(all_->loop, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->gone_) return;
    std::vector<frame> frames;
    std::size_t bytes = 0;
    if (self->socket_.is_open()) self->read_frames(frames, bytes).IgnoreError();
    if (!frames.empty() && self->handler_ != nullptr) {
      self->handler_->received(self->id_, std::move(frames));
    }
    self->finish(self->doom_);
  });
}

void tcp_connection::finish(const absl::Status& why) {
  if (gone_) return;
  gone_ = true;
  const auto self = shared_from_this();
  dialling_.reset();
  timer_.cancel();
  std::error_code ignored;
  socket_.close(ignored);
  all_->remove(id_);
  connection_handler* const handler = std::exchange(handler_, nullptr);
  if (handler != nullptr) handler->closed(id_, doom_.ok() ? why : doom_);
}

void tcp_connection::finish_after(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  timer_.async_wait([weak = weak_from_this()](const std::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->finish(absl::OkStatus());
  });
}

}  // namespace atomix::net
