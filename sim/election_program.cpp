// SPDX-License-Identifier: Apache-2.0
// All clients run for one office. Two that are connected never hold it both; epochs only grow.
#include "sim/workload.hpp"

#include "resources/election/election.hpp"

#include <absl/strings/str_cat.h>

#include <optional>
#include <utility>

namespace atomix::sim {
namespace {

class election_program final : public program {
 public:
  election_program(program_parts p, ledgers& books) : program(std::move(p)), books_(books) {}

  [[nodiscard]] std::string_view name() const override { return "election"; }
  void unbind() override {
    hears_of_loss_.cancel();
    election_.reset();
  }
  void bind(const std::shared_ptr<invoker>& session) override {
    election_.emplace(session, "election");
    // Who leaves has given up what it led; that the session expires just then is no news.
    hears_of_loss_ = election_->on_lost([this](index_t epoch) {
      if (!leaving()) told_lost_ = epoch;
    });
    forget();
    ++generation_;
  }

 protected:
  void session_changed(session_state state) override {
    if (state == session_state::expired) {
      lost_ = epoch_;
      return forget();
    }
    books_.election.connected(parts().client, state == session_state::connected);
  }
  void operate() override {
    if (!candidate_ && former_ && parts().chance.chance(1, 4)) return ask_whether_former();
    if (!candidate_) return run();
    if (epoch_ && parts().chance.chance(1, 2)) return ask_whether_leader();
    if (epoch_ || parts().chance.chance(1, 8)) return resign();
    ask_who_leads();
  }
  bool let_go() override {
    if (!candidate_) return false;
    resign();
    return true;
  }
  void session_left() override { forget(); }
  [[nodiscard]] bool still_waits() const override { return under_way(); }
  void check_farewell() override {
    if (told_lost_ != lost_ && !resigned_) {
      parts().found.add(
          "election",
          told_lost_ ? "told of the loss of an office that it did not have"
                     : "not told that its session expired while it was elected",
          parts().client);
    }
    told_lost_ = lost_ = std::nullopt;
    resigned_ = false;
  }
  void read_outcome() override {
    began();
    election_->leader().then([this](const absl::StatusOr<std::optional<election_leader>>& now) {
      if (!now.ok()) return finished(now.status());
      finished(
          now->has_value() ? absl::UnavailableError("somebody leads still") : absl::OkStatus());
    });
  }

 private:
  void run() {
    began();
    candidate_ = true;
    resigned_ = false;
    election_->run(parts().client, [this, g = generation_](index_t epoch) { elected(epoch, g); })
        .then([this, g = generation_](const absl::Status& s) {
          if (s.code() == absl::StatusCode::kFailedPrecondition && !has_no_session()) {
            parts().found.add(
                "election", absl::StrCat("refused for no reason: ", s.ToString()), parts().client);
          }
          if (!s.ok() && g == generation_) candidate_ = false;
          finished(s);
        });
  }

  void elected(index_t epoch, std::uint64_t generation) {
    if (generation != generation_) {
      parts().found.add("election", "won by a session after it had expired", parts().client);
      return;
    }
    if (resigning_ || leaving()) return;
    epoch_ = epoch;
    books_.election.granted(parts().client, epoch.value(), connected());
  }

  void resign() {
    began();
    resigning_ = resigned_ = true;
    const std::optional<index_t> given_up = std::exchange(epoch_, std::nullopt);
    books_.election.given_up(parts().client);
    election_->resign().then([this, given_up, g = generation_](
                                 const absl::StatusOr<bool>& resigned) {
      if (resigned.ok() && given_up) former_ = given_up;
      if (g == generation_) {
        resigning_ = false;
        candidate_ = !resigned.ok();
        if (resigned.ok() && !*resigned && sure())
          parts().found.add("election", "candidacy lost while the session lives", parts().client);
      }
      finished(resigned.status());
    });
  }

  void ask_whether_leader() {
    began();
    election_->is_leader(*epoch_).then([this, g = generation_](const absl::StatusOr<bool>& leads) {
      if (leads.ok() && !*leads && epoch_ && g == generation_ && sure())
        parts().found.add("election", "office lost while the session lives", parts().client);
      finished(leads.status());
    });
  }

  void ask_whether_former() {
    began();
    election_->is_leader(*former_).then([this](const absl::StatusOr<bool>& leads) {
      if (leads.ok() && *leads)
        parts().found.add("election", "leads by an epoch that it has resigned", parts().client);
      finished(leads.status());
    });
  }

  void ask_who_leads() {
    began();
    election_->leader().then([this](const absl::StatusOr<std::optional<election_leader>>& now) {
      finished(now.status());
    });
  }

  void forget() {
    candidate_ = resigning_ = false;
    epoch_.reset();
    books_.election.given_up(parts().client);
  }

  /// What the cluster says of this session must be about a living one.
  [[nodiscard]] bool sure() { return connected() && books_.reliable(parts().client); }

  ledgers& books_;
  std::optional<election> election_;
  listening hears_of_loss_;
  std::optional<index_t> lost_;       // with the session
  std::optional<index_t> told_lost_;  // by the handle
  bool resigned_ = false;             // or tried to: either is right
  std::optional<index_t> epoch_;      // of our leadership
  std::optional<index_t> former_;     // the one that we have resigned last
  bool candidate_ = false;
  bool resigning_ = false;
  std::uint64_t generation_ = 0;  // of the session
};

}  // namespace

std::unique_ptr<program> make_election_program(program_parts parts, ledgers& books) {
  return std::make_unique<election_program>(std::move(parts), books);
}

}  // namespace atomix::sim
