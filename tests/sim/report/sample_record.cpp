// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/report/sample_record.hpp"

#include "tests/sim/report/sample_author.hpp"

namespace atomix::sim {

run_record sample_record() {
  return sample_author(true).write();
}
run_record valid_sample_record() {
  return sample_author(false).write();
}

}  // namespace atomix::sim
