// SPDX-License-Identifier: Apache-2.0
#include "actors/replica.hpp"

#include "actors/replica_actors.hpp"
#include "actors/runtime.hpp"
#include "actors/session.hpp"
#include "actors/session_answers.hpp"

#include <absl/strings/str_cat.h>

#include <cstdio>
#include <mutex>
#include <thread>
#include <utility>

namespace atomix {

struct replica::parts {
  replica_options options;
  promise<void> over;
  std::string address;
  // Held for a moment only, never during a call into the runtime: its thread may want it too.
  std::mutex mutex;  // guards what is below
  std::shared_ptr<actors::runtime> runtime;
  std::shared_ptr<actors::replica_actors> actors;
  std::shared_ptr<actors::session> session;  // opened on first use
  bool stopped = false;
};

namespace {

std::string_view name_of(actors::severity level) {
  switch (level) {
    case actors::severity::debug:
      return "debug";
    case actors::severity::info:
      return "info";
    case actors::severity::warning:
      return "warning";
    case actors::severity::error:
      return "error";
  }
  return "info";
}

actors::log_sink sink_of(const replica_options& options) {
  if (options.log) {
    return [log = options.log](actors::severity level, const std::string& sentence) {
      log(name_of(level), sentence);
    };
  }
  return [](actors::severity level, const std::string& sentence) {
    if (level == actors::severity::debug) return;
    std::fprintf(stderr, "%s: %s\n", std::string(name_of(level)).c_str(), sentence.c_str());
  };
}

absl::StatusOr<actors::member> parse_member(const std::string& text) {
  const auto equals = text.find('=');
  auto address = net::parse_address(equals == std::string::npos ? text : text.substr(equals + 1));
  if (!address.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("member '", text, "': ", std::string(address.status().message())));
  }
  return actors::member{equals == std::string::npos ? text : text.substr(0, equals), *address};
}

absl::Status check_timing(const replica_options& options) {
  const auto election = options.election_timeout.count();
  const auto heartbeat = options.heartbeat.count();
  if (election < 50 || election > 60'000) {
    return absl::InvalidArgumentError(
        absl::StrCat("an election timeout of ", election, " ms is outside of 50 ms to 60 s"));
  }
  if (heartbeat < 10 || heartbeat * 2 >= election) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a heartbeat of ",
        heartbeat,
        " ms must be at least 10 ms and less than half of the "
        "election timeout (",
        election,
        " ms)"));
  }
  return absl::OkStatus();
}

absl::StatusOr<actors::replica_setup> translate(const replica_options& options) {
  actors::replica_setup setup;
  if (auto ok = check_timing(options); !ok.ok()) return ok;
  if (options.directory.empty())
    return absl::InvalidArgumentError("a replica needs a data directory");
  setup.cluster = options.cluster;
  setup.name = options.name;
  setup.directory = options.directory;
  setup.segment_bytes = options.segment_bytes;
  setup.durability = options.sync ? raft::durability::disk : raft::durability::memory;
  for (const auto& text : options.members) {
    auto m = parse_member(text);
    if (!m.ok()) return m.status();
    if (m->name == options.name) setup.listen = m->address;
    setup.members.push_back(std::move(*m));
  }
  if (!options.listen.empty()) {
    auto listen = net::parse_address(options.listen);
    if (!listen.ok()) return listen.status();
    setup.listen = *listen;
  }
  if (options.machines != nullptr) setup.registry = *options.machines;
  const auto tick = static_cast<std::int64_t>(setup.timing.tick_ms);
  setup.timing.election_ticks = static_cast<unsigned>(options.election_timeout.count() / tick);
  setup.timing.heartbeat_ticks = static_cast<unsigned>(options.heartbeat.count() / tick);
  return setup;
}

}  // namespace

