// SPDX-License-Identifier: Apache-2.0
#include "sim/workload.hpp"

#include "sim/links.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::sim {
namespace {

constexpr program_factory factories[] = {
    make_value_program,
    make_counter_program,
    make_map_program,
    make_lock_program,
    make_election_program,
};

}  // namespace

void program::pause_then_go_on() {
  const sim_duration wait =
      parts_.pause / 4 + draw_exponential(parts_.chance, parts_.pause * 3 / 4);
  parts_.at.after(wait, parts_.process, [this] { go_on(); });
}

void program::go_on() {
  if (checking_) return read_outcome();
  if (!stopping_) return operate();
  if (let_go()) return;
  at_rest_ = true;
}

void program::finished(const absl::Status& status) {
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
      break;
  }
  if (checking_ && status.ok()) {
    at_rest_ = true;
    return;
  }
  pause_then_go_on();
}

void program::check_outcome() {
  checking_ = true;
  at_rest_ = false;
  parts_.at.after(0, parts_.process, [this] { go_on(); });
}

workload::workload(world& w, cluster& c, findings& f)
    : world_(w), cluster_(c), findings_(f), ledgers_(f) {
  for (std::size_t i = 0; i < c.clients(); ++i) {
    auto added = std::make_unique<client>();
    added->number = i;
    for (const program_factory make : factories) {
      program_parts parts{w, f, counts_, c.process_of_client(i), c.name_of_client(i)};
      parts.number = i;
      parts.clients = c.clients();
      parts.chance =
          prng{w.chance_for(absl::StrCat("program ", i)).next() + added->programs.size()};
      added->programs.push_back(make(std::move(parts), ledgers_));
    }
    clients_.push_back(std::move(added));
  }
}

workload::~workload() {
  // Sessions end before the programs do, which are told of calls that come to nothing.
  for (auto& c : clients_) {
    for (auto& p : c->programs)
      p->unbind();
    c->session.reset();
  }
}

void workload::start() {
  for (auto& c : clients_) {
    open_session(*c);
    for (auto& p : c->programs)
      p->start();
  }
}

void workload::open_session(client& c) {
  ++counts_.sessions;
  c.session = cluster_.open_session(c.number);
  for (auto& p : c.programs)
    p->bind(c.session);
  c.session->watch_state([this, &c, generation = ++c.generation](session_state state) {
    session_changed(c, generation, state);
  });
}

void workload::session_changed(client& c, std::uint64_t generation, session_state state) {
  if (generation != c.generation) return;
  const process_id who = cluster_.process_of_client(c.number);
  world_.note(trace_kind::workload, who, static_cast<std::uint64_t>(state), [&] {
    return absl::StrCat("session is ", std::string{to_string(state)});
  });
  for (auto& p : c.programs)
    p->tell_session(state);
  if (state != session_state::expired) return;
  // Not from within the session that has just ended.
  world_.after(10 * millisecond, who, [this, &c, generation] {
    if (generation == c.generation) open_session(c);
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
          cluster_.name_of_client(c->number),
          " ",
          std::string{p->name()});
    }
  }
  return text;
}

}  // namespace atomix::sim
