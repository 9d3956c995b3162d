// SPDX-License-Identifier: Apache-2.0
/// \file Batches of requests or responses as frames. What one turn gathers may exceed what a frame
/// holds (a session taken up again sends everything unanswered), so it is cut into several.
#pragma once

#include "net/frame.hpp"
#include "net/wire.pb.h"
#include "net/wire_codec.hpp"

#include <string>

namespace atomix::actors {

/// Where a batch is cut. One item alone may be larger: those who make them bound them.
inline constexpr std::size_t batch_bytes_max = 1U << 20U;

inline auto& items_of(wire::RequestBatch& batch) {
  return *batch.mutable_requests();
}
inline auto& items_of(wire::ResponseBatch& batch) {
  return *batch.mutable_responses();
}

/// Encodes `batch`, in order, and empties it.
template <class Batch>
[[nodiscard]] std::string take_frames(net::frame_type type, Batch& batch) {
  std::string out;
  if (batch.ByteSizeLong() <= batch_bytes_max) {
    net::append_message_frame(out, type, batch);
    batch.Clear();
    return out;
  }
  Batch part;
  std::size_t bytes = 0;
  for (auto& item : items_of(batch)) {
    const auto size = item.ByteSizeLong();
    if (bytes > 0 && bytes + size > batch_bytes_max) {
      net::append_message_frame(out, type, part);
      part.Clear();
      bytes = 0;
    }
    items_of(part).Add()->Swap(&item);
    bytes += size;
  }
  net::append_message_frame(out, type, part);
  batch.Clear();
  return out;
}

}  // namespace atomix::actors
