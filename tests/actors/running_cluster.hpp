// SPDX-License-Identifier: Apache-2.0
/// \file Replicas in this process, on free loopback ports and temporary directories. Everything is
/// awaited with a deadline; nothing sleeps.
#pragma once

#include "actors/client.hpp"
#include "actors/replica.hpp"

#include "resources/counter/counter.hpp"
#include "resources/election/election.hpp"
#include "resources/lock/lock.hpp"
#include "resources/map/map.hpp"
#include "resources/value/value.hpp"

#include <absl/strings/str_cat.h>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/actors/stopwatch.hpp"

namespace atomix {

using std::chrono::milliseconds;
inline constexpr milliseconds long_enough{10'000};

/// The result, or a failure of the test and an error.
template <class T>
result_t<T> await(const future<T>& result) {
  if (auto r = result.get_for(long_enough)) return *r;
  ADD_FAILURE() << "no result in time";
  return absl::DeadlineExceededError("no result in time");
}

/// Values that other threads bring, to be waited for.
template <class T>
class log_of {
 public:
  void add(T value) {
    const std::lock_guard lock{mutex_};
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  bool await(const std::function<bool(const std::vector<T>&)>& enough) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, long_enough, [&] { return enough(values_); });
  }
  bool await(const T& value) {
    return await([&](const std::vector<T>& all) {
      return std::find(all.begin(), all.end(), value) != all.end();
    });
  }
  std::vector<T> all() {
    const std::lock_guard lock{mutex_};
    return values_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> values_;
};

/// Acts on the thread of a client's or replica's session, and waits for the end of it. An answer to
/// what is called there cannot come before a completion is attached, which is what would let that
/// completion run on the test's own thread.
template <class Session>
void on_thread_of(const Session& session, const std::function<void()>& act) {
  const auto bell = session.template get<counter>("bell");
  const promise<void> done;
  const subscription heard = bell.on_change([&](const counter_change&) {
    act();
    done.set(absl::OkStatus());
  });
  ASSERT_TRUE(await(heard.ready()).ok());
  ASSERT_TRUE(await(bell.increment_and_get()).ok());
  EXPECT_TRUE(await(done.get_future()).ok());
}

inline std::vector<std::uint16_t> free_ports(std::size_t count) {
  using asio::ip::tcp;
  asio::io_context loop;
  std::vector<tcp::acceptor> held;
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < count; ++i) {
    held.emplace_back(loop, tcp::endpoint{asio::ip::address_v4::loopback(), 0});
    ports.push_back(held.back().local_endpoint().port());
  }
  return ports;
}

class temporary_directory {
 public:
  temporary_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "atomix-test-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path_ = name;
  }
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;
  ~temporary_directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class running_cluster {
 public:
  explicit running_cluster(std::size_t size) : replicas_(size) {
    for (const auto port : free_ports(size)) {
      ports_.push_back(port);
      servers_.push_back(absl::StrCat("127.0.0.1:", port));
      members_.push_back(absl::StrCat("n", members_.size() + 1, "=", servers_.back()));
    }
  }
  void start_all() {
    for (std::size_t i = 0; i < replicas_.size(); ++i)
      start(i);
  }
  void start(std::size_t i) {
    auto started = replica::start(options(i));
    ASSERT_TRUE(started.ok()) << started.status();
    replicas_[i].emplace(std::move(*started));
  }
  void stop(std::size_t i) { replicas_[i].reset(); }

  [[nodiscard]] replica_options options(std::size_t i) {
    replica_options o;
    o.name = absl::StrCat("n", i + 1);
    o.members = members_;
    o.directory = directory_ / o.name;
    o.segment_bytes = 1U << 20U;
    o.sync = false;
    o.election_timeout = milliseconds{200};
    o.heartbeat = milliseconds{40};
    o.machines = machines;
    o.session_timeout = own_session_timeout;
    o.log = [this](std::string_view, std::string_view sentence) {
      sentences.add(std::string(sentence));
    };
    return o;
  }
  [[nodiscard]] client_options how_to_connect() const {
    client_options o;
    o.servers = servers_;
    o.connect_timeout = long_enough;
    // No session ends for want of a processor: these tests run beside others, and sanitized.
    o.session_timeout = 3 * long_enough;
    return o;
  }
  [[nodiscard]] client connect() const { return connect(how_to_connect()); }
  [[nodiscard]] static client connect(const client_options& options) {
    auto c = client::connect(options);
    EXPECT_TRUE(c.ok()) << c.status();
    return *std::move(c);
  }
  /// Who leads; asks until somebody does.
  [[nodiscard]] std::size_t leader() {
    const atomix::stopwatch watch;
    while (watch.elapsed() < long_enough) {
      for (std::size_t i = 0; i < replicas_.size(); ++i)
        if (replicas_[i] && replicas_[i]->is_leader()) return i;
      std::this_thread::yield();
    }
    ADD_FAILURE() << "nobody leads";
    return 0;
  }
  [[nodiscard]] replica& at(std::size_t i) { return *replicas_[i]; }
  [[nodiscard]] const std::string& server(std::size_t i) const { return servers_[i]; }
  [[nodiscard]] std::uint16_t port(std::size_t i) const { return ports_[i]; }
  /// Whether a replica said a sentence with these words; waits for it.
  [[nodiscard]] bool said(const std::string& words) {
    return sentences.await([&](const auto& all) {
      return std::any_of(all.begin(), all.end(), [&](const auto& one) {
        return one.find(words) != std::string::npos;
      });
    });
  }

  std::shared_ptr<const resources::machine_registry> machines;
  milliseconds own_session_timeout{5'000};  ///< of the replicas' own sessions
  log_of<std::string> sentences;

 private:
  temporary_directory directory_;
  std::vector<std::uint16_t> ports_;
  std::vector<std::string> servers_;
  std::vector<std::string> members_;
  std::vector<std::optional<replica>> replicas_;
};

}  // namespace atomix
