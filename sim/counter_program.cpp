// SPDX-License-Identifier: Apache-2.0
// All clients increment one counter: every increment that was acknowledged counts exactly once.
#include "sim/workload.hpp"

#include "resources/counter/counter.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace atomix::sim {
namespace {

class counter_program final : public program {
 public:
  counter_program(program_parts p, ledgers& books) : program(std::move(p)), books_(books) {}

  [[nodiscard]] std::string_view name() const override { return "counter"; }
  void unbind() override { counter_.reset(); }
  void bind(const std::shared_ptr<invoker>& session) override {
    counter_.emplace(session, "counter");
  }

 protected:
  void operate() override {
    prng other = parts().chance;  // which of the rest it is does not depend on this
    static_cast<void>(other.next());
    if (other.chance(1, 8)) return add(other.between(2, 24));
    if (parts().chance.chance(1, 4)) return read();
    add(1);
  }
  void read_outcome() override { read(); }

 private:
  /// At once: they share frames, entries and writes, and their answers may overtake each other.
  void add(std::uint64_t times) {
    const auto open = std::make_shared<std::uint64_t>(times);
    for (; times > 0; --times) {
      began();
      books_.counter.begin_add();
      counter_->increment_and_get().then(
          [this, open, floor = books_.counter.floor()](const absl::StatusOr<std::int64_t>& got) {
            books_.counter.end_add(floor, got.status(), got.value_or(0), parts().client);
            if (--*open == 0) return finished(got.status());
            one_ended(got.status());
          });
    }
  }
  void read() {
    began();
    counter_->get().then(
        [this, floor = books_.counter.floor()](const absl::StatusOr<std::int64_t>& got) {
          if (got.ok()) books_.counter.end_read(floor, *got, parts().client);
          finished(got.status());
        });
  }

  ledgers& books_;
  std::optional<counter> counter_;
};

}  // namespace

std::unique_ptr<program> make_counter_program(program_parts parts, ledgers& books) {
  return std::make_unique<counter_program>(std::move(parts), books);
}

}  // namespace atomix::sim
