// SPDX-License-Identifier: Apache-2.0
#include "tests/raft/script.hpp"

#include "raft/base/check.hpp"
#include "raft/core/configuration.hpp"
#include "raft/core/describe.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <absl/strings/str_split.h>

#include <algorithm>
#include <utility>

#include "tests/raft/script_input.hpp"

namespace atomix::raft {
namespace {

node_id node(const std::string& word) {
  return node_id{parse_number(word)};
}

std::string join(const std::vector<entry>& entries) {
  return absl::StrJoin(
      entries, ", ", [](std::string* out, const entry& e) { *out += describe(e); });
}

std::string arrow(node_id from, const outbound& m) {
  return absl::StrCat(from.value(), "->", m.to.value(), " ", describe(m.body));
}

}  // namespace

std::string script::rerun(const std::string& file) {
  std::string result;
  std::string commands;
  bool expected = false;  // inside what a block should print
  for (const auto& piece : absl::StrSplit(file, '\n')) {
    const std::string text(piece);
    if (expected) {
      if (!text.empty()) continue;
      expected = false;
      result += "\n";
    } else if (text == "----") {
      absl::StrAppend(&result, commands, "----\n", run_block(commands));
      commands.clear();
      expected = true;
    } else {
      absl::StrAppend(&commands, text, "\n");
    }
  }
  while (result.ends_with("\n\n"))
    result.pop_back();
  return result;
}

std::string script::run_block(const std::string& commands) {
  printed_.clear();
  for (const auto& piece : absl::StrSplit(commands, '\n', absl::SkipEmpty())) {
    if (piece[0] != '#') run(std::string(piece));
  }
  if (lab_ && !lab_->violation.empty()) line("VIOLATION: " + lab_->violation);
  if (printed_.empty()) line("ok");
  return printed_;
}

void script::run(const std::string& text) {
  words w = split_words(text);
  quiet_ = w.back() == "quietly";
  if (quiet_) w.pop_back();
  const std::string name = w.at(0);
  if (name == "receive") {
    receive(text);
    return;
  }
  const bool known = run_input(name, w) || run_world(name, w) || run_view(name, w);
  ATOMIX_CHECK(known, "a command in a script has a known name: " + name);
}

bool script::run_input(const std::string& name, const words& w) {
  if (name == "tick") {
    const std::uint64_t count = w.size() > 2 ? parse_number(w[2]) : 1;
    for (std::uint64_t i = 0; i < count; ++i)
      lab_->tick(node(w.at(1)));
  } else if (name == "campaign") {
    campaign(node(w.at(1)));
  } else if (name == "propose") {
    propose in;
    for (std::size_t i = 2; i < w.size(); ++i) {
      in.proposals.push_back({entry_kind::command, shared_bytes{w[i]}});
    }
    lab_->step(node(w.at(1)), in);
  } else if (name == "configure") {
    configure(w);
  } else if (name == "read") {
    lab_->read(node(w.at(1)), parse_number(w.at(2)));
  } else if (name == "lost") {
    lab_->step(node(w.at(1)), peer_lost{node(w.at(2))});
  } else if (name == "deadline") {
    lab_node& n = lab_->at(node(w.at(1)));
    n.wanted = log_time{parse_number(w.at(2))};
    lab_->step(node(w.at(1)), applied{{}, n.wanted});
  } else {
    return false;
  }
  return true;
}

bool script::run_world(const std::string& name, const words& w) {
  if (name == "cluster") {
    make_cluster(w);
  } else if (name == "recover") {
    recover(w);
  } else if (name == "saved") {
    complete_save(node(w.at(1)));
  } else if (name == "load") {
    if (!lab_->load(node(w.at(1)))) line("nothing to load");
  } else if (name == "deliver" || name == "drop" || name == "repeat") {
    move_packets(w, name != "drop", name == "repeat");
  } else if (name == "crash") {
    lab_->crash(node(w.at(1)));
    roles_[node(w.at(1))] = "";
  } else if (name == "restart") {
    lab_->restart(node(w.at(1)));
  } else if (name == "isolate") {
    isolated_.insert(node(w.at(1)));
  } else if (name == "heal") {
    isolated_.clear();
  } else if (name == "settle") {
    settle();
  } else {
    return false;
  }
  return true;
}

bool script::run_view(const std::string& name, const words& w) {
  if (name != "status" && name != "log") return false;
  for (const auto& [id, n] : lab_->nodes) {
    if (w.size() > 1 && node(w[1]) != id) continue;
    if (name == "status") {
      show_status(id);
    } else {
      show_log(id);
    }
  }
  return true;
}

void script::make_cluster(const words& w) {
  options model;
  for (std::uint64_t i = 1; i <= parse_number(w.at(1)); ++i)
    model.initial.voters.emplace(i);
  model.initial.learners = parse_nodes(value_of(w, "learners", ""));
  model.election_ticks = 10;
  model.heartbeat_ticks = 3;
  model.append_bytes_max = number_of(w, "append-bytes", model.append_bytes_max);
  model.inflight_bytes_max = number_of(w, "inflight-bytes", model.inflight_bytes_max);
  model.cache_bytes_max = number_of(w, "cache-bytes", model.cache_bytes_max);
  lab_ = std::make_unique<lab>(model);
  lab_->observer = [this](node_id id, const input& in, const effects& out) {
    show(id, in, out);
  };
}

/// Starts a node from a disk that holds a term, a vote, and a log, given as one term per entry.
void script::recover(const words& w) {
  lab_node& n = lab_->at(node(w.at(1)));
  n.disk.state = {term_t{number_of(w, "term", 0)}, node_id{number_of(w, "vote", 0)}};
  n.disk.entries.clear();
  for (const auto& t : absl::StrSplit(value_of(w, "log", ""), ',', absl::SkipEmpty())) {
    const index_t index{n.disk.entries.size() + 1};
    const term_t term{parse_number(std::string(t))};
    std::string data = absl::StrCat("t", term.value(), "i", index.value());
    n.disk.entries.push_back(
        {{term, index}, entry_kind::command, {}, shared_bytes{std::move(data)}});
  }
  lab_->restart(n.options.self);
}

void script::configure(const words& w) {
  configuration c;
  c.voters = parse_nodes(value_of(w, "voters", ""));
  c.outgoing = parse_nodes(value_of(w, "outgoing", ""));
  c.learners = parse_nodes(value_of(w, "learners", ""));
  const proposal p{entry_kind::configuration, shared_bytes{encode(c)}};
  lab_->step(node(w.at(1)), propose{{p}});
}

/// Ticks until the node begins to ask for votes.
void script::campaign(node_id id) {
  for (int i = 0; i < 100; ++i) {
    const auto before = lab_->network.size() + lab_->at(id).saves.size();
    lab_->tick(id);
    if (lab_->network.size() + lab_->at(id).saves.size() != before) return;
  }
  line("nothing happened");
}

void script::complete_save(node_id id) {
  const auto& saves = lab_->at(id).saves;
  if (saves.empty()) {
    line("nothing to save");
    return;
  }
  for (const outbound& m : saves.front().after) {
    if (m.to != id && !quiet_) line("send   " + arrow(id, m));
  }
  (void)lab_->save(id);
}

/// `receive 1 from=2 MESSAGE`.
void script::receive(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(' ', 3));
  const node_id from{number_of({parts.at(2)}, "from", 0)};
  lab_->step(node(parts.at(1)), received{from, parse_message(parts.at(3))});
}

