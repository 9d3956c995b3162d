// SPDX-License-Identifier: Apache-2.0
#include "sim/divergence.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace atomix::sim {
namespace {

// Where the hashes differ says which stretch; the texts say what.
void compare_traces(const scenario& what, run_options options, divergence& found) {
  std::vector<std::string> lines;
  options.trace = [&](const std::string& line) {
    lines.push_back(line);
  };
  static_cast<void>(run(what, options));
  std::size_t next = 0;
  options.trace = [&](const std::string& line) {
    const std::size_t i = next++;
    if (found.line != 0 || (i < lines.size() && lines[i] == line)) return;
    found.line = i + 1;
    found.first = i < lines.size() ? lines[i] : "(nothing: it ended before)";
    found.second = line;
  };
  static_cast<void>(run(what, options));
}

}  // namespace

std::optional<divergence> find_divergence(
    const scenario& what, const run_options& options, const run_report& once) {
  run_options again = options;
  again.trace = nullptr;
  again.checkpoints = true;
  const run_report other = run(what, again);
  if (other.trace_hash == once.trace_hash) return std::nullopt;
  const auto part = std::mismatch(
      once.checkpoints.begin(),
      once.checkpoints.end(),
      other.checkpoints.begin(),
      other.checkpoints.end());
  divergence found;
  found.checkpoint = static_cast<std::uint64_t>(part.first - once.checkpoints.begin());
  compare_traces(what, std::move(again), found);
  return found;
}

}  // namespace atomix::sim
