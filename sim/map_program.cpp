// SPDX-License-Identifier: Apache-2.0
// All clients share one map; each writes keys of its own and reads everybody's.
#include "sim/workload.hpp"

#include "resources/map/map.hpp"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace atomix::sim {
namespace {

constexpr std::uint64_t keys_each = 3;

using number_map = map<std::string, std::string>;

std::uint64_t number_in(const std::optional<std::string>& stored) {
  std::uint64_t number = 0;
  if (stored && !absl::SimpleAtoi(*stored, &number)) return ~std::uint64_t{0};
  return number;
}

class map_program final : public program {
 public:
  map_program(program_parts p, ledgers& books) : program(std::move(p)), books_(books) {}

  [[nodiscard]] std::string_view name() const override { return "map"; }
  void unbind() override { map_.reset(); }
  void bind(const std::shared_ptr<invoker>& session) override {
    map_.emplace(session, "map");
    seen_.clear();
    ++generation_;
  }

 protected:
  void operate() override {
    const std::uint64_t whose = parts().chance.below(parts().clients);
    const std::uint64_t which = parts().chance.below(keys_each);
    switch (parts().chance.below(5)) {
      case 0:
        return set(key_name(parts().number, which));
      case 1:
        return put(key_name(parts().number, which));
      case 2:
        return get(key_name(parts().number, which));
      case 3:
        return get(key_name(whose, which));
      default:
        return look(key_name(whose, which));
    }
  }
  void read_outcome() override { get(key_name(parts().number, outcome_++ % keys_each)); }

 private:
  static std::string key_name(std::size_t client, std::uint64_t which) {
    return absl::StrCat("key ", client + 1, "/", which);
  }
  register_ledger& ledger(const std::string& key) { return books_.reg("map " + key); }

  void set(const std::string& key) {
    began();
    const std::uint64_t number = ledger(key).begin_write();
    map_->set(key, absl::StrCat(number)).then([=, this, g = generation_](const absl::Status& s) {
      wrote(key, number, s, g);
      finished(s);
    });
  }

  // Shows the value before, as of the moment of the write.
  void put(const std::string& key) {
    began();
    const std::uint64_t floor = ledger(key).floor();
    const std::uint64_t number = ledger(key).begin_write();
    map_->put(key, absl::StrCat(number))
        .then([=, this, g = generation_](const absl::StatusOr<std::optional<std::string>>& old) {
          if (old.ok()) ledger(key).end_atomic_read(floor, number_in(*old), parts().client);
          wrote(key, number, old.status(), g);
          finished(old.status());
        });
  }

  void get(const std::string& key) {
    began();
    map_->get(key).then([=, this, floor = ledger(key).floor(), g = generation_](
                            const absl::StatusOr<std::optional<std::string>>& got) {
      if (got.ok()) {
        ledger(key).end_atomic_read(floor, number_in(*got), parts().client);
        if (g == generation_) seen_[key] = std::max(seen_[key], number_in(*got));
      }
      finished(got.status());
    });
  }

  void look(const std::string& key) {
    began();
    map_->get(key, consistency::sequential)
        .then([=, this, floor = seen_[key], g = generation_](
                  const absl::StatusOr<std::optional<std::string>>& got) {
          if (got.ok()) {
            ledger(key).end_sequential_read(floor, number_in(*got), parts().client);
            if (g == generation_) seen_[key] = std::max(seen_[key], number_in(*got));
          }
          finished(got.status());
        });
  }

  void wrote(const std::string& key, std::uint64_t number, const absl::Status& s, std::uint64_t g) {
    ledger(key).end_write(number, s);
    if (s.ok() && g == generation_) seen_[key] = std::max(seen_[key], number);
  }

  ledgers& books_;
  std::optional<number_map> map_;
  std::map<std::string, std::uint64_t> seen_;  // in this session, by key
  std::uint64_t generation_ = 0;               // of the session
  std::uint64_t outcome_ = 0;
};

}  // namespace

std::unique_ptr<program> make_map_program(program_parts parts, ledgers& books) {
  return std::make_unique<map_program>(std::move(parts), books);
}

}  // namespace atomix::sim
