// SPDX-License-Identifier: Apache-2.0
#include "sim/run.hpp"

#include "sim/check_calls.hpp"
#include "sim/cluster.hpp"
#include "sim/fault_player.hpp"
#include "sim/history.hpp"
#include "sim/record_calls.hpp"
#include "sim/recorder.hpp"
#include "sim/run_record.hpp"
#include "sim/witness.hpp"

#include "raft/base/check.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace atomix::sim {
namespace {

/// That a run's histories may cost, all objects together. No clock decides here.
constexpr std::size_t configurations_max = 20'000;

/// Thrown out of the step that broke an invariant; the finding says which.
struct broken_invariant {};

/// A broken invariant ends the run and not the process.
class invariants final : public check_listener {
 public:
  explicit invariants(findings& f) : findings_(f), before_(listen_to_checks(this)) {}
  invariants(const invariants&) = delete;
  invariants& operator=(const invariants&) = delete;
  ~invariants() override { listen_to_checks(before_); }
  [[noreturn]] void on_broken(std::string_view where, std::string_view sentence) override {
    findings_.add("invariant", std::string{sentence}, std::string{where});
    throw broken_invariant{};
  }

 private:
  findings& findings_;
  check_listener* before_;
};

/// The parts of a run, in the order in which they are made.
class simulation {
 public:
  simulation(const scenario& what, const run_options& options)
      : options_(options),
        scenario_(what),
        about_(options.about == nullptr ? catalog_topic() : *options.about),
        world_(what.seed),
        recorder_(recorder_if_asked()),
        book_([this] { return world_.now(); }, names_of_clients(what.cluster.clients)),
        network_(world_, findings_),
        cluster_(world_, network_, findings_, what.cluster, subject_->machines()),
        workload_(world_, cluster_, findings_, book_, what.calls),
        player_(world_, network_, cluster_) {
    world_.set_grain(what.cluster.grain);
    world_.set_step_time(what.cluster.step);
    if (recorder_ != nullptr) recorder_->speak_also(subject_->words());
    if (options.trace) world_.read_trace(options.trace);
    if (options.checkpoints) world_.keep_checkpoints();
    if (options.until_event != 0) world_.halt_at(options.until_event);
  }
  ~simulation() { cluster_.kill_all(); }
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  run_report carry_out() {
    static_cast<void>(take_probes());  // of what this thread did before
    network_.paths().set_normal(scenario_.network);
    network_.paths().set_calm(scenario_.calm_noise);
    run_report report;
    report.played = scenario_;
    player_.play(scenario_.faults, scenario_.core);
    workload_.trust_clocks(!scenario_.faults.bends_clocks());
    try {
      go_through();
    } catch (const broken_invariant&) {
      // Found outside an actor, such as during a recovery; the finding is written down.
    }
    if (options_.calm_end) {
      judge_histories();
      subject_->judge(book_);
    }
    fill(report);
    if (recorder_ != nullptr) report.record = record_of(report);
    return report;
  }

 private:
  // Before there is anything that would tell it something.
  std::unique_ptr<recorder> recorder_if_asked() {
    if (!options_.record) return nullptr;
    auto made = std::make_unique<recorder>(world_, recorder_limits{});
    world_.record(made.get());
    return made;
  }

  std::shared_ptr<run_record> record_of(const run_report& report) {
    const run_traces traces{
        *recorder_,
        book_,
        cluster_.properties().log(),
        around(),
        subject_->machines(),
        subject_->words()};
    auto record = std::make_shared<run_record>(write_down(traces, report));
    world_.record(nullptr);  // what is heard while everything is taken down is no part of the run
    return record;
  }

  [[nodiscard]] circumstances around() const {
    bool kept = scenario_.keeps_frames_in_order();
    for (std::size_t i = 0; i < cluster_.clients(); ++i)
      kept = kept && !network_.has_gaps(cluster_.host_of_client(i));
    return {
        .now = world_.now(),
        .frames = kept ? frame_order::kept : frame_order::may_break,
        .clocks_trusted = !scenario_.faults.bends_clocks(),
        .stood_still =
            [this](std::size_t client, sim_time at) { return scenario_.pauses_client(client, at); },
        .quiet = scenario_.quiet_time_until(world_.now())};
  }

  void go_through() {
    for (std::size_t i = 0; i < cluster_.replicas(); ++i)
      cluster_.start(i);
    workload_.start(*subject_, about_.programs.size());
    run_checked(scenario_.time);
    if (options_.calm_end) calm();
  }

  static std::vector<std::string> names_of_clients(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i)
      names.push_back(absl::StrCat("c", i + 1));
    return names;
  }

  // What comes after another violation explains nothing.
  void judge_histories() {
    if (!findings_.empty()) return;
    const raft_properties& seen = cluster_.properties();
    const replicas_seen replicas{subject_->machines(), &seen.states()};
    judgement all = judge_and_place(book_, seen.log(), around(), replicas);
    for (objection& o : all.objections)
      findings_.add(std::move(o.check), std::move(o.sentence), o.client);
    if (options_.models && findings_.empty()) ask_models(all.places);
  }

