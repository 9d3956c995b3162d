// SPDX-License-Identifier: Apache-2.0
// What sessions heard against what the log has for them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sim/witnessed.hpp"

namespace atomix::sim {
namespace {

/// Listens, adds, and adds again; the event of the first addition comes before or after the second
/// answer.
class witnessed_order : public witnessed {
 protected:
  void tell(bool event_first) {
    const auto listening = call_listen();
    book.add_return(listening, outcome{commit_listen(1), ""});
    const auto one = call_add(5);
    const index_t at = commit_add(5, 2);
    answer_add(one, at, 0, 5);
    const auto other = call_add(1);
    const index_t later = commit_add(1, 3);
    if (event_first) book.add_event(0, {at, "n", changed(0, 5)});
    answer_add(other, later, 5, 6);
    if (!event_first) book.add_event(0, {at, "n", changed(0, 5)});
    book.add_event(0, {later, "n", changed(5, 6)});
  }
};

TEST_F(witnessed_order, events_before_later_answers_are_as_promised) {
  tell(true);
  EXPECT_TRUE(objections().empty());
}

TEST_F(witnessed_order, an_answer_that_overtakes_an_event_is_found) {
  tell(false);
  EXPECT_EQ(objections(), std::vector<std::string>{"events"});
}

TEST_F(witnessed_order, a_query_that_shows_what_its_session_was_not_told_is_found) {
  const auto listening = call_listen();
  book.add_return(listening, outcome{commit_listen(1), ""});
  const auto add = call_add(5);
  const index_t at = commit_add(5, 2);
  answer_add(add, at, 0, 5);
  answer_get(call_get(), at, 5);
  EXPECT_EQ(objections(), std::vector<std::string>{"events"});
}

TEST_F(witnessed_order, where_frames_overtake_each_other_it_is_not_held_against_the_cluster) {
  tell(false);
  EXPECT_TRUE(objections(frame_order::may_break).empty());
}

TEST_F(witnessed, an_event_that_comes_after_its_session_has_expired_is_found) {
  const auto listen = call_listen();
  book.add_return(listen, outcome{commit_listen(1), {}});
  const auto add = call_add(5);
  const index_t at = commit_add(5, 2);
  answer_add(add, at, 0, 5);
  commit_expiry();
  now_ += second;
  book.add_event(0, {at, "n", changed(0, 5)});
  const auto found = objections();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.back(), "events");
}

TEST_F(witnessed, an_event_that_nobody_published_is_found) {
  book.add_event(0, {index_t{2}, "n", "made up"});
  const auto found = objections();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found.front(), "events");
}

// Right by the log: the handle that listened has asked for the wrong one to be taken back.
TEST_F(witnessed, an_event_that_nobody_wants_any_more_is_found) {
  book.add_return(call_listen(), outcome{commit_listen(1), ""});
  const auto add = call_add(5);
  const index_t at = commit_add(5, 2);
  answer_add(add, at, 0, 5);
  recorded_event heard{at, "n", changed(0, 5)};
  heard.wanted = false;
  book.add_event(0, heard);
  EXPECT_EQ(objections(), std::vector<std::string>{"events"});
}

}  // namespace
}  // namespace atomix::sim
