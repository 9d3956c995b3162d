// SPDX-License-Identifier: Apache-2.0
#include "tests/raft/lab.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::raft {
namespace {

void write(recovered_state& disk, const save_batch& batch) {
  if (batch.state_changed) disk.state = batch.state;
  for (const entry& e : batch.entries) {
    if (e.id.index.value() <= disk.entries.size()) disk.entries.resize(e.id.index.value() - 1);
    disk.entries.push_back(e);
  }
}

}  // namespace

lab::lab(const options& model) {
  std::set<node_id> members = model.initial.voters;
  members.insert(model.initial.learners.begin(), model.initial.learners.end());
  for (const node_id id : members) {
    lab_node& n = nodes[id];
    n.options = model;
    n.options.self = id;
    restart(id);
  }
}

void lab::step(node_id id, const input& in) {
  lab_node& n = nodes.at(id);
  if (!n.running) return;
  effects out = n.running->step(in);
  if (n.twin->step(in) != out) fail("a host that slept through quiet ticks is told something else");
  if (observer) observer(id, in, out);
  check(id, out);
  for (outbound& m : out.urgent)
    network.push_back({id, m.to, std::move(m.body)});
  if (!out.save.empty() || !out.after_save.empty()) {
    n.saves.push_back({std::move(out.save), std::move(out.after_save)});
  }
  n.loads.insert(n.loads.end(), out.loads.begin(), out.loads.end());
  if (!out.committed.empty()) step(id, applied{out.committed.back().id.index, n.wanted});
}

void lab::tick(node_id id) {
  lab_node& n = nodes.at(id);
  n.now_ms += n.options.tick_ms;
  step(id, raft::tick{n.now_ms});
}

bool lab::save(node_id id) {
  lab_node& n = nodes.at(id);
  if (n.saves.empty()) return false;
  pending_save first = std::move(n.saves.front());
  n.saves.pop_front();
  write(n.disk, first.batch);
  for (outbound& m : first.after) {
    if (m.to == id) {
      step(id, received{id, std::move(m.body)});
    } else {
      network.push_back({id, m.to, std::move(m.body)});
    }
  }
  if (first.batch.empty()) return true;
  const auto& entries = first.batch.entries;
  step(id, saved{entries.empty() ? entry_id{} : entries.back().id});
  return true;
}

void lab::deliver(std::size_t position, bool again) {
  const packet p = network.at(position);
  if (!again) network.erase(network.begin() + static_cast<std::ptrdiff_t>(position));
  if (nodes.contains(p.to)) step(p.to, received{p.from, p.body});
}

bool lab::load(node_id id) {
  lab_node& n = nodes.at(id);
  if (n.loads.empty()) return false;
  const load_request what = n.loads.front();
  n.loads.erase(n.loads.begin());
  loaded answer{what.peer, {}};
  std::size_t bytes = 0;
  for (std::size_t i = what.from.value() - 1; i < n.disk.entries.size(); ++i) {
    bytes += n.disk.entries[i].data.size() + 32;
    if (bytes > what.bytes_max && !answer.entries.empty()) break;
    answer.entries.push_back(n.disk.entries[i]);
  }
  step(id, answer);
  return true;
}

void lab::crash(node_id id, std::size_t saves_kept) {
  lab_node& n = nodes.at(id);
  for (std::size_t i = 0; i < std::min(saves_kept, n.saves.size()); ++i) {
    write(n.disk, n.saves[i].batch);
  }
  n.running.reset();
  n.saves.clear();
  n.loads.clear();
}

void lab::restart(node_id id) {
  lab_node& n = nodes.at(id);
  n.options.seed = id.value() + 1000 * n.incarnations++;
  n.committed = index_t{};
  n.running.emplace(n.options, n.disk);
  n.twin.emplace(n.options, n.disk);
}

void lab::read(node_id id, std::uint64_t number) {
  asked_[number] = history.size();
  step(id, raft::read{number});
}

void lab::settle(const std::function<bool(const packet&)>& passes) {
  for (bool moved = true; moved;) {
    moved = false;
    for (const auto& [id, n] : nodes) {
      while (save(id) || load(id))
        moved = true;
    }
    std::vector<packet> batch = std::exchange(network, {});
    for (const packet& p : batch) {
      if (!passes(p) || !nodes.contains(p.to)) continue;
      step(p.to, received{p.from, p.body});
      moved = true;
    }
  }
}

void lab::fail(const std::string& what) {
  if (violation.empty()) violation = what;
}

void lab::check(node_id id, const effects& out) {
  check_leader(id);
  if (!out.save.entries.empty()) check_logs(id);
  check_committed(id, out);
  for (const read_grant& g : out.reads) {
    ++reads_granted;
    if (g.index.value() < asked_[g.id]) fail(absl::StrCat("read ", g.id, " is stale"));
  }
}

// Election safety, and leader completeness when a leader is new.
void lab::check_leader(node_id id) {
  const status v = nodes.at(id).running->view();
  if (v.role != role_name::leader) return;
  const auto [known, fresh] = leaders_.emplace(v.state.term, id);
  if (known->second != id) fail(absl::StrCat("two leaders in term ", v.state.term.value()));
  if (!fresh) return;
  for (const entry& e : history) {
    if (nodes.at(id).running->term_at(e.id.index) != e.id.term) {
      fail(absl::StrCat("the leader of term ", v.state.term.value(), " misses a committed entry"));
    }
  }
}

// Log matching: from the last common entry down, logs are the same.
void lab::check_logs(node_id id) {
  const core& mine = *nodes.at(id).running;
  for (const auto& [other, n] : nodes) {
    if (other == id || !n.running) continue;
    std::uint64_t i = std::min(mine.view().last.index, n.running->view().last.index).value();
    bool common = false;
    for (; i > 0; --i) {
      const bool same = mine.term_at(index_t{i}) == n.running->term_at(index_t{i});
      if (common && !same) fail(absl::StrCat("logs do not match at ", i));
      common = common || same;
    }
  }
}

// State machine safety, and each committed entry once and in order.
void lab::check_committed(node_id id, const effects& out) {
  lab_node& n = nodes.at(id);
  for (const entry& e : out.committed) {
    if (e.id.index != n.committed.next()) fail("an entry is committed out of order");
    n.committed = e.id.index;
    const std::size_t position = e.id.index.value() - 1;
    if (position == history.size()) {
      history.push_back(e);
    } else if (position > history.size() || history[position] != e) {
      fail(absl::StrCat("two different entries are committed at ", e.id.index.value()));
    }
  }
}

}  // namespace atomix::raft
