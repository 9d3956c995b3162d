// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/value.hpp"

#include "sim/checker/cat.hpp"

#include <absl/strings/escaping.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <type_traits>

namespace atomix::checker {
namespace {

template <class T>
std::strong_ordering compare(const T& a, const T& b) {
  if constexpr (std::is_same_v<T, double>) {
    return std::strong_order(a, b);
  } else {
    return a <=> b;
  }
}

std::strong_ordering compare_all(const std::vector<value>& a, const std::vector<value>& b) {
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const auto order = a[i] <=> b[i];
    if (order != 0) return order;
  }
  return a.size() <=> b.size();
}

void mix(std::uint64_t& hash, std::uint64_t more) {
  hash = (hash ^ more) * 0x9e3779b97f4a7c15ULL;
  hash ^= hash >> 32U;
}

void mix_text(std::uint64_t& hash, std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text)
    h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  mix(hash, h);
}

struct hasher {
  std::uint64_t& hash;
  void operator()(std::monostate) const {}
  void operator()(bool b) const { mix(hash, b ? 1 : 2); }
  void operator()(std::int64_t n) const { mix(hash, static_cast<std::uint64_t>(n)); }
  void operator()(double d) const { mix(hash, std::bit_cast<std::uint64_t>(d)); }
  void operator()(const std::string& s) const { mix_text(hash, s); }
  void operator()(const keyword& k) const { mix_text(hash, k.name); }
  void operator()(const symbol& s) const { mix_text(hash, s.name); }
  void operator()(const list& l) const {
    for (const value& v : l.items)
      mix(hash, hash_of(v));
  }
  void operator()(const dictionary& d) const {
    for (const auto& [k, v] : d.entries) {
      mix(hash, hash_of(k));
      mix(hash, hash_of(v));
    }
  }
  void operator()(const tagged& t) const {
    mix_text(hash, t.tag);
    (*this)(list{t.items});
  }
};

std::string join(const std::vector<value>& items) {
  std::string text;
  for (const value& v : items)
    append(text, text.empty() ? "" : " ", to_text(v));
  return text;
}

struct printer {
  std::string operator()(std::monostate) const { return "nil"; }
  std::string operator()(bool b) const { return b ? "true" : "false"; }
  std::string operator()(std::int64_t n) const { return cat(n); }
  std::string operator()(double d) const {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), d).ptr;
    std::string text(digits.data(), end);
    if (text.find_first_of(".en") == std::string::npos) text += ".0";
    return text;
  }
  std::string operator()(const std::string& s) const {
    return cat("\"", absl::Utf8SafeCEscape(s), "\"");
  }
  std::string operator()(const keyword& k) const { return ":" + k.name; }
  std::string operator()(const symbol& s) const { return s.name; }
  std::string operator()(const list& l) const { return "[" + join(l.items) + "]"; }
  std::string operator()(const dictionary& d) const {
    std::string text;
    for (const auto& [k, v] : d.entries) {
      append(text, text.empty() ? "" : d.is_set ? " " : ", ", to_text(k));
      if (!d.is_set) append(text, " ", to_text(v));
    }
    return cat(d.is_set ? "#{" : "{", text, "}");
  }
  std::string operator()(const tagged& t) const { return cat("#", t.tag, " ", join(t.items)); }
};

}  // namespace

bool operator==(const list& a, const list& b) {
  return a.items == b.items;
}
std::strong_ordering operator<=>(const list& a, const list& b) {
  return compare_all(a.items, b.items);
}

bool operator==(const dictionary& a, const dictionary& b) {
  return a.is_set == b.is_set && a.entries == b.entries;
}
std::strong_ordering operator<=>(const dictionary& a, const dictionary& b) {
  for (std::size_t i = 0; i < a.entries.size() && i < b.entries.size(); ++i) {
    if (const auto order = a.entries[i].first <=> b.entries[i].first; order != 0) return order;
    if (const auto order = a.entries[i].second <=> b.entries[i].second; order != 0) return order;
  }
  if (const auto order = a.entries.size() <=> b.entries.size(); order != 0) return order;
  return a.is_set <=> b.is_set;
}

bool operator==(const tagged& a, const tagged& b) {
  return a.tag == b.tag && a.items == b.items;
}
std::strong_ordering operator<=>(const tagged& a, const tagged& b) {
  if (const auto order = a.tag <=> b.tag; order != 0) return order;
  return compare_all(a.items, b.items);
}

bool operator==(const value& a, const value& b) {
  return a.data_ == b.data_;
}
std::strong_ordering operator<=>(const value& a, const value& b) {
  if (a.data_.index() != b.data_.index()) return a.data_.index() <=> b.data_.index();
  return std::visit(
      [&b]<class T>(const T& left) { return compare(left, std::get<T>(b.data_)); }, a.data_);
}

value value::set_of(std::vector<value> items) {
  std::sort(items.begin(), items.end());
  items.erase(std::unique(items.begin(), items.end()), items.end());
  dictionary set;
  set.is_set = true;
  for (value& v : items)
    set.entries.emplace_back(std::move(v), value{});
  return data{std::move(set)};
}

value value::map_of(std::vector<std::pair<value, value>> entries) {
  const auto by_key = [](const auto& a, const auto& b) {
    return a.first < b.first;
  };
  std::stable_sort(entries.begin(), entries.end(), by_key);
  dictionary map;
  for (auto& entry : entries) {
    if (!map.entries.empty() && map.entries.back().first == entry.first) {
      map.entries.back().second = std::move(entry.second);
    } else {
      map.entries.push_back(std::move(entry));
    }
  }
  return data{std::move(map)};
}

const value* value::find(const value& key) const {
  const auto* d = as<dictionary>();
  if (d == nullptr) return nullptr;
  const auto before = [](const auto& entry, const value& k) {
    return entry.first < k;
  };
  const auto i = std::lower_bound(d->entries.begin(), d->entries.end(), key, before);
  return i == d->entries.end() || i->first != key ? nullptr : &i->second;
}

std::uint64_t hash_of(const value& v) {
  std::uint64_t hash = 0x2545f4914f6cdd1dULL;
  const auto visit = [&hash](const auto* part) {
    if (part == nullptr) return false;
    hasher{hash}(*part);
    return true;
  };
  // Numbers first: they are nearly all there is.
  static_cast<void>(
      visit(v.as<std::int64_t>()) || visit(v.as<std::string>()) || visit(v.as<list>())
      || visit(v.as<dictionary>()) || visit(v.as<keyword>()) || visit(v.as<bool>())
      || visit(v.as<symbol>()) || visit(v.as<double>()) || visit(v.as<tagged>()));
  return hash;
}

std::string to_text(const value& v) {
  std::string text = "nil";
  const auto visit = [&text](const auto* part) {
    if (part == nullptr) return false;
    text = printer{}(*part);
    return true;
  };
  static_cast<void>(
      visit(v.as<std::int64_t>()) || visit(v.as<std::string>()) || visit(v.as<list>())
      || visit(v.as<dictionary>()) || visit(v.as<keyword>()) || visit(v.as<bool>())
      || visit(v.as<symbol>()) || visit(v.as<double>()) || visit(v.as<tagged>()));
  return text;
}

}  // namespace atomix::checker
