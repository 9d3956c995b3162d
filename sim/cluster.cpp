// SPDX-License-Identifier: Apache-2.0
#include "sim/cluster.hpp"

#include "sim/recorder.hpp"

#include "raft/base/check.hpp"
#include "raft/base/crc32c.hpp"

#include <caf/actor_system.hpp>

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <utility>

namespace atomix::sim {
namespace {

constexpr std::uint16_t member_port = 5000;
constexpr sim_duration restart_after_failure = 2 * second;
constexpr sim_duration time_to_stop = 50 * millisecond;

// What simulated disks answer when something is wrong with them; whatever else a replica gives up
// for is its own mistake.
bool blames_device(const absl::Status& why) {
  return absl::IsInternal(why) || absl::IsResourceExhausted(why) || absl::IsAborted(why);
}

}  // namespace

cluster::cluster(
    world& w,
    network& n,
    findings& f,
    const cluster_options& options,
    resources::machine_registry machines)
    : world_(w),
      network_(n),
      findings_(f),
      options_(options),
      machines_(std::move(machines)),
      properties_(f),
      audit_(f, properties_.given()) {
  properties_.audit_by(audit_);
  properties_.know_election_ticks(options.timing.election_ticks);
  properties_.know_time_awake([this](node_id one) {
    const machine& m = *replicas_[replica_of(one)];
    return m.life == nullptr ? world_.now() : world_.time_awake(m.life->id());
  });
  properties_.know_clocks([this](node_id one) {
    const machine& m = *replicas_[replica_of(one)];
    return m.life == nullptr ? 0 : m.life->clock().local(world_.now()) / millisecond;
  });
  properties_.know_links([this](node_id one, node_id other) { return are_linked(one, other); });
  for (std::size_t i = 0; i < options.replicas; ++i) {
    members_.push_back(
        {absl::StrCat("n", i + 1), net::address{absl::StrCat("n", i + 1), member_port}});
    ids_.push_back(actors::id_of(members_.back().name));
  }
  for (std::size_t i = 0; i < options.replicas; ++i)
    add_replica(i);
  for (std::size_t i = 0; i < options.clients; ++i)
    add_client(i);
}

cluster::~cluster() {
  for (auto& each : clients_)
    end_life(*each, false);
  for (std::size_t i = 0; i < replicas_.size(); ++i)
    end(i, ending::power_loss);
}

void cluster::add_replica(std::size_t number) {
  auto added = std::make_unique<replica_machine>();
  added->name = members_[number].name;
  added->host = network_.paths().add_host(added->name);
  added->chance = world_.chance_for("machine " + added->name);
  added->clock = draw_clock(*added);
  added->media = std::make_unique<disk>(world_.chance_for("media of " + added->name));
  added->manner.lies = options_.disks_lie;
  options_.before.leave_on(*added->media, log_options_of(*added));
  properties_.add_node(actors::id_of(added->name), added->name);
  audit_.add_node(actors::id_of(added->name), added->name, *added->media);
  if (recorder* const record = world_.recording()) record->add_lane(added->name, true);
  replicas_.push_back(std::move(added));
}

raft::log_options cluster::log_options_of(const replica_machine& m) const {
  raft::log_options log;
  log.directory = data_directory;
  log.cluster = cluster_name;
  log.node = m.name;
  log.fresh_uuid = absl::StrFormat("00000000-0000-4000-8000-%012d", m.host);
  log.segment_bytes = options_.segment_bytes;
  return log;
}

local_clock cluster::draw_clock(machine& m) const {
  const std::uint64_t drift = m.chance.below(2 * options_.drift_ppm + 1);
  const sim_time offset = m.chance.between(1, 3'600) * second;
  return local_clock{offset, 1'000'000 - options_.drift_ppm + drift};
}

actors::log_sink cluster::log_of(process_id who) {
  return [this, who](actors::severity, const std::string& sentence) {
    world_.note(trace_kind::log, who, crc32c(sentence), [&] { return sentence; });
  };
}

actors::replica_setup cluster::setup_of(std::size_t replica) {
  actors::replica_setup setup;
  setup.cluster = cluster_name;
  setup.name = replicas_[replica]->name;
  setup.members = members_;
  setup.listen = members_[replica].address;
  setup.directory = data_directory;
  setup.segment_bytes = options_.segment_bytes;
  setup.sessions = options_.sessions;
  setup.registry = machines_;
  setup.timing = options_.timing;
  setup.on_failure = [this, replica](const absl::Status& why) {
    const bool harmed = replicas_[replica]->harm && absl::IsDataLoss(why);
    if (!harmed && !blames_device(why))
      findings_.add("log", absl::StrCat("fails: ", why.ToString()), replicas_[replica]->name);
    failed(replica);
  };
  return setup;
}

/// It starts for the second time: the power failed in the middle of recovery, or of the first
/// set-up. Nothing was promised by then, and nothing that was promised before may suffer.
void cluster::cut_a_start(replica_machine& m) {
  if (options_.starts_until_cut == 0 || m.harm || m.manner.lies) return;
  prng chance = world_.chance_for(absl::StrCat("start ", ++m.starts, " of ", m.name));
  if (!chance.chance(1, options_.starts_until_cut)) return;
  raft::opened_log found;
  const auto opened = raft::log::open(*m.media, log_options_of(m), found);
  m.media->crash();
}

void cluster::start(std::size_t replica) {
  replica_machine& m = *replicas_[replica];
  ATOMIX_CHECK(m.life == nullptr, "only a replica that does not run is started");
  cut_a_start(m);
  network_.paths().set_power(m.host, true);
  m.life = std::make_unique<process>(world_, m.name, m.clock);
  m.port = network_.attach(m.host, m.life->id());
  m.worker = std::make_unique<disk_worker>(world_, m.life->id(), *m.media, m.manner);
  m.surroundings = actors::world{
      m.port.get(),
      m.media.get(),
      m.worker.get(),
      m.chance.next(),
      log_of(m.life->id()),
      &properties_,
  };
  properties_.restarted(actors::id_of(m.name));
  if (recorder* const record = world_.recording()) {
    record->started(m.host);
    record->clock(m.host, m.clock, false);
  }
  world_.note(trace_kind::fault, m.life->id(), replica, [] { return std::string{"starts"}; });
  auto started = actors::replica_actors::start(m.life->system(), m.surroundings, setup_of(replica));
  if (!m.manner.lies) m.media->complete_syncs();
  if (started.ok()) {
    m.actors = *std::move(started);
    if (is_doomed(replica)) findings_.add("recovery", "starts although " + m.harm->words(), m.name);
    return;
  }
  if (m.harm) return refused(replica, started.status());
  // A device error on the way up is bad luck, to be tried again; damage is not.
  if (!blames_device(started.status())) {
    findings_.add(
        "recovery", absl::StrCat("does not start: ", started.status().ToString()), m.name);
  }
  failed(replica);
}

/// Restarting does not help: whoever runs it would have to replace it, and nobody can yet.
void cluster::refused(std::size_t replica, const absl::Status& why) {
  replica_machine& m = *replicas_[replica];
  const std::string said = why.ToString();
  world_.note(trace_kind::log, m.life->id(), crc32c(said), [&] { return std::string{said}; });
  // Of bytes that are not what was written the log must say so itself.
  if (m.harm->alters_bytes() && !absl::IsDataLoss(why))
    findings_.add("recovery", absl::StrCat("takes damage for something else: ", said), m.name);
  if (!is_doomed(replica)) return failed(replica);
  m.lost = true;
  world_.after(0, process_id{}, [this, replica] { end(replica, ending::killed); });
}

void cluster::start_again(std::size_t replica) {
  if (!is_running(replica) && !is_lost(replica)) start(replica);
}

std::optional<std::string> cluster::harm(
    std::size_t replica, damage_kind how, prng chance, permanence lasts) {
  replica_machine& m = *replicas_[replica];
  if (m.harm) return std::nullopt;
  m.harm = damage::inflict(*m.media, how, chance);
  if (!m.harm) return std::nullopt;
  m.harm_lasts = lasts;
  audit_.set_damage(actors::id_of(m.name), &*m.harm);
  return m.harm->words();
}

void cluster::mend(std::size_t replica) {
  replica_machine& m = *replicas_[replica];
  if (!m.harm || is_doomed(replica)) return;
  m.harm->mend(*m.media);
  m.harm.reset();
  audit_.set_damage(actors::id_of(m.name), nullptr);
}

bool cluster::is_doomed(std::size_t replica) const {
  const replica_machine& m = *replicas_[replica];
  return m.lost || (m.harm && m.harm_lasts == permanence::for_good);
}

bool cluster::is_running(std::size_t replica) const {
  return replicas_[replica]->life != nullptr;
}

void cluster::end(std::size_t replica, ending how) {
  replica_machine& m = *replicas_[replica];
  if (m.life == nullptr) return;
  if (how == ending::stopped && m.actors != nullptr) return stop(replica);
  world_.mix(trace_kind::fault, m.life->id(), static_cast<std::uint64_t>(how));
  m.paused = false;
  const disk_counts before = m.media->counts();
  m.port->detach_now(how != ending::power_loss);
  m.life->kill();
  if (how == ending::power_loss) {
    network_.paths().set_power(m.host, false);
    m.media->crash();
    m.clock = draw_clock(m);
    audit_soon();
  } else {
    m.media->kill();
  }
  if (recorder* const record = world_.recording()) record->ended(m.host);
  tell_losses(m, before, how);
  m.actors.reset();
  m.worker.reset();
  end_life(m, how != ending::power_loss);
  ++restarts_;
}

// Once for all that lose power at the same time.
void cluster::audit_soon() {
  if (std::exchange(audit_due_, true)) return;
  world_.after(0, process_id{}, [this] {
    audit_due_ = false;
    audit_.check(properties_.last_committed());
  });
}

// For the record of the run, if there is one.
void cluster::tell_losses(const replica_machine& m, const disk_counts& before, ending how) const {
  recorder* const record = world_.recording();
  if (record == nullptr || how != ending::power_loss) return;
  record->clock(m.host, m.clock, true);
  const std::uint64_t lost = m.media->counts().pages_lost - before.pages_lost;
  const std::uint64_t torn = m.media->counts().pages_torn - before.pages_torn;
  if (lost + torn == 0) return;
  const std::string what =
      absl::StrCat(lost, " pages that were not synced are as before, ", torn, " are torn");
  record->disk_worked(m.name, {0, world_.now(), world_.now(), torn > 0 ? "torn" : "lost", what});
}

void cluster::stop(std::size_t replica) {
  replica_machine& m = *replicas_[replica];
  m.actors->stop();
  world_.after(time_to_stop, process_id{}, [this, replica, who = m.life->id()] {
    if (is_running(replica) && replicas_[replica]->life->id() == who) end(replica, ending::killed);
  });
}

void cluster::kill_all() {
  for (auto& each : clients_)
    end_quietly(*each);
  for (auto& each : replicas_)
    end_quietly(*each);
}

void cluster::end_quietly(machine& m) {
  if (m.life == nullptr) return;
  m.port->detach_now(false);
  m.life->kill();
}

void cluster::end_life(machine& m, bool kernel_alive) {
  if (m.life == nullptr) return;
  m.port->detach_now(kernel_alive);
  m.life->kill();
  m.port.reset();
  m.life.reset();
}

void cluster::failed(std::size_t replica) {
  // Told from within an actor: the process ends once the actors have come to rest.
  const process_id who = replicas_[replica]->life->id();
  world_.after(0, process_id{}, [this, replica, who] {
    replica_machine& m = *replicas_[replica];
    if (m.life == nullptr || m.life->id() != who) return;
    end(replica, ending::killed);
    world_.after(restart_after_failure, process_id{}, [this, replica] { start_again(replica); });
  });
}

void cluster::pause(std::size_t replica) {
  pause(*replicas_[replica]);
}

void cluster::unpause(std::size_t replica) {
  unpause(*replicas_[replica]);
}

void cluster::pause(machine& m) {
  if (m.life == nullptr || m.paused) return;
  m.paused = true;
  if (recorder* const record = world_.recording()) record->paused(m.host, true);
  world_.pause(m.life->id());
}

void cluster::unpause(machine& m) {
  if (m.life == nullptr || !m.paused) return;
  m.paused = false;
  if (recorder* const record = world_.recording()) record->paused(m.host, false);
  world_.unpause(m.life->id());
}

bool cluster::is_held_up(std::size_t replica) const {
  return is_running(replica) && world_.is_held_up(replicas_[replica]->life->id());
}

void cluster::jump_clock(std::size_t replica, sim_duration by) {
  if (!is_running(replica)) return;
  replicas_[replica]->life->jump_clock(by);
  tell_clock(replica);
}

void cluster::set_clock_rate(std::size_t replica, std::uint64_t rate_ppm) {
  if (!is_running(replica)) return;
  replicas_[replica]->life->set_clock_rate(rate_ppm);
  tell_clock(replica);
}

void cluster::tell_clock(std::size_t replica) const {
  if (recorder* const record = world_.recording())
    record->clock(replicas_[replica]->host, replicas_[replica]->life->clock(), false);
}

bool cluster::is_process_of(std::size_t replica, process_id who) const {
  return is_running(replica) && replicas_[replica]->life->id() == who;
}

/// What a node has heard of a connection may wait for its turn for so long; or longer, once it has
/// stood still.
bool cluster::are_linked(node_id one, node_id other) const {
  constexpr sim_duration moment = 100 * millisecond;
  const machine& m = *replicas_[replica_of(one)];
  if (world_.now() < moment || m.life == nullptr || world_.is_behind(m.life->id())) return false;
  const host_id here = host_of_replica(replica_of(one));
  const host_id there = host_of_replica(replica_of(other));
  const sim_time then = world_.now() - moment;
  return network_.are_linked(here, there, then) && network_.are_linked(there, here, then);
}

std::size_t cluster::replica_of(node_id node) const {
  std::size_t i = 0;
  while (ids_.at(i) != node)
    ++i;
  return i;
}

std::optional<std::size_t> cluster::leader() const {
  std::optional<std::size_t> best;
  term_t newest;
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    if (replicas_[i]->actors == nullptr) continue;
    const raft::status& seen = replicas_[i]->actors->view().raft;
    if (seen.role != raft::role_name::leader || seen.state.term < newest) continue;
    newest = seen.state.term;
    best = i;
  }
  return best;
}

}  // namespace atomix::sim
