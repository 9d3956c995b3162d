// SPDX-License-Identifier: Apache-2.0
#include "sim/recorder_log.hpp"

#include "sim/wire_words.hpp"

#include "raft/base/crc32c.hpp"

#include <algorithm>

namespace atomix::sim {

recorder_log::slot* recorder_log::at(index_t index) {
  while (slots_.end() < index.value())
    slots_.add({});
  return slots_.find(index.value() - 1);
}

std::size_t recorder_log::number_of(slot& s, const raft::entry& e) const {
  const std::uint32_t check = crc32c(e.data.view());
  for (std::size_t i = 0; i < s.versions.size(); ++i) {
    if (s.versions[i].term == e.id.term && s.versions[i].check == check) return i;
  }
  s.versions.push_back({e.id.term, check, content_words(e, more_), {}});
  return s.versions.size() - 1;
}

void recorder_log::saved(std::size_t lane, const std::vector<raft::entry>& entries) {
  for (const raft::entry& e : entries) {
    slot* const s = at(e.id.index);
    if (s == nullptr) continue;
    if (s->held.size() <= lane) s->held.resize(lane + 1, nothing);
    s->held[lane] = number_of(*s, e);
  }
  if (entries.empty()) return;
  for (std::uint64_t i = entries.back().id.index.value(); i < slots_.end(); ++i) {
    slot* const s = slots_.find(i);
    if (s != nullptr && s->held.size() > lane) s->held[lane] = nothing;
  }
}

void recorder_log::committed(std::size_t lane, const raft::entry& e, sim_time at_time) {
  slot* const s = at(e.id.index);
  if (s == nullptr) return;
  auto& known = s->versions[number_of(*s, e)].committed;
  if (known.size() <= lane) known.resize(lane + 1);
  if (!known[lane]) known[lane] = at_time;
}

void recorder_log::fill(run_record& record) {
  std::uint64_t index = slots_.dropped();
  for (slot& s : slots_.items()) {
    ++index;
    for (std::size_t v = 0; v < s.versions.size(); ++v) {
      version& one = s.versions[v];
      log_entry row{index, one.term.value(), std::move(one.text), std::move(one.committed), {}};
      for (const std::size_t held : s.held)
        row.conflicting.push_back(held != nothing && held != v);
      record.entries.push_back(std::move(row));
    }
  }
}

}  // namespace atomix::sim
