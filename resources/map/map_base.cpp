// SPDX-License-Identifier: Apache-2.0
#include "resources/map/map_base.hpp"

#include "resources/listen_operations.hpp"
#include "resources/map/machine.hpp"
#include "resources/reply.hpp"

namespace atomix {
namespace {

namespace proto = resources::map::proto;
using machine = resources::map::machine;
using resources::decode_as;
using resources::negative_ttl;
using resources::parse_reply;
using resources::reading;

template <class Message>
std::string command_of(const Message& message) {
  return resources::encode_op<machine::commands>(message);
}

template <class Message>
std::string query_of(const Message& message) {
  return resources::encode_op<machine::queries>(message);
}

absl::StatusOr<bool> yes(const absl::StatusOr<outcome>& reply) {
  const absl::StatusOr<proto::Answer> answer = parse_reply<proto::Answer>(reply);
  if (!answer.ok()) return answer.status();
  return answer->yes();
}

using found_bytes = std::optional<std::string>;

absl::StatusOr<found_bytes> found(const absl::StatusOr<outcome>& reply) {
  absl::StatusOr<proto::Found> answer = parse_reply<proto::Found>(reply);
  if (!answer.ok()) return answer.status();
  if (!answer->has_value()) return found_bytes{};
  return found_bytes{std::move(*answer->mutable_value())};
}

// A message with the fields that all writes have.
template <class Message, class Entry>
Message writing(Entry entry, time_to_live ttl) {
  Message op;
  op.set_key(std::move(entry.key));
  op.set_value(std::move(entry.value));
  op.set_ttl_ms(static_cast<std::uint64_t>(ttl.count()));
  return op;
}

map_event<std::string, std::string> changed(index_t index, const proto::Changed& e) {
  map_event<std::string, std::string> event{
      map_change::updated, index, e.key(), {}, {}, e.expired(), {}};
  if (e.has_old_value()) event.old_value = e.old_value();
  if (e.has_new_value()) event.new_value = e.new_value();
  if (!e.has_old_value()) event.kind = map_change::added;
  if (!e.has_new_value()) event.kind = map_change::removed;
  return event;
}

}  // namespace

future<std::uint64_t> map_base::size(freshness level) const {
  return query<std::uint64_t>(
      query_of(proto::GetSize{}), level, reading<std::uint64_t, proto::Size>([](const auto& reply) {
        return reply.entries();
      }));
}

future<bool> map_base::is_empty(freshness level) const {
  return transform<bool>(
      size(level), [](const absl::StatusOr<std::uint64_t>& r) -> absl::StatusOr<bool> {
        if (!r.ok()) return r.status();
        return *r == 0;
      });
}

future<void> map_base::clear() const {
  return command<void>(command_of(proto::Clear{}), resources::no_reply);
}

future<bool> map_base::contains_key_bytes(std::string key, freshness level) const {
  proto::ContainsKey op;
  op.set_key(std::move(key));
  return query<bool>(query_of(op), level, yes);
}

future<bool> map_base::contains_value_bytes(std::string value, freshness level) const {
  proto::ContainsValue op;
  op.set_value(std::move(value));
  return query<bool>(query_of(op), level, yes);
}

future<map_base::bytes> map_base::get_bytes(std::string key, freshness level) const {
  proto::Get op;
  op.set_key(std::move(key));
  return query<bytes>(query_of(op), level, found);
}

future<map_base::scanned> map_base::scan(scan_range range, freshness level) const {
  proto::Scan op;
  op.set_keys(range.keys);
  op.set_values(range.values);
  if (range.after) op.set_after(*std::move(range.after));
  op.set_limit(range.limit);
  return query<scanned>(
      query_of(op), level, reading<scanned, proto::Scanned>([](const proto::Scanned& reply) {
        return scanned{
            {reply.keys().begin(), reply.keys().end()},
            {reply.values().begin(), reply.values().end()}};
      }));
}

future<map_base::bytes> map_base::put_bytes(entry_bytes entry, time_to_live ttl) const {
  if (ttl.count() < 0) return ready_future<bytes>(negative_ttl());
  auto op = writing<proto::Put>(std::move(entry), ttl);
  op.set_return_previous(true);
  return command<bytes>(command_of(op), found);
}

future<void> map_base::set_bytes(entry_bytes entry, time_to_live ttl) const {
  if (ttl.count() < 0) return ready_future<void>(negative_ttl());
  return command<void>(command_of(writing<proto::Put>(std::move(entry), ttl)), resources::no_reply);
}

future<map_base::bytes> map_base::put_if_absent_bytes(entry_bytes entry, time_to_live ttl) const {
  if (ttl.count() < 0) return ready_future<bytes>(negative_ttl());
  return command<bytes>(command_of(writing<proto::PutIfAbsent>(std::move(entry), ttl)), found);
}

future<map_base::bytes> map_base::remove_bytes(std::string key) const {
  proto::Remove op;
  op.set_key(std::move(key));
  return command<bytes>(command_of(op), found);
}

future<bool> map_base::remove_if_bytes(entry_bytes entry) const {
  proto::RemoveIf op;
  op.set_key(std::move(entry.key));
  op.set_value(std::move(entry.value));
  return command<bool>(command_of(op), yes);
}

future<map_base::bytes> map_base::replace_bytes(entry_bytes entry, time_to_live ttl) const {
  if (ttl.count() < 0) return ready_future<bytes>(negative_ttl());
  return command<bytes>(command_of(writing<proto::Replace>(std::move(entry), ttl)), found);
}

future<bool> map_base::replace_if_bytes(
    entry_bytes entry, std::string expect, time_to_live ttl) const {
  if (ttl.count() < 0) return ready_future<bool>(negative_ttl());
  proto::ReplaceIf op;
  op.set_key(std::move(entry.key));
  op.set_update(std::move(entry.value));
  op.set_expect(std::move(expect));
  op.set_ttl_ms(static_cast<std::uint64_t>(ttl.count()));
  return command<bool>(command_of(op), yes);
}

subscription map_base::listen(bytes key, std::function<void(const raw_event&)> listener) const {
  proto::Listen listen;
  proto::Unlisten unlisten;
  if (key) {
    listen.set_key(*key);
    unlisten.set_key(*key);
  }
  // A session hears all that any of its listeners asked for: each takes its own.
  const auto hear = [key, listener = std::move(listener)](index_t index, std::string_view event) {
    if (const auto e = decode_as<machine::events, proto::Changed>(event)) {
      if (!key || *key == e->key()) listener(changed(index, *e));
    } else if (decode_as<machine::events, proto::Cleared>(event)) {
      listener({map_change::cleared, index, {}, {}, {}, false, {}});
    } else {
      listener(
          {map_change::updated,
           index,
           {},
           {},
           {},
           false,
           absl::InternalError("The event could not be read.")});
    }
  };
  return subscribe(
      resources::listen_operations_of<machine::commands>(std::move(listen), std::move(unlisten)),
      hear);
}

}  // namespace atomix
