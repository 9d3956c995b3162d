// SPDX-License-Identifier: Apache-2.0
/// \file Values in histories: what EDN can say, as one type that can be compared, hashed, printed.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace atomix::checker {

class value;

/// What stands after a colon in EDN: `:ok` has the name "ok".
struct keyword {
  std::string name;
  friend auto operator<=>(const keyword&, const keyword&) = default;
};

/// A word without a colon.
struct symbol {
  std::string name;
  friend auto operator<=>(const symbol&, const symbol&) = default;
};

/// Vectors and lists; they are equal if their elements are.
struct list {
  std::vector<value> items;
  friend bool operator==(const list& a, const list& b);
  friend std::strong_ordering operator<=>(const list& a, const list& b);
};

/// Sorted by key, each key once. A set has nothing as its values.
struct dictionary {
  std::vector<std::pair<value, value>> entries;
  bool is_set = false;
  friend bool operator==(const dictionary& a, const dictionary& b);
  friend std::strong_ordering operator<=>(const dictionary& a, const dictionary& b);
};

/// `#tag value`. Its one item is the value.
struct tagged {
  std::string tag;
  std::vector<value> items;
  friend bool operator==(const tagged& a, const tagged& b);
  friend std::strong_ordering operator<=>(const tagged& a, const tagged& b);
};

/// A regular type. The order is total: first by kind, then by content.
class value {
 public:
  using data = std::variant<
      std::monostate,
      bool,
      std::int64_t,
      double,
      std::string,
      keyword,
      symbol,
      list,
      dictionary,
      tagged>;

  value() = default;                                     // nil
  value(bool b) : data_(b) {}                            // NOLINT(google-explicit-constructor)
  value(std::int64_t n) : data_(n) {}                    // NOLINT(google-explicit-constructor)
  value(int n) : data_(std::int64_t{n}) {}               // NOLINT(google-explicit-constructor)
  value(std::string text) : data_(std::move(text)) {}    // NOLINT(google-explicit-constructor)
  value(const char* text) : data_(std::string{text}) {}  // NOLINT(google-explicit-constructor)
  value(data d) : data_(std::move(d)) {}                 // NOLINT(google-explicit-constructor)
  static value of(std::vector<value> items) { return data{list{std::move(items)}}; }
  static value word(std::string name) { return data{keyword{std::move(name)}}; }
  /// A set of these items, in whatever order and number they are given.
  static value set_of(std::vector<value> items);
  /// The last of equal keys counts.
  static value map_of(std::vector<std::pair<value, value>> entries);

  [[nodiscard]] bool is_nil() const { return data_.index() == 0; }
  template <class T>
  [[nodiscard]] const T* as() const {
    return std::get_if<T>(&data_);
  }
  template <class T>
  [[nodiscard]] T* as() {
    return std::get_if<T>(&data_);
  }
  /// The items of a vector or list; null if it is something else.
  [[nodiscard]] const std::vector<value>* items() const {
    const auto* l = as<list>();
    return l == nullptr ? nullptr : &l->items;
  }
  /// The value under `key` of a map; null if there is none.
  [[nodiscard]] const value* find(const value& key) const;
  /// True for the keyword with this name.
  [[nodiscard]] bool is_word(std::string_view name) const {
    const auto* k = as<keyword>();
    return k != nullptr && k->name == name;
  }

  friend bool operator==(const value& a, const value& b);
  friend std::strong_ordering operator<=>(const value& a, const value& b);

 private:
  data data_;
};

[[nodiscard]] std::uint64_t hash_of(const value& v);
/// As EDN that the reader reads back.
[[nodiscard]] std::string to_text(const value& v);

}  // namespace atomix::checker
