// SPDX-License-Identifier: Apache-2.0
// Each client writes numbers into a register of its own and reads everybody's.
#include "sim/workload.hpp"

#include "resources/value/value.hpp"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <optional>
#include <utility>

namespace atomix::sim {
namespace {

std::uint64_t number_in(const std::optional<std::string>& stored) {
  std::uint64_t number = 0;
  // What is no number was never written: the ledger will say so.
  if (stored && !absl::SimpleAtoi(*stored, &number)) return ~std::uint64_t{0};
  return number;
}

class value_program final : public program {
 public:
  value_program(program_parts p, ledgers& books) : program(std::move(p)), books_(books) {
    seen_.resize(parts().clients);
  }

  [[nodiscard]] std::string_view name() const override { return "value"; }
  void unbind() override { registers_.clear(); }
  void bind(const std::shared_ptr<invoker>& session) override {
    registers_.clear();
    for (std::size_t i = 0; i < parts().clients; ++i)
      registers_.emplace_back(session, register_name(i));
    seen_.assign(parts().clients, 0);
    ++generation_;
  }

 protected:
  void operate() override {
    const std::uint64_t choice = parts().chance.below(4);
    const std::size_t whose = parts().chance.below(parts().clients);
    if (choice < 2) return write();
    read(choice == 2 ? parts().number : whose, choice == 2);
  }
  void read_outcome() override { read(parts().number, true); }

 private:
  static std::string register_name(std::size_t client) {
    return absl::StrCat("register ", client + 1);
  }
  register_ledger& ledger(std::size_t whose) { return books_.reg(register_name(whose)); }

  void write() {
    began();
    const std::size_t own = parts().number;
    const std::uint64_t number = ledger(own).begin_write();
    registers_[own]
        .set(absl::StrCat(number))
        .then([=, this, g = generation_](const absl::Status& s) {
          ledger(own).end_write(number, s);
          if (s.ok() && g == generation_) seen_[own] = std::max(seen_[own], number);
          finished(s);
        });
  }

  void read(std::size_t whose, bool atomic) {
    began();
    const std::uint64_t floor = atomic ? ledger(whose).floor() : seen_[whose];
    const consistency level = atomic ? consistency::atomic : consistency::sequential;
    registers_[whose].get(level).then(
        [=, this, g = generation_](const absl::StatusOr<std::optional<std::string>>& got) {
          if (got.ok()) saw(whose, atomic, floor, number_in(*got), g);
          finished(got.status());
        });
  }

  void saw(
      std::size_t whose,
      bool atomic,
      std::uint64_t floor,
      std::uint64_t number,
      std::uint64_t generation) {
    if (atomic) {
      ledger(whose).end_atomic_read(floor, number, parts().client);
    } else {
      ledger(whose).end_sequential_read(floor, number, parts().client);
    }
    if (generation == generation_) seen_[whose] = std::max(seen_[whose], number);
  }

  ledgers& books_;
  std::vector<value<std::string>> registers_;
  std::vector<std::uint64_t> seen_;  // in this session, by whose register
  std::uint64_t generation_ = 0;     // of the session
};

}  // namespace

std::unique_ptr<program> make_value_program(program_parts parts, ledgers& books) {
  return std::make_unique<value_program>(std::move(parts), books);
}

}  // namespace atomix::sim
