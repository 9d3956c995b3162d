// SPDX-License-Identifier: Apache-2.0
#include "resources/codec.hpp"

#include "resources/session.pb.h"

#include <gtest/gtest.h>

#include <limits>

namespace atomix {
namespace {

template <class T>
void goes_round(const T& value) {
  const absl::StatusOr<T> back = codec<T>::decode(codec<T>::encode(value));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, value);
}

TEST(codec, what_is_encoded_is_decoded) {
  goes_round(std::string("a\0b", 3));
  goes_round(std::string());
  goes_round(true);
  goes_round(false);
  goes_round(std::numeric_limits<std::int64_t>::min());
  goes_round(std::numeric_limits<std::uint64_t>::max());
  goes_round(-7);
  goes_round(0.1);
  goes_round(std::numeric_limits<double>::denorm_min());
  goes_round(std::numeric_limits<double>::max());
}

TEST(codec, numbers_are_text_that_others_can_read) {
  EXPECT_EQ(codec<int>::encode(-42), "-42");
  EXPECT_EQ(codec<double>::encode(0.1), "0.1");
  EXPECT_EQ(codec<bool>::encode(true), "true");
}

TEST(codec, messages_work_as_they_are) {
  log::Query query;
  query.set_resource("r");
  const auto back = codec<log::Query>::decode(codec<log::Query>::encode(query));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->resource(), "r");
  EXPECT_FALSE(codec<log::Query>::decode("\xff").ok());
}

TEST(codec, what_is_of_another_type_is_refused) {
  EXPECT_FALSE(codec<int>::decode("").ok());
  EXPECT_FALSE(codec<int>::decode("12x").ok());
  EXPECT_FALSE(codec<int>::decode("99999999999").ok());
  EXPECT_FALSE(codec<unsigned>::decode("-1").ok());
  EXPECT_FALSE(codec<double>::decode("zero").ok());
  EXPECT_FALSE(codec<bool>::decode("1").ok());
}

}  // namespace
}  // namespace atomix
