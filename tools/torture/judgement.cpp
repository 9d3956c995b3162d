// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/judgement.hpp"

#include "sim/check_calls.hpp"
#include "sim/record_calls.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "tools/stopwatch.hpp"
#include "tools/torture/member_logs.hpp"

namespace atomix::tools {
namespace {

constexpr double check_seconds_max = 20;

/// Whether who believed in a session that was over would see the same.
bool rests_on_clocks(const sim::violation& v) {
  constexpr std::array<std::string_view, 3> properties{"mutual exclusion", "lock", "election"};
  return std::find(properties.begin(), properties.end(), v.property) != properties.end();
}

}  // namespace

// Without the log nobody knows which sessions have ended: those that are not known to live may
// have.
judgement::judgement(const sim::history& book, bool clocks_trusted, torture_report& report)
    : book_(book), clocks_trusted_(clocks_trusted), report_(report) {
  places_.calls.resize(book.calls().size());
  for (const sim::recorded_session& s : book.sessions())
    if (s.state != session_state::connected) places_.ended[s.id] = index_t{};
}

void judgement::measure_silence() {
  std::vector<sim::sim_time> told{0};
  for (const sim::recorded_call& c : book_.calls())
    if (c.ok()) told.push_back(c.returned_at);
  std::sort(told.begin(), told.end());
  for (std::size_t i = 1; i < told.size(); ++i) {
    const sim::sim_duration silence = told[i] - told[i - 1];
    if (silence <= report_.longest_silence) continue;
    report_.longest_silence = silence;
    report_.silent_from = told[i - 1];
  }
  if (told.size() == 1) report_.doubts.emplace_back("No call was acknowledged.");
}

void judgement::check_log(
    const absl::StatusOr<logs>& on_disk, std::uint64_t committed, sim::sim_time now) {
  if (!on_disk.ok()) return violated("durability", std::string{on_disk.status().message()});
  auto agreed = committed_part(*on_disk, committed);
  if (absl::IsFailedPrecondition(agreed.status())) {
    // The beginning is in a snapshot.
    report_.doubts.emplace_back(agreed.status().message());
    return;
  }
  if (!agreed.ok()) return violated("log matching", std::string{agreed.status().message()});
  const auto told = times_told(agreed->size(), now);
  for (std::size_t i = 0; i < agreed->size(); ++i)
    (*agreed)[i].at = told[i];
  report_.log_entries = agreed->size();
  sim::judgement all =
      sim::judge_and_place(book_, *agreed, {.now = now, .clocks_trusted = clocks_trusted_});
  places_ = std::move(all.places);
  objections_ = std::move(all.objections);
  for (const sim::objection& o : objections_)
    report_.violations.push_back({o.check, o.sentence, now, o.client});
}

void judgement::check_calls(sim::run_record& record) {
  sim::record_calls(book_, places_, record);
  for (sim::call_bar& c : record.calls) {
    const bool rests_on_clocks = c.model == "lock" || c.model == "election";
    if (rests_on_clocks && !clocks_trusted_) c.model.clear();
  }
  const stopwatch watch;
  checker::search_limits limits;
  limits.stop = [&] {
    return watch.seconds() > check_seconds_max;
  };
  report_.checked = sim::check_calls(record, limits);
  for (const sim::call_bar& c : record.calls)
    if (c.impossible) violated("linearizability", absl::StrCat(c.resource, ": ", c.why));
  if (report_.checked.answer == checker::verdict::unknown)
    report_.doubts.emplace_back("The history is too hard to check.");
  sim::mark_calls(objections_, record);
}

// When entries were committed only the members know. Somebody was told of a later one by then.
std::vector<sim::sim_time> judgement::times_told(std::size_t entries, sim::sim_time now) const {
  std::vector<sim::sim_time> told(entries, now);
  for (const sim::recorded_call& c : book_.calls()) {
    if (!c.ok() || c.index.value() == 0 || c.index.value() > entries) continue;
    sim::sim_time& at = told[c.index.value() - 1];
    at = std::min(at, c.returned_at);
  }
  for (std::size_t i = entries; i-- > 1;)
    told[i - 1] = std::min(told[i - 1], told[i]);
  return told;
}

void judgement::weigh() {
  if (clocks_trusted_) return;
  auto& all = report_.violations;
  const auto doubtful = std::stable_partition(
      all.begin(), all.end(), [](const sim::violation& v) { return !rests_on_clocks(v); });
  for (auto v = doubtful; v != all.end(); ++v) {
    report_.doubts.push_back(absl::StrCat(
        v->where, ": ", v->sentence, "; but this process stood still for so long that it may err"));
  }
  all.erase(doubtful, all.end());
}

void judgement::violated(std::string property, std::string sentence) {
  report_.violations.push_back({std::move(property), std::move(sentence), book_.now(), "clients"});
}

}  // namespace atomix::tools
