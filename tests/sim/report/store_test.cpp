// SPDX-License-Identifier: Apache-2.0
#include "sim/report/store.hpp"

#include "sim/report/text_sink.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace atomix::sim {
namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

struct store_test : testing::Test {
  fs::path top = fs::path(testing::TempDir())
                 / (std::string("atomix-report-")
                    + testing::UnitTest::GetInstance()->current_test_info()->name());
  run_record record;

  void SetUp() override {
    fs::remove_all(top);
    record.seed = 42;
    record.lanes = {{"n1", true}, {"c1", false}};
    record.log = {{0, 9'079'195'999, "raft", "first\nsecond"}, {99, second, "FAULT", "halves"}};
    record.plan = "1 s halves";
    record.repro = "{}";
  }
  void TearDown() override { fs::remove_all(top); }
  report_place place() const { return {top.string()}; }
};

TEST_F(store_test, the_layout_is_jepsens) {
  ASSERT_TRUE(write_report(record, place()).ok());
  const fs::path run = top / "atomix-sim" / "seed-42";
  EXPECT_EQ(place().path_of(record), run.string());
  for (const char* file :
       {"history.edn", "results.edn", "trace", "timeline.html", "plan", "repro.json"}) {
    EXPECT_TRUE(fs::is_regular_file(run / file)) << file;
  }
  EXPECT_EQ(content(run / "plan"), "1 s halves\n");
  EXPECT_EQ(
      content(run / "trace"),
      "9.079195s n1       raft   first second\n1.000000s world    FAULT  halves\n");
}

TEST_F(store_test, links_are_relative_and_point_at_the_newest) {
  ASSERT_TRUE(write_report(record, place()).ok());
  record.seed = 43;
  ASSERT_TRUE(write_report(record, place()).ok());
  EXPECT_EQ(fs::read_symlink(top / "atomix-sim" / "latest"), "seed-43");
  EXPECT_EQ(fs::read_symlink(top / "latest"), fs::path("atomix-sim/seed-43"));
  EXPECT_TRUE(fs::exists(top / "latest" / "timeline.html"));
  EXPECT_TRUE(fs::exists(top / "atomix-sim" / "seed-42" / "timeline.html"));
  EXPECT_EQ(std::distance(fs::directory_iterator(top), fs::directory_iterator()), 2);
}

TEST_F(store_test, the_same_run_gives_the_same_bytes) {
  ASSERT_TRUE(write_report(record, place()).ok());
  const std::string before = content(top / "latest" / "timeline.html");
  ASSERT_TRUE(write_report(record, place()).ok());
  EXPECT_EQ(content(top / "latest" / "timeline.html"), before);
}

TEST_F(store_test, a_repro_of_an_earlier_report_does_not_stay) {
  ASSERT_TRUE(write_report(record, place()).ok());
  record.repro.clear();
  ASSERT_TRUE(write_report(record, place()).ok());
  EXPECT_FALSE(fs::exists(top / "latest" / "repro.json"));
}

TEST_F(store_test, names_are_one_part_of_a_path) {
  for (const char* bad : {"a/b", "..", "latest"}) {
    report_place p = place();
    p.stamp = bad;
    EXPECT_EQ(write_report(record, p).code(), absl::StatusCode::kInvalidArgument) << bad;
  }
  report_place p = place();
  p.name = "";
  EXPECT_EQ(write_report(record, p).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(store_test, a_file_in_the_way_is_named) {
  fs::create_directories(top);
  std::ofstream(top / "atomix-sim") << "not a directory";
  const absl::Status status = write_report(record, place());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_NE(status.message().find("atomix-sim"), absl::string_view::npos) << status;
  EXPECT_NE(status.message().find("move it"), absl::string_view::npos) << status;
}

TEST_F(store_test, what_is_called_latest_and_no_link_is_kept) {
  fs::create_directories(top / "latest");
  const absl::Status status = write_report(record, place());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_TRUE(fs::is_directory(top / "latest"));
}

TEST(file_sink_test, a_full_disk_is_told_with_place_and_remedy) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  file_sink out("/dev/full");
  out.write("text");
  const absl::Status status = out.close();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_NE(
      status.message().find("Cannot write to /dev/full: No space left"), absl::string_view::npos)
      << status;
  EXPECT_NE(status.message().find("Free some space"), absl::string_view::npos) << status;
}

}  // namespace
}  // namespace atomix::sim
