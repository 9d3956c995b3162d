// SPDX-License-Identifier: Apache-2.0
#include "sim/history.hpp"

#include <algorithm>

namespace atomix::sim {

history::history(std::function<sim_time()> now, std::vector<std::string> clients)
    : now_(std::move(now)), clients_(std::move(clients)), processes_(clients_.size()) {}

std::size_t history::add_session(std::size_t client) {
  sessions_.emplace_back().client = client;
  return sessions_.size() - 1;
}

void history::session_changed(std::size_t session, session_id id, session_state state) {
  if (closed_) return;
  recorded_session& s = sessions_[session];
  if (!id.is_none()) s.id = id;
  s.state = state;
  s.state_since = now_();
  s.states.emplace_back(s.state_since, state);
}

std::uint64_t history::take_process(std::size_t client) {
  client_processes& mine = processes_[client];
  if (mine.idle.empty()) return client + clients_.size() * mine.made++;
  const std::uint64_t smallest = mine.idle.back();
  mine.idle.pop_back();
  return smallest;
}

void history::give_back(std::size_t client, std::uint64_t process) {
  auto& idle = processes_[client].idle;
  idle.insert(std::upper_bound(idle.begin(), idle.end(), process, std::greater<>{}), process);
}

std::size_t history::add_call(recorded_call call) {
  recorded_session& s = sessions_[call.session];
  call.process = take_process(s.client);
  call.called = now_();
  call.call_order = ++order_;
  call.floor = told_;
  call.floor_from = told_first_;
  call.session_floor = s.seen;
  s.calls.push_back(calls_.size());
  calls_.push_back(std::move(call));
  return calls_.size() - 1;
}

void history::add_return(std::size_t position, const absl::StatusOr<outcome>& answer) {
  if (closed_) return;
  recorded_call& call = calls_[position];
  recorded_session& s = sessions_[call.session];
  call.returned = true;
  call.returned_at = now_();
  call.return_order = ++order_;
  call.outcome = certainty_of(answer.status());
  if (call.outcome != certainty::unknown) give_back(s.client, call.process);
  if (!answer.ok()) {
    call.code = answer.status().code();
    call.error = std::string(answer.status().message());
    return;
  }
  call.index = answer->index;
  call.result = answer->result;
  s.seen = std::max(s.seen, call.index);
  // What a weaker query shows was committed before it returned, too.
  if (call.index <= told_) return;
  told_ = call.index;
  told_first_ = position;
}

void history::add_event(std::size_t session, recorded_event heard) {
  if (closed_) return;
  recorded_session& s = sessions_[session];
  heard.order = ++order_;
  heard.at = now_();
  s.seen = std::max(s.seen, heard.index);
  s.events.push_back(std::move(heard));
}

}  // namespace atomix::sim
