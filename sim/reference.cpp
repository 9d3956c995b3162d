// SPDX-License-Identifier: Apache-2.0
#include "sim/reference.hpp"

#include <algorithm>
#include <utility>

namespace atomix::sim {
namespace {

constexpr std::uint64_t timeout_ms_min = 500;
constexpr std::uint64_t timeout_ms_max = 3'600'000;

}  // namespace

void reference::apply(const raft::entry& e) {
  applied_ = e.id.index;
  now_ = e.time;
  if (e.kind == raft::entry_kind::term_start) {
    // Time stood still for the cluster, not for its clients: everybody gets a full timeout.
    for (auto& [id, s] : alive_)
      s.deadline = std::max(s.deadline, later(now_, s.timeout_ms));
  }
  expire();
  log::Entry body;
  const auto bytes = e.data.view();
  if (e.kind == raft::entry_kind::command
      && body.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    if (body.has_open_session()) open(body.open_session());
    if (body.has_command()) carry_out(body.command());
    if (body.has_keep_alive()) static_cast<void>(touch(session_id{body.keep_alive().session()}));
    if (body.has_close_session()) close(body.close_session());
  }
  run_machines();
}

std::optional<log_time> reference::next_deadline() const {
  std::optional<log_time> next;
  const auto consider = [&next](log_time due) {
    next = next ? std::min(*next, due) : due;
  };
  for (const auto& [id, s] : alive_)
    consider(s.deadline);
  for (const auto& r : resources_)
    if (const auto due = r->deleted ? std::nullopt : r->machine.next_deadline()) consider(*due);
  return next;
}

void reference::expire() {
  std::vector<session_id> over;
  for (const auto& [id, s] : alive_) {
    if (s.deadline <= now_) over.push_back(id);
  }
  for (const session_id id : over) {
    end_session(id);
    sessions_[id].expired = true;
  }
}

void reference::end_session(session_id session) {
  if (alive_.erase(session) == 0) return;
  sessions_[session].ended = applied_;
  for (const auto& r : resources_) {
    if (r->users.erase(session) != 0 && !r->deleted)
      r->tasks.push_back({resources::task_kind::session_closed, applied_, session, 0, {}});
  }
}

// One whose client did not take its events lives on until its time has run out, but does nothing.
void reference::close(const log::CloseSession& c) {
  const session_id session{c.session()};
  if (!c.let_expire()) return end_session(session);
  const auto found = alive_.find(session);
  if (found == alive_.end()) return;
  found->second.expiring = true;
  reference_session& s = sessions_[session];
  s.let_go = true;
  s.given_up.push_back(applied_);
}

bool reference::touch(session_id session) {
  const auto found = alive_.find(session);
  if (found == alive_.end() || found->second.expiring) return false;
  live_session& s = found->second;
  s.deadline = std::max(s.deadline, later(now_, s.timeout_ms));
  return true;
}

void reference::open(const log::OpenSession& o) {
  for (const auto& [id, s] : alive_) {
    if (o.token().empty() || s.token != o.token() || s.expiring) continue;
    static_cast<void>(touch(id));
    return;
  }
  const session_id id{applied_.value()};
  const std::uint64_t timeout_ms = std::clamp(o.timeout_ms(), timeout_ms_min, timeout_ms_max);
  alive_[id] = {timeout_ms, o.token(), later(now_, timeout_ms)};
  sessions_[id].timeout_ms = timeout_ms;
}

// The first one that follows the last of its session counts; what comes again, or too early, does
// nothing.
void reference::carry_out(const log::Command& c) {
  const session_id session{c.session()};
  if (!touch(session)) return;
  auto& commands = sessions_[session].commands;
  if (c.sequence() != commands.size() + 1) return;
  commands.push_back({applied_, c.resource(), c.type(), c.operation(), absl::StatusCode::kOk, {}});
  perform(session, c, commands.back());
}

void reference::perform(session_id session, const log::Command& c, reference_command& answer) {
  resource* r = find(c.resource());
  if (r == nullptr) {
    auto machine = c.resource().empty() ? nullptr : registry_.make(c.type());
    if (machine == nullptr) {
      answer.code = absl::StatusCode::kInvalidArgument;
      return;
    }
    if (c.operation().empty()) return;
    held_machine fresh{c.resource(), std::move(machine)};
    const bool takes_back = fresh.takes_back(c.operation());
    note(c.resource(), fresh);
    if (takes_back) {
      auto results = fresh.run({applied_, now_}, {task_of(session, c)});
      note(c.resource(), fresh);
      answer.code = results.replies.front().code;
      answer.result = std::move(results.replies.front().result);
      return;
    }
    auto made = std::make_unique<resource>(resource{
        .number = ++resources_made_,
        .name = c.resource(),
        .type = c.type(),
        .machine = std::move(fresh),
        .users = {},
        .tasks = {}});
    r = resources_.emplace_back(std::move(made)).get();
  }
  if (r->type != c.type()) {
    answer.code = absl::StatusCode::kFailedPrecondition;
    return;
  }
  if (c.operation().empty()) {
    r->deleted = true;
    r->tasks.push_back({resources::task_kind::deleted, applied_, {}, 0, {}});
    return;
  }
  r->users.insert(session);
  r->tasks.push_back(task_of(session, c));
}

resources::task reference::task_of(session_id session, const log::Command& c) const {
  return {
      resources::task_kind::command,
      applied_,
      session,
      c.sequence(),
      shared_bytes{std::string(c.operation())}};
}

reference::resource* reference::find(const std::string& name) {
  for (const auto& r : resources_) {
    if (!r->deleted && r->name == name) return r.get();
  }
  return nullptr;
}

void reference::run_machines() {
  for (const auto& r : resources_) {
    const auto deadline = r->machine.next_deadline();
    if (!r->tasks.empty() || (deadline && *deadline <= now_)) run(*r);
  }
  std::erase_if(resources_, [](const auto& r) { return r->deleted; });
}

void reference::run(resource& r) {
  auto results = r.machine.run({applied_, now_}, std::exchange(r.tasks, {}));
  note(r.name, r.machine);
  for (auto& reply : results.replies) {
    reference_command& c = sessions_[reply.session].commands[reply.sequence - 1];
    c.code = reply.code;
    c.result = std::move(reply.result);
  }
  for (auto& event : results.events) {
    if (const auto to = alive_.find(event.to); to != alive_.end() && !to->second.expiring)
      sessions_[event.to].events.push_back({event.index, r.name, std::move(event.event)});
  }
}

std::uint64_t reference::hash_of_resources() const {
  std::uint64_t hash = 0;
  for (const auto& r : resources_)
    hash = (hash ^ (r->machine.state_hash() + r->number)) * 0x100000001b3ULL;
  return hash;
}

resources::query_result reference::query(
    session_id session,
    const std::string& name,
    const std::string& type,
    std::string_view operation) {
  const auto ask = [&](held_machine& machine) {
    auto result = machine.query(session, now_, operation);
    note(name, machine);
    return result;
  };
  if (resource* const r = find(name)) {
    if (r->type == type) return ask(r->machine);
    return {absl::StatusCode::kFailedPrecondition, {}, {}};
  }
  auto made = registry_.make(type);
  if (made == nullptr) return {absl::StatusCode::kInvalidArgument, {}, {}};
  held_machine fresh{name, std::move(made)};
  return ask(fresh);
}

void reference::note(const std::string& name, const held_machine& machine) {
  if (disagrees_ || machine.disagreement().empty()) return;
  disagrees_ = disagreement{applied_, name, machine.disagreement()};
}

}  // namespace atomix::sim
