// SPDX-License-Identifier: Apache-2.0
/// \file Stands between handles and a session and writes down what passes. Changes nothing.
#pragma once

#include "actors/session.hpp"
#include "sim/history.hpp"

#include "resources/invoker.hpp"

#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace atomix::sim {

/// Keeps the session alive, as a handle would. Used by one thread; `book` outlives the session.
class recording_invoker final : public invoker {
 public:
  recording_invoker(history& book, std::size_t client, std::shared_ptr<actors::session> session);

  void command(const resource_name& resource, std::string operation, completion done) override;
  void query(
      const resource_name& resource,
      std::string operation,
      consistency level,
      completion done) override;
  listener_id listen(const std::string& resource, event_listener listener) override;
  listener_id watch_state(state_listener listener) override;
  void forget(listener_id listener) override;

 private:
  [[nodiscard]] completion record(
      recorded_call call, const std::string& operation, completion done);
  void hear(const std::string& resource);

  history& book_;
  std::shared_ptr<actors::session> session_;
  std::size_t number_;           // of the session, in the book
  std::set<std::string> heard_;  // resources whose events are written down
};

}  // namespace atomix::sim
