// SPDX-License-Identifier: Apache-2.0
/// \file Reads EDN (extensible data notation): values one after another from a text.
#pragma once

#include "sim/checker/value.hpp"

#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atomix::checker {

/// Reads values from a text that it does not own. Commas are white space, `;` starts a comment,
/// `#_` hides the next value; ratios and exact decimals become floating-point numbers, characters
/// become texts, metadata is dropped. Whole numbers that do not fit are kept as symbols.
///
/// JSON is read as if it were EDN: colons are white space, null is nil, texts before a colon are
/// keywords.
class edn_reader {
 public:
  enum class notation : std::uint8_t { edn, json };

  explicit edn_reader(std::string_view text, notation n = notation::edn)
      : text_(text), json_(n == notation::json) {}

  /// The next value; nothing at the end of the text.
  /// Errors: invalid_argument with line, cause and remedy. Then reading is over.
  [[nodiscard]] absl::StatusOr<std::optional<value>> next();
  /// Steps into a vector or list that begins here, so that its items come one by one. False if
  /// what comes is something else.
  [[nodiscard]] bool enter();
  /// The line where the last value began; counts from 1.
  [[nodiscard]] std::size_t line() const { return line_; }

 private:
  using result = absl::StatusOr<value>;

  [[nodiscard]] bool is_space(char c) const;
  [[nodiscard]] bool ends_word(char c) const;
  void skip_space();
  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }
  [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[at_]; }
  char take();
  absl::Status discard();  // spaces, comments and `#_` values
  result read();
  result read_sequence(char end);
  result read_map();
  result read_text();
  result read_after_hash();
  result read_character();
  void append_code(std::string& text);
  result read_word();
  absl::StatusOr<std::vector<value>> read_until(char end);
  [[nodiscard]] absl::Status error(std::string_view cause, std::string_view remedy) const;

  std::string_view text_;
  bool json_;
  std::size_t at_ = 0;
  std::size_t present_line_ = 1;
  std::size_t line_ = 1;
  unsigned depth_ = 0;
  char inside_ = '\0';  // what ends the sequence that was entered
};

/// A text that holds one value, as in the option of a command.
[[nodiscard]] absl::StatusOr<value> parse_value(std::string_view text);

}  // namespace atomix::checker
