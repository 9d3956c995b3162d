// SPDX-License-Identifier: Apache-2.0
#include "sim/specification/specification.hpp"

#include "resources/value/machine.hpp"

namespace atomix::sim {
namespace {

namespace proto = resources::value::proto;
using resources::value::machine;
using content = std::optional<std::string>;

class value_specification final : public specification {
 public:
  specified_answer command(session_id from, std::string_view operation) override {
    return carry_out<machine::commands>(operation, [&](const auto& m) { return apply(from, m); });
  }
  void end_sessions(const std::set<session_id>& sessions) override { listening_.end(sessions); }
  void remove() override { become(std::nullopt); }
  [[nodiscard]] bool takes_back(std::string_view operation) const override {
    return is_one_of<machine::commands, proto::Unlisten>(operation);
  }
  [[nodiscard]] specified_answer query(std::string_view operation) const override {
    return carry_out<machine::queries>(
        operation, [&](const proto::Get&) { return with(current()); });
  }
  [[nodiscard]] std::optional<log_time> next_deadline() const override { return ends_; }
  [[nodiscard]] std::vector<std::string> questions() const override {
    return {resources::encode_op<machine::queries>(proto::Get{})};
  }

 private:
  template <class Write>
  static content written_by(const Write& m) {
    return m.has_value() ? content{m.value()} : std::nullopt;
  }

  specified_answer apply(session_id, const proto::Set& m) {
    write(written_by(m), m.ttl_ms());
    return {};
  }
  specified_answer apply(session_id, const proto::GetAndSet& m) {
    specified_answer before = with(current());
    write(written_by(m), m.ttl_ms());
    return before;
  }
  specified_answer apply(session_id, const proto::CompareAndSet& m) {
    const content expect = m.has_expect() ? content{m.expect()} : std::nullopt;
    proto::Swapped reply;
    reply.set_swapped(value_ == expect);
    if (reply.swapped()) write(m.has_update() ? content{m.update()} : std::nullopt, m.ttl_ms());
    return with(reply);
  }
  specified_answer apply(session_id from, const proto::Listen& m) {
    return listening_.join(from, m.listener());
  }
  specified_answer apply(session_id from, const proto::Unlisten& m) {
    return listening_.leave(from, m.listener());
  }

  void expire() override {
    if (ends_ && *ends_ <= now()) become(std::nullopt);
  }
  void write(content to, std::uint64_t ttl_ms) {
    become(std::move(to));
    if (value_ && ttl_ms != 0) ends_ = later(now(), ttl_ms);
  }
  void become(content to) {
    ends_.reset();
    if (!value_ && !to) return;
    proto::Changed event;
    if (value_) event.set_old_value(*value_);
    if (to) event.set_new_value(*to);
    tell_all(listening_, resources::encode_op<machine::events>(event));
    value_ = std::move(to);
    version_ = index();
  }
  [[nodiscard]] proto::Current current() const {
    proto::Current reply;
    if (value_) reply.set_value(*value_);
    reply.set_version(version_.value());
    return reply;
  }

  content value_;
  index_t version_;
  std::optional<log_time> ends_;
  audience listening_;
};

}  // namespace

std::unique_ptr<specification> specify_value() {
  return std::make_unique<value_specification>();
}

}  // namespace atomix::sim
