// SPDX-License-Identifier: Apache-2.0
#include "sim/testing/user_subject.hpp"

#include "sim/testing/call_book.hpp"
#include "sim/testing/user_program.hpp"

#include <absl/strings/str_cat.h>

#include <optional>
#include <string_view>
#include <utility>

namespace atomix::testing {
namespace {

class user_subject final : public sim::subject {
 public:
  user_subject(experiment what, sim::findings& f, std::shared_ptr<tally> sums)
      : experiment_(std::move(what)), found_(f), calls_(f), sums_(std::move(sums)) {}

  resources::machine_registry machines() override {
    return experiment_.machines([&f = found_](const std::string& claim, index_t index) {
      const sim::world& w = f.where();
      f.add(
          claim,
          absl::StrCat("does not hold after everything up to index ", index.value()),
          w.running().is_none() ? "the log, replayed" : w.name_of(w.running()));
    });
  }

  [[nodiscard]] sim::more_words words() const override {
    return [this](const resource_name& resource, bool is_query, std::string_view operation)
               -> std::optional<sim::spoken_call> {
      told_operation told = experiment_.tell(resource.type, is_query, operation);
      if (told.f.empty()) return std::nullopt;
      return sim::spoken_call{resource.name, {}, std::move(told.f), std::move(told.argument)};
    };
  }

  std::unique_ptr<sim::program> make_program(
      std::size_t position, sim::program_parts parts, sim::ledgers&) override {
    return std::make_unique<user_program>(
        std::move(parts), experiment_.programs()[position], experiment_.look(), calls_);
  }

  void judge(const sim::history& book) override {
    for (const sim::recorded_call& call : book.calls()) {
      ++sums_->calls;
      if (call.ok()) ++sums_->acknowledged;
      if (call.returned && call.outcome == certainty::not_done) ++sums_->failed;
      if (!call.returned || call.outcome == certainty::unknown) ++sums_->unknown;
    }
    if (found_.empty()) calls_.judge(experiment_.models());
  }

 private:
  experiment experiment_;
  sim::findings& found_;
  call_book calls_;
  std::shared_ptr<tally> sums_;
};

}  // namespace

std::shared_ptr<const sim::topic> topic_of(
    const experiment_maker& make, const std::shared_ptr<tally>& sums) {
  const auto made = std::make_shared<sim::topic>();
  const experiment once = make();
  for (const experiment::named_program& each : once.programs())
    made->programs.push_back(each.name);
  made->begin = [make, sums](sim::findings& f) -> std::unique_ptr<sim::subject> {
    return std::make_unique<user_subject>(make(), f, sums);
  };
  return made;
}

}  // namespace atomix::testing
