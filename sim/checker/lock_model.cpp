// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/cat.hpp"
#include "sim/checker/models.hpp"

#include <algorithm>

namespace atomix::checker {
namespace {

const std::int64_t* token_of(const operation& op) {
  return op.known == certainty::ok ? op.result.as<std::int64_t>() : nullptr;
}

struct lock_words {
  std::string_view name, acquire, release, both;
};
constexpr lock_words of_lock{"lock", "acquire", "release", "acquire and release"};
constexpr lock_words of_election{"election", "run", "resign", "run and resign"};

// The state is [last known token, whether held, by whom, its token]. A release that names a token
// gives back what was acquired by it, whoever calls. Of an acquisition whose answer got lost only
// this is known: its token is above those before it.
class lock_model final : public model {
 public:
  explicit lock_model(const lock_words& words) : words_(words) {}

  [[nodiscard]] std::string_view name() const override { return words_.name; }
  [[nodiscard]] absl::Status accepts(const operation& op) const override {
    if (op.f == words_.acquire) return absl::OkStatus();
    if (op.f != words_.release) return unknown_operation(op, name(), words_.both);
    const bool fits = op.argument.is_nil() || op.argument.as<std::int64_t>() != nullptr;
    return fits ? absl::OkStatus() : wrong_argument(op, "a token, or nothing");
  }
  [[nodiscard]] value initial() const override {
    return value::of({value{}, false, value{}, value{}});
  }
  [[nodiscard]] bool observes(const operation&) const override { return false; }
  [[nodiscard]] bool knows_callers() const override { return true; }
  [[nodiscard]] std::optional<value> step(const value& state, const operation& op) override {
    const auto& now = *state.items();
    const bool held = now[1] == value{true};
    if (op.f == words_.release) {
      const bool lost = now[3].is_nil() && (now[0].is_nil() || op.argument > now[0]);
      const bool own = op.argument.is_nil() ? now[2] == op.process : now[3] == op.argument || lost;
      if (!held || !own) return std::nullopt;
      const bool more = !op.argument.is_nil() && lost;
      return value::of({more ? op.argument : now[0], false, value{}, value{}});
    }
    if (held) return std::nullopt;
    const auto* token = token_of(op);
    const auto* last = now[0].as<std::int64_t>();
    if (token != nullptr && last != nullptr && *token <= *last) return std::nullopt;
    if (token == nullptr) return value::of({now[0], true, op.process, value{}});
    return value::of({value{*token}, true, op.process, value{*token}});
  }
  [[nodiscard]] std::optional<finding> screen(const part& p) const override {
    if (auto found = screen_tokens(p)) return found;
    return screen_holders(p);
  }
  [[nodiscard]] std::string show(const value& state) const override {
    const auto& now = *state.items();
    if (now[1] == value{true}) return "the lock is held by process " + to_text(now[2]);
    return now[0].is_nil() ? "the lock is free" : "the lock is free after token " + to_text(now[0]);
  }

 private:
  // Tokens grow in real time.
  [[nodiscard]] std::optional<finding> screen_tokens(const part& p) const {
    std::vector<std::size_t> by_return;
    for (std::size_t i = 0; i < p.size(); ++i)
      if (p.at(i).f == words_.acquire && token_of(p.at(i)) != nullptr) by_return.push_back(i);
    const std::vector<std::size_t> by_call = by_return;
    std::sort(by_return.begin(), by_return.end(), [&p](std::size_t a, std::size_t b) {
      return p.at(a).ret < p.at(b).ret;
    });
    const operation* highest = nullptr;
    std::size_t next = 0;
    for (const std::size_t i : by_call) {
      const operation& op = p.at(i);
      for (; next < by_return.size() && p.at(by_return[next]).ret < op.call; ++next) {
        const operation& earlier = p.at(by_return[next]);
        if (highest == nullptr || *token_of(earlier) > *token_of(*highest)) highest = &earlier;
      }
      if (highest == nullptr || *token_of(op) > *token_of(*highest)) continue;
      return finding{
          p.numbers[i],
          cat("The ",
              describe(op),
              " got a token that is not above that of an earlier one: ",
              describe(*highest),
              ".")};
    }
    return std::nullopt;
  }

  [[nodiscard]] bool gives_back(const operation& release, const operation& acquired) const {
    if (release.f != words_.release) return false;
    return release.argument.is_nil()
               ? release.process == acquired.process
               : token_of(acquired) == nullptr || release.argument == acquired.result;
  }

  // From the return of an acquisition to the call of the next release by the same process (or of
  // its token) there is no doubt who holds the lock.
  [[nodiscard]] std::optional<finding> screen_holders(const part& p) const {
    struct span {
      std::size_t from, to, i;
    };
    std::vector<span> spans;
    std::vector<const operation*> open;  // releases that were called before
    for (std::size_t i = 0; i < p.size(); ++i) {
      const operation& op = p.at(i);
      std::erase_if(open, [&op](const operation* release) { return release->ret < op.call; });
      if (op.f == words_.release) open.push_back(&op);
      if (op.f != words_.acquire || op.known != certainty::ok) continue;
      const auto may_give_back = [&](const operation* release) {
        return gives_back(*release, op);
      };
      if (std::any_of(open.begin(), open.end(), may_give_back)) continue;
      std::size_t to = operation::never;
      for (std::size_t j = i + 1; j < p.size() && to == operation::never; ++j)
        if (gives_back(p.at(j), op)) to = p.at(j).call;
      // Whoever called the release before the acquisition had returned may have held it earlier.
      if (to > op.ret) spans.push_back({op.ret, to, i});
    }
    std::sort(
        spans.begin(), spans.end(), [](const span& a, const span& b) { return a.from < b.from; });
    for (std::size_t k = 1; k < spans.size(); ++k) {
      if (spans[k].from > spans[k - 1].to) continue;
      return finding{
          p.numbers[spans[k].i],
          cat("There are two holders: the ",
              describe(p.at(spans[k].i)),
              " succeeded before the release that must follow the ",
              describe(p.at(spans[k - 1].i)),
              " was called.")};
    }
    return std::nullopt;
  }

  const lock_words& words_;
};

}  // namespace

model_ptr make_lock_model() {
  return std::make_unique<lock_model>(of_lock);
}
model_ptr make_election_model() {
  return std::make_unique<lock_model>(of_election);
}

}  // namespace atomix::checker
