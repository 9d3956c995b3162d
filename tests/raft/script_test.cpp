// SPDX-License-Identifier: Apache-2.0
// Runs every script of tests/scripts/raft. REWRITE=1 writes down what really came out instead; read
// the difference before you commit it.
#include "tests/raft/script.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace atomix::raft {
namespace {

std::vector<std::string> script_names() {
  std::vector<std::string> names;
  const std::filesystem::path folder = std::string(ATOMIX_SOURCE_DIR) + "/tests/scripts/raft";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == ".txt") names.push_back(file.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class scripts : public testing::TestWithParam<std::string> {};

TEST_P(scripts, print_what_they_say) {
  const std::string path =
      std::string(ATOMIX_SOURCE_DIR) + "/tests/scripts/raft/" + GetParam() + ".txt";
  std::stringstream before;
  before << std::ifstream(path).rdbuf();
  ASSERT_FALSE(before.str().empty()) << path;
  const std::string after = script{}.rerun(before.str());
  if (std::getenv("REWRITE") != nullptr) {
    std::ofstream(path) << after;
    return;
  }
  EXPECT_EQ(before.str(), after);
}

INSTANTIATE_TEST_SUITE_P(raft, scripts, testing::ValuesIn(script_names()), [](const auto& one) {
  return one.param;
});

}  // namespace
}  // namespace atomix::raft
