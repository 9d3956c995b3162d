// SPDX-License-Identifier: Apache-2.0
#include "actors/client.hpp"

#include "actors/runtime.hpp"
#include "actors/session.hpp"
#include "actors/status_probe.hpp"

#include "net/address.hpp"
#include "resources/session.pb.h"
#include "resources/session_table.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>

namespace atomix {

namespace {

constexpr std::chrono::milliseconds close_patience{1500};
// What the cluster can remember of one session (resources/session_table.hpp).
constexpr std::size_t outstanding_limit = resources::session_limits{}.replies_max;

}  // namespace

struct client::parts {
  // The session goes before the runtime whose actors it talks to.
  std::shared_ptr<actors::runtime> runtime;
  std::shared_ptr<actors::session> session;
  client_options options;
  std::atomic<bool> closed{false};

  /// Calls from now on fail. The result comes with the cluster's word on it.
  [[nodiscard]] future<void> begin_close() const {
    const promise<void> done;
    session->close([done] { done.set(absl::OkStatus()); });
    return done.get_future();
  }
  // Waits for the cluster's word, except on the thread that would bring it.
  void close() {
    if (closed.exchange(true)) return;
    const auto done = begin_close();
    if (!runtime->is_here()) (void)done.get_for(close_patience);
  }
  // The session's own thread cannot wait for its end: another one does.
  static void end(std::unique_ptr<parts> p) {
    if (!p->runtime->is_here()) return p->close();
    if (p->closed.exchange(true)) return release_elsewhere(std::move(p), {});
    auto done = p->begin_close();
    release_elsewhere(std::move(p), std::move(done));
  }
  static void release_elsewhere(std::unique_ptr<parts> p, std::optional<future<void>> done) {
    std::thread{[p = std::move(p), done = std::move(done)] {
      if (done) (void)done->get_for(close_patience);
    }}.detach();
  }
};

namespace {

absl::StatusOr<actors::session_options> translate(const client_options& options) {
  actors::session_options out;
  auto servers = net::parse_addresses(absl::StrJoin(options.servers, ","));
  if (!servers.ok()) return servers.status();
  out.servers = std::move(*servers);
  out.cluster = options.cluster;
  const auto timeout = options.session_timeout.count();
  if (timeout < 500 || timeout > 3'600'000) {
    return absl::InvalidArgumentError(
        absl::StrCat("a session timeout of ", timeout, " ms is outside of 500 ms to 1 h"));
  }
  out.timeout_ms = static_cast<std::uint64_t>(timeout);
  if (options.outstanding_max < 1 || options.outstanding_max > outstanding_limit) {
    return absl::InvalidArgumentError(absl::StrCat(
        "outstanding_max is ", options.outstanding_max, ", not within 1 and ", outstanding_limit));
  }
  out.outstanding_max = options.outstanding_max;
  return out;
}

/// Waits until the session is connected, or over, or patience ends.
session_state wait_for_session(actors::session& session, std::chrono::milliseconds patience) {
  const promise<session_state> settled;
  const auto listener = session.watch_state([settled](session_state now) {
    if (now == session_state::connected || now == session_state::closed) settled.set(now);
  });
  const auto result = settled.get_future().get_for(patience);
  session.forget(listener);
  return result && result->ok() ? **result : session_state::connecting;
}

}  // namespace

client::client(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
client::client(client&&) noexcept = default;
client& client::operator=(client&& other) noexcept {
  std::swap(parts_, other.parts_);
  return *this;
}

client::~client() {
  if (parts_) parts::end(std::move(parts_));
}

absl::StatusOr<client> client::connect(const client_options& options) {
  auto p = std::make_unique<parts>();
  p->options = options;
  p->runtime = std::make_shared<actors::runtime>(actors::disk_use::none, nullptr);
  return open(std::move(p));
}

absl::StatusOr<client> client::another() const {
  if (parts_->runtime->is_here()) {
    return absl::FailedPreconditionError(
        "another session cannot be waited for here, on the thread that all sessions share: call "
        "`another` outside of listeners and completions");
  }
  auto p = std::make_unique<parts>();
  p->options = parts_->options;
  p->runtime = parts_->runtime;
  return open(std::move(p));
}

absl::StatusOr<client> client::open(std::unique_ptr<parts> p) {
  const auto& options = p->options;
  auto translated = translate(options);
  if (!translated.ok()) return translated.status();
  p->runtime->call([&](caf::actor_system& system, const actors::world& outside) {
    p->session = actors::start_session(system, outside, *translated);
  });
  const auto patience = options.connect_timeout;
  if (wait_for_session(*p->session, patience) == session_state::connected)
    return client{std::move(p)};
  const auto troubles = p->session->troubles();
  if (p->session->state() == session_state::closed)
    return absl::FailedPreconditionError(absl::StrCat("no session: ", troubles));
  parts::end(std::move(p));
  return absl::UnavailableError(absl::StrCat(
      "no session within ",
      patience.count(),
      " ms: ",
      troubles.empty() ? "no server answered" : troubles,
      ". Are a majority of the replicas running, and are these their addresses?"));
}

absl::StatusOr<client> client::connect(std::string_view servers) {
  client_options options;
  options.servers = {std::string(servers)};
  return connect(options);
}

absl::StatusOr<member_status> client::status_of(
    const std::string& server, std::chrono::milliseconds patience) {
  auto address = net::parse_address(server);
  if (!address.ok()) return address.status();
  actors::runtime runtime{actors::disk_use::none, nullptr};
  const promise<member_status> answer;
  std::shared_ptr<void> probe;
  runtime.call([&](caf::actor_system&, const actors::world& outside) {
    probe =
        actors::probe_status(*outside.network, *address, [answer](absl::StatusOr<member_status> r) {
          answer.set(std::move(r));
        });
  });
  const auto result = answer.get_future().get_for(patience);
  runtime.call([&](caf::actor_system&, const actors::world&) { probe.reset(); });
  if (result) return *result;
  return absl::DeadlineExceededError(
      absl::StrCat(server, " did not answer within ", patience.count(), " ms"));
}

std::shared_ptr<invoker> client::session() const {
  return parts_->session;
}
session_state client::state() const {
  return parts_->session->state();
}
void client::on_state_change(state_listener listener) const {
  parts_->session->watch_state(std::move(listener));
}

void client::close() {
  parts_->close();
}

namespace {

future<std::vector<resource_name>> list(actors::session& session, const std::string& name) {
  const promise<std::vector<resource_name>> p;
  session.query({name, ""}, "", consistency::atomic, [p](absl::StatusOr<outcome> r) {
    if (!r.ok()) return p.set(r.status());
    log::Catalog catalog;
    if (!catalog.ParseFromString(r->result))
      return p.set(absl::InternalError("the server's list of resources is malformed"));
    std::vector<resource_name> names;
    for (const auto& entry : catalog.resources())
      names.push_back({entry.name(), entry.type()});
    p.set(std::move(names));
  });
  return p.get_future();
}

}  // namespace

future<std::vector<resource_name>> client::resources() const {
  return list(*parts_->session, "");
}

future<bool> client::exists(const std::string& name) const {
  const promise<bool> p;
  list(*parts_->session, name).then([p](absl::StatusOr<std::vector<resource_name>> r) {
    if (!r.ok()) return p.set(r.status());
    p.set(!r->empty());
  });
  return p.get_future();
}

}  // namespace atomix
