// SPDX-License-Identifier: Apache-2.0
#include "sim/testing/testing.hpp"

#include "sim/report/store.hpp"
#include "sim/repro.hpp"
#include "sim/run.hpp"
#include "sim/shrink.hpp"
#include "sim/testing/environment.hpp"
#include "sim/testing/user_subject.hpp"

#include <absl/strings/str_cat.h>

#include <fstream>
#include <memory>
#include <utility>

namespace atomix::testing {
namespace {

finding finding_of(const sim::violation& v) {
  return {v.property, v.sentence, v.where, std::chrono::nanoseconds{v.at}};
}

/// Runs of one experiment, adding up to one result.
class campaign {
 public:
  explicit campaign(const experiment_maker& what) : topic_(topic_of(what, sums_)) {
    if (topic_->programs.empty())
      give_up("an experiment needs a program: nobody would call anything");
    play_.about = topic_;
  }

  [[nodiscard]] bool is_over() const { return result_.found.has_value(); }
  void give_up(const absl::Status& why) { give_up(std::string(why.message())); }
  void write_trace(const std::string& path) {
    if (path.empty()) return;
    const auto file = std::make_shared<std::ofstream>(path);
    if (!*file) return give_up(absl::StrCat("ATOMIX_TRACE: cannot write ", path));
    play_.trace = [file](const std::string& line) {
      *file << line << "\n";
    };
  }

  [[nodiscard]] std::shared_ptr<const sim::scenario> draw(const options& how) {
    const auto kinds = sim::parse_fault_kinds(how.faults);
    if (!kinds.ok()) give_up(kinds.status());
    if (how.nodes > 9 || how.clients > 9)
      give_up("from 1 to 9 nodes and clients can run, or 0 to draw how many");
    if (how.time < std::chrono::milliseconds{100}) give_up("a run takes 100 ms at least");
    if (is_over()) return nullptr;
    sim::run_options drawn = play_;
    drawn.seed = how.seed;
    drawn.time = static_cast<sim::sim_duration>(how.time.count()) * sim::millisecond;
    drawn.nodes = how.nodes;
    drawn.clients = how.clients;
    drawn.faults = *kinds;
    return std::make_shared<const sim::scenario>(sim::scenario_of(drawn));
  }

  [[nodiscard]] std::shared_ptr<const sim::scenario> read(std::string_view repro) {
    auto parsed = sim::parse_repro(repro, *topic_);
    if (parsed.ok()) return std::make_shared<const sim::scenario>(std::move(parsed->what));
    give_up(parsed.status());
    return nullptr;
  }

  void play(const sim::scenario& what) {
    const sim::run_report report = sim::run(what, play_);
    last_ = std::make_shared<const sim::scenario>(report.played);
    add(report);
    result_.seed = what.seed;
    result_.trace_hash = report.trace_hash;
    if (report.ok()) return;
    first_ = report.violations.front();
    result_.found = finding_of(first_);
  }

  void play_again(const sim::scenario& what) {
    const tally before = *sums_;
    const sim::run_report report = sim::run(what, play_);
    *sums_ = before;
    if (report.trace_hash == result_.trace_hash) return;
    result_.found = finding{
        "determinism",
        "the same seed was played twice and went two ways: something of yours depends on more "
        "than its input (a clock, chance of its own, a pointer, a static variable)",
        "the experiment",
        {}};
  }

  void shrink(const sim::scenario& failed, const options& how) {
    if (how.shrink_runs == 0 || first_.property.empty()) return;
    const tally before = *sums_;
    sim::shrink_limits limits;
    limits.tries_max = how.shrink_runs;
    const sim::shrunk small = sim::shrink(failed, first_, play_, limits);
    *sums_ = before;
    result_.smallest.emplace(std::make_shared<const sim::scenario>(small.smallest));
    result_.shown = finding_of(small.found);
    result_.repro =
        sim::to_json({small.smallest, "", small.found.property, small.found.sentence}, *topic_);
    write_repro(how.directory);
  }

