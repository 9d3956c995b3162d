// SPDX-License-Identifier: Apache-2.0
/// \file The models, each defined in the file of its name. Made by `make_model`.
#pragma once

#include "sim/checker/model.hpp"

#include <memory>
#include <optional>

namespace atomix::checker {

using model_ptr = std::unique_ptr<model>;

/// read, write; with `cas` also cas [from to].
[[nodiscard]] model_ptr make_register_model(const std::optional<value>& initial, bool cas);
/// txn, read or write of a list of [:read key value] and [:write key value].
[[nodiscard]] model_ptr make_multi_register_model(const std::optional<value>& initial);
/// acquire, release; nobody asks who.
[[nodiscard]] model_ptr make_mutex_model();
/// add, inc, dec, add-and-get, read.
[[nodiscard]] model_ptr make_counter_model(const std::optional<value>& initial);
/// get, put, append, delete of one key; a key holds "" at first.
[[nodiscard]] model_ptr make_map_model(const std::optional<value>& initial);
/// add, remove, contains, read.
[[nodiscard]] model_ptr make_set_model(const std::optional<value>& initial);
/// enqueue, dequeue: first in, first out.
[[nodiscard]] model_ptr make_queue_model(const std::optional<value>& initial);
/// acquire that returns a growing token, release by the holder or of a token.
[[nodiscard]] model_ptr make_lock_model();
/// The machines of the catalog that are functions of their commands alone.
[[nodiscard]] model_ptr make_counter_machine_model();
[[nodiscard]] model_ptr make_map_machine_model();
/// The same in other words: run, resign.
[[nodiscard]] model_ptr make_election_model();

/// "`f` is no operation of a NAME, which has read and write."
[[nodiscard]] absl::Status unknown_operation(
    const operation& op, std::string_view name, std::string_view operations);
/// "`f` needs WHAT, not ARGUMENT."
[[nodiscard]] absl::Status wrong_argument(const operation& op, std::string_view what);

}  // namespace atomix::checker
