// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/map_screen.hpp"

#include "sim/checker/cat.hpp"

#include <algorithm>
#include <string>

namespace atomix::checker {
namespace {

constexpr std::size_t looked_at_max = 64;  // per get; what is missing is seldom old

}  // namespace

bool writes_key(const operation& op) {
  return op.f == "put" || op.f == "append" || op.f == "delete";
}
bool replaces_key(const operation& op) {
  return op.f == "put" || op.f == "delete";
}
const value& content_of(const operation& op) {
  return op.key ? op.argument : op.argument.items()->back();
}

map_screen::map_screen(const part& p, const value& initial) : part_(p), initial_(initial) {
  for (std::size_t i = 0; i < p.size(); ++i) {
    const operation& op = p.at(i);
    if (replaces_key(op)) replacing_.push_back(&op);
    if (writes_key(op) && op.known == certainty::ok) acknowledged_.push_back(&op);
  }
  std::sort(acknowledged_.begin(), acknowledged_.end(), [](const operation* a, const operation* b) {
    return a->ret < b->ret;
  });
}

const std::string* map_screen::text_of(const operation& get) const {
  return get.f == "get" && get.known == certainty::ok ? get.result.as<std::string>() : nullptr;
}

std::string_view map_screen::begins(const operation* replacing) const {
  const bool put = replacing != nullptr && replacing->f == "put";
  const auto* text = (put ? content_of(*replacing) : initial_).as<std::string>();
  return text == nullptr ? std::string_view{} : std::string_view{*text};
}

std::vector<const operation*> map_screen::missing(
    const operation& get, std::string_view text) const {
  auto i =
      std::partition_point(acknowledged_.begin(), acknowledged_.end(), [&get](const operation* op) {
        return op->ret < get.call;
      });
  std::vector<const operation*> missing;
  for (std::size_t n = 0; n < looked_at_max && i != acknowledged_.begin(); ++n) {
    const operation* op = *--i;
    const auto* written = op->f == "delete" ? nullptr : content_of(*op).as<std::string>();
    if (written != nullptr && !contains(text, *written)) missing.push_back(op);
  }
  return missing;
}

std::optional<finding> map_screen::look_at(std::size_t i) const {
  const operation& get = part_.at(i);
  const std::string* text = text_of(get);
  if (text == nullptr) return std::nullopt;
  const auto lost = missing(get, *text);
  // Whether everything that is missing can have come before this one.
  const auto explains = [&](const operation* replacing) {
    if (replacing->call > get.ret || !text->starts_with(begins(replacing))) return false;
    return std::none_of(lost.begin(), lost.end(), [replacing](const operation* op) {
      return op->call > replacing->ret;
    });
  };
  if (std::any_of(replacing_.begin(), replacing_.end(), explains)) return std::nullopt;
  const auto replaced =
      std::find_if(replacing_.begin(), replacing_.end(), [&get](const operation* op) {
        return op->known == certainty::ok && op->ret < get.call;
      });
  const bool from_the_first = replaced == replacing_.end() && text->starts_with(begins(nullptr));
  if (from_the_first && lost.empty()) return std::nullopt;
  if (lost.empty()) {
    return finding{
        part_.numbers[i],
        cat("The ", describe(get), " does not begin with what was there at first or was put.")};
  }
  return finding{
      part_.numbers[i],
      cat("The ",
          describe(get),
          " lacks what was written and acknowledged before it began: ",
          describe(*lost.front()),
          replacing_.empty() ? "." : ", and no put can have replaced it."),
      {part_.whole->number_of(*lost.front())}};
}

std::optional<finding> map_screen::different_orders() const {
  if (!replacing_.empty()) return std::nullopt;
  const operation* longest = nullptr;
  for (std::size_t i = 0; i < part_.size(); ++i) {
    const operation& op = part_.at(i);
    const std::string* text = text_of(op);
    if (text == nullptr) continue;
    if (longest == nullptr) {
      longest = &op;
      continue;
    }
    const std::string& other = *text_of(*longest);
    if (!other.starts_with(*text) && !text->starts_with(other)) {
      return finding{
          part_.numbers[i],
          cat("The ",
              describe(op),
              " and the ",
              describe(*longest),
              " saw appends in different orders."),
          {part_.whole->number_of(*longest)}};
    }
    if (text->size() > other.size()) longest = &op;
  }
  return std::nullopt;
}

}  // namespace atomix::checker