  /// Plays it once more, to look at.
  void write_report(const sim::scenario& what, const std::string& directory) {
    if (directory.empty()) return;
    const tally before = *sums_;
    sim::run_options play = play_;
    play.record = true;
    sim::run_record record = *sim::run(what, play).record;
    *sums_ = before;
    record.command = absl::StrCat("ATOMIX_SEED=", what.seed, " with the same test program");
    record.repro = result_.repro;
    const sim::report_place place{directory, topic_->programs.front(), {}};
    const absl::Status written = sim::write_report(record, place);
    result_.report =
        written.ok() ? place.path_of(record) + "/timeline.html" : std::string(written.message());
  }
  /// What to look at: the smallest that fails, or else the last one played.
  [[nodiscard]] const sim::scenario* to_show() const {
    return result_.smallest ? &result_.smallest->what() : last_.get();
  }

  [[nodiscard]] result take() {
    result_.sums = *sums_;
    return std::move(result_);
  }

 private:
  void give_up(std::string sentence) {
    if (!is_over()) result_.found = finding{"options", std::move(sentence), "the experiment", {}};
  }

  void add(const sim::run_report& report) {
    ++result_.runs;
    sums_->elections += report.elections;
    sums_->restarts += report.restarts;
    sums_->simulated += std::chrono::nanoseconds{report.simulated};
    for (const auto& [kind, count] : report.fired)
      sums_->faults[std::string(sim::to_string(kind))] += count;
  }

  void write_repro(const std::string& directory) {
    if (directory.empty()) return;
    const std::string path = absl::StrCat(
        directory,
        directory.ends_with('/') ? "" : "/",
        topic_->programs.front(),
        "_seed_",
        result_.seed,
        ".json");
    std::ofstream file{path};
    file << result_.repro;
    file.close();
    if (file.good()) result_.repro_file = path;
  }

  std::shared_ptr<tally> sums_ = std::make_shared<tally>();
  std::shared_ptr<const sim::topic> topic_;
  sim::run_options play_;
  std::shared_ptr<const sim::scenario> last_;  // that was played
  sim::violation first_;
  result result_;
};

void run_seeds(campaign& all, options how) {
  const std::size_t runs = how.runs;
  for (std::size_t i = 0; i < runs && !all.is_over(); ++i, ++how.seed) {
    const auto drawn = all.draw(how);
    if (drawn == nullptr) return;
    all.play(*drawn);
    if (all.is_over()) return all.shrink(*drawn, how);
    if (i == 0) all.play_again(*drawn);
  }
}

void play_one(campaign& all, const std::shared_ptr<const sim::scenario>& what) {
  if (what != nullptr && !all.is_over()) all.play(*what);
}

}  // namespace

result check(const experiment_maker& what, const options& how) {
  campaign all{what};
  const auto chosen = read_environment();
  if (!chosen.ok()) {
    all.give_up(chosen.status());
    return all.take();
  }
  options adapted = how;
  adapted.runs = static_cast<std::size_t>(chosen->runs.value_or(how.runs));
  adapted.seed = chosen->seed.value_or(how.seed);
  if (chosen->seed || chosen->repro) all.write_trace(chosen->trace);
  if (chosen->repro) {
    play_one(all, all.read(*chosen->repro));
  } else if (chosen->seed) {
    play_one(all, all.draw(adapted));
  } else {
    run_seeds(all, adapted);
  }
  const bool looks = chosen->repro || chosen->seed || all.is_over();
  if (looks && all.to_show() != nullptr) all.write_report(*all.to_show(), chosen->report);
  return all.take();
}

result run(const experiment_maker& what, const options& how) {
  campaign one{what};
  play_one(one, one.draw(how));
  return one.take();
}

result run(const experiment_maker& what, const plan& how) {
  campaign one{what};
  if (!one.is_over()) one.play(how.what());
  return one.take();
}

result replay(const experiment_maker& what, std::string_view repro) {
  campaign one{what};
  play_one(one, one.read(repro));
  return one.take();
}

plan draw_plan(const experiment_maker& what, const options& how) {
  campaign one{what};
  const auto drawn = one.draw(how);
  return plan{drawn == nullptr ? std::make_shared<const sim::scenario>() : drawn};
}

}  // namespace atomix::testing
