// SPDX-License-Identifier: Apache-2.0
#include "tests/raft/storage_lab.hpp"

#include "raft/base/check.hpp"

#include <absl/strings/str_cat.h>

namespace atomix::raft::lab {

log_options options_for_tests() {
  log_options o;
  o.directory = directory;
  o.cluster = "test";
  o.node = "n1";
  o.fresh_uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";
  o.segment_bytes = 4096;
  return o;
}

entry entry_of(std::uint64_t term, std::uint64_t index, std::size_t size) {
  std::string data = absl::StrCat("t", term, "i", index, ".");
  while (data.size() < size)
    data += static_cast<char>('a' + data.size() % 26);
  data.resize(size);
  return {
      {term_t{term}, index_t{index}},
      entry_kind::command,
      log_time{index * 10},
      shared_bytes(std::move(data))};
}

save_batch entries_of(
    std::uint64_t term, std::uint64_t first, std::uint64_t last, std::size_t size) {
  save_batch batch;
  for (std::uint64_t i = first; i <= last; ++i)
    batch.entries.push_back(entry_of(term, i, size));
  return batch;
}

save_batch state_of(std::uint64_t term, std::uint64_t vote) {
  save_batch batch;
  batch.state_changed = true;
  batch.state = {term_t{term}, node_id{vote}};
  return batch;
}

void model::take(const save_batch& batch) {
  if (batch.state_changed) state = batch.state;
  for (const entry& e : batch.entries) {
    entries.resize(static_cast<std::size_t>(e.id.index.value() - 1));
    entries.push_back(e);
  }
}

model model_of(const recovered_state& recovered) {
  return {recovered.state, recovered.entries};
}

opened open_log(file_system& files, const log_options& options) {
  opened out{absl::UnknownError("not opened"), {}};
  out.writer = log::open(files, options, out.found);
  return out;
}

absl::Status append_one(log& to, const save_batch& batch) {
  return to.append({&batch, 1});
}

contents contents_of(file_system& files) {
  contents out;
  const auto names = files.list(directory);
  ATOMIX_CHECK(names.ok(), "the directory of a test can be listed");
  for (const std::string& name : *names) {
    auto opened = files.open(absl::StrCat(directory, "/", name), open_mode::existing);
    ATOMIX_CHECK(opened.ok(), "a file of a test can be opened");
    auto bytes = (*opened)->read(0, 1U << 24U);
    ATOMIX_CHECK(bytes.ok(), "a file of a test can be read");
    out[name] = *std::move(bytes);
  }
  return out;
}

std::unique_ptr<sim::disk> disk_with(const contents& files) {
  auto d = std::make_unique<sim::disk>(prng(1));
  ATOMIX_CHECK(d->make_directory(directory).ok(), "a fresh disk takes a directory");
  for (const auto& [name, bytes] : files) {
    auto created = d->open(absl::StrCat(directory, "/", name), open_mode::create);
    ATOMIX_CHECK(created.ok() && (*created)->write(0, bytes).ok(), "a fresh disk takes files");
    ATOMIX_CHECK((*created)->sync().ok(), "a fresh disk syncs files");
  }
  ATOMIX_CHECK(d->sync_directory(directory).ok(), "a fresh disk syncs names");
  d->complete_syncs();
  return d;
}

}  // namespace atomix::raft::lab
