// SPDX-License-Identifier: Apache-2.0
#include "sim/specification/specification.hpp"

#include "resources/election/machine.hpp"

#include <algorithm>

namespace atomix::sim {
namespace {

namespace proto = resources::election::proto;
using resources::election::machine;

class election_specification final : public specification {
 public:
  specified_answer command(session_id from, std::string_view operation) override {
    return carry_out<machine::commands>(operation, [&](const auto& m) { return apply(from, m); });
  }
  // All that end are out before the next one is elected.
  void end_sessions(const std::set<session_id>& sessions) override {
    listening_.end(sessions);
    const bool over = leads_in(sessions);
    std::erase_if(race_, [&](const candidate& c) { return sessions.contains(c.session); });
    if (over) elect_next();
  }
  void remove() override {
    for (const candidate& c : race_) {
      proto::Deleted event;
      event.set_candidacy(c.entered.value());
      say(c.session, event);
    }
    if (race_.empty()) return;
    race_.clear();
    elect_next();
  }
  [[nodiscard]] bool takes_back(std::string_view operation) const override {
    return is_one_of<machine::commands, proto::Resign, proto::Unlisten>(operation);
  }
  [[nodiscard]] specified_answer query(std::string_view operation) const override {
    return carry_out<machine::queries>(operation, [&](const auto& m) { return ask(m); });
  }
  [[nodiscard]] std::vector<std::string> questions() const override {
    return {
        resources::encode_op<machine::queries>(proto::GetLeader{}),
        resources::encode_op<machine::queries>(proto::GetCandidates{})};
  }

 private:
  struct candidate {
    session_id session;
    std::string text;
    std::uint64_t handle = 0;
    index_t entered;
  };

  specified_answer apply(session_id from, const proto::Run& m) {
    if (place_of(from) != race_.end()) return refused(absl::StatusCode::kFailedPrecondition);
    race_.push_back({from, m.candidate(), m.handle(), index()});
    proto::Entered reply;
    reply.set_candidacy(index().value());
    if (race_.size() == 1) {
      epoch_ = std::max(index(), epoch_.next());  // never twice the same
      reply.set_epoch(epoch_.value());
      announce();
    }
    return with(reply);
  }
  specified_answer apply(session_id from, const proto::Resign& m) {
    proto::Answer reply;
    const auto place = place_of(from);
    if (place == race_.end()) return with(reply);
    reply.set_yes(true);
    if (place->handle != m.handle()) {
      proto::Resigned event;
      event.set_candidacy(place->entered.value());
      say(from, event);
    }
    const bool led = place == race_.begin();
    race_.erase(place);
    if (led) elect_next();
    return with(reply);
  }
  specified_answer apply(session_id from, const proto::Listen& m) {
    return listening_.join(from, m.listener());
  }
  specified_answer apply(session_id from, const proto::Unlisten& m) {
    return listening_.leave(from, m.listener());
  }

  [[nodiscard]] specified_answer ask(const proto::GetLeader&) const { return with(leader()); }
  [[nodiscard]] specified_answer ask(const proto::IsLeader& m) const {
    proto::Answer reply;
    reply.set_yes(!race_.empty() && m.epoch() == epoch_.value());
    return with(reply);
  }
  [[nodiscard]] specified_answer ask(const proto::GetCandidates&) const {
    proto::Candidates reply;
    for (const candidate& c : race_) {
      auto& added = *reply.add_candidates();
      added.set_session(c.session.value());
      added.set_candidate(c.text);
    }
    return with(reply);
  }

  // Whoever is first in the race leads.
  void elect_next() {
    if (!race_.empty()) {
      epoch_ = std::max(index(), epoch_.next());  // never twice the same
      proto::Elected event;
      event.set_candidacy(race_.front().entered.value());
      event.set_epoch(epoch_.value());
      say(race_.front().session, event);
    }
    announce();
  }
  void announce() {
    proto::LeaderChanged event;
    if (!race_.empty()) *event.mutable_leader() = leader();
    tell_all(listening_, resources::encode_op<machine::events>(event));
  }
  [[nodiscard]] proto::Leader leader() const {
    proto::Leader reply;
    if (race_.empty()) return reply;
    reply.set_session(race_.front().session.value());
    reply.set_epoch(epoch_.value());
    reply.set_candidate(race_.front().text);
    return reply;
  }
  [[nodiscard]] std::vector<candidate>::const_iterator place_of(session_id session) const {
    return std::find_if(
        race_.begin(), race_.end(), [&](const candidate& c) { return c.session == session; });
  }
  [[nodiscard]] bool leads_in(const std::set<session_id>& sessions) const {
    return !race_.empty() && sessions.contains(race_.front().session);
  }
  template <class Event>
  void say(session_id to, const Event& event) {
    tell(to, resources::encode_op<machine::events>(event));
  }

  std::vector<candidate> race_;  // in the order of entering; the first one leads
  index_t epoch_;                // of the leader
  audience listening_;
};

}  // namespace

std::unique_ptr<specification> specify_election() {
  return std::make_unique<election_specification>();
}

}  // namespace atomix::sim
