// SPDX-License-Identifier: Apache-2.0
// Small histories, one per line: who calls what, then who returns what.
#include "sim/checker/check.hpp"
#include "sim/checker/edn.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>

namespace atomix::checker {
namespace {

// "1:write:3" calls, "1=3" returns, "1!" fails. Processes that do not return are unknown.
history parse(const std::string& text) {
  recorder r;
  std::map<std::string, std::size_t> open;
  std::istringstream words{text};
  for (std::string word; words >> word;) {
    for (char& c : word)
      if (c == '_') c = ' ';
    const std::size_t mark = word.find_first_of(":=!");
    const std::string process = word.substr(0, mark);
    std::string rest = word.substr(mark + 1);
    if (word[mark] == ':') {
      operation op;
      op.process = *parse_value(process);
      const std::size_t colon = rest.find(':');
      op.f = rest.substr(0, colon);
      if (colon != std::string::npos) op.argument = *parse_value(rest.substr(colon + 1));
      open[process] = r.begin(op);
    } else if (word[mark] == '=') {
      r.end(open.at(process), certainty::ok, rest.empty() ? value{} : *parse_value(rest));
    } else {
      r.end(open.at(process), certainty::failed, {});
    }
  }
  return r.take();
}

struct row {
  std::string model;
  verdict expected;
  std::string history;
};
constexpr verdict good = verdict::valid;
constexpr verdict bad = verdict::invalid;

const row rows[] = {
    {"register", good, ""},
    {"register", good, "1:write:1 1= 2:read 2=1"},
    {"register", good, "2:read 2=nil 1:write:1 1="},
    {"register", bad, "1:write:1 1= 2:read 2=nil"},
    {"register", bad, "2:read 2=1 1:write:1 1="},
    {"register", good, "1:write:1 2:read 2=1 1="},
    {"register", bad, "1:write:1 2:read 2=1 2:read 2=nil 1="},
    {"register", good, "1:write:1 2:read 2=nil 2:read 2=1 2:read 2=1"},
    {"register", bad, "1:write:1 2:read 2=1 2:read 2=nil"},
    {"register", good, "1:write:1 2:write:2 2= 3:read 3=2 3:read 3=1"},
    {"register", bad, "1:write:1 2:write:2 2= 3:read 3=2 3:read 3=1 3:read 3=2"},
    {"register", good, "1:write:1 1! 2:read 2=nil"},
    {"register", bad, "1:write:1 1! 2:read 2=1"},
    {"cas-register", good, "1:write:1 1= 2:cas:[1_2] 2= 3:read 3=2"},
    {"cas-register", bad, "1:write:1 1= 2:cas:[2_3] 2="},
    {"cas-register", good, "1:write:1 1= 2:cas:[2_3] 2! 3:read 3=1"},
    {"cas-register", bad, "1:write:1 1= 2:cas:[1_3] 2= 3:read 3=1"},
    {"cas-register", good, "1:write:1 1= 2:cas:[1_3] 3:read 3=1 3:read 3=3"},
    {"multi-register",
     good,
     "1:txn:[[:write_:x_1]_[:write_:y_2]] 1=[[:write_:x_1]_[:write_:y_2]] 2:txn:[[:read_:x_nil]] "
     "2=[[:read_:x_1]]"},
    {"multi-register",
     bad,
     "1:txn:[[:write_:x_1]_[:write_:y_2]] 2:txn:[[:read_:x_nil]_[:read_:y_nil]] "
     "2=[[:read_:x_1]_[:read_:y_nil]]"},
    {"mutex", good, "1:acquire 1= 1:release 1= 2:acquire 2="},
    {"mutex", bad, "1:acquire 1= 2:acquire 2="},
    {"mutex", good, "1:acquire 1= 2:acquire 1:release 2= 1="},
    {"mutex", bad, "1:release 1="},
    {"mutex", good, "1:acquire 1= 1:release 2:acquire 2="},
    {"counter", good, "1:add:2 1= 2:inc 3:read 3=2 3:read 3=3 2= 4:dec 4= 4:read 4=2"},
    {"counter", bad, "1:add:2 1= 3:read 3=0"},
    {"counter", bad, "1:add:2 2:read 2=2 2:read 2=0"},
    {"counter", good, "1:add-and-get:2 2:add-and-get:1 2=1 1=3"},
    {"counter", good, "1:add-and-get:2 2:add-and-get:1 2=[1_1] 1=[2_3]"},
    {"counter", bad, "1:add-and-get:2 2:add-and-get:1 2=1 1=2"},
    {"counter",
     good,
     "1:add-and-get:9223372036854775807 2:add-and-get:2 2=2 1=-9223372036854775807"},
    {"counter", good, "1:add:9223372036854775807 1= 2:add:9223372036854775807 2= 3:read 3=-2"},
    {"counter", bad, "1:add:9223372036854775807 1= 2:add:9223372036854775807 2= 3:read 3=-1"},
    {"counter", good, "1:dec:-9223372036854775808 1= 3:read 3=-9223372036854775808"},
    {"map", good, "1:put:[\"k\"_\"a\"] 1= 2:append:[\"k\"_\"b\"] 2= 3:get:\"k\" 3=\"ab\""},
    {"map", good, "3:get:\"k\" 3=\"\""},
    {"map", bad, "1:append:[\"k\"_\"a\"] 1= 3:get:\"k\" 3=\"\""},
    {"map",
     bad,
     "1:append:[\"k\"_\"a\"] 2:append:[\"k\"_\"b\"] 1= 2= 3:get:\"k\" 3=\"ab\" 3:get:\"k\" "
     "3=\"ba\""},
    {"map",
     good,
     "1:put:[\"k\"_\"a\"] 1= 1:put:[\"j\"_\"b\"] 1= 2:get:\"k\" 2=\"a\" 2:delete:\"k\" 2= "
     "2:get:\"k\" 2=\"\""},
    {"map", bad, "1:append:[\"k\"_\"a\"] 2:append:[\"k\"_\"a\"] 1= 2= 3:get:\"k\" 3=\"a\""},
    {"set", good, "1:add:1 1= 2:contains:1 2=true 2:remove:1 2=true 2:contains:1 2=false"},
    {"set", bad, "1:add:1 1= 2:contains:1 2=false"},
    {"set", good, "1:add:1 1= 2:add:2 3:read 3=#{1} 3:read 3=[2_1]"},
    {"set", bad, "1:add:1 1= 3:read 3=#{}"},
    {"set", bad, "3:read 3=#{9}"},
    {"set", bad, "1:add:1 2:add:2 3:read 3=#{1} 4:read 4=#{2}"},
    {"set", bad, "1:add:1 1= 3:read 3=[1_1]"},
    {"set", bad, "1:add:1 1= 2:add:2 3:read 3=#{1} 2= 4:add:3 3:read 3=#{1_3}"},
    {"set", bad, "3:read 1:add:1 1= 2:add:2 2= 3=#{2}"},
    {"set", bad, "3:read 1:add:1 1= 2:add:2 3=#{2}"},
    {"set", good, "3:read 1:add:1 2:add:2 3=#{2} 4:read 4=#{2} 5:read 5=#{1_2}"},
    {"set", bad, "1:add:1 4:read 4=#{1} 5:read 5=#{}"},
    {"set", good, "1:add:1 2:read 3:read 3=nil 2=#{1} 1="},
    {"queue", bad, "1:enqueue:1 2:enqueue:2 2= 3:dequeue 3=2 4:dequeue 4=1 4:dequeue 4=2"},
    {"queue", good, "1:enqueue:1 3:dequeue 2:enqueue:2 2= 4:dequeue 4=2 4:dequeue 4=nil"},
    {"queue", good, "1:enqueue:1 1= 3:dequeue 2:enqueue:2 2= 4:dequeue 4=2 4:dequeue 4=nil"},
    {"queue", bad, "1:enqueue:1 1= 1:enqueue:3 1= 3:dequeue 2:enqueue:2 2= 4:dequeue 4=2"},
    {"queue",
     good,
     "1:enqueue:1 1= 1:enqueue:3 1= 3:dequeue 5:dequeue 2:enqueue:2 2= 4:dequeue 4=2"},
    {"queue", good, "1:enqueue:1 1= 1:enqueue:2 1= 2:dequeue 2=1 2:dequeue 2=2 2:dequeue 2=nil"},
    {"queue", bad, "1:enqueue:1 1= 1:enqueue:2 1= 2:dequeue 2=2"},
    {"queue", bad, "1:enqueue:1 1= 1:enqueue:2 1= 2:dequeue 2=2 2:dequeue 2=1"},
    {"queue", good, "1:enqueue:1 2:enqueue:2 1= 2= 2:dequeue 2=2 2:dequeue 2=1"},
    {"queue", bad, "1:enqueue:1 1= 2:dequeue 2=1 3:dequeue 3=1"},
    {"queue", bad, "1:enqueue:1 1= 2:dequeue 2=nil"},
    {"queue", bad, "2:dequeue 2=5"},
    {"queue", good, "1:enqueue:1 1= 3:dequeue 2:dequeue 2=nil"},
    {"lock", good, "1:acquire 1=1 1:release 1= 2:acquire 2=2"},
    {"lock", bad, "1:acquire 1=2 1:release 1= 2:acquire 2=2"},
    {"lock", bad, "1:acquire 1=1 2:acquire 2=2"},
    {"lock", bad, "1:acquire 1=1 2:release 2="},
    {"lock", good, "1:acquire 1=1 1:release 2:acquire 2=3"},
    // Nobody was told the token of process 2, but it is above 1.
    {"lock", bad, "1:acquire 1=1 2:acquire 1:release 1= 3:release:1 3="},
    {"lock", good, "1:acquire 1=1 2:acquire 1:release 1= 3:release:2 3="},
    {"lock", good, "1:acquire 1= 3:release:3 2:acquire 2=6 3="},
    {"lock", good, "3:release:1 1:acquire 1=1 2:acquire 2=2"},
    {"lock", good, "3:release:1 1:acquire 3= 1=1 2:acquire 2=2"},
    {"lock", bad, "3:release:1 1:acquire 1=1 2:acquire 2=2 4:acquire 4=3"},
    {"machine:counter", good, "1:add:5 1={:before_0_:after_5} 2:get 2=5"},
    {"machine:counter", good, "1:add:5 1= 2:add:2 1:get 1=7 2={:after_7}"},
    {"machine:counter", good, "1:add:5 2:get 2=0 2:get 2=5 1="},
    {"machine:counter", bad, "1:add:5 2:get 2=5 2:get 2=0 1="},
    {"machine:counter", bad, "1:add:5 1={:after_6}"},
    {"machine:counter", good, "1:set:5 1= 2:compare-and-set:[5_6] 2=true 1:get 1=6"},
    {"machine:counter", bad, "1:set:5 1= 2:compare-and-set:{:expect_4_:update_6} 2=true"},
    {"machine:map", good, "1:put:[\"a\"_\"x\"] 1= 2:get:\"a\" 2=\"x\" 2:get:\"b\" 2=nil"},
    {"machine:map", bad, "1:put:[\"a\"_\"x\"] 1= 2:contains-key:\"a\" 2=false"},
    {"machine:map", good, "1:put:[\"a\"_\"x\"] 2:get-size 2=0 2:get-size 2=1"},
    {"lock", good, "1:acquire 1=1 2:release:1 2= 2:acquire 2=2"},
    {"lock", good, "1:acquire 9:release:1 1=1 2:acquire 2=2"},
    {"lock", good, "1:acquire 9:release:1 2:acquire 2=2 1=1 9="},
    {"lock", bad, "1:acquire 1=1 2:release:7 2= 2:acquire 2=2"},
    {"lock", bad, "1:acquire 1=1 1:release:1 1= 2:acquire 2=2 9:release:1 3:acquire 3=3"},
    {"election", good, "1:run 1=1 1:resign:1 1= 2:run 2=2"},
    {"election", bad, "1:run 1=1 2:run 2=2"},
};

TEST(Model, SmallHistories) {
  for (const row& r : rows) {
    const auto m = *make_model(r.model);
    const auto report = check(parse(r.history), *m);
    ASSERT_TRUE(report.ok()) << r.history << ": " << report.status();
    EXPECT_EQ(report->answer, r.expected) << r.model << ": " << r.history << "\n"
                                          << report->explanation();
  }
}

TEST(Model, StartsWithWhatIsGiven) {
  const auto m = *make_model("register", value{0});
  EXPECT_EQ(check(parse("1:read 1=0"), *m)->answer, good);
  EXPECT_EQ(check(parse("1:read 1=nil"), *m)->answer, bad);
  history h = parse("1:read 1=nil");
  h.nil = nil_result::unobserved;
  EXPECT_EQ(check(h, *m)->answer, good);
  EXPECT_FALSE(make_model("mutex", value{0}).ok());
  EXPECT_FALSE(make_model("counter", value{"x"}).ok());
  EXPECT_FALSE(make_model("stack").ok());
}

TEST(Model, FailedCasTellsInLogs) {
  history h = parse("1:write:1 1= 2:cas:[1_2] 2!");
  const auto m = *make_model("cas-register");
  EXPECT_EQ(check(h, *m)->answer, good);
  h.failed_cas_observes = true;
  EXPECT_EQ(check(h, *m)->answer, bad);
}

TEST(Model, RefusesOperationsOfOthers) {
  const auto m = *make_model("register");
  EXPECT_FALSE(check(parse("1:cas:[1_2] 1="), *m).ok());
  EXPECT_FALSE(check(parse("1:enqueue:1 1="), *m).ok());
}

TEST(Model, MachinesRefuseWhatAHistoryCannotTell) {
  const auto m = *make_model("machine:map");
  EXPECT_FALSE(check(parse("1:put:[\"a\"_\"x\"_1000] 1="), *m).ok());  // a time to live
  EXPECT_FALSE(check(parse("1:put:[1_2] 1="), *m).ok());
  EXPECT_FALSE(check(parse("1:put:{:cat_2} 1="), *m).ok());
  EXPECT_FALSE(check(parse("1:enqueue:1 1="), *m).ok());
}

TEST(Model, ALimitGivesNoVerdict) {
  const auto m = *make_model("register");
  search_limits limits;
  limits.configurations = 1;
  const history h =
      parse("1:write:1 2:write:2 3:write:3 4:read 4=1 4:read 4=2 4:read 4=3 1= 2= 3=");
  EXPECT_EQ(check(h, *m, limits)->answer, verdict::unknown);
  EXPECT_EQ(check(h, *m)->answer, good);
}

}  // namespace
}  // namespace atomix::checker
