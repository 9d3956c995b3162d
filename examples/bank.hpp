// SPDX-License-Identifier: Apache-2.0
// A resource of one's own: a bank, as the machine that every replica runs and the handle that
// clients call.
#pragma once

#include <atomix/handle.hpp>
#include <atomix/machine.hpp>
#include <atomix/reply.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "bank.pb.h"

namespace bank {

using atomix::resources::commit_context;
using atomix::resources::encode_op;
using atomix::resources::op_list;
using atomix::resources::query_context;

/// Money moves, but never comes from nowhere and never gets lost. A pure function of the commands.
class machine {
 public:
  static constexpr std::string_view type_name = "bank";
  using commands = op_list<proto::Deposit, proto::Transfer>;
  using queries = op_list<proto::Balance, proto::Total>;
  using events = op_list<>;

  void apply(commit_context& c, const proto::Deposit& op) {
    balances_[op.account()] += op.cents();
    c.reply(cents(balances_[op.account()]));
  }
  void apply(commit_context& c, const proto::Transfer& op) {
    if (balance(op.from()) < op.cents())
      return c.fail(absl::FailedPreconditionError("Not enough money."));
    balances_[op.from()] -= op.cents();
    balances_[op.to()] += op.cents();
    c.reply(cents(balances_[op.to()]));
  }
  void query(query_context& c, const proto::Balance& op) const {
    c.reply(cents(balance(op.account())));
  }
  void query(query_context& c, const proto::Total&) const { c.reply(cents(total())); }

  void on_session_closed(commit_context&, atomix::session_id) {}
  void on_timer(commit_context&, atomix::resources::timer_key) {}
  void walk(atomix::resources::state_walk& walk) const {
    for (const auto& [account, cents] : balances_) {
      walk.bytes(account);
      walk.number(static_cast<std::uint64_t>(cents));
    }
  }

  [[nodiscard]] std::int64_t balance(const std::string& account) const {
    const auto found = balances_.find(account);
    return found == balances_.end() ? 0 : found->second;
  }
  [[nodiscard]] std::int64_t total() const {
    std::int64_t sum = 0;
    for (const auto& [account, cents] : balances_)
      sum += cents;
    return sum;
  }
  [[nodiscard]] const std::map<std::string, std::int64_t>& balances() const { return balances_; }

 private:
  static proto::Cents cents(std::int64_t amount) {
    proto::Cents reply;
    reply.set_cents(amount);
    return reply;
  }

  std::map<std::string, std::int64_t> balances_;
};

/// What clients use: `client.get<bank::handle>("savings")`.
class handle : public atomix::handle {
 public:
  static constexpr std::string_view type_name = machine::type_name;
  handle(std::shared_ptr<atomix::invoker> session, std::string name)
      : atomix::handle(std::move(session), std::move(name), type_name) {}

  [[nodiscard]] atomix::future<std::int64_t> deposit(
      const std::string& account, std::int64_t cents) const {
    proto::Deposit op;
    op.set_account(account);
    op.set_cents(cents);
    return command<std::int64_t>(encode_op<machine::commands>(op), reading_cents);
  }
  /// Fails with failed_precondition, and changes nothing, if there is not enough.
  [[nodiscard]] atomix::future<std::int64_t> transfer(
      const std::string& from, const std::string& to, std::int64_t cents) const {
    proto::Transfer op;
    op.set_from(from);
    op.set_to(to);
    op.set_cents(cents);
    return command<std::int64_t>(encode_op<machine::commands>(op), reading_cents);
  }
  [[nodiscard]] atomix::future<std::int64_t> balance(const std::string& account) const {
    proto::Balance op;
    op.set_account(account);
    return query<std::int64_t>(encode_op<machine::queries>(op), {}, reading_cents);
  }
  [[nodiscard]] atomix::future<std::int64_t> total() const {
    return query<std::int64_t>(encode_op<machine::queries>(proto::Total{}), {}, reading_cents);
  }

 private:
  static absl::StatusOr<std::int64_t> reading_cents(const absl::StatusOr<atomix::outcome>& reply) {
    const auto message = atomix::resources::parse_reply<proto::Cents>(reply);
    if (!message.ok()) return message.status();
    return message->cents();
  }
};

}  // namespace bank
