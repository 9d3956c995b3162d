// SPDX-License-Identifier: Apache-2.0
/// \file The machines of a simulated cluster: replicas with disks that outlive them, and clients.
/// Starts, kills and restarts them; decides nothing.
#pragma once

#include "actors/replica_actors.hpp"
#include "actors/session.hpp"
#include "sim/client_machines.hpp"
#include "sim/damage.hpp"
#include "sim/disk.hpp"
#include "sim/disk_worker.hpp"
#include "sim/earlier_life.hpp"
#include "sim/findings.hpp"
#include "sim/media_audit.hpp"
#include "sim/network.hpp"
#include "sim/process.hpp"
#include "sim/raft_properties.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atomix::sim {

inline constexpr const char* cluster_name = "simulated";

struct cluster_options {
  std::size_t replicas = 5;
  std::size_t clients = 3;
  raft::options timing;  ///< of every replica
  std::uint64_t session_timeout_ms = 5'000;
  std::uint64_t segment_bytes = 64U << 10U;  ///< of the replicas' logs
  /// Clients have no more calls under way than replies are kept.
  resources::session_limits sessions;
  /// Under way, of each client.
  std::uint64_t calls_bytes_max = actors::session_options{}.outstanding_bytes_max;
  /// Clocks run between one and one plus this share slower or faster. Units: parts per million.
  std::uint64_t drift_ppm = 1'000;
  earlier_life before;
  /// Replicas (bits) that clients are not told of when they come: they must learn of them. Nobody
  /// is told of none.
  std::uint64_t untold = 0;
  std::uint64_t starts_until_cut = 0;  ///< about; of a machine, by its power. 0: none is
  sim_duration grain = 1;              ///< time passes in steps of so much
  sim_duration step = 0;               ///< what a step of an actor takes, about
  bool disks_lie = false;              ///< for tests of the checks, see `disk_manner::lies`
};

/// How a process comes to its end.
enum class ending : std::uint8_t {
  power_loss,  ///< the whole machine: nobody is told, unsynced writes are lost or torn
  killed,      ///< the process: its kernel resets connections and keeps what was written
  stopped,     ///< in order
};

enum class permanence : std::uint8_t { passes, for_good };

class cluster final : public client_machines {
 public:
  /// Replicas know `machines`.
  cluster(
      world& w,
      network& n,
      findings& f,
      const cluster_options& options,
      resources::machine_registry machines = resources::builtin_machines());
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;
  ~cluster() override;

  [[nodiscard]] std::size_t replicas() const { return replicas_.size(); }
  [[nodiscard]] std::size_t clients() const override { return clients_.size(); }
  [[nodiscard]] host_id host_of_replica(std::size_t i) const { return replicas_[i]->host; }
  [[nodiscard]] host_id host_of_client(std::size_t i) const { return clients_[i]->host; }

  /// Recovers the disk and joins. Requires: not running, not lost.
  void start(std::size_t replica);
  /// Unless it runs, or is lost.
  void start_again(std::size_t replica);
  /// Nothing if it does not run.
  void end(std::size_t replica, ending how);
  [[nodiscard]] bool is_running(std::size_t replica) const;
  /// Nobody does anything any more; objects that hold sessions may then be destroyed, then this
  /// one.
  void kill_all();
  /// Harms its log, see `damage`: from then on it must not start from it, but say what is wrong and
  /// stay down, for good unless it is mended. What it is in words; none if the log is too short, or
  /// harmed already.
  [[nodiscard]] std::optional<std::string> harm(
      std::size_t replica, damage_kind how, prng chance, permanence lasts);
  /// Nothing if what is wrong lasts.
  void mend(std::size_t replica);
  /// It never starts again. Requires: not running. (What its media held is kept for who checks
  /// majorities: the cluster must go on with what the others hold.)
  void lose(std::size_t replica) { replicas_[replica]->lost = true; }
  /// Its log is harmed for good, sooner or later it is lost; or it is.
  [[nodiscard]] bool is_doomed(std::size_t replica) const;
  /// Its disk is gone, or it has refused to start from a log that is harmed for good.
  [[nodiscard]] bool is_lost(std::size_t replica) const { return replicas_[replica]->lost; }
  void pause(std::size_t replica);
  void unpause(std::size_t replica);
  void pause_client(std::size_t client);
  void unpause_client(std::size_t client);
  [[nodiscard]] bool is_client_held_up(std::size_t client) const;
  /// None if it has none.
  [[nodiscard]] session_id session_of(std::size_t client) const;
  /// It waits for its session to be opened.
  [[nodiscard]] bool is_newcomer(std::size_t client) const;
  /// It is paused, and something waits for it.
  [[nodiscard]] bool is_held_up(std::size_t replica) const;
  /// Nothing if it does not run.
  void jump_clock(std::size_t replica, sim_duration by);
  void set_clock_rate(std::size_t replica, std::uint64_t rate_ppm);
  [[nodiscard]] bool is_process_of(std::size_t replica, process_id who) const;
  [[nodiscard]] disk_manner& manner_of(std::size_t replica) { return replicas_[replica]->manner; }
  [[nodiscard]] disk& disk_of(std::size_t replica) { return *replicas_[replica]->media; }
  /// Requires: it is one of them.
  [[nodiscard]] std::size_t replica_of(node_id node) const;
  /// Who leads, as far as the running replicas know (the highest term counts).
  [[nodiscard]] std::optional<std::size_t> leader() const;