/// `deliver 1->2 [COUNT]`, `deliver 1->2 last`, `drop` (all).
void script::move_packets(const words& w, bool deliver, bool again) {
  const auto fits = [&](const packet& p) {
    return w.size() < 2 || w[1] == absl::StrCat(p.from.value(), "->", p.to.value());
  };
  const bool last = w.size() > 2 && w[2] == "last";
  const std::uint64_t most = w.size() > 2 && !last ? parse_number(w[2]) : (last ? 1 : 1000);
  std::vector<packet> chosen;
  std::vector<packet> rest;
  auto all = std::exchange(lab_->network, {});
  if (last) std::reverse(all.begin(), all.end());
  for (packet& p : all) {
    const bool take = fits(p) && chosen.size() < most;
    if (!take || again) rest.push_back(p);
    if (take) chosen.push_back(std::move(p));
  }
  if (last) std::reverse(rest.begin(), rest.end());
  lab_->network = std::move(rest);
  if (deliver && chosen.empty()) line("nothing on its way");
  for (const packet& p : chosen) {
    if (deliver) lab_->step(p.to, received{p.from, p.body});
  }
}

void script::settle() {
  const bool quiet = std::exchange(quiet_, true);
  lab_->settle(
      [this](const packet& p) { return !isolated_.contains(p.from) && !isolated_.contains(p.to); });
  if (quiet) return;
  for (const auto& [id, n] : lab_->nodes)
    show_status(id);
}

void script::show(node_id id, const input& /*in*/, const effects& out) {
  show_role(id);
  if (quiet_) return;
  const std::string who = absl::StrCat(id.value());
  for (const outbound& m : out.urgent)
    line("send   " + arrow(id, m));
  if (!out.save.empty()) {
    std::string text = "save   " + who;
    if (out.save.state_changed) {
      const hard_state& h = out.save.state;
      absl::StrAppend(&text, " term=", h.term.value(), " vote=", h.vote.value());
    }
    if (!out.save.entries.empty()) absl::StrAppend(&text, " [", join(out.save.entries), "]");
    line(text);
  }
  for (const outbound& m : out.after_save)
    line("held   " + arrow(id, m));
  if (!out.committed.empty()) line(absl::StrCat("commit ", who, " [", join(out.committed), "]"));
  for (const read_grant& g : out.reads) {
    line(absl::StrCat("read   ", who, " id=", g.id, " index=", g.index.value()));
  }
  for (const load_request& l : out.loads) {
    line(absl::StrCat("load   ", who, " for=", l.peer.value(), " from=", l.from.value()));
  }
}

void script::show_role(node_id id) {
  const status v = lab_->at(id).running->view();
  const std::string role(to_string(v.role));
  std::string& known = roles_[id];
  if (known.empty()) known = "follower";
  if (role == known) return;
  known = role;
  if (!quiet_) line(absl::StrCat("now    ", id.value(), " ", role, " term=", v.state.term.value()));
}

void script::show_status(node_id id) {
  if (!lab_->runs(id)) {
    line(absl::StrCat(id.value(), " crashed"));
    return;
  }
  const status v = lab_->at(id).running->view();
  line(absl::StrCat(
      id.value(),
      " ",
      std::string(to_string(v.role)),
      " term=",
      v.state.term.value(),
      " vote=",
      v.state.vote.value(),
      " leader=",
      v.leader.value(),
      " commit=",
      v.commit.value(),
      " last=",
      describe(v.last)));
}

void script::show_log(node_id id) {
  if (!lab_->runs(id)) return;
  const core& c = *lab_->at(id).running;
  std::string text = absl::StrCat(id.value(), ":");
  for (index_t i{1}; i <= c.view().last.index; i = i.next()) {
    absl::StrAppend(&text, " ", c.term_at(i).value());
  }
  line(text);
}

}  // namespace atomix::raft
