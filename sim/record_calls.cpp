// SPDX-License-Identifier: Apache-2.0
#include "sim/record_calls.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace atomix::sim {
namespace {

/// What a session holds of one resource: the token, once it was told.
struct holding {
  std::string token;
  std::size_t call = 0;  // that got it
};

class writer {
 public:
  writer(const history& book, const call_places& places, run_record& record, const more_words& more)
      : book_(book), places_(places), record_(record), more_(more) {}

  void carry_out() {
    for (std::size_t i = 0; i < record_.lanes.size(); ++i)
      lanes_[record_.lanes[i].name] = i;
    for (const recorded_call& c : book_.calls())
      add(c);
    for (const recorded_session& s : book_.sessions())
      end_waiting(s);
    for (std::size_t i = 0; i < book_.calls().size(); ++i)
      settle_holding(i);
    give_back();
    forget_models();
    number_processes();
    number_orders();
  }

 private:
  struct moment {
    index_t index;
    unsigned rank = 0;  // at one index: commands, what they grant, queries
  };

  void add(const recorded_call& c) {
    const spoken_call said = speak(c.resource, c.is_query, c.operation, more_);
    call_bar bar;
    bar.lane = lanes_.at(book_.client_of(c));
    bar.resource = said.object;
    bar.model = said.model;
    bar.f = said.f;
    bar.arguments = said.argument;
    if (c.is_query && c.level != consistency::atomic) {
      bar.f = absl::StrCat(c.level == consistency::sequential ? "sequential-" : "local-", said.f);
      bar.model.clear();
    }
    bar.call = c.called;
    bar.call_position = c.call_order;
    bar.ret = c.returned_at;
    bar.ret_position = c.return_order;
    bar.log_index = c.index.value();
    const std::size_t position = record_.calls.size();
    const index_t place = position < places_.calls.size() ? places_.calls[position] : index_t{};
    moments_.push_back({place, c.is_query ? 2U : 0U});
    waits_.push_back(0);
    if (c.returned) tell_answer(c, bar, waits_.back());
    record_.calls.push_back(std::move(bar));
  }

  static void tell_answer(const recorded_call& c, call_bar& bar, std::uint64_t& waits) {
    bar.error = c.error;
    if (c.outcome == certainty::not_done) bar.outcome = call_outcome::fail;
    if (c.outcome == certainty::unknown) bar.outcome = call_outcome::info;
    if (c.outcome != certainty::done) return;
    const spoken_answer answer = speak_answer(c.resource, c.is_query, c.operation, c.result);
    bar.outcome = answer.outcome;
    bar.result = answer.result;
    waits = answer.waits_for;
    if (waits != 0) bar.outcome = call_outcome::open;
  }

  void end_waiting(const recorded_session& s) {
    std::map<std::pair<std::string, std::uint64_t>, std::size_t> waiting;
    for (const std::size_t i : s.calls) {
      if (waits_[i] != 0) waiting[{book_.calls()[i].resource.name, waits_[i]}] = i;
    }
    for (const recorded_event& e : s.events) {
      const auto type = type_of(s, e.resource);
      const spoken_event end = speak_event(type, e.event);
      const auto found = waiting.find({e.resource, end.ends});
      if (end.ends == 0 || found == waiting.end()) continue;
      call_bar& bar = record_.calls[found->second];
      bar.outcome = end.outcome;
      bar.result = end.result;
      bar.ret = e.at;
      bar.ret_position = e.order;
      bar.log_index = e.index.value();
      moments_[found->second] = {e.index, 1};
      waiting.erase(found);
    }
    for (const std::size_t i : s.calls)
      withdraw(i, waiting);
    // Whose session ended was told so, and does not know what became of it.
    const bool over = s.state == session_state::expired || s.state == session_state::closed;
    for (const auto& [what, i] : waiting) {
      call_bar& bar = record_.calls[i];
      if (!over) continue;
      bar.outcome = call_outcome::info;
      bar.ret = std::max(bar.call, s.state_since);
      bar.ret_position = 0;
      bar.error = "The session ended while this call waited.";
    }
  }

  // A candidate that resigns runs no more, and hears of it by the answer only.
  void withdraw(
      std::size_t resign, std::map<std::pair<std::string, std::uint64_t>, std::size_t>& waiting) {
    const call_bar& by = record_.calls[resign];
    if (by.f != "resign" || by.outcome != call_outcome::ok) return;
    std::erase_if(waiting, [&](const auto& one) {
      call_bar& bar = record_.calls[one.second];
      if (bar.f != "run" || bar.resource != by.resource || one.second > resign) return false;
      bar.outcome = call_outcome::fail;
      bar.ret = by.ret;
      bar.ret_position = by.ret_position;
      bar.error = "The client resigned while it waited.";
      return true;
    });
  }

  [[nodiscard]] std::string_view type_of(const recorded_session& s, const std::string& name) const {
    for (const std::size_t i : s.calls) {
      if (book_.calls()[i].resource.name == name) return book_.calls()[i].resource.type;
    }
    return {};
  }

