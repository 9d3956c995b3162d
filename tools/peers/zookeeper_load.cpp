// SPDX-License-Identifier: Apache-2.0
/// \file Closed-loop load on ZooKeeper through its own C client, the variant without threads: this
/// thread polls all sessions itself.
#include <poll.h>
#include <sys/socket.h>
#include <zookeeper/zookeeper.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "tools/peers/load.hpp"

namespace {

namespace peers = atomix::peers;

constexpr int session_ms = 10'000;
constexpr int wait_ms = 50;

void ignore_event(zhandle_t*, int, int, const char*, void*) {}
void ignore_sync(int, const char*, const void*) {}

struct close_session {
  void operator()(zhandle_t* session) const { zookeeper_close(session); }
};
using session_ptr = std::unique_ptr<zhandle_t, close_session>;

class generator;

/// One operation in flight, used again and again.
struct slot {
  generator* owner = nullptr;
  zhandle_t* session = nullptr;
  std::int64_t started_ns = 0;
};

class generator {
 public:
  explicit generator(const peers::options& o) : options_{o} {}

  bool connect() {
    for (unsigned i = 0; i < options_.connections; ++i) {
      const auto& endpoint = options_.endpoints[i % options_.endpoints.size()];
      sessions_.emplace_back(
          zookeeper_init(endpoint.c_str(), ignore_event, session_ms, nullptr, nullptr, 0));
    }
    const auto connected = [](const session_ptr& s) {
      return zoo_state(s.get()) == ZOO_CONNECTED_STATE;
    };
    const auto deadline = peers::now_ns() + 10'000'000'000;
    while (!std::all_of(sessions_.begin(), sessions_.end(), connected)) {
      if (peers::now_ns() > deadline) return false;
      turn();
    }
    return options_.op != "fill" || make_parent();
  }

  /// After the sessions are there: the time to connect is not measured.
  void run() {
    run_ = std::make_unique<peers::measurement>(options_);
    std::vector<slot> slots(options_.outstanding);
    for (std::size_t i = 0; i < slots.size() && run_->wants_more(); ++i) {
      slots[i] = {.owner = this, .session = sessions_[i % sessions_.size()].get(), .started_ns = 0};
      issue(slots[i]);
    }
    while (in_flight_ > 0)
      turn();
  }

  [[nodiscard]] std::string report() const { return run_->report("zookeeper"); }

 private:
  static void on_stat(int code, const Stat*, const void* data) { finish(code, data); }
  static void on_data(int code, const char*, int, const Stat*, const void* data) {
    finish(code, data);
  }
  static void on_created(int code, const char*, const void* data) { finish(code, data); }

  static void finish(int code, const void* data) {
    auto& s = *static_cast<slot*>(const_cast<void*>(data));
    s.owner->finish(s, code);
  }

  void finish(slot& s, int code) {
    --in_flight_;
    const bool ok = code == ZOK || (options_.op == "fill" && code == ZNODEEXISTS);
    if (!ok) complain(code);
    if (run_->completed(s.started_ns, ok)) issue(s);
  }

  void issue(slot& s) {
    const auto path = run_->next_key();
    const auto& value = run_->value();
    const auto bytes = static_cast<int>(value.size());
    s.started_ns = peers::now_ns();
    int code = ZOK;
    if (options_.op == "write") {
      code = zoo_aset(s.session, path.c_str(), value.data(), bytes, -1, on_stat, &s);
    } else if (options_.op == "fill") {
      code = zoo_acreate(
          s.session, path.c_str(), value.data(), bytes, &ZOO_OPEN_ACL_UNSAFE, 0, on_created, &s);
    } else {
      // A plain read may be old. A sync before it, on the same session, makes it linearizable.
      if (options_.op == "read") zoo_async(s.session, path.c_str(), ignore_sync, nullptr);
      code = zoo_aget(s.session, path.c_str(), 0, on_data, &s);
    }
    if (code == ZOK) {
      ++in_flight_;
    } else {
      complain(code);
    }
  }

  void complain(int code) {
    if (!complained_) std::fprintf(stderr, "first error: %s\n", zerror(code));
    complained_ = true;
  }

  bool make_parent() {
    bool answered = false;
    const auto on_answer = [](int, const char*, const void* data) {
      *static_cast<bool*>(const_cast<void*>(data)) = true;
    };
    zoo_acreate(sessions_[0].get(), "/bench", "", 0, &ZOO_OPEN_ACL_UNSAFE, 0, on_answer, &answered);
    while (!answered)
      turn();
    return true;
  }

  /// Waits until one of the sessions can do something, then lets all do what they can.
  void turn() {
    polled_.clear();
    int timeout_ms = wait_ms;
    for (const auto& session : sessions_) {
      int fd = -1;
      int interest = 0;
      timeval patience{};
      zookeeper_interest(session.get(), &fd, &interest, &patience);
      const auto patience_ms = static_cast<int>(patience.tv_sec * 1000 + patience.tv_usec / 1000);
      timeout_ms = std::clamp(patience_ms, 0, timeout_ms);
      const int events = ((interest & ZOOKEEPER_READ) != 0 ? POLLIN : 0)
                         | ((interest & ZOOKEEPER_WRITE) != 0 ? POLLOUT : 0);
      polled_.push_back({.fd = fd, .events = static_cast<short>(events), .revents = 0});
    }
    poll(polled_.data(), polled_.size(), timeout_ms);
    for (std::size_t i = 0; i < polled_.size(); ++i)
      process(sessions_[i].get(), polled_[i]);
  }

  static void process(zhandle_t* session, const pollfd& polled) {
    if (polled.fd < 0) return;
    const bool readable = (polled.revents & (POLLIN | POLLHUP | POLLERR)) != 0;
    const bool writable = (polled.revents & POLLOUT) != 0;
    if (!readable && !writable) return;
    zookeeper_process(session, (readable ? ZOOKEEPER_READ : 0) | (writable ? ZOOKEEPER_WRITE : 0));
    // The client takes one answer per call: go on while there are bytes, it saves turns.
    char byte = 0;
    for (int i = 0; readable && i < 64; ++i) {
      if (zoo_state(session) != ZOO_CONNECTED_STATE) return;
      if (recv(polled.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) return;
      zookeeper_process(session, ZOOKEEPER_READ);
    }
  }

  peers::options options_;
  std::vector<session_ptr> sessions_;
  std::vector<pollfd> polled_;
  std::unique_ptr<peers::measurement> run_;
  unsigned in_flight_ = 0;
  bool complained_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  const auto options = peers::parse_options(argc, argv, "Closed-loop load on ZooKeeper");
  zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
  generator load{options};
  if (!load.connect()) {
    std::fprintf(stderr, "zookeeper_load: not all of the endpoints accept sessions\n");
    return 1;
  }
  load.run();
  std::puts(load.report().c_str());
  return 0;
}
