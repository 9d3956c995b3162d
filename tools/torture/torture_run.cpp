// SPDX-License-Identifier: Apache-2.0
#include "tools/torture/torture_run.hpp"

#include "actors/client.hpp"
#include "sim/report/store.hpp"
#include "sim/scenario.hpp"
#include "sim/witness.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "tools/local_cluster.hpp"
#include "tools/quantities.hpp"
#include "tools/torture/judgement.hpp"
#include "tools/torture/member_logs.hpp"
#include "tools/torture/real_clients.hpp"
#include "tools/torture/real_faults.hpp"
#include "tools/torture/torture_record.hpp"

namespace atomix::tools {
namespace {

using std::chrono::milliseconds;
using clock = real_clients::clock;

constexpr milliseconds start_patience{30'000};
constexpr milliseconds calm_patience{30'000};
/// How late the end of something may be noticed.
constexpr milliseconds glance{20};

std::vector<std::string> names_of(std::size_t members) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < members; ++i)
    names.push_back(absl::StrCat("n", i + 1));
  return names;
}

class one_run {
 public:
  explicit one_run(const torture_options& options) : options_(options), record_(options.members) {}

  torture_report carry_out() {
    if (!prepare()) return std::move(report_);
    const auto calls = planned_calls();
    clients_ = std::make_unique<real_clients>(
        network_->fronts(), options_.clients, calls, zero_ = clock::now());
    if (options_.trace) clients_->read_trace(options_.trace);
    clients_->start();
    suffer();
    calm();
    finish();
    return std::move(report_);
  }

 private:
  bool prepare() {
    auto network = fault_network::start(names_of(options_.members), options_.seed);
    if (!network.ok()) return doubt(network.status());
    network_ = *std::move(network);
    local_cluster_options local;
    local.members = options_.members;
    local.directory = options_.directory;
    local.command = options_.command;
    local.flags = {"--segment-size", "1MiB"};
    for (const net::address& front : network_->fronts())
      local.fronts.push_back(front.to_string());
    auto cluster = local_cluster::start(local);
    if (!cluster.ok()) return doubt(cluster.status());
    cluster_ = *std::move(cluster);
    auto listening = net::parse_addresses(cluster_->servers());
    if (!listening.ok()) return doubt(listening.status());
    network_->lead_to(*std::move(listening));
    const auto leader = cluster_->wait_until_in_sync(start_patience);
    return leader.ok() || doubt(leader.status());
  }

  bool doubt(const absl::Status& why) {
    report_.doubts.push_back(std::string{why.message()});
    return false;
  }

  [[nodiscard]] std::vector<sim::planned_call> planned_calls() const {
    sim::scenario_limits limits;
    limits.seed = options_.seed;
    limits.time = duration();
    limits.nodes = options_.members;
    limits.clients = options_.clients;
    return sim::draw_scenario(limits).calls;
  }
  // All clients are one host of this network.
  [[nodiscard]] sim::fault_plan planned_faults() const {
    return sim::draw_fault_plan(
        sim::world{options_.seed}.chance_for("faults"),
        {duration(), options_.members, 1, options_.faults});
  }
  [[nodiscard]] sim::sim_duration duration() const {
    return static_cast<sim::sim_duration>(options_.time.count()) * sim::millisecond;
  }
  [[nodiscard]] sim::sim_time now() const {
    return static_cast<sim::sim_time>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(clock::now() - zero_).count());
  }

  void suffer() {
    faults_ = std::make_unique<real_faults>(*cluster_, *network_, options_.members);
    faults_->tell = [this](auto at, const sim::fault& f, const auto& hosts) {
      record_.fault(at, f, hosts);
      if (options_.trace) {
        options_.trace(absl::StrCat(
            sim::show_time(at),
            " fault ",
            std::string{sim::to_string(f.kind)},
            " for ",
            sim::show_time(f.duration),
            " target=",
            f.target,
            " group=",
            f.group,
            " detail=",
            f.detail));
      }
    };
    faults_->tell_member = [this](auto at, std::size_t member, const char* state) {
      record_.member(at, member, state);
    };
    faults_->play(planned_faults());
    while (now() < duration() && !is_over()) {
      const auto next = faults_->run(now());
      const sim::sim_time wake = std::min(next.value_or(duration()), duration());
      const auto wait = std::chrono::nanoseconds{wake > now() ? wake - now() : 0};
      std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(wait, glance));
    }
  }

  bool is_over() {
    for (std::string& trouble : faults_->troubles())
      violated("processes", std::move(trouble));
    if (options_.interrupted && options_.interrupted()) {
      doubt(absl::CancelledError("It was interrupted."));
      return true;
    }
    return !report_.violations.empty() || clients_->found_something();
  }

