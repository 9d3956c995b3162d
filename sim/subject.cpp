// SPDX-License-Identifier: Apache-2.0
#include "sim/subject.hpp"

#include <utility>

namespace atomix::sim {
namespace {

struct known_program {
  const char* name;
  program_factory make;
};
constexpr known_program known[] = {
    {"value", make_value_program},
    {"counter", make_counter_program},
    {"map", make_map_program},
    {"lock", make_lock_program},
    {"election", make_election_program},
    {"various", make_various_program},
};

class catalog_subject final : public subject {
 public:
  resources::machine_registry machines() override { return resources::builtin_machines(); }
  std::unique_ptr<program> make_program(
      std::size_t position, program_parts parts, ledgers& books) override {
    return known[position].make(std::move(parts), books);
  }
};

}  // namespace

const topic& catalog_topic() {
  static const topic all = [] {
    topic made;
    for (const known_program& each : known)
      made.programs.emplace_back(each.name);
    made.begin = [](findings&) {
      return std::make_unique<catalog_subject>();
    };
    return made;
  }();
  return all;
}

}  // namespace atomix::sim
