// SPDX-License-Identifier: Apache-2.0
/// \file What the clients of a run asked and heard: every call of every session, in one order.
/// Plain data, written by `recording_invoker` while the run goes on, judged by `witness` when it is
/// over.
#pragma once

#include "sim/time.hpp"

#include "resources/consistency.hpp"
#include "resources/invoker.hpp"

#include "raft/base/ids.hpp"

#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atomix::sim {

struct recorded_call {
  std::size_t session = 0;    ///< position in `history::sessions`
  std::uint64_t process = 0;  ///< has one call at a time; another one after an unknown outcome
  bool is_query = false;
  consistency level = consistency::atomic;  ///< of a query
  resource_name resource;
  std::string operation;
  sim_time called = 0;
  std::uint64_t call_order = 0;  ///< calls, returns and events are numbered together
  index_t floor;                 ///< highest index that anybody had been told before the call
  std::size_t floor_from = 0;    ///< the call that was told so, if `floor` is not none
  index_t session_floor;         ///< the same, by this session

  bool returned = false;
  certainty outcome = certainty::unknown;
  sim_time returned_at = 0;
  std::uint64_t return_order = 0;
  index_t index;  ///< as the client was told; none unless ok
  std::string result;
  absl::StatusCode code = absl::StatusCode::kOk;
  std::string error;
  [[nodiscard]] bool ok() const { return returned && outcome == certainty::done; }
};

struct recorded_event {
  index_t index;
  std::string resource;
  std::string event;
  std::uint64_t order = 0;  ///< see `recorded_call::call_order`
  sim_time at = 0;
  bool wanted = true;  ///< false: nobody listens, and the cluster knew that at this index
};

struct recorded_session {
  std::size_t client = 0;
  session_id id;  ///< none: it never heard of having one
  session_state state = session_state::connecting;
  sim_time state_since = 0;
  std::vector<std::pair<sim_time, session_state>> states;  ///< by time, from the first one told
  std::optional<sim_time> left;                            ///< when its client closed it first
  index_t seen;
  std::vector<std::size_t> calls;  ///< positions in `history::calls`, in the order of the calls
  std::vector<recorded_event> events;
};

/// Used by one thread. Outlives the sessions that are recorded.
class history {
 public:
  history(std::function<sim_time()> now, std::vector<std::string> clients);
  history(const history&) = delete;
  history& operator=(const history&) = delete;

  std::size_t add_session(std::size_t client);
  void session_changed(std::size_t session, session_id id, session_state state);
  void session_left(std::size_t session) {
    if (!sessions_[session].left) sessions_[session].left = now_();
  }
  /// Returns the position of the call.
  std::size_t add_call(recorded_call call);
  void add_return(std::size_t position, const absl::StatusOr<outcome>& answer);
  void add_event(std::size_t session, recorded_event heard);
  /// Nothing is written down any more: what ends because the run does is no news.
  void close() { closed_ = true; }

  [[nodiscard]] const std::vector<recorded_call>& calls() const { return calls_; }
  [[nodiscard]] const std::vector<recorded_session>& sessions() const { return sessions_; }
  [[nodiscard]] const std::string& client_of(const recorded_call& call) const {
    return clients_[sessions_[call.session].client];
  }
  [[nodiscard]] const std::string& client_of(const recorded_session& session) const {
    return clients_[session.client];
  }
  [[nodiscard]] sim_time now() const { return now_(); }

 private:
  struct client_processes {
    std::vector<std::uint64_t> idle;  // the smallest last
    std::uint64_t made = 0;
  };
  [[nodiscard]] std::uint64_t take_process(std::size_t client);
  void give_back(std::size_t client, std::uint64_t process);

  std::function<sim_time()> now_;
  std::vector<std::string> clients_;
  std::vector<client_processes> processes_;
  std::vector<recorded_session> sessions_;
  std::vector<recorded_call> calls_;
  std::uint64_t order_ = 0;
  bool closed_ = false;
  index_t told_;                // highest index that anybody was told
  std::size_t told_first_ = 0;  // the call that was
};

}  // namespace atomix::sim
