// SPDX-License-Identifier: Apache-2.0
#include "resources/election/election.hpp"

#include "resources/election/machine.hpp"
#include "resources/listen_operations.hpp"
#include "resources/losses.hpp"
#include "resources/reply.hpp"

#include <utility>
#include <vector>

namespace atomix {
namespace {

namespace proto = resources::election::proto;
using machine = resources::election::machine;
using resources::decode_as;
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

std::optional<election_leader> leader_of(const proto::Leader& reply) {
  if (reply.epoch() == 0) return std::nullopt;
  return election_leader{session_id{reply.session()}, index_t{reply.epoch()}, reply.candidate()};
}

}  // namespace

/// What a handle and its copies run as. All members but `lost` are used on the session's thread
/// only, where completions, events and changes of state come in order.
struct election::candidacy : std::enable_shared_from_this<candidacy> {
  std::weak_ptr<invoker> session;
  index_t id;  // none: no candidate
  index_t epoch;
  std::uint64_t number = 0;  // tells apart the handles of a session
  // Of what was led when the session expired or the election was deleted.
  std::shared_ptr<resources::losses<index_t>> lost = std::make_shared<resources::losses<index_t>>();
  std::function<void(index_t)> elected;
  listening events;
  listening states;
  // While a candidate the session keeps this: somebody must hear of the election, even if all
  // handles are gone. (Nobody here keeps the session: that would be a circle.)
  listening kept;

  void entered(const proto::Entered& reply, std::function<void(index_t)> listener) {
    id = index_t{reply.candidacy()};
    elected = std::move(listener);
    lost->begin_anew();
    const auto by = session.lock();
    if (by != nullptr) kept = {by, by->watch_state([self = shared_from_this()](session_state) {})};
  }
  void lead(index_t since) {
    epoch = since;
    const std::function<void(index_t)> listener = elected;  // it may end the candidacy
    if (listener) listener(since);
  }
  void hear(std::string_view event) {
    const auto e = decode_as<machine::events, proto::Elected>(event);
    if (e && is_mine(e->candidacy())) return lead(index_t{e->epoch()});
    const auto resigned = decode_as<machine::events, proto::Resigned>(event);
    if (resigned && is_mine(resigned->candidacy())) end();
    const auto gone = decode_as<machine::events, proto::Deleted>(event);
    if (gone && is_mine(gone->candidacy())) lost->lose(end());
  }
  [[nodiscard]] bool is_mine(std::uint64_t run) const {
    return !id.is_none() && index_t{run} == id;
  }
  void follow(session_state state) {
    if (state != session_state::expired && state != session_state::closed) return;
    const index_t led = end();
    if (state == session_state::expired && !led.is_none()) lost->lose(led);
  }
  // Gives the epoch, if it led.
  index_t end() {
    const index_t led = std::exchange(epoch, {});
    id = {};
    elected = nullptr;
    kept.cancel();
    return led;
  }
};

election::election(const std::shared_ptr<invoker>& session, const std::string& name)
    : handle(session, name, type_name), candidacy_(std::make_shared<candidacy>()) {
  const std::weak_ptr<candidacy> weak = candidacy_;
  candidacy_->session = session;
  const listener_id ears = session->listen(name, [weak](index_t, std::string_view event) {
    if (const auto one = weak.lock()) one->hear(event);
  });
  candidacy_->events = {session, ears};
  candidacy_->number = ears.value();
  candidacy_->states = {session, session->watch_state([weak](session_state state) {
                          if (const auto one = weak.lock()) one->follow(state);
                        })};
}

future<void> election::run(
    std::string candidate, std::function<void(index_t epoch)> elected) const {
  proto::Run op;
  op.set_candidate(std::move(candidate));
  op.set_handle(candidacy_->number);
  const promise<void> entered;
  // The decoded result is only a by-product: who entered hears of that before it is elected.
  static_cast<void>(command<void>(
      command_of(op),
      [one = candidacy_, entered, elected = std::move(elected)](
          const absl::StatusOr<outcome>& reply) {
        const absl::StatusOr<proto::Entered> answer = parse_reply<proto::Entered>(reply);
        if (answer.ok()) one->entered(*answer, elected);
        entered.set(answer.status());
        if (answer.ok() && answer->epoch() != 0) one->lead(index_t{answer->epoch()});
        return answer.status();
      }));
  return entered.get_future();
}

future<bool> election::resign() const {
  proto::Resign op;
  op.set_handle(candidacy_->number);
  return command<bool>(command_of(op), [one = candidacy_](const absl::StatusOr<outcome>& reply) {
    absl::StatusOr<bool> answer = yes(reply);
    if (answer.ok()) one->end();
    return answer;
  });
}

future<bool> election::is_leader(index_t epoch) const {
  proto::IsLeader op;
  op.set_epoch(epoch.value());
  return query<bool>(query_of(op), consistency::atomic, yes);
}

future<std::optional<election_leader>> election::leader(freshness level) const {
  return query<std::optional<election_leader>>(
      query_of(proto::GetLeader{}),
      level,
      reading<std::optional<election_leader>, proto::Leader>(leader_of));
}

future<std::vector<election_candidate>> election::candidates(freshness level) const {
  using list = std::vector<election_candidate>;
  return query<list>(
      query_of(proto::GetCandidates{}),
      level,
      reading<list, proto::Candidates>([](const proto::Candidates& reply) {
        list result;
        for (const auto& each : reply.candidates())
          result.push_back({session_id{each.session()}, each.candidate()});
        return result;
      }));
}

subscription election::on_change(std::function<void(const election_change&)> listener) const {
  const auto hear = [listener = std::move(listener)](index_t index, std::string_view event) {
    if (const auto e = decode_as<machine::events, proto::LeaderChanged>(event))
      listener({index, leader_of(e->leader())});
  };
  return subscribe(
      resources::listen_operations_of<machine::commands>(proto::Listen{}, proto::Unlisten{}), hear);
}

listening election::on_lost(std::function<void(index_t epoch)> listener) const {
  return candidacy_->lost->listen(std::move(listener));
}

}  // namespace atomix
