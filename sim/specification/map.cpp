// SPDX-License-Identifier: Apache-2.0
#include "sim/specification/specification.hpp"

#include "resources/map/machine.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace atomix::sim {
namespace {

namespace proto = resources::map::proto;
using resources::map::machine;

/// How many entries are looked at after each change.
constexpr std::uint64_t looked_at = 16;

class map_specification final : public specification {
 public:
  specified_answer command(session_id from, std::string_view operation) override {
    return carry_out<machine::commands>(operation, [&](const auto& m) { return apply(from, m); });
  }
  void end_sessions(const std::set<session_id>& sessions) override {
    std::erase_if(listening_, [&](const listening& each) { return sessions.contains(each.who); });
  }
  void remove() override { static_cast<void>(apply({}, proto::Clear{})); }
  [[nodiscard]] bool takes_back(std::string_view operation) const override {
    return is_one_of<machine::commands, proto::Unlisten>(operation);
  }
  [[nodiscard]] specified_answer query(std::string_view operation) const override {
    return carry_out<machine::queries>(operation, [&](const auto& m) { return ask(m); });
  }
  [[nodiscard]] std::optional<log_time> next_deadline() const override {
    std::optional<log_time> first;
    for (const auto& [key, e] : entries_) {
      if (e.ends && (!first || *e.ends < *first)) first = e.ends;
    }
    return first;
  }
  [[nodiscard]] std::vector<std::string> questions() const override {
    proto::Scan behind;
    behind.set_keys(true);
    behind.set_values(true);
    behind.set_limit(looked_at);
    proto::Get last;
    last.set_key(last_key_);
    if (entries_.size() > looked_at) behind.set_after(last_key_);
    return {
        resources::encode_op<machine::queries>(proto::GetSize{}),
        resources::encode_op<machine::queries>(last),
        resources::encode_op<machine::queries>(behind)};
  }

 private:
  struct entry {
    std::string value;
    std::optional<log_time> ends;
    std::uint64_t write = 0;  // which one of this map
  };
  struct listening {
    session_id who;
    std::uint64_t listener = 0;
    std::optional<std::string> key;  // none: all
    bool operator==(const listening&) const = default;
  };

  // --- Commands
  specified_answer apply(session_id, const proto::Put& m) {
    specified_answer before = found(m.key());
    write(m.key(), m.value(), m.ttl_ms());
    return m.return_previous() ? before : specified_answer{};
  }
  specified_answer apply(session_id, const proto::PutIfAbsent& m) {
    specified_answer before = found(m.key());
    if (!entries_.contains(m.key())) write(m.key(), m.value(), m.ttl_ms());
    return before;
  }
  specified_answer apply(session_id, const proto::Remove& m) {
    specified_answer before = found(m.key());
    if (entries_.contains(m.key())) erase(m.key(), false);
    return before;
  }
  specified_answer apply(session_id, const proto::RemoveIf& m) {
    const bool matches = has(m.key(), m.value());
    if (matches) erase(m.key(), false);
    return yes(matches);
  }
  specified_answer apply(session_id, const proto::Replace& m) {
    specified_answer before = found(m.key());
    if (entries_.contains(m.key())) write(m.key(), m.value(), m.ttl_ms());
    return before;
  }
  specified_answer apply(session_id, const proto::ReplaceIf& m) {
    const bool matches = has(m.key(), m.expect());
    if (matches) write(m.key(), m.update(), m.ttl_ms());
    return yes(matches);
  }
  specified_answer apply(session_id, const proto::Clear&) {
    if (entries_.empty()) return {};
    proto::Cleared event;
    event.set_entries(entries_.size());
    std::set<session_id> everybody;
    for (const listening& each : listening_)
      everybody.insert(each.who);
    for (const session_id who : everybody)
      tell(who, resources::encode_op<machine::events>(event));
    entries_.clear();
    return {};
  }
  specified_answer apply(session_id from, const proto::Listen& m) {
    const listening wish = wish_of(from, m);
    std::erase(listening_, wish);
    listening_.push_back(wish);
    return {};
  }
  specified_answer apply(session_id from, const proto::Unlisten& m) {
    std::erase(listening_, wish_of(from, m));
    return {};
  }

  // --- Queries
  [[nodiscard]] specified_answer ask(const proto::Get& m) const { return found(m.key()); }
  [[nodiscard]] specified_answer ask(const proto::ContainsKey& m) const {
    return yes(entries_.contains(m.key()));
  }
  [[nodiscard]] specified_answer ask(const proto::ContainsValue& m) const {
    return yes(std::any_of(entries_.begin(), entries_.end(), [&](const auto& e) {
      return e.second.value == m.value();
    }));
  }
  [[nodiscard]] specified_answer ask(const proto::GetSize&) const {
    proto::Size reply;
    reply.set_entries(entries_.size());
    return with(reply);
  }
  [[nodiscard]] specified_answer ask(const proto::Scan& m) const {
    proto::Scanned reply;
    std::uint64_t room = m.limit() != 0 ? m.limit() : std::numeric_limits<std::uint64_t>::max();
    for (const auto& [key, e] : entries_) {
      if (m.has_after() && key <= m.after()) continue;
      if (room-- == 0) {
        reply.set_more(true);
        break;
      }
      if (m.keys()) reply.add_keys(key);
      if (m.values()) reply.add_values(e.value);
    }
    return with(reply);
  }

  // --- What both stand on
  void expire() override {
    std::vector<std::tuple<log_time, std::uint64_t, std::string>> over;
    for (const auto& [key, e] : entries_) {
      if (e.ends && *e.ends <= now()) over.emplace_back(*e.ends, e.write, key);
    }
    std::sort(over.begin(), over.end());
    for (const auto& [ends, order, key] : over)
      erase(key, true);
  }
  void write(const std::string& key, const std::string& value, std::uint64_t ttl_ms) {
    proto::Changed event;
    event.set_new_value(value);
    change(key, std::move(event));
    entry& e = entries_[key];
    e = {value, std::nullopt, ++writes_};
    if (ttl_ms != 0) e.ends = later(now(), ttl_ms);
  }
  void erase(const std::string& key, bool expired) {
    proto::Changed event;
    event.set_expired(expired);
    change(key, std::move(event));
    entries_.erase(key);
  }
  void change(const std::string& key, proto::Changed event) {
    last_key_ = key;
    event.set_key(key);
    if (entries_.contains(key)) event.set_old_value(entries_.at(key).value);
    std::set<session_id> hear;
    for (const listening& each : listening_) {
      if (!each.key || *each.key == key) hear.insert(each.who);
    }
    for (const session_id who : hear)
      tell(who, resources::encode_op<machine::events>(event));
  }
  template <class Wish>
  static listening wish_of(session_id from, const Wish& m) {
    return {from, m.listener(), m.has_key() ? std::optional{m.key()} : std::nullopt};
  }
  [[nodiscard]] bool has(const std::string& key, const std::string& value) const {
    const auto at = entries_.find(key);
    return at != entries_.end() && at->second.value == value;
  }
  [[nodiscard]] specified_answer found(const std::string& key) const {
    proto::Found reply;
    if (entries_.contains(key)) reply.set_value(entries_.at(key).value);
    return with(reply);
  }
  static specified_answer yes(bool so) {
    proto::Answer reply;
    reply.set_yes(so);
    return with(reply);
  }

  std::map<std::string, entry> entries_;
  std::uint64_t writes_ = 0;
  std::string last_key_;  // that was changed
  std::vector<listening> listening_;
};

}  // namespace

std::unique_ptr<specification> specify_map() {
  return std::make_unique<map_specification>();
}

}  // namespace atomix::sim
