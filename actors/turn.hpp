// SPDX-License-Identifier: Apache-2.0
/// \file A turn of an actor: all messages that wait for it. What they bring is gathered, and passed
/// on once.
#pragma once

#include <utility>

namespace atomix::actors {

class turn {
 public:
  /// There is something to pass on when the turn ends.
  void gather() { gathered_ = true; }

  /// After each message. Calls `flush` if it was the last of the turn and there is something to
  /// pass on. If others wait, `End`, a message from the actor to itself that queues behind them,
  /// ends the turn: what comes after it belongs to the next one, so nothing waits for ever.
  template <class End, class Actor, class Self, class Flush>
  void handled(Self self, Flush flush) {
    while (gathered_ && !end_queued_) {
      if (self->mailbox().empty()) {
        gathered_ = false;
        flush();
      } else {
        end_queued_ = true;
        self->send(Actor{self}, End{});
      }
    }
  }

  /// When `End` has come.
  template <class Flush>
  void ended(Flush flush) {
    end_queued_ = false;
    if (std::exchange(gathered_, false)) flush();
  }

 private:
  bool gathered_ = false;
  bool end_queued_ = false;
};

}  // namespace atomix::actors
