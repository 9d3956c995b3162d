// SPDX-License-Identifier: Apache-2.0
/// \file Stands between handles and a session and writes down what passes. Changes nothing.
#pragma once

#include "actors/session.hpp"
#include "sim/history.hpp"

#include "resources/invoker.hpp"

#include <cstddef>
#include <map>
#include <memory>
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
  /// Closes the session.
  void leave();

 private:
  /// Who listens to a resource in this session, and what the cluster knows of it.
  struct audience {
    bool asked_for = false;     // events come to those only who have asked for them
    std::size_t listening = 0;  // handles
    std::size_t under_way = 0;  // commands, by which they ask for events and ask no more
    bool refused = false;       // one of them
    index_t told;               // where the last of the others took effect
    [[nodiscard]] bool wants(index_t event) const {
      return !asked_for || listening != 0 || under_way != 0 || refused || event <= told;
    }
  };

  [[nodiscard]] completion record(
      recorded_call call, const std::string& operation, completion done);
  const std::shared_ptr<audience>& hear(const std::string& resource);

  history& book_;
  std::shared_ptr<actors::session> session_;
  std::size_t number_;  // of the session, in the book
  // Of all resources whose events are written down. The session may outlive this.
  std::map<std::string, std::shared_ptr<audience>> audiences_;
  std::map<listener_id, std::shared_ptr<audience>> handles_;  // that listen
};

}  // namespace atomix::sim