replica::replica(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
replica::replica(replica&&) noexcept = default;
replica& replica::operator=(replica&& other) noexcept {
  std::swap(parts_, other.parts_);
  return *this;
}

replica::~replica() {
  if (parts_) stop();
}

absl::StatusOr<replica> replica::start(const replica_options& options) {
  auto setup = translate(options);
  if (!setup.ok()) return setup.status();
  auto p = std::make_unique<parts>();
  p->options = options;
  setup->on_failure = [over = p->over](const absl::Status& why) {
    over.set(
        absl::InternalError("the log cannot be read or written: " + std::string(why.message())));
  };
  p->runtime = std::make_shared<actors::runtime>(actors::disk_use::posix, sink_of(options));
  absl::Status started;
  p->runtime->call([&](caf::actor_system& system, const actors::world& outside) {
    auto made = actors::replica_actors::start(system, outside, *setup);
    started = made.status();
    if (made.ok()) p->actors = std::move(*made);
  });
  if (!started.ok()) return started;
  p->runtime->keep(p->actors);
  p->address = p->actors->listening_on().to_string();
  return replica{std::move(p)};
}

std::shared_ptr<invoker> replica::session() const {
  auto& p = *parts_;
  std::shared_ptr<actors::runtime> runtime;
  {
    const std::lock_guard lock{p.mutex};
    if (p.session && !actors::is_over(p.session->state())) return p.session;
    if (p.stopped) return actors::ended_session();
    runtime = p.runtime;
  }
  actors::session_options options;
  // Its own address first; the others as it lists them.
  options.servers.push_back(*net::parse_address(p.address));
  for (const auto& m : p.options.members)
    if (auto parsed = parse_member(m); parsed.ok()) options.servers.push_back(parsed->address);
  options.cluster = p.options.cluster;
  options.timeout_ms = static_cast<std::uint64_t>(p.options.session_timeout.count());
  std::shared_ptr<actors::session> session;
  // All first uses come by here, one after the other.
  runtime->call([&](caf::actor_system& system, const actors::world& outside) {
    const std::lock_guard lock{p.mutex};
    const bool wanted = !p.session || actors::is_over(p.session->state());
    if (wanted && !p.stopped) p.session = actors::start_session(system, outside, options);
    session = p.session;
  });
  return session ? session : actors::ended_session();
}

std::string replica::address() const {
  return parts_->address;
}

bool replica::is_leader() const {
  std::shared_ptr<actors::runtime> runtime;
  std::shared_ptr<actors::replica_actors> actors;  // goes before the runtime
  {
    const std::lock_guard lock{parts_->mutex};
    if (parts_->stopped) return false;
    runtime = parts_->runtime;
    actors = parts_->actors;
  }
  bool leads = false;
  runtime->call([&](caf::actor_system&, const actors::world&) {
    leads = actors->view().raft.role == raft::role_name::leader;
  });
  return leads;
}

namespace {

void wind_down(
    std::shared_ptr<actors::runtime> runtime,
    std::shared_ptr<actors::replica_actors> actors,
    const std::shared_ptr<actors::session>& session) {
  if (session) {
    const promise<void> done;
    session->close([done] { done.set(absl::OkStatus()); });
    (void)done.get_future().get_for(std::chrono::milliseconds{1500});
  }
  runtime->call([&](caf::actor_system&, const actors::world&) { actors->stop(); });
  actors.reset();
  runtime.reset();  // closes the connections: the others notice at once
}

}  // namespace

void replica::stop() {
  auto& p = *parts_;
  std::shared_ptr<actors::runtime> runtime;
  std::shared_ptr<actors::replica_actors> actors;
  {
    const std::lock_guard lock{p.mutex};
    if (std::exchange(p.stopped, true)) return;
    runtime = std::move(p.runtime);
    actors = std::move(p.actors);
  }
  const bool here = runtime->is_here();
  auto leave = [runtime = std::move(runtime),
                actors = std::move(actors),
                session = p.session,
                over = p.over]() mutable {
    wind_down(std::move(runtime), std::move(actors), session);
    over.set(absl::OkStatus());
  };
  // In a completion or listener of its own session it cannot wait: another thread does.
  if (here) {
    std::thread{std::move(leave)}.detach();
  } else {
    leave();
  }
}

absl::Status replica::wait() const {
  return parts_->over.get_future().get();
}

}  // namespace atomix