  // Calls come in the order in which they were made, and a session asks once at a time.
  void settle_holding(std::size_t i) {
    call_bar& bar = record_.calls[i];
    const std::pair<std::size_t, std::string> mine{book_.calls()[i].session, bar.resource};
    const bool exclusive = bar.model == "lock" || bar.model == "election";
    if (exclusive && (bar.f == "acquire" || bar.f == "run")) {
      if (bar.outcome == call_outcome::ok) holdings_[mine] = {bar.result, i};
      return;
    }
    const auto held = holdings_.find(mine);
    const bool gives_back = bar.f == "resign" || bar.f == "release";
    // Whatever is held is meant.
    if (gives_back && bar.arguments.empty() && held != holdings_.end()) {
      bar.model = bar.f == "resign" ? "election" : "lock";
      bar.arguments = held->second.token;
    }
    if (gives_back && bar.outcome == call_outcome::ok) holdings_.erase(mine);
  }

  void give_back() {
    for (const auto& [who, held] : holdings_) {
      const recorded_session& s = book_.sessions()[who.first];
      if (!places_.ended.contains(s.id)) continue;
      const call_bar& got = record_.calls[held.call];
      call_bar back;
      back.lane = got.lane;
      back.resource = got.resource;
      back.model = got.model;
      back.f = got.model == "lock" ? "release" : "resign";
      back.arguments = held.token;
      // The client may hear that it got something after it has lost it already.
      back.call = got.call;
      back.call_position = got.call_position;
      back.implied = true;
      record_.calls.push_back(std::move(back));
      moments_.push_back({});
    }
  }

  // If somebody changes an object in a way that no model knows, none can say what it holds.
  void forget_models() {
    std::set<std::string> strange;
    for (std::size_t i = 0; i < book_.calls().size(); ++i) {
      const recorded_call& c = book_.calls()[i];
      const bool listens = record_.calls[i].f == "listen" || record_.calls[i].f == "unlisten";
      const bool gave_up = record_.calls[i].f == "resign";  // a candidacy, and no office
      if (!c.is_query && record_.calls[i].model.empty() && !listens && !gave_up)
        strange.insert(c.resource.name);
    }
    for (std::size_t i = 0; i < book_.calls().size(); ++i) {
      if (strange.contains(book_.calls()[i].resource.name)) record_.calls[i].model.clear();
    }
  }

  // As Jepsen has it: one call at a time each, and never again after an unknown end.
  void number_processes() {
    struct ending {
      sim_time at;
      std::uint64_t position;
      auto operator<=>(const ending&) const = default;
    };
    std::vector<std::size_t> order(record_.calls.size());
    for (std::size_t i = 0; i < order.size(); ++i)
      order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const call_bar& one = record_.calls[a];
      const call_bar& other = record_.calls[b];
      return std::tie(one.call, one.call_position) < std::tie(other.call, other.call_position);
    });
    const auto clients = static_cast<std::uint64_t>(std::count_if(
        record_.lanes.begin(), record_.lanes.end(), [](const lane& l) { return !l.replica; }));
    const std::uint64_t first = record_.lanes.size() - clients;
    std::map<std::size_t, std::vector<std::optional<ending>>> busy;  // by lane, by process
    for (const std::size_t i : order) {
      call_bar& bar = record_.calls[i];
      auto& own = busy[bar.lane];
      std::size_t free = 0;
      while (free < own.size() && (!own[free] || *own[free] >= ending{bar.call, bar.call_position}))
        ++free;
      if (free == own.size()) own.emplace_back();
      const bool returns = bar.outcome == call_outcome::ok || bar.outcome == call_outcome::fail;
      own[free] = returns ? std::optional<ending>{{bar.ret, bar.ret_position}} : std::nullopt;
      bar.process = bar.lane - first + clients * free;
    }
  }

  void number_orders() {
    std::map<std::string, std::vector<std::size_t>> placed;
    for (std::size_t i = 0; i < record_.calls.size(); ++i) {
      const call_bar& bar = record_.calls[i];
      if (!bar.model.empty() && !moments_[i].index.is_none() && bar.outcome != call_outcome::fail)
        placed[bar.resource].push_back(i);
    }
    for (auto& [object, calls] : placed) {
      std::stable_sort(calls.begin(), calls.end(), [&](std::size_t a, std::size_t b) {
        return std::tie(moments_[a].index, moments_[a].rank)
               < std::tie(moments_[b].index, moments_[b].rank);
      });
      for (std::size_t k = 0; k < calls.size(); ++k)
        record_.calls[calls[k]].order = k + 1;
    }
  }

  const history& book_;
  const call_places& places_;
  run_record& record_;
  const more_words& more_;
  std::map<std::string, std::size_t> lanes_;
  std::vector<moment> moments_;                                      // by call
  std::vector<std::uint64_t> waits_;                                 // by call: what it waits for
  std::map<std::pair<std::size_t, std::string>, holding> holdings_;  // by session and resource
};

}  // namespace

void record_calls(
    const history& book, const call_places& places, run_record& record, const more_words& more) {
  writer{book, places, record, more}.carry_out();
}

void mark_calls(const std::vector<objection>& objections, run_record& record) {
  for (const objection& o : objections) {
    if (!o.call) continue;
    call_bar& bar = record.calls[*o.call];
    bar.impossible = true;
    bar.order.reset();
    bar.why = o.sentence;
  }
}

}  // namespace atomix::sim
