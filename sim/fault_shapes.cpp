// SPDX-License-Identifier: Apache-2.0
#include "sim/fault_shapes.hpp"

#include <absl/functional/function_ref.h>

#include <algorithm>

namespace atomix::sim {
namespace {

host_pairs only(host_pairs pairs, absl::FunctionRef<bool(host_id, host_id)> blocked) {
  std::erase_if(pairs, [&](const auto& pair) { return !blocked(pair.first, pair.second); });
  return pairs;
}

host_pairs across(std::uint64_t group, host_id bridge, const host_counts& hosts) {
  return only(all_pairs(hosts), [&](host_id from, host_id to) {
    const bool same = ((group >> from) & 1U) == ((group >> to) & 1U);
    return !same && from != bridge && to != bridge;
  });
}

// Whether two replicas reach each other in a ring, chain or star.
bool are_joined(const fault& f, host_id one, host_id other, std::size_t replicas) {
  const std::size_t apart = one > other ? one - other : other - one;
  const host_id middle = f.target % replicas;
  if (f.kind == fault_kind::star) return one == middle || other == middle;
  return apart == 1 || (f.kind == fault_kind::ring && apart == replicas - 1);
}

// Of a quarter, half or three quarters of their links, one way or the other.
host_pairs some_of(const fault& f, const host_counts& hosts) {
  prng chance{(f.target << 8U) ^ f.detail};
  const std::uint64_t quarters = 1 + f.detail % 3;
  return only(all_pairs(hosts), [&](host_id from, host_id to) {
    const bool among = from < hosts.replicas && to < hosts.replicas;
    const bool theirs = (((f.group >> from) | (f.group >> to)) & 1U) != 0;
    return among && theirs && chance.chance(quarters, 4);
  });
}

}  // namespace

host_pairs all_pairs(const host_counts& hosts) {
  host_pairs pairs;
  for (host_id from = 0; from < hosts.all(); ++from) {
    for (host_id to = 0; to < hosts.all(); ++to) {
      if (from != to) pairs.emplace_back(from, to);
    }
  }
  return pairs;
}

host_pairs pairs_around(host_id one, const host_counts& hosts) {
  host_pairs pairs;
  for (host_id other = 0; other < hosts.all(); ++other) {
    if (other == one) continue;
    pairs.emplace_back(one, other);
    pairs.emplace_back(other, one);
  }
  return pairs;
}

host_pairs blocked_by(const fault& f, const host_counts& hosts, std::optional<host_id> leader) {
  const host_id one = f.target % hosts.replicas;
  const host_id nobody = hosts.all();
  const auto is_replica = [&](host_id host) {
    return host < hosts.replicas;
  };
  switch (f.kind) {
    case fault_kind::isolated:
      return pairs_around(one, hosts);
    case fault_kind::isolated_leader:
      return leader ? pairs_around(*leader, hosts) : host_pairs{};
    case fault_kind::one_way:
      return only(pairs_around(one, hosts), [&](host_id from, host_id to) {
        return (f.detail % 2 == 0 ? to : from) == one;
      });
    case fault_kind::client_cut:
      return pairs_around(hosts.replicas + f.target % hosts.clients, hosts);
    case fault_kind::clients_cut:
      return only(all_pairs(hosts), [&](host_id from, host_id to) {
        return is_replica(from) != is_replica(to);
      });
    case fault_kind::bridge:
      return across(f.group, one, hosts);
    case fault_kind::leader_sees_few:
      if (!leader) return {};
      return only(pairs_around(*leader, hosts), [&](host_id from, host_id to) {
        const host_id other = from == *leader ? to : from;
        return is_replica(other) && ((f.group >> other) & 1U) == 0;
      });
    case fault_kind::ring:
    case fault_kind::chain:
    case fault_kind::star:
      return only(all_pairs(hosts), [&](host_id from, host_id to) {
        return is_replica(from) && is_replica(to) && !are_joined(f, from, to, hosts.replicas);
      });
    case fault_kind::partial:
      return some_of(f, hosts);
    case fault_kind::halves:
      return across(f.group, nobody, hosts);
    default:
      return {};
  }
}

std::optional<host_id> common_host(const host_pairs& pairs) {
  if (pairs.empty()) return std::nullopt;
  for (const host_id one : {pairs.front().first, pairs.front().second}) {
    const bool in_all = std::all_of(pairs.begin(), pairs.end(), [one](const auto& pair) {
      return pair.first == one || pair.second == one;
    });
    if (in_all) return one;
  }
  return std::nullopt;
}

}  // namespace atomix::sim
