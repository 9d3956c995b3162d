// SPDX-License-Identifier: Apache-2.0
/// \file Messages and entries as one line of text: for traces and test scripts.
#pragma once

#include "raft/core/message.hpp"
#include "raft/core/step.hpp"

#include <string>

namespace atomix::raft {

/// `term/index`.
[[nodiscard]] std::string describe(entry_id id);
/// `term/index` and what it is; the data of commands as it is, so that scripts read well.
[[nodiscard]] std::string describe(const entry& e);
/// Kind and fields, such as `append term=2 previous=1/3 commit=3 [2/4 x]`.
[[nodiscard]] std::string describe(const message& m);

}  // namespace atomix::raft
