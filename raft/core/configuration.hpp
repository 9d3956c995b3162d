// SPDX-License-Identifier: Apache-2.0
/// \file Configurations as the data of entries.
///
///     configuration = version voters outgoing learners
///     version       = %x01
///     voters, outgoing, learners = count *node   ; ascending
///     count, node   = varint                     ; 7 bits a byte, low bits first
#pragma once

#include "raft/core/entry.hpp"

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace atomix::raft {

[[nodiscard]] std::string encode(const configuration& c);

/// Errors: data_loss – not the bytes of a configuration, or of a later version of this program.
[[nodiscard]] absl::StatusOr<configuration> decode_configuration(std::string_view bytes);

}  // namespace atomix::raft
