// SPDX-License-Identifier: Apache-2.0
/// \file Where the text of a report goes: a file, or a string in tests. Errors wait until the end,
/// so that writers read like what they write.
#pragma once

#include <absl/status/status.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace atomix::sim {

class text_sink {
 public:
  text_sink() = default;
  text_sink(const text_sink&) = delete;
  text_sink& operator=(const text_sink&) = delete;
  virtual ~text_sink() = default;
  virtual void write(std::string_view text) = 0;
};

class string_sink final : public text_sink {
 public:
  void write(std::string_view text) override { text_.append(text); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// A file that is replaced. After an error nothing more is written.
class file_sink final : public text_sink {
 public:
  explicit file_sink(std::string path);
  ~file_sink() override;
  void write(std::string_view text) override;
  /// Ensures:  on ok, the operating system has taken all of it; it is not synced.
  /// Errors:   the first one of all writes.
  [[nodiscard]] absl::Status close();

 private:
  void flush();
  static constexpr std::size_t buffer_size = std::size_t{256} << 10U;
  std::string path_;
  std::string buffer_;
  absl::Status status_;
  int fd_ = -1;
};

/// What happened to which path, why, and what to do about it. `error` is one of errno's.
[[nodiscard]] absl::Status file_error(std::string_view verb, const std::string& path, int error);

}  // namespace atomix::sim
