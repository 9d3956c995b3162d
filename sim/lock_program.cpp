// SPDX-License-Identifier: Apache-2.0
// All clients contend for one lock. Two that are connected never hold it both; tokens only grow.
#include "sim/workload.hpp"

#include "resources/lock/lock.hpp"

#include <absl/strings/str_cat.h>

#include <chrono>
#include <optional>
#include <utility>

namespace atomix::sim {
namespace {

class lock_program final : public program {
 public:
  lock_program(program_parts p, ledgers& books) : program(std::move(p)), books_(books) {}

  [[nodiscard]] std::string_view name() const override { return "lock"; }
  void unbind() override {
    hears_of_loss_.cancel();
    lock_.reset();
  }
  void bind(const std::shared_ptr<invoker>& session) override {
    lock_.emplace(session, "lock");
    // Who leaves has given up what it held; that the session expires just then is no news.
    hears_of_loss_ = lock_->on_lost([this](lock_grant lost) {
      if (!leaving()) told_lost_ = lost;
    });
    forget();
    ++generation_;
  }

 protected:
  void session_changed(session_state state) override {
    if (state == session_state::expired) lost_ = held_;
    if (state == session_state::expired) return forget();
    books_.lock.connected(parts().client, state == session_state::connected);
  }
  void operate() override {
    prng other = parts().chance;  // which of the rest it is does not depend on this
    static_cast<void>(other.next());
    if (held_ && other.chance(1, 8)) return release_older();
    if (held_) return parts().chance.chance(1, 4) ? check() : release();
    began();
    switch (parts().chance.below(3)) {
      case 0:
        return lock_->acquire().then(
            [this, g = generation_](const absl::StatusOr<lock_grant>& got) {
              if (got.ok()) granted(*got, g);
              ended(got.status());
            });
      case 1:
        return lock_->try_acquire().then(maybe_granted());
      default:
        return lock_->try_acquire(std::chrono::milliseconds{parts().chance.below(800)})
            .then(maybe_granted());
    }
  }
  bool let_go() override {
    if (!held_) return false;
    release();
    return true;
  }
  void session_left() override { forget(); }
  [[nodiscard]] bool still_waits() const override { return under_way(); }
  void check_farewell() override {
    if (told_lost_ != lost_) {
      parts().found.add(
          "lock",
          told_lost_ ? "told of the loss of what it did not hold"
                     : "not told that its session expired while it held the lock",
          parts().client);
    }
    told_lost_ = lost_ = std::nullopt;
  }
  // In the end nobody holds it: not even a session that its client has given up.
  void read_outcome() override {
    began();
    lock_->state().then([this](const absl::StatusOr<lock_state>& now) {
      if (!now.ok()) return finished(now.status());
      finished(
          now->holder.is_none() && now->waiting == 0
              ? absl::OkStatus()
              : absl::UnavailableError("somebody holds the lock still"));
    });
  }

 private:
  std::function<void(const absl::StatusOr<std::optional<lock_grant>>&)> maybe_granted() {
    return [this, g = generation_](const absl::StatusOr<std::optional<lock_grant>>& got) {
      if (got.ok() && got->has_value()) granted(**got, g);
      ended(got.status());
    };
  }

  void granted(lock_grant grant, std::uint64_t generation) {
    if (leaving()) return;
    if (generation != generation_) {
      parts().found.add("lock", "granted to a session after it had expired", parts().client);
      return;
    }
    held_ = grant;
    books_.lock.granted(parts().client, grant.token.value(), connected());
  }

  void ended(const absl::Status& status) {
    if (status.code() == absl::StatusCode::kFailedPrecondition && !held_ && !has_no_session()) {
      parts().found.add(
          "lock", absl::StrCat("refused for no reason: ", status.ToString()), parts().client);
    }
    finished(status);
  }

  void check() {
    began();
    lock_->check(held_->token).then([this, g = generation_](const absl::StatusOr<bool>& holds) {
      if (holds.ok() && !*holds && held_ && g == generation_ && sure())
        parts().found.add("lock", "lost while the session lives", parts().client);
      finished(holds.status());
    });
  }

  void release() {
    began();
    books_.lock.given_up(parts().client);
    lock_->release(*held_).then([this, g = generation_](const absl::StatusOr<bool>& released) {
      if (released.ok() && !*released && g == generation_ && sure())
        parts().found.add("lock", "lost while the session lives", parts().client);
      if (released.ok() && g == generation_) held_.reset();
      finished(released.status());
    });
  }

  // As somebody does who was late; the present grant stays.
  void release_older() {
    began();
    lock_->release({index_t{held_->token.value() - 1}})
        .then([this, g = generation_](const absl::StatusOr<bool>& released) {
          if (released.ok() && *released && g == generation_)
            parts().found.add("lock", "released by the token of an older grant", parts().client);
          finished(released.status());
        });
  }

  void forget() {
    held_.reset();
    books_.lock.given_up(parts().client);
  }

  /// What the cluster says of this session must be about a living one.
  [[nodiscard]] bool sure() { return connected() && books_.reliable(parts().client); }

  ledgers& books_;
  std::optional<lock> lock_;
  listening hears_of_loss_;
  std::optional<lock_grant> held_;
  std::optional<lock_grant> lost_;       // with the session
  std::optional<lock_grant> told_lost_;  // by the handle
  std::uint64_t generation_ = 0;         // of the session
};

}  // namespace

std::unique_ptr<program> make_lock_program(program_parts parts, ledgers& books) {
  return std::make_unique<lock_program>(std::move(parts), books);
}

}  // namespace atomix::sim