  void violated(std::string property, std::string sentence) {
    report_.violations.push_back({std::move(property), std::move(sentence), now(), "cluster"});
  }

  void calm() {
    faults_->heal();
    if (is_over()) return;
    clients_->stop();
    if (!come_to_rest("rest")) return;
    clients_->check_outcome();
    come_to_rest("the last reads");
  }

  bool come_to_rest(const char* what) {
    const auto deadline = clock::now() + calm_patience;
    while (!clients_->at_rest()) {
      if (is_over()) return false;
      if (clock::now() > deadline) {
        violated(
            "liveness",
            absl::StrCat(
                what,
                " not reached ",
                calm_patience.count() / 1000,
                " s after the last fault; waiting: ",
                clients_->not_at_rest()));
        return false;
      }
      faults_->run(now());
      std::this_thread::sleep_for(glance);
    }
    return true;
  }

  void finish() {
    clients_->end();
    const auto committed = settle();
    report_.network = network_->counts();
    report_.fired = faults_->fired();
    report_.counts = clients_->counts();
    report_.longest_stall = clients_->longest_stall();
    cluster_->stop();
    const auto& seen = clients_->found();
    report_.violations.insert(report_.violations.end(), seen.begin(), seen.end());
    judgement judge{clients_->book(), clients_->clocks_trusted(), report_};
    judge.measure_silence();
    if (committed) judge.check_log(read_logs(), *committed, now());
    sim::run_record record;
    clients_->write_down(record);
    record_.fill(record, now());
    judge.check_calls(record);
    judge.weigh();
    const bool good = report_.answer() == checker::verdict::valid;
    if (!good) {
      cluster_->keep_files();
      report_.kept_in = cluster_->directory();
    }
    const std::string& place = options_.report.empty() ? report_.kept_in : options_.report;
    if (!place.empty()) write_page(std::move(record), place);
  }

  void write_page(sim::run_record record, const std::string& place) {
    record.seed = options_.seed;
    record.title = absl::StrCat(
        options_.members,
        " real servers, ",
        options_.clients,
        " clients, ",
        options_.time.count() / 1'000,
        " s");
    record.command = absl::StrCat(
        "atomix torture --seed ",
        options_.seed,
        " --time ",
        options_.time.count(),
        "ms --servers ",
        options_.members,
        " --clients ",
        options_.clients);
    record.valid = report_.answer() == checker::verdict::valid;
    record.duration = now();
    record.plan = planned_faults().to_string();
    record.statistics["history"] = report_.checked.to_string();
    for (const sim::violation& v : report_.violations)
      record.findings.push_back({v.property, v.sentence, v.where, v.at});
    for (const std::string& d : report_.doubts)
      record.findings.push_back({"doubt", d, "this process", record.duration});
    const sim::report_place at{place, "atomix-torture", {}};
    if (const absl::Status written = sim::write_report(record, at); !written.ok()) {
      doubt(written);
    } else {
      report_.page = at.path_of(record) + "/timeline.html";
    }
  }

  // What is certainly committed when all have the same.
  std::optional<std::uint64_t> settle() {
    if (!report_.violations.empty() || !report_.doubts.empty()) return std::nullopt;
    const auto leader = cluster_->wait_until_in_sync(calm_patience);
    if (!leader.ok()) {
      violated("liveness", std::string{leader.status().message()});
      return std::nullopt;
    }
    const auto servers = split_list(cluster_->servers());
    const auto status = client::status_of(servers[*leader], milliseconds{5'000});
    if (status.ok()) return status->commit;
    doubt(status.status());
    return std::nullopt;
  }

  absl::StatusOr<std::vector<std::vector<raft::entry>>> read_logs() {
    std::vector<std::vector<raft::entry>> logs;
    for (std::size_t i = 0; i < options_.members; ++i) {
      auto read = read_log(cluster_->data_of(i), absl::StrCat("n", i + 1));
      if (!read.ok()) return read.status();
      logs.push_back(*std::move(read));
    }
    return logs;
  }

  const torture_options& options_;
  torture_report report_;
  torture_record record_;
  clock::time_point zero_;
  std::unique_ptr<fault_network> network_;
  std::unique_ptr<local_cluster> cluster_;
  std::unique_ptr<real_faults> faults_;
  std::unique_ptr<real_clients> clients_;
};

}  // namespace

torture_report torture(const torture_options& options) {
  return one_run{options}.carry_out();
}

}  // namespace atomix::tools
