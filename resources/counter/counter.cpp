// SPDX-License-Identifier: Apache-2.0
#include "resources/counter/counter.hpp"

#include "resources/counter/machine.hpp"
#include "resources/listen_operations.hpp"
#include "resources/reply.hpp"

namespace atomix {
namespace {

namespace proto = resources::counter::proto;
using machine = resources::counter::machine;
using resources::reading;

template <class Message>
std::string command_of(const Message& message) {
  return resources::encode_op<machine::commands>(message);
}

std::string set_to(std::int64_t value) {
  proto::Set op;
  op.set_value(value);
  return command_of(op);
}

std::string add(std::int64_t delta) {
  proto::Add op;
  op.set_delta(delta);
  return command_of(op);
}

std::int64_t before(const proto::Moved& reply) {
  return reply.before();
}
std::int64_t after(const proto::Moved& reply) {
  return reply.after();
}

}  // namespace

future<std::int64_t> counter::get(freshness level) const {
  return query<std::int64_t>(
      resources::encode_op<machine::queries>(proto::Get{}),
      level,
      reading<std::int64_t, proto::Current>([](const auto& reply) { return reply.value(); }));
}

future<void> counter::set(std::int64_t to) const {
  return command<void>(set_to(to), resources::no_reply);
}

future<std::int64_t> counter::get_and_set(std::int64_t to) const {
  return command<std::int64_t>(set_to(to), reading<std::int64_t, proto::Moved>(before));
}

future<bool> counter::compare_and_set(std::int64_t expect, std::int64_t update) const {
  proto::CompareAndSet op;
  op.set_expect(expect);
  op.set_update(update);
  return command<bool>(command_of(op), reading<bool, proto::Swapped>([](const auto& reply) {
                         return reply.swapped();
                       }));
}

future<std::int64_t> counter::add_and_get(std::int64_t delta) const {
  return command<std::int64_t>(add(delta), reading<std::int64_t, proto::Moved>(after));
}

future<std::int64_t> counter::get_and_add(std::int64_t delta) const {
  return command<std::int64_t>(add(delta), reading<std::int64_t, proto::Moved>(before));
}

subscription counter::on_change(std::function<void(const counter_change&)> listener) const {
  const auto hear = [listener = std::move(listener)](index_t index, std::string_view event) {
    if (const auto e = resources::decode_as<machine::events, proto::Changed>(event))
      listener({index, e->old_value(), e->new_value()});
  };
  return subscribe(
      resources::listen_operations_of<machine::commands>(proto::Listen{}, proto::Unlisten{}), hear);
}

}  // namespace atomix
