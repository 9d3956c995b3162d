// SPDX-License-Identifier: Apache-2.0
#include "net/address.hpp"

#include <gtest/gtest.h>

namespace atomix::net {
namespace {

TEST(Address, ReadsAndPrintsWhatUsersWrite) {
  struct row {
    const char* text;
    const char* host;
    std::uint16_t port;
  };
  const row rows[] = {
      {"db1.example.org:5000", "db1.example.org", 5000},
      {"localhost:1", "localhost", 1},
      {"my_service-2:65535", "my_service-2", 65535},
      {"127.0.0.1:0", "127.0.0.1", 0},
      {"0.0.0.0:80", "0.0.0.0", 80},
      {"[::1]:5000", "::1", 5000},
      {"[::]:5000", "::", 5000},
      {"[fe80::1%eth0]:7", "fe80::1%eth0", 7},
      {"[2001:db8::a.b]:7", nullptr, 0},
  };
  for (const auto& r : rows) {
    const auto read = parse_address(r.text);
    ASSERT_EQ(read.ok(), r.host != nullptr) << r.text << ": " << read.status();
    if (r.host == nullptr) continue;
    EXPECT_EQ(*read, (address{r.host, r.port})) << r.text;
    EXPECT_EQ(read->to_string(), r.text);
  }
}

TEST(Address, SaysWhatIsWrong) {
  struct row {
    const char* text;
    const char* cause;
  };
  const row rows[] = {
      {"", "port is missing"},
      {"localhost", "port is missing"},
      {"[::1]", "port is missing"},
      {":5000", "host is missing"},
      {"[]:5000", "host is missing"},
      {"::1:5000", "needs brackets"},
      {"localhost:", "0 to 65535"},
      {"localhost:65536", "0 to 65535"},
      {"localhost:-1", "0 to 65535"},
      {"localhost:+1", "0 to 65535"},
      {"localhost:50x", "0 to 65535"},
      {"localhost:5000 ", "0 to 65535"},
      {"http://localhost:5000", "needs brackets"},
      {"a/b:5000", "character"},
      {"a b:5000", "character"},
      {"[localhost]:5000", "brackets"},
      {"[127.0.0.1]:5000", "brackets"},
      {"10.0.0.300:5000", "IPv4"},
      {"10.0.0:5000", "IPv4"},
      {"[::1:5000", "needs brackets"},
  };
  for (const auto& r : rows) {
    const auto read = parse_address(r.text);
    ASSERT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << r.text;
    const std::string message{read.status().message()};
    EXPECT_NE(message.find(r.cause), std::string::npos) << message;
    EXPECT_NE(message.find("expected HOST:PORT"), std::string::npos) << message;
  }
}

TEST(Address, ReadsLists) {
  const auto read = parse_addresses("a:1, b:2 ,[::1]:3");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, (std::vector<address>{{"a", 1}, {"b", 2}, {"::1", 3}}));
  for (const char* bad : {"", ",", "a:1,", ",a:1", "a:1,,b:2", "a:1;b:2"}) {
    EXPECT_FALSE(parse_addresses(bad).ok()) << bad;
  }
}

}  // namespace
}  // namespace atomix::net