  // The witness trusts the order of the log. The models of the checker share nothing with it.
  void ask_models(const call_places& places) {
    run_record calls;
    for (std::size_t i = 0; i < cluster_.replicas(); ++i)
      calls.lanes.push_back({absl::StrCat("n", i + 1), true});
    for (std::string& name : names_of_clients(scenario_.cluster.clients))
      calls.lanes.push_back({std::move(name), false});
    record_calls(book_, places, calls, subject_->words());
    checker::search_limits limits;
    limits.configurations = configurations_max;
    static_cast<void>(check_calls(calls, limits));
    const auto wrong = std::find_if(
        calls.calls.begin(), calls.calls.end(), [](const call_bar& c) { return c.impossible; });
    if (wrong == calls.calls.end()) return;
    findings_.add(
        "linearizability",
        absl::StrCat(wrong->resource, ": ", wrong->why),
        calls.lanes[wrong->lane].name);
  }

  // In slices, so that a run with a violation ends soon after it.
  void run_checked(sim_time end) {
    constexpr sim_duration slice = 100 * millisecond;
    while (world_.now() < end && !world_.halted()) {
      world_.run_until(std::min(end, world_.now() + slice));
      if (world_.stuck())
        findings_.add("progress", "Actors go on for ever without time passing.", "world");
    }
  }

  void run_to_rest(const char* what) {
    const sim_time limit = world_.now() + options_.calm_limit;
    while (!world_.halted() && !workload_.at_rest() && world_.now() < limit)
      run_checked(std::min(limit, world_.now() + 100 * millisecond));
    if (world_.halted() || workload_.at_rest()) return;
    findings_.add(
        "liveness",
        absl::StrCat(
            what,
            " not reached ",
            options_.calm_limit / second,
            " s after the last fault; waiting: ",
            workload_.not_at_rest()),
        "clients");
  }

  void calm() {
    if (world_.halted()) return;
    player_.heal();
    workload_.stop();
    run_to_rest("rest");
    if (world_.halted()) return;
    workload_.check_outcome();
    run_to_rest("the last reads");
    if (!world_.halted()) check_convergence();
    if (!world_.halted()) cluster_.check_media();
  }

  // Every replica applies everything in the end; their states were compared on the way.
  void check_convergence() {
    const sim_time limit = world_.now() + options_.calm_limit;
    raft_properties& properties = cluster_.properties();
    const index_t goal = properties.committed();
    const auto behind = [&] {
      std::string text;
      for (std::size_t i = 0; i < cluster_.replicas(); ++i) {
        if (!player_.in_core(i)) continue;
        const index_t applied = cluster_.applied_by(i);
        if (applied < goal) absl::StrAppend(&text, " n", i + 1, " at ", applied.value());
      }
      return text;
    };
    while (!world_.halted() && !behind().empty() && world_.now() < limit)
      run_checked(world_.now() + 100 * millisecond);
    if (world_.halted() || behind().empty()) return;
    findings_.add(
        "liveness",
        absl::StrCat("not all replicas have applied up to ", goal.value(), ":", behind()),
        "replicas");
  }

  void fill(run_report& report) {
    report.violations = findings_.all();
    report.fired = player_.fired();
    report.mattered = player_.mattered();
    report.points = player_.points();
    report.probed = take_probes();
    report.clients = workload_.counts();
    report.network = network_.counts();
    report.trace_hash = world_.trace_hash();
    report.checkpoints = world_.checkpoints();
    report.events = world_.events();
    report.actor_steps = world_.actor_steps();
    report.elections = cluster_.properties().elections();
    report.restarts = cluster_.restarts();
    for (std::size_t i = 0; i < cluster_.replicas(); ++i) {
      if (cluster_.is_lost(i)) ++report.lost;
    }
    report.committed = cluster_.properties().committed().value();
    report.simulated = world_.now();
  }

  const run_options& options_;
  const scenario& scenario_;
  const topic& about_;
  world world_;
  std::unique_ptr<recorder> recorder_;  // null unless the run is written down
  findings findings_{world_};
  invariants invariants_{findings_};
  std::unique_ptr<subject> subject_ = about_.begin(findings_);
  history book_;  // hears the last of sessions that end with the cluster
  network network_;
  cluster cluster_;
  workload workload_;
  fault_player player_;
};

}  // namespace

run_report run(const scenario& what, const run_options& options) {
  simulation one{what, options};
  return one.carry_out();
}

scenario scenario_of(const run_options& options) {
  return draw_scenario(
      {options.seed,
       options.time,
       options.nodes,
       options.clients,
       options.faults,
       options.disks_lie,
       options.about == nullptr ? 0 : options.about->programs.size()});
}

run_report run(const run_options& options) {
  return run(scenario_of(options), options);
}

}  // namespace atomix::sim
