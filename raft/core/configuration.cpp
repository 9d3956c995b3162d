// SPDX-License-Identifier: Apache-2.0
#include "raft/core/configuration.hpp"

#include <cstdint>
#include <optional>
#include <set>

namespace atomix::raft {
namespace {

constexpr char version = 1;

void put(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
    value >>= 7U;
  }
  out.push_back(static_cast<char>(value));
}

void put(std::string& out, const std::set<node_id>& nodes) {
  put(out, nodes.size());
  for (const node_id node : nodes)
    put(out, node.value());
}

std::optional<std::uint64_t> take(std::string_view& in) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    if (shift == 63 && byte > 1) return std::nullopt;
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

/// Nodes in ascending order only: equal configurations have equal bytes.
bool take(std::string_view& in, std::set<node_id>& nodes) {
  const auto count = take(in);
  if (!count || *count > in.size()) return false;
  node_id before;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto node = take(in);
    if (!node || node_id{*node} <= before) return false;
    before = node_id{*node};
    nodes.insert(nodes.end(), before);
  }
  return true;
}

}  // namespace

std::string encode(const configuration& c) {
  std::string out(1, version);
  put(out, c.voters);
  put(out, c.outgoing);
  put(out, c.learners);
  return out;
}

absl::StatusOr<configuration> decode_configuration(std::string_view bytes) {
  configuration c;
  const bool known = !bytes.empty() && bytes.front() == version;
  if (known) bytes.remove_prefix(1);
  if (!known || !take(bytes, c.voters) || !take(bytes, c.outgoing) || !take(bytes, c.learners)
      || !bytes.empty()) {
    return absl::DataLossError("An entry of the log does not hold a configuration.");
  }
  return c;
}

}  // namespace atomix::raft
