// SPDX-License-Identifier: Apache-2.0
/// \file Short words for tests of the log: batches, a model of what must be there, whole files.
#pragma once

#include "sim/disk.hpp"

#include "raft/storage/log.hpp"

#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace atomix::raft {

/// For messages of failed tests.
inline void PrintTo(const entry& e, std::ostream* out) {
  *out << e.id.term << "/" << e.id.index << " (" << e.data.size() << " bytes)";
}

}  // namespace atomix::raft

namespace atomix::raft::lab {

inline constexpr const char* directory = "data/n1";

[[nodiscard]] log_options options_for_tests();

/// An entry whose data depend on term and index, `size` bytes long.
[[nodiscard]] entry entry_of(std::uint64_t term, std::uint64_t index, std::size_t size = 20);
/// Entries `first` to `last` of one term.
[[nodiscard]] save_batch entries_of(
    std::uint64_t term, std::uint64_t first, std::uint64_t last, std::size_t size = 20);
[[nodiscard]] save_batch state_of(std::uint64_t term, std::uint64_t vote);

/// What a log must hold after some batches.
struct model {
  hard_state state;
  std::vector<entry> entries;
  void take(const save_batch& batch);
  friend bool operator==(const model&, const model&) = default;
};
inline void PrintTo(const model& m, std::ostream* out) {
  *out << "term " << m.state.term << ", vote " << m.state.vote << ", " << m.entries.size()
       << " entries";
}
[[nodiscard]] model model_of(const recovered_state& recovered);

struct opened {
  absl::StatusOr<std::unique_ptr<log>> writer;
  opened_log found;
};
[[nodiscard]] opened open_log(file_system& files, const log_options& options = options_for_tests());
[[nodiscard]] absl::Status append_one(log& to, const save_batch& batch);

/// All files of a data directory, to be changed at will and put onto a fresh disk.
using contents = std::map<std::string, std::string>;
[[nodiscard]] contents contents_of(file_system& files);
[[nodiscard]] std::unique_ptr<sim::disk> disk_with(const contents& files);

}  // namespace atomix::raft::lab
