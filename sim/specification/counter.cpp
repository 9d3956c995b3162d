// SPDX-License-Identifier: Apache-2.0
#include "sim/specification/specification.hpp"

#include "resources/counter/machine.hpp"

namespace atomix::sim {
namespace {

namespace proto = resources::counter::proto;
using resources::counter::machine;

class counter_specification final : public specification {
 public:
  specified_answer command(session_id from, std::string_view operation) override {
    return carry_out<machine::commands>(operation, [&](const auto& m) { return apply(from, m); });
  }
  void end_sessions(const std::set<session_id>& sessions) override { listening_.end(sessions); }
  void remove() override {
    if (number_ != 0) write(0);
  }
  [[nodiscard]] bool takes_back(std::string_view operation) const override {
    return is_one_of<machine::commands, proto::Unlisten>(operation);
  }
  [[nodiscard]] specified_answer query(std::string_view operation) const override {
    return carry_out<machine::queries>(operation, [&](const proto::Get&) {
      proto::Current reply;
      reply.set_value(number_);
      return with(reply);
    });
  }
  [[nodiscard]] std::vector<std::string> questions() const override {
    return {resources::encode_op<machine::queries>(proto::Get{})};
  }

 private:
  specified_answer apply(session_id, const proto::Set& m) { return move_to(m.value()); }
  specified_answer apply(session_id, const proto::Add& m) {
    std::int64_t sum = 0;
    static_cast<void>(__builtin_add_overflow(number_, m.delta(), &sum));  // wraps around
    return move_to(sum);
  }
  specified_answer apply(session_id, const proto::CompareAndSet& m) {
    proto::Swapped reply;
    if (number_ == m.expect()) {
      write(m.update());
      reply.set_swapped(true);
    }
    return with(reply);
  }
  specified_answer apply(session_id from, const proto::Listen& m) {
    return listening_.join(from, m.listener());
  }
  specified_answer apply(session_id from, const proto::Unlisten& m) {
    return listening_.leave(from, m.listener());
  }

  specified_answer move_to(std::int64_t to) {
    proto::Moved reply;
    reply.set_before(number_);
    reply.set_after(to);
    write(to);
    return with(reply);
  }
  void write(std::int64_t to) {
    proto::Changed event;
    event.set_old_value(number_);
    event.set_new_value(to);
    tell_all(listening_, resources::encode_op<machine::events>(event));
    number_ = to;
  }

  std::int64_t number_ = 0;
  audience listening_;
};

}  // namespace

std::unique_ptr<specification> specify_counter() {
  return std::make_unique<counter_specification>();
}

}  // namespace atomix::sim
