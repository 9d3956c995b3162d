// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checker/brute_force.hpp"

#include <vector>

namespace atomix::checker {
namespace {

// Wing and Gong's search without anything that makes it fast.
bool continues(model& m, const value& state, std::vector<const operation*>& rest) {
  std::size_t first_return = operation::never;
  for (const operation* op : rest)
    first_return = std::min(first_return, op->ret);
  if (first_return == operation::never) return true;  // nobody else was told anything
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const operation* op = rest[i];
    if (op->call > first_return) continue;
    const auto next = m.step(state, *op);
    if (!next) continue;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
    const bool works = continues(m, *next, rest);
    rest.insert(rest.begin() + static_cast<std::ptrdiff_t>(i), op);
    if (works) return true;
  }
  return false;
}

}  // namespace

bool linearizable_by_brute_force(const history& h, model& m) {
  m.adopt(h);
  std::vector<const operation*> all;
  for (const operation& op : h.operations)
    if (op.known != certainty::failed || m.failed_tells(op)) all.push_back(&op);
  return continues(m, m.initial(), all);
}

}  // namespace atomix::checker
