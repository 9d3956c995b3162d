// SPDX-License-Identifier: Apache-2.0
/// \file A client program of the user's as a program of the workload.
#pragma once

#include "sim/testing/call_book.hpp"
#include "sim/testing/client.hpp"
#include "sim/testing/experiment.hpp"
#include "sim/workload.hpp"

#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace atomix::testing {

/// References outlive it.
class user_program final : public sim::program, public client {
 public:
  user_program(
      sim::program_parts given,
      const experiment::named_program& what,
      const experiment::last_look& look,
      call_book& book);

  // As the workload sees it.
  void bind(const std::shared_ptr<invoker>& session) override { session_ = session; }
  void unbind() override;
  [[nodiscard]] std::string_view name() const override { return what_.name; }

  // As the user sees it.
  [[nodiscard]] std::shared_ptr<invoker> session() const override { return session_; }
  [[nodiscard]] bool is_connected() const override { return connected(); }
  [[nodiscard]] std::string_view who() const override { return who_; }
  [[nodiscard]] std::size_t number() const override { return number_; }
  [[nodiscard]] std::size_t of_clients() const override { return of_clients_; }
  [[nodiscard]] std::chrono::nanoseconds now() const override;
  [[nodiscard]] future<void> pass(std::chrono::nanoseconds duration) override;
  [[nodiscard]] prng& chance() override { return parts().chance; }
  [[nodiscard]] bool stopping() const override { return program::stopping(); }
  void require(bool holds, std::string_view claim, std::string detail) override;
  [[nodiscard]] observed call(
      std::string_view object, std::string f, checker::value argument) override;

 protected:
  void operate() override;
  void read_outcome() override;

 private:
  void ended(const std::exception_ptr& failure);
  void looked(const std::exception_ptr& failure);
  void tell_exception(const std::exception_ptr& failure);

  const experiment::named_program& what_;
  const experiment::last_look& look_;
  call_book& book_;
  std::string who_;
  std::size_t number_;
  std::size_t of_clients_;
  std::shared_ptr<invoker> session_;
  task<> running_;
  task<absl::Status> looking_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // for callbacks that come too late
};

}  // namespace atomix::testing
