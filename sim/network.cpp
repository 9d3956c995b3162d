// SPDX-License-Identifier: Apache-2.0
// Making, closing and breaking connections. How bytes travel over them is in network_traffic.cpp.
#include "sim/network.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

namespace atomix::sim {
namespace {

constexpr sim_duration dial_patience = 1 * second;
// As `net::tcp_options::keep_alive` has it. TCP_USER_TIMEOUT is as long: no second probe is sent.
constexpr sim_duration keep_alive_idle = 10 * second;
constexpr sim_duration keep_alive_patience = 3 * second;

std::string show(net::connection_id id) {
  return absl::StrCat("connection ", id.value());
}

}  // namespace

std::unique_ptr<endpoint> network::attach(host_id host, process_id process) {
  return std::make_unique<endpoint>(*this, host, process);
}

void network::detach(endpoint& gone, bool kernel_alive) {
  gone.detached_ = true;
  std::erase_if(listeners_, [&](const auto& one) { return one.second.owner == &gone; });
  std::vector<end_ref> ended;
  for (std::uint64_t number = 0; number < connections_.size(); ++number) {
    connection* const one = connections_[number].get();
    for (unsigned which = 0; one != nullptr && which < 2; ++which) {
      if (one->ends[which].owner != &gone) continue;
      one->ends[which].owner = nullptr;
      ended.push_back({number, which});
    }
  }
  for (const end_ref end : ended) {
    if (kernel_alive) end_other(end, absl::UnavailableError("The other side's process ended."), 0);
    forget_if_over(end.connection);
  }
}

absl::StatusOr<net::address> network::listen(
    endpoint& owner, const net::address& local, net::connection_handler& handler) {
  net::address bound = local;
  if (bound.port == 0) bound.port = next_port_++;
  const std::string name = bound.to_string();
  if (listeners_.contains(name))
    return absl::AlreadyExistsError(absl::StrCat("Somebody listens on ", name, " already."));
  listeners_[name] = {&owner, &handler};
  return bound;
}

net::connection_id network::dial(
    endpoint& owner, const net::address& remote, net::connection_handler& handler) {
  const end_ref dialled{connections_.size(), 0};
  auto made = std::make_unique<connection>();
  made->ends[0].owner = &owner;
  made->ends[0].process = owner.process_;
  made->ends[0].host = owner.host_;
  made->ends[0].handler = &handler;
  made->ends[0].is_dialling = true;
  connections_.push_back(std::move(made));
  ++counts_.connections;

  const host_id to = links_.find(remote.host);
  if (to == links_.hosts()) {
    tell_closed(
        dialled, 5 * millisecond, absl::UnavailableError("No host is called " + remote.host));
    return dialled.id();
  }
  const sim_duration wait = links_.delay(owner.host_, to);
  world_.after(wait, process_id{}, [this, dialled, remote] { arrive_dial(dialled, remote); });
  return dialled.id();
}

void network::arrive_dial(end_ref from, const net::address& remote) {
  side* const dialled = find_open(from);
  if (dialled == nullptr) return forget_if_over(from.connection);
  const host_id to = links_.find(remote.host);
  const bool there = links_.passes(dialled->host, to);
  if (!there || !links_.passes(to, dialled->host)) {
    ++(there ? links_.counts(to, dialled->host) : links_.counts(dialled->host, to)).swallowed;
    tell_closed(
        from,
        dial_patience,
        absl::DeadlineExceededError(absl::StrCat("No answer from ", remote.to_string(), ".")));
    return;
  }
  const sim_duration back = links_.delay(to, dialled->host);
  const auto listening = listeners_.find(remote.to_string());
  if (listening == listeners_.end()) {
    tell_closed(
        from,
        back,
        absl::UnavailableError(absl::StrCat("Nobody listens on ", remote.to_string(), ".")));
    return;
  }
  side& accepted = find(from.other())[0];
  accepted.owner = listening->second.owner;
  accepted.process = accepted.owner->process_;
  accepted.host = to;
  accepted.handler = listening->second.handler;
  dialled->next_delivery = world_.now() + back;
  world_.at(world_.now(), accepted.process, [this, end = from.other()] {
    if (side* const s = find_open(end)) s->handler->opened(end.id(), "a simulated dialler");
  });
  world_.after(back, dialled->process, [this, from, remote] {
    side* const s = find_open(from);
    if (s == nullptr) return;
    world_.note(trace_kind::connection, s->process, from.connection, [&] {
      return absl::StrCat(show(from.id()), " to ", remote.to_string(), " opened");
    });
    s->is_dialling = false;
    s->handler->opened(from.id(), remote.to_string());
    flush(from);  // what was sent while it was dialled
  });
}

void network::close(endpoint& owner, net::connection_id id) {
  const end_ref end = ref_of(id);
  side* const closing = find_open(end);
  if (closing == nullptr || closing->owner != &owner) return;
  flush(end);
  closing->owner = nullptr;
  const side& other = *find(end.other());
  end_other(end, absl::UnavailableError("The other side closed."), other.next_delivery);
  forget_if_over(end.connection);
}

std::size_t network::open_half(host_id host, std::uint64_t which) {
  std::size_t broken = 0;
  for (std::uint64_t number = 0; number < connections_.size(); ++number) {
    const connection* const one = connections_[number].get();
    if (one == nullptr) continue;
    if (one->ends[0].host != host && one->ends[1].host != host) continue;
    if (one->ends[0].owner == nullptr || one->ends[1].owner == nullptr) continue;
    const auto lost = static_cast<unsigned>((which >> (broken % 6)) & 1U);
    half_open_.insert(number);
    tell_closed({number, lost}, 0, absl::UnavailableError("The connection timed out."));
    ++broken;
  }
  return broken;
}

bool network::are_linked(host_id one, host_id other, sim_time then) const {
  return std::any_of(connections_.begin(), connections_.end(), [&](const auto& each) {
    if (each == nullptr || each->ends[0].owner == nullptr || each->ends[1].owner == nullptr)
      return false;
    const side& accepted = each->ends[1];
    return each->ends[0].host == one && accepted.host == other && accepted.greeted
           && *accepted.greeted <= then;
  });
}

void network::end_other(end_ref gone, const absl::Status& why, sim_time not_before) {
  const side* const from = find(gone);
  const side* const other = find_open(gone.other());
  if (from == nullptr || other == nullptr || !links_.passes(from->host, other->host)) return;
  const sim_time at = std::max(not_before, world_.now() + links_.delay(from->host, other->host));
  tell_closed(gone.other(), at - world_.now(), why);
}

void network::tell_closed(end_ref end, sim_duration wait, const absl::Status& why) {
  const side* const told = find_open(end);
  if (told == nullptr) return;
  world_.after(wait, told->process, [this, end, why] {
    side* const closing = find_open(end);
    if (closing == nullptr) return;
    world_.note(trace_kind::connection, closing->process, end.connection + 1, [&] {
      return absl::StrCat(show(end.id()), " closed: ", why.ToString());
    });
    closing->owner = nullptr;
    net::connection_handler* const handler = closing->handler;
    forget_if_over(end.connection);
    handler->closed(end.id(), why);
  });
}

network::side* network::find(end_ref end) {
  if (end.connection >= connections_.size()) return nullptr;
  connection* const found = connections_[end.connection].get();
  return found == nullptr ? nullptr : &found->ends[end.which];
}

network::side* network::find_open(end_ref end) {
  side* const found = find(end);
  return found != nullptr && found->owner != nullptr ? found : nullptr;
}

void network::forget_if_over(std::uint64_t number) {
  if (number >= connections_.size() || connections_[number] == nullptr) return;
  const auto& ends = connections_[number]->ends;
  if (ends[0].owner == nullptr && ends[1].owner == nullptr) {
    connections_[number] = nullptr;
    return;
  }
  const end_ref left{number, ends[0].owner == nullptr ? 1U : 0U};
  world_.after(keep_alive_idle, process_id{}, [this, left] { keep_alive(left); });
}

/// One end is gone, and the other has not been told. Kernels do not stand still with processes.
void network::keep_alive(end_ref end) {
  const side* const left = find_open(end);
  if (left == nullptr) return;
  const host_id gone = find(end.other())->host;
  if (!links_.passes(left->host, gone) || !links_.passes(gone, left->host)) {
    const absl::Status silence = absl::UnavailableError("The connection timed out.");
    return tell_closed(end, keep_alive_patience, silence);
  }
  const sim_duration wait = links_.delay(left->host, gone) + links_.delay(gone, left->host);
  tell_closed(end, wait, absl::UnavailableError("The other side does not know this connection."));
}

absl::StatusOr<net::address> endpoint::listen(
    const net::address& local, net::connection_handler& handler) {
  return network_.listen(*this, local, handler);
}

net::connection_id endpoint::dial(const net::address& remote, net::connection_handler& handler) {
  if (detached_) return net::connection_id{};
  return network_.dial(*this, remote, handler);
}

void endpoint::send(net::connection_id connection, std::string frames) {
  if (!detached_) network_.send(*this, connection, std::move(frames));
}

void endpoint::close(net::connection_id connection) {
  if (!detached_) network_.close(*this, connection);
}

}  // namespace atomix::sim
