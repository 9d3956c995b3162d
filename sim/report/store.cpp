// SPDX-License-Identifier: Apache-2.0
#include "sim/report/store.hpp"

#include "sim/report/escape.hpp"
#include "sim/report/history.hpp"
#include "sim/report/text_sink.hpp"
#include "sim/report/timeline.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace atomix::sim {
namespace {

namespace fs = std::filesystem;

absl::Status failure(std::string_view verb, const std::string& path, const std::error_code& e) {
  return file_error(verb, path, e.value());
}

absl::Status check_part(const std::string& what, const std::string& part) {
  const bool bad = part.empty() || part == "." || part == ".." || part == "latest"
                   || part.find('/') != std::string::npos || part.find('\0') != std::string::npos;
  if (!bad) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "The " + what + " of a report is one part of a path, not \"" + part
      + "\": choose one without slashes that is not \"latest\".");
}

/// A link is replaced in one step: whoever looks finds the old one or the new one.
absl::Status point(const fs::path& link, const fs::path& target, const std::string& stamp) {
  std::error_code error;
  const fs::file_status old = fs::symlink_status(link, error);
  if (fs::exists(old) && !fs::is_symlink(old)) return file_error("replace", link.string(), EEXIST);
  const fs::path fresh = link.parent_path() / ("." + link.filename().string() + "-" + stamp);
  fs::remove(fresh, error);
  fs::create_symlink(target, fresh, error);
  if (error) return failure("create the link", fresh.string(), error);
  fs::rename(fresh, link, error);
  if (error) return failure("replace the link", link.string(), error);
  return absl::OkStatus();
}

void write_trace(const run_record& record, text_sink& out) {
  std::array<char, 64> time{};
  for (const log_line& l : record.log) {
    const auto seconds = static_cast<unsigned long long>(l.at / second);
    const auto micros = static_cast<unsigned long long>(l.at % second / microsecond);
    std::string line = l.lane < record.lanes.size() ? record.lanes[l.lane].name : "world";
    std::string kind = l.kind;
    line.resize(std::max<std::size_t>(line.size(), 8), ' ');
    kind.resize(std::max<std::size_t>(kind.size(), 6), ' ');
    line.append(" ").append(kind).append(" ").append(l.text);
    std::snprintf(time.data(), time.size(), "%llu.%06llus ", seconds, micros);
    out.write(time.data());
    out.write(one_line(line) + "\n");
  }
}

template <class Write>
absl::Status write_file(const fs::path& path, Write write) {
  file_sink out(path.string());
  write(out);
  return out.close();
}

absl::Status write_files(const run_record& record, const fs::path& folder) {
  const auto text = [](const std::string& content) {
    return [&content](text_sink& out) {
      out.write(content);
      if (!content.empty() && content.back() != '\n') out.write("\n");
    };
  };
  absl::Status status =
      write_file(folder / "history.edn", [&](text_sink& out) { write_history(record, out); });
  status.Update(
      write_file(folder / "results.edn", [&](text_sink& out) { write_results(record, out); }));
  status.Update(write_file(folder / "trace", [&](text_sink& out) { write_trace(record, out); }));
  status.Update(
      write_file(folder / "timeline.html", [&](text_sink& out) { write_timeline(record, out); }));
  status.Update(write_file(folder / "plan", text(record.plan)));
  if (!record.repro.empty()) {
    status.Update(write_file(folder / "repro.json", text(record.repro)));
    return status;
  }
  std::error_code error;  // of an earlier report at this place; none is no error
  if (fs::remove(folder / "repro.json", error); error)
    status.Update(failure("remove", (folder / "repro.json").string(), error));
  return status;
}

}  // namespace

std::string report_place::path_of(const run_record& record) const {
  const std::string last = stamp.empty() ? "seed-" + std::to_string(record.seed) : stamp;
  return (fs::path(directory) / name / last).string();
}

absl::Status write_report(const run_record& record, const report_place& place) {
  const fs::path folder = place.path_of(record);
  const std::string stamp = folder.filename().string();
  absl::Status status = check_part("name", place.name);
  status.Update(check_part("stamp", place.stamp.empty() ? stamp : place.stamp));
  if (!status.ok()) return status;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return failure("create the directory", folder.string(), error);
  if (status = write_files(record, folder); !status.ok()) return status;
  const fs::path top = place.directory.empty() ? "." : place.directory;
  status = point(top / place.name / "latest", stamp, stamp);
  if (status.ok())
    status = point(top / "latest", fs::path(place.name) / stamp, place.name + "-" + stamp);
  return status;
}

}  // namespace atomix::sim
