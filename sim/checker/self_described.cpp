// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/self_described.hpp"

#include <algorithm>

namespace atomix::checker {

std::vector<modelled_part> split_by_model(const history& h) {
  std::vector<modelled_part> parts;
  for (std::size_t i = 0; i < h.operations.size(); ++i) {
    const operation& op = h.operations[i];
    if (op.model.empty()) continue;
    auto own = std::find_if(
        parts.begin(), parts.end(), [&op](const auto& part) { return part.model == op.model; });
    if (own == parts.end()) {
      own = parts.insert(parts.end(), {op.model, {}, {}});
      own->operations.source = h.source + ", " + op.model;
      own->operations.nil = h.nil;
      own->operations.failed_cas_observes = h.failed_cas_observes;
    }
    own->operations.operations.push_back(op);
    own->numbers.push_back(i);
  }
  return parts;
}

}  // namespace atomix::checker
