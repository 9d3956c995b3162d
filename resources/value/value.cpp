// SPDX-License-Identifier: Apache-2.0
#include "resources/value/value.hpp"

#include "resources/listen_operations.hpp"
#include "resources/reply.hpp"
#include "resources/value/machine.hpp"

namespace atomix {
namespace {

namespace proto = resources::value::proto;
using machine = resources::value::machine;
using resources::negative_ttl;

template <class Message>
std::string command_of(const Message& message) {
  return resources::encode_op<machine::commands>(message);
}

std::optional<std::string> value_of(const proto::Current& reply) {
  return reply.has_value() ? std::optional{reply.value()} : std::nullopt;
}

std::uint64_t milliseconds(time_to_live ttl) {
  return static_cast<std::uint64_t>(ttl.count());
}

}  // namespace

future<versioned<std::string>> value_base::read(freshness level) const {
  using found = versioned<std::string>;
  return query<found>(
      resources::encode_op<machine::queries>(proto::Get{}),
      level,
      resources::reading<found, proto::Current>([](const proto::Current& reply) {
        return found{value_of(reply), index_t{reply.version()}};
      }));
}

future<void> value_base::set_bytes(bytes value, time_to_live ttl) const {
  if (ttl.count() < 0) return ready_future<void>(negative_ttl());
  proto::Set op;
  if (value) op.set_value(*std::move(value));
  op.set_ttl_ms(milliseconds(ttl));
  return command<void>(command_of(op), resources::no_reply);
}

future<value_base::bytes> value_base::get_and_set_bytes(bytes value, time_to_live ttl) const {
  if (ttl.count() < 0) return ready_future<bytes>(negative_ttl());
  proto::GetAndSet op;
  if (value) op.set_value(*std::move(value));
  op.set_ttl_ms(milliseconds(ttl));
  return command<bytes>(command_of(op), resources::reading<bytes, proto::Current>(value_of));
}

future<bool> value_base::compare_and_set_bytes(bytes expect, bytes update, time_to_live ttl) const {
  if (ttl.count() < 0) return ready_future<bool>(negative_ttl());
  proto::CompareAndSet op;
  if (expect) op.set_expect(*std::move(expect));
  if (update) op.set_update(*std::move(update));
  op.set_ttl_ms(milliseconds(ttl));
  return command<bool>(
      command_of(op),
      resources::reading<bool, proto::Swapped>([](const auto& reply) { return reply.swapped(); }));
}

subscription value_base::on_change_bytes(
    std::function<void(value_change<std::string>)> listener) const {
  const auto hear = [listener = std::move(listener)](index_t index, std::string_view event) {
    value_change<std::string> change{index, {}, {}, {}};
    if (const auto e = resources::decode_as<machine::events, proto::Changed>(event)) {
      if (e->has_old_value()) change.old_value = e->old_value();
      if (e->has_new_value()) change.new_value = e->new_value();
    } else {
      change.status = absl::InternalError("The event could not be read.");
    }
    listener(std::move(change));
  };
  return subscribe(
      resources::listen_operations_of<machine::commands>(proto::Listen{}, proto::Unlisten{}), hear);
}

}  // namespace atomix
