// SPDX-License-Identifier: Apache-2.0
/// \file `atomix sim --report DIR`: reports of runs as files.
#pragma once

#include "sim/run.hpp"
#include "sim/shrink.hpp"

#include <absl/status/status.h>

#include <optional>
#include <string>

#include "tools/sim_text.hpp"

namespace atomix::tools {

/// Makes the directory, so that a long run is not for nothing.
/// Errors: as `sim::write_report`; each says what helps.
[[nodiscard]] absl::Status prepare_reports(const sim_flags& flags);

/// Writes the report of a run that was recorded, and of what it was cut down to, if it was. Says
/// where on standard output, or on standard error why not; returns whether it could.
bool write_reports(
    const sim::run_report& report,
    const std::optional<sim::shrunk>& small,
    const sim::run_options& options,
    const sim_flags& flags);

}  // namespace atomix::tools
