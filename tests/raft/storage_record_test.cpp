// SPDX-License-Identifier: Apache-2.0
#include "raft/storage/record.hpp"
#include "raft/storage/segment.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace atomix::raft {
namespace {

constexpr std::string_view uuid = "0f8fad5b-d9cb-469f-a165-70867728950e";

RC_GTEST_PROP(record, comes_back_as_it_was, (const std::string& data, bool last)) {
  record_header h;
  h.type = *rc::gen::element(record_type::entry, record_type::state);
  h.kind = *rc::gen::element(entry_kind::command, entry_kind::time, entry_kind::configuration);
  h.batch = *rc::gen::arbitrary<std::uint64_t>();
  h.index_or_vote = *rc::gen::arbitrary<std::uint64_t>();
  h.term = term_t{*rc::gen::arbitrary<std::uint64_t>()};
  h.time = log_time{*rc::gen::arbitrary<std::uint64_t>()};
  const std::uint32_t salt = segment_salt(uuid, 7);
  const std::uint64_t offset = 8U * *rc::gen::inRange<std::uint64_t>(0, 1U << 27U);

  std::string bytes;
  encode_record(bytes, h, data, salt, offset);
  if (last) mark_last_of_batch(bytes.data(), salt, offset);
  RC_ASSERT(bytes.size() == record_bytes(data.size()));
  record_header back;
  RC_ASSERT(decode_header(bytes, salt, offset, back));
  RC_ASSERT(data_intact(back, std::string_view(bytes).substr(record_header_bytes), salt, offset));
  RC_ASSERT(bytes.substr(record_header_bytes, back.data_bytes) == data);
  RC_ASSERT(back.type == h.type && back.kind == h.kind && back.last_of_batch == last);
  RC_ASSERT(back.batch == h.batch && back.index_or_vote == h.index_or_vote);
  RC_ASSERT(back.term == h.term && back.time == h.time);
}

TEST(record, is_one_only_in_its_own_place) {
  const std::uint32_t salt = segment_salt(uuid, 1);
  std::string bytes;
  encode_record(bytes, {}, "data", salt, 128);
  record_header out;
  EXPECT_TRUE(decode_header(bytes, salt, 128, out));
  EXPECT_FALSE(decode_header(bytes, salt, 136, out)) << "another offset";
  EXPECT_FALSE(decode_header(bytes, segment_salt(uuid, 2), 128, out)) << "another segment";
  std::string other(uuid);
  other.back() = '0';
  EXPECT_FALSE(decode_header(bytes, segment_salt(other, 1), 128, out)) << "another directory";
}

TEST(record, every_flipped_bit_is_seen) {
  const std::uint32_t salt = segment_salt(uuid, 1);
  std::string bytes;
  encode_record(bytes, {}, "some data", salt, 128);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    record_header out;
    const bool taken =
        decode_header(flipped, salt, 128, out)
        && data_intact(out, std::string_view(flipped).substr(record_header_bytes), salt, 128);
    EXPECT_FALSE(taken) << "bit " << bit;
  }
}

TEST(record, layout_is_the_documented_one) {
  record_header h;
  h.kind = entry_kind::time;
  h.batch = 0x0102;
  h.index_or_vote = 0x0304;
  h.term = term_t{0x0506};
  h.time = log_time{0x0708};
  std::string bytes;
  encode_record(bytes, h, "abc", 0, 0);
  ASSERT_EQ(bytes.size(), 56U);
  EXPECT_EQ(bytes.substr(4, 16), (std::string("\3\0\0\0\2\1\0\0\0\0\0\0\1\3\0\0", 16)));
  EXPECT_EQ(bytes.substr(24, 8), (std::string("\4\3\0\0\0\0\0\0", 8)));
  EXPECT_EQ(bytes.substr(32, 8), (std::string("\6\5\0\0\0\0\0\0", 8)));
  EXPECT_EQ(bytes.substr(40, 8), (std::string("\10\7\0\0\0\0\0\0", 8)));
  EXPECT_EQ(bytes.substr(48), (std::string("abc\0\0\0\0\0", 8)));
}

TEST(segment_header, comes_back_and_sees_every_flipped_bit) {
  const segment_header h{1, 9, std::string(uuid), 77, index_t{5}, {term_t{3}, node_id{2}}};
  std::string bytes;
  encode_segment_header(bytes, h);
  ASSERT_EQ(bytes.size(), segment_header_bytes);
  const auto back = decode_segment_header(bytes);
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->sequence, 9U);
  EXPECT_EQ(back->uuid, uuid);
  EXPECT_EQ(back->first_batch, 77U);
  EXPECT_EQ(back->first_index, index_t{5});
  EXPECT_EQ(back->state, h.state);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(decode_segment_header(flipped).has_value()) << "bit " << bit;
  }
}

TEST(segment_name, is_a_number_of_sixteen_digits) {
  EXPECT_EQ(segment_name(12), "0000000000000012.log");
  EXPECT_EQ(sequence_of("0000000000000012.log"), 12U);
  for (const char* other : {"12.log", "identity", "lock", "00000000000000x2.log", ""}) {
    EXPECT_FALSE(sequence_of(other).has_value()) << other;
  }
}

}  // namespace
}  // namespace atomix::raft
