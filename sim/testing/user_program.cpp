// SPDX-License-Identifier: Apache-2.0
#include "sim/testing/user_program.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::testing {

user_program::user_program(
    sim::program_parts given,
    const experiment::named_program& what,
    const experiment::last_look& look,
    call_book& book)
    : program(std::move(given)),
      what_(what),
      look_(look),
      book_(book),
      who_(parts().client),
      number_(parts().number),
      of_clients_(parts().clients) {}

void user_program::unbind() {
  // The run is over: nothing of the user's is called any more.
  *alive_ = false;
  running_ = {};
  looking_ = {};
  session_.reset();
}

std::chrono::nanoseconds user_program::now() const {
  return std::chrono::nanoseconds{book_.now()};
}

future<void> user_program::pass(std::chrono::nanoseconds duration) {
  const promise<void> passed;
  at().after(static_cast<sim::sim_duration>(duration.count()), parts().process, [passed] {
    passed.set(absl::OkStatus());
  });
  return passed.get_future();
}

void user_program::require(bool holds, std::string_view claim, std::string detail) {
  if (holds) return;
  parts().found.add(
      std::string(claim), detail.empty() ? std::string{"does not hold"} : std::move(detail), who_);
}

observed user_program::call(std::string_view object, std::string f, checker::value argument) {
  return book_.begin(number_, object, std::move(f), std::move(argument));
}

void user_program::operate() {
  if (what_.coroutine) {
    running_ = what_.coroutine(*this);
    return running_.start([this](const std::exception_ptr& failure) { ended(failure); });
  }
  what_.call(*this, [this, alive = alive_] {
    if (*alive) ended(nullptr);
  });
}

void user_program::ended(const std::exception_ptr& failure) {
  tell_exception(failure);
  finished(absl::OkStatus());
}

void user_program::read_outcome() {
  // Once per client, not once per program.
  if (!look_ || parts().position != 0) return finished(absl::OkStatus());
  looking_ = look_(*this);
  looking_.start([this](const std::exception_ptr& failure) { looked(failure); });
}

void user_program::looked(const std::exception_ptr& failure) {
  tell_exception(failure);
  finished(failure ? absl::OkStatus() : looking_.result());
}

void user_program::tell_exception(const std::exception_ptr& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& thrown) {
    parts().found.add("exception", absl::StrCat(what_.name, " threw: ", thrown.what()), who_);
  } catch (...) {
    parts().found.add("exception", absl::StrCat(what_.name, " threw"), who_);
  }
}

}  // namespace atomix::testing
