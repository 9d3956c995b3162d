// SPDX-License-Identifier: Apache-2.0
#include "sim/workload.hpp"

#include "sim/links.hpp"
#include "sim/recording_invoker.hpp"
#include "sim/subject.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::sim {
namespace {

// Between the tries of a last read, and before a call that winds up.
constexpr sim_duration moment = 100 * millisecond;

}  // namespace

void program::start(const std::vector<planned_call>& calls) {
  for (const planned_call& c : calls) {
    if (c.client != parts_.number || c.program != parts_.position) continue;
    parts_.at.at(c.at, parts_.process, [this, word = c.word] { call(word); });
  }
}

void program::call(std::uint64_t word) {
  if (busy_ || stopping_ || over_ || leaving_) return;
  busy_ = true;
  parts_.chance = prng{word};
  operate();
}

void program::check_session_is_over() {
  if (still_waits()) {
    parts_.found.add(
        "liveness",
        absl::StrCat("a call of ", std::string{name()}, " goes on after its session"),
        parts_.client);
  }
  check_farewell();
  leaving_ = false;
}

void program::stop() {
  stopping_ = true;
  if (!busy_) parts_.at.after(0, parts_.process, [this] { go_on(); });
}

void program::go_on() {
  busy_ = true;
  if (checking_) return read_outcome();
  if (let_go()) return;
  busy_ = false;
  at_rest_ = true;
}

void program::finished(const absl::Status& status) {
  one_ended(status);
  busy_ = false;
  if (checking_ && status.ok()) {
    at_rest_ = true;
    return;
  }
  if (stopping_ || checking_) parts_.at.after(moment, parts_.process, [this] { go_on(); });
}

void program::one_ended(const absl::Status& status) {
  parts_.at.note(
      trace_kind::workload, parts_.process, static_cast<std::uint64_t>(status.raw_code()), [&] {
        return absl::StrCat(std::string{name()}, " finished: ", status.ToString());
      });
  switch (certainty_of(status)) {
    case certainty::done:
      ++parts_.counts.acknowledged;
      break;
    case certainty::not_done:
      ++parts_.counts.failed;
      break;
    case certainty::unknown:
      ++parts_.counts.unknown;
      // A last look may give what a call of a session before had ended with.
      if (!checking_) check_session_ends();
      break;
  }
}

/// As long as its session lives, a call goes on until the cluster has said how it ended. Calls may
/// hear of the end before programs do.
void program::check_session_ends() {
  if (has_no_session()) return;
  parts_.at.after(moment, parts_.process, [this, ended = ended_] {
    if (ended_ != ended) return;
    parts_.found.add(
        "outcomes",
        absl::StrCat(
            "a call of ", std::string{name()}, " ended, nobody knows how, and its session goes on"),
        parts_.client);
  });
}

void program::check_outcome() {
  checking_ = true;
  at_rest_ = false;
  parts_.at.after(0, parts_.process, [this] { go_on(); });
}

workload::workload(
    world& w,
    client_machines& c,
    findings& f,
    history& book,
    const std::vector<planned_call>& calls)
    : world_(w), machines_(c), findings_(f), book_(book), calls_(calls), ledgers_(f) {
  for (std::size_t i = 0; i < c.clients(); ++i) {
    auto added = std::make_unique<client>();
    added->number = i;
    clients_.push_back(std::move(added));
  }
  ledgers_.may_err = [this](const std::string& name) {
    return std::any_of(clients_.begin(), clients_.end(), [&](const auto& each) {
      return machines_.name_of_client(each->number) == name && machines_.is_behind(each->number);
    });
  };
}

workload::~workload() {
  // Sessions end before the programs do, which are told of calls that come to nothing.
  for (auto& c : clients_) {
    ++c->generation;  // its end is no news
    for (auto& p : c->programs)
      p->unbind();
    c->session.reset();
  }
}

program_parts workload::parts_of(client& c, std::size_t position) {
  program_parts parts{
      world_,
      findings_,
      counts_,
      machines_.process_of_client(c.number),
      machines_.name_of_client(c.number)};
  parts.number = c.number;
  parts.clients = clients_.size();
  parts.position = position;
  parts.leave = [this, &c] {
    leave(c);
  };
  return parts;
}

void workload::start(subject& about, std::size_t programs) {
  for (auto& c : clients_) {
    for (std::size_t i = 0; i < programs; ++i)
      c->programs.push_back(about.make_program(i, parts_of(*c, i), ledgers_));
  }
  for (auto& c : clients_) {
    open_session(*c);
    for (auto& p : c->programs)
      p->start(calls_);
  }
}

void workload::open_session(client& c) {
  ++counts_.sessions;
  c.session =
      std::make_shared<recording_invoker>(book_, c.number, machines_.open_session(c.number));
  for (auto& p : c.programs)
    p->bind(c.session);
  c.session->watch_state([this, &c, generation = ++c.generation](session_state state) {
    session_changed(c, generation, state);
  });
}

void workload::leave(client& c) {
  for (auto& p : c.programs)
    p->tell_leaving();
  c.session->leave();
}

void workload::session_changed(client& c, std::uint64_t generation, session_state state) {
  if (generation != c.generation) return;
  const process_id who = machines_.process_of_client(c.number);
  world_.note(trace_kind::workload, who, static_cast<std::uint64_t>(state), [&] {
    return absl::StrCat("session is ", std::string{to_string(state)});
  });
  for (auto& p : c.programs)
    p->tell_session(state);
  if (state != session_state::expired && state != session_state::closed) return;
  // Not from within the session that has just ended.
  world_.after(10 * millisecond, who, [this, &c, generation] {
    if (generation != c.generation) return;
    for (auto& p : c.programs)
      p->check_session_is_over();
    open_session(c);
  });
}

void workload::stop() {
  for (auto& c : clients_) {
    for (auto& p : c->programs)
      p->stop();
  }
}

void workload::check_outcome() {
  for (auto& c : clients_) {
    for (auto& p : c->programs)
      p->check_outcome();
  }
}

bool workload::at_rest() const {
  return std::all_of(clients_.begin(), clients_.end(), [](const auto& c) {
    return std::all_of(
        c->programs.begin(), c->programs.end(), [](const auto& p) { return p->at_rest(); });
  });
}

std::string workload::not_at_rest() const {
  std::string text;
  for (const auto& c : clients_) {
    for (const auto& p : c->programs) {
      if (p->at_rest()) continue;
      absl::StrAppend(
          &text,
          text.empty() ? "" : ", ",
          machines_.name_of_client(c->number),
          " ",
          std::string{p->name()});
    }
  }
  return text;
}

}  // namespace atomix::sim
