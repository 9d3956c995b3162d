// SPDX-License-Identifier: Apache-2.0
/// \file A made-up run for the tests of the report, with a bug a reader should be able to find in
/// it: a leader that is cut off still answers reads from its own copy.
#pragma once

#include "sim/report/record.hpp"

namespace atomix::sim {

/// Five replicas and three clients for 60 s, some 20,000 messages. Its one impossible call is
/// `get()` of "r1" by c3.
[[nodiscard]] run_record sample_record();

/// The same without the bug.
[[nodiscard]] run_record valid_sample_record();

}  // namespace atomix::sim
