// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/identity.hpp"

#include "raft/base/crc32c.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_split.h>
#include <absl/strings/strip.h>

#include <vector>

namespace atomix::raft {
namespace {

constexpr absl::string_view first_line = "atomix data directory, format 1";
constexpr std::size_t size_max = 1U << 16U;

std::string path_in(const std::string& directory) {
  return directory + "/identity";
}

std::string text_of(const identity& id) {
  const std::string body = absl::StrCat(
      first_line, "\ncluster ", id.cluster, "\nnode ", id.node, "\nuuid ", id.uuid, "\n");
  return absl::StrCat(body, "crc32c ", absl::StrFormat("%08x", crc32c(body)), "\n");
}

absl::StatusOr<identity> parse(const std::string& text, const std::string& path) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  absl::string_view cluster = lines.size() > 1 ? lines[1] : absl::string_view();
  absl::string_view node = lines.size() > 2 ? lines[2] : absl::string_view();
  absl::string_view uuid = lines.size() > 3 ? lines[3] : absl::string_view();
  const bool whole = absl::ConsumePrefix(&cluster, "cluster ")
                     && absl::ConsumePrefix(&node, "node ") && absl::ConsumePrefix(&uuid, "uuid ");
  identity id{std::string(cluster), std::string(node), std::string(uuid)};
  if (whole && text_of(id) == text) return id;
  if (absl::StartsWith(text, "atomix data directory, format ") && lines[0] != first_line) {
    return absl::FailedPreconditionError(absl::StrCat(
        path,
        " says \"",
        lines[0],
        "\", and this program reads format 1 only. Use the program that "
        "wrote it, or a newer one."));
  }
  return absl::DataLossError(absl::StrCat(
      path,
      " is damaged: it does not match its own checksum. Restore this member from the others: "
      "remove it from the cluster and add it again with an empty directory."));
}

}  // namespace

absl::StatusOr<std::optional<identity>> read_identity(
    file_system& files, const std::string& directory) {
  const std::string path = path_in(directory);
  auto opened = files.open(path, open_mode::existing);
  if (absl::IsNotFound(opened.status())) return std::optional<identity>{};
  if (!opened.ok()) return opened.status();
  auto text = (*opened)->read(0, size_max);
  if (!text.ok()) return text.status();
  auto id = parse(*text, path);
  if (!id.ok()) return id.status();
  return std::optional<identity>{*std::move(id)};
}

absl::Status write_identity(
    file_system& files, const std::string& directory, const identity& id, bool durable) {
  const std::string path = path_in(directory);
  const std::string draft = path + ".new";
  // A draft of an earlier attempt that was cut short.
  if (auto s = files.remove(draft); !s.ok() && !absl::IsNotFound(s)) return s;
  {
    auto opened = files.open(draft, open_mode::create);
    if (!opened.ok()) return opened.status();
    if (auto s = (*opened)->write(0, text_of(id)); !s.ok()) return s;
    if (durable) {
      if (auto s = (*opened)->sync(); !s.ok()) return s;
    }
  }
  if (auto s = files.rename(draft, path); !s.ok()) return s;
  return durable ? files.sync_directory(directory) : absl::OkStatus();
}

}  // namespace atomix::raft