  [[nodiscard]] std::shared_ptr<actors::session> open_session(std::size_t client) override;
  [[nodiscard]] process_id process_of_client(std::size_t client) const override;
  [[nodiscard]] const std::string& name_of_client(std::size_t client) const override;
  [[nodiscard]] bool is_behind(std::size_t client) const override {
    return world_.is_behind(clients_[client]->life->id());
  }
  [[nodiscard]] index_t applied_by(std::size_t replica) const {
    return properties_.applied_by(actors::id_of(replicas_[replica]->name));
  }
  [[nodiscard]] raft_properties& properties() { return properties_; }
  /// All that was committed is on a majority of media, to the last byte.
  void check_media() { audit_.check_contents(properties_.log()); }
  [[nodiscard]] std::uint64_t restarts() const { return restarts_; }

 private:
  struct machine {
    std::string name;
    host_id host = 0;
    prng chance{0};  // its own: what happens to others does not shift what it draws
    local_clock clock;
    bool paused = false;
    // One life; destroyed from the bottom up, actors first.
    std::unique_ptr<process> life;
    std::unique_ptr<endpoint> port;
  };
  struct replica_machine : machine {
    std::unique_ptr<disk> media;  // outlives the lives
    disk_manner manner;
    std::optional<damage> harm;
    permanence harm_lasts = permanence::passes;
    bool lost = false;
    std::uint64_t starts = 0;
    actors::world surroundings;
    std::unique_ptr<disk_worker> worker;
    std::unique_ptr<actors::replica_actors> actors;
  };
  struct client_machine : machine {
    actors::world surroundings;
    std::uint64_t sessions = 0;
    std::weak_ptr<actors::session> newest;
  };

  void pause(machine& m);
  void unpause(machine& m);
  void add_replica(std::size_t number);
  [[nodiscard]] raft::log_options log_options_of(const replica_machine& m) const;
  void cut_a_start(replica_machine& m);
  void add_client(std::size_t number);
  [[nodiscard]] bool are_linked(node_id one, node_id other) const;
  [[nodiscard]] std::vector<net::address> servers_told(bool comes_first) const;
  void end_life(machine& m, bool kernel_alive);
  static void end_quietly(machine& m);
  void stop(std::size_t replica);
  void failed(std::size_t replica);
  void refused(std::size_t replica, const absl::Status& why);
  void audit_soon();
  void tell_losses(const replica_machine& m, const disk_counts& before, ending how) const;
  void tell_clock(std::size_t replica) const;
  [[nodiscard]] local_clock draw_clock(machine& m) const;
  [[nodiscard]] actors::log_sink log_of(process_id who);
  [[nodiscard]] actors::replica_setup setup_of(std::size_t replica);

  world& world_;
  network& network_;
  findings& findings_;
  cluster_options options_;
  resources::machine_registry machines_;
  raft_properties properties_;
  media_audit audit_;
  bool audit_due_ = false;
  std::vector<actors::member> members_;
  std::vector<node_id> ids_;  // of the members: names are hashed once, not with each message
  std::vector<std::unique_ptr<replica_machine>> replicas_;
  std::vector<std::unique_ptr<client_machine>> clients_;
  std::uint64_t restarts_ = 0;
};

}  // namespace atomix::sim
