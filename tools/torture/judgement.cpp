// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/judgement.hpp"

#include "sim/checker/check.hpp"
#include "sim/checker/drawing.hpp"
#include "sim/checker/edn.hpp"
#include "sim/checker/read_history.hpp"
#include "sim/witness.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>

#include "tools/stopwatch.hpp"
#include "tools/torture/member_logs.hpp"

namespace atomix::tools {
namespace {

constexpr double check_seconds_max = 20;

/// What the checker says, or why it could not.
absl::StatusOr<checked_history> examine(const resource_history& one) {
  std::optional<checker::value> initial;
  if (!one.init.empty()) {
    auto parsed = checker::parse_value(one.init);
    if (!parsed.ok()) return parsed.status();
    initial = *std::move(parsed);
  }
  const auto read = checker::read_history(one.text, one.name);
  if (!read.ok()) return read.status();
  const auto model = checker::make_model(one.model, initial);
  if (!model.ok()) return model.status();
  const stopwatch watch;
  checker::search_limits limits;
  limits.stop = [&] {
    return watch.seconds() > check_seconds_max;
  };
  const auto report = checker::check(*read, **model, limits);
  if (!report.ok()) return report.status();
  checked_history result{one.name, report->answer, read->operations.size(), {}};
  const checker::part_report* const bad = report->first(checker::verdict::invalid);
  if (bad == nullptr) return result;
  result.explanation = absl::StrCat(bad->explanation, "\n", checker::draw(*read, *bad));
  return result;
}

/// Whether who believed in a session that was over would see the same.
bool rests_on_clocks(const sim::violation& v) {
  constexpr std::array<std::string_view, 3> properties{"mutual exclusion", "lock", "election"};
  return std::find(properties.begin(), properties.end(), v.property) != properties.end();
}

}  // namespace

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

void judgement::check_histories() {
  for (const resource_history& one : histories_) {
    // Who holds a lock rests on clocks.
    if (one.name == "lock" && !clocks_trusted_) continue;
    auto checked = examine(one);
    if (!checked.ok()) {
      violated("history", absl::StrCat(one.name, ": ", std::string{checked.status().message()}));
      continue;
    }
    if (checked->answer == checker::verdict::invalid)
      violated("linearizability", absl::StrCat(one.name, ": ", checked->explanation));
    if (checked->answer == checker::verdict::unknown)
      report_.doubts.push_back(absl::StrCat("The history of ", one.name, " is too hard to check."));
    report_.histories.push_back(*std::move(checked));
  }
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
  for (sim::objection& o : sim::judge(book_, *agreed, now, sim::frame_order::kept))
    report_.violations.push_back({std::move(o.check), std::move(o.sentence), now, o.client});
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
  for (auto v = doubtful; v != all.end(); ++v)
    report_.doubts.push_back(absl::StrCat(
        v->where, ": ", v->sentence, "; but this process stood still for so long that it may err"));
  all.erase(doubtful, all.end());
}

void judgement::write_histories(const std::string& directory) const {
  for (const resource_history& one : histories_) {
    std::ofstream file{absl::StrCat(directory, "/", one.name, ".edn")};
    if (!one.init.empty())
      file << "; atomix check --model " << one.model << " --init " << one.init << "\n";
    file << one.text;
  }
}

void judgement::violated(std::string property, std::string sentence) {
  report_.violations.push_back({std::move(property), std::move(sentence), book_.now(), "clients"});
}

}  // namespace atomix::tools
