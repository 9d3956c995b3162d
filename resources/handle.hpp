// SPDX-License-Identifier: Apache-2.0
/// \file What all handles share: a name, a session, and calls with a typed result. A handle is
/// thin, cheap to copy, and may be used from any thread.
#pragma once

#include "resources/consistency.hpp"
#include "resources/future.hpp"
#include "resources/invoker.hpp"
#include "resources/listening.hpp"
#include "resources/subscription.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace atomix {

/// What a query asks for; absent: what its handle was told by `with`, or else `atomic`.
using freshness = std::optional<consistency>;

class handle {
 public:
  [[nodiscard]] const std::string& name() const { return resource_.name; }
  [[nodiscard]] const std::string& type() const { return resource_.type; }

  /// Deletes the replicated state, with its listeners: they hear of what this removed, then
  /// nothing. Who waits hears that it is over. The next use, by anybody, starts afresh.
  [[nodiscard]] future<void> remove() const;

 protected:
  handle(std::shared_ptr<invoker> session, std::string name, std::string_view type)
      : session_(std::move(session)), resource_{std::move(name), std::string(type)} {}

  // NOLINTBEGIN(performance-unnecessary-value-param): the calls depend on types that are not known
  // yet, so clang-tidy does not see that they take the operation over.

  /// Sends a command; `decode` makes `result_t<T>` of the `absl::StatusOr<outcome>` it gives.
  template <class T, class Decode>
  [[nodiscard]] future<T> command(std::string operation, Decode decode) const {
    const promise<T> p;
    session_->command(resource_, std::move(operation), completing(p, std::move(decode)));
    return p.get_future();
  }
  template <class T, class Decode>
  [[nodiscard]] future<T> query(std::string operation, freshness level, Decode decode) const {
    const promise<T> p;
    session_->query(
        resource_, std::move(operation), level.value_or(level_), completing(p, std::move(decode)));
    return p.get_future();
  }
  // NOLINTEND(performance-unnecessary-value-param)

  /// `copy`, whose queries ask for `level` unless told otherwise.
  template <class Handle>
  [[nodiscard]] static Handle asking(Handle copy, consistency level) {
    copy.level_ = level;
    return copy;
  }
  [[nodiscard]] subscription subscribe(
      listen_operations operations, event_listener listener) const {
    return {session_, resource_, std::move(operations), std::move(listener)};
  }

 private:
  template <class T, class Decode>
  static completion completing(const promise<T>& p, Decode decode) {
    return [p, decode = std::move(decode)](absl::StatusOr<outcome> reply) {
      p.set(decode(std::move(reply)));
    };
  }

  std::shared_ptr<invoker> session_;
  resource_name resource_;
  consistency level_ = consistency::atomic;
};

}  // namespace atomix
