// SPDX-License-Identifier: Apache-2.0
#include "sim/specification/specification.hpp"

#include "resources/lock/machine.hpp"

#include <algorithm>

namespace atomix::sim {
namespace {

namespace proto = resources::lock::proto;
using resources::lock::machine;

class lock_specification final : public specification {
 public:
  specified_answer command(session_id from, std::string_view operation) override {
    return carry_out<machine::commands>(operation, [&](const auto& m) { return apply(from, m); });
  }
  // All that end are out before the lock goes on to anybody.
  void end_sessions(const std::set<session_id>& sessions) override {
    std::erase_if(line_, [&](const request& r) { return sessions.contains(r.session); });
    if (holder_ && sessions.contains(holder_->session)) holder_.reset();
    go_on();
  }
  void remove() override {
    if (holder_) {
      proto::Deleted event;
      event.set_token(token_.value());
      say(holder_->session, event);
    }
    for (const request& r : line_) {
      proto::Deleted event;
      event.set_request(r.asked.value());
      say(r.session, event);
    }
  }
  [[nodiscard]] bool takes_back(std::string_view operation) const override {
    return is_one_of<machine::commands, proto::Release, proto::Withdraw>(operation);
  }
  [[nodiscard]] specified_answer query(std::string_view operation) const override {
    return carry_out<machine::queries>(operation, [&](const auto& m) { return ask(m); });
  }
  [[nodiscard]] std::optional<log_time> next_deadline() const override {
    std::optional<log_time> first;
    for (const request& r : line_) {
      if (r.patience && (!first || *r.patience < *first)) first = r.patience;
    }
    return first;
  }
  [[nodiscard]] std::vector<std::string> questions() const override {
    return {resources::encode_op<machine::queries>(proto::GetState{})};
  }

 private:
  struct request {
    session_id session;
    std::uint64_t handle = 0;
    index_t asked;
    std::optional<log_time> patience;  // none: for ever
  };

  specified_answer apply(session_id from, const proto::Acquire& m) {
    const bool waits = std::any_of(
        line_.begin(), line_.end(), [&](const request& r) { return r.session == from; });
    if (waits || holds(from)) return refused(absl::StatusCode::kFailedPrecondition);
    request r{from, m.handle(), index(), std::nullopt};
    proto::Asked reply;
    if (!holder_) {
      holder_ = r;
      token_ = std::max(index(), token_.next());  // never twice the same
      reply.set_token(token_.value());
    } else if (m.wait_forever() || m.wait_ms() != 0) {
      if (!m.wait_forever()) r.patience = later(now(), m.wait_ms());
      line_.push_back(r);
      reply.set_request(r.asked.value());
    }
    return with(reply);
  }
  specified_answer apply(session_id from, const proto::Release& m) {
    if (!holds(from) || (m.has_token() && m.token() != token_.value())) return yes(false);
    if (m.handle() != holder_->handle) {
      proto::Released event;
      event.set_token(token_.value());
      say(from, event);
    }
    holder_.reset();
    go_on();
    return yes(true);
  }
  specified_answer apply(session_id from, const proto::Withdraw&) {
    for (auto r = line_.begin(); r != line_.end(); ++r) {
      if (r->session != from) continue;
      proto::Withdrawn event;
      event.set_request(r->asked.value());
      say(from, event);
      line_.erase(r);
      return yes(true);
    }
    return yes(false);
  }

  [[nodiscard]] specified_answer ask(const proto::GetState&) const {
    proto::State reply;
    if (holder_) {
      reply.set_session(holder_->session.value());
      reply.set_token(token_.value());
    }
    reply.set_waiting(line_.size());
    return with(reply);
  }
  [[nodiscard]] specified_answer ask(const proto::Check& m) const {
    return yes(holder_ && token_.value() == m.token());
  }

  // By patience, and those who lose it together in the order of asking.
  void expire() override {
    std::vector<request> over;
    for (const request& r : line_) {
      if (r.patience && *r.patience <= now()) over.push_back(r);
    }
    std::stable_sort(over.begin(), over.end(), [](const request& a, const request& b) {
      return *a.patience < *b.patience;
    });
    for (const request& r : over) {
      proto::TimedOut event;
      event.set_request(r.asked.value());
      say(r.session, event);
      std::erase_if(line_, [&](const request& each) { return each.asked == r.asked; });
    }
  }
  // First come, first served.
  void go_on() {
    if (holder_ || line_.empty()) return;
    holder_ = line_.front();
    token_ = std::max(index(), token_.next());  // never twice the same
    line_.erase(line_.begin());
    proto::Granted event;
    event.set_request(holder_->asked.value());
    event.set_token(token_.value());
    say(holder_->session, event);
  }
  [[nodiscard]] bool holds(session_id session) const {
    return holder_ && holder_->session == session;
  }
  template <class Event>
  void say(session_id to, const Event& event) {
    tell(to, resources::encode_op<machine::events>(event));
  }
  static specified_answer yes(bool so) {
    proto::Answer reply;
    reply.set_yes(so);
    return with(reply);
  }

  std::optional<request> holder_;
  index_t token_;              // of the holder
  std::vector<request> line_;  // in the order of asking
};

}  // namespace

std::unique_ptr<specification> specify_lock() {
  return std::make_unique<lock_specification>();
}

}  // namespace atomix::sim
