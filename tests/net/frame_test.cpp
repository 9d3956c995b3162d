// SPDX-License-Identifier: Apache-2.0
#include "net/frame.hpp"

#include "raft/base/crc32c.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <utility>

namespace atomix::net {
namespace {

std::string three_frames() {
  std::string bytes;
  append_frame(bytes, frame_type::client_hello, "hello");
  append_frame(bytes, frame_type::requests, "");
  append_frame(bytes, frame_type::raft_message, std::string(300, 'x'));
  return bytes;
}

void expect_three(const std::vector<frame>& frames) {
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(frames[0].type, frame_type::client_hello);
  EXPECT_EQ(frames[0].payload.view(), "hello");
  EXPECT_EQ(frames[1].type, frame_type::requests);
  EXPECT_TRUE(frames[1].payload.empty());
  EXPECT_EQ(frames[2].type, frame_type::raft_message);
  EXPECT_EQ(frames[2].payload.view(), std::string(300, 'x'));
}

TEST(Frame, HasTheDocumentedBytes) {
  std::string bytes;
  append_frame(bytes, frame_type::refusal, "no");
  ASSERT_EQ(bytes.size(), frame_header_bytes + 2);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x02\0\0\0\x14\x01\x17\xCF", 8));
  EXPECT_EQ(bytes.substr(12), "no");
  std::uint32_t crc = 0;
  for (std::size_t i = 4; i-- > 0;)
    crc = crc << 8U | static_cast<std::uint8_t>(bytes[8 + i]);
  EXPECT_EQ(crc, crc32c("no", crc32c(bytes.substr(0, 8))));
}

TEST(Frame, IsTheSameWherePayloadIsWrittenInPlace) {
  std::string bytes;
  append_frame(bytes, frame_type::client_hello, "hello");
  std::string in_place;
  const auto start = begin_frame(in_place);
  in_place += "hello";
  end_frame(in_place, start, frame_type::client_hello);
  EXPECT_EQ(in_place, bytes);
}

TEST(FrameParser, TakesAllInOnePush) {
  frame_parser parser;
  std::vector<frame> frames;
  ASSERT_TRUE(parser.push(three_frames(), frames).ok());
  expect_three(frames);
}

TEST(FrameParser, TakesASplitAtEveryByte) {
  const std::string bytes = three_frames();
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    frame_parser parser;
    std::vector<frame> frames;
    ASSERT_TRUE(parser.push(bytes.substr(0, cut), frames).ok());
    ASSERT_TRUE(parser.push(bytes.substr(cut), frames).ok());
    expect_three(frames);
  }
}

TEST(FrameParser, TakesOneByteAtATime) {
  frame_parser parser;
  std::vector<frame> frames;
  for (const char c : three_frames())
    ASSERT_TRUE(parser.push({&c, 1}, frames).ok());
  expect_three(frames);
}

TEST(FrameParser, PayloadsOfOnePushShareOneBuffer) {
  std::vector<frame> frames;
  {
    frame_parser parser;
    ASSERT_TRUE(parser.push(three_frames(), frames).ok());
  }
  const auto distance = frames[2].payload.view().data() - frames[0].payload.view().data();
  EXPECT_EQ(distance, 5 + 12 + 12);
}

TEST(FrameParser, AnyStreamInAnyPieces) {
  rc::check("frames come out as they went in", [] {
    const auto payloads =
        *rc::gen::container<std::vector<std::string>>(rc::gen::string<std::string>());
    std::string bytes;
    for (const auto& p : payloads)
      append_frame(bytes, frame_type::responses, p);
    frame_parser parser;
    std::vector<frame> frames;
    for (std::string_view rest = bytes; !rest.empty();) {
      const auto size = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
      RC_ASSERT(parser.push(rest.substr(0, size), frames).ok());
      rest.remove_prefix(size);
    }
    RC_ASSERT(frames.size() == payloads.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
      RC_ASSERT(frames[i].payload.view() == payloads[i]);
    }
  });
}

TEST(FrameParser, NoticesEveryFlippedBitAtOnce) {
  std::string bytes;
  append_frame(bytes, frame_type::client_hello, "some payload");
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    frame_parser parser;
    std::vector<frame> frames;
    const auto status = parser.push(damaged, frames);
    EXPECT_TRUE(frames.empty()) << "bit " << bit;
    // At once: a length that became larger must not make anybody wait for bytes that never come.
    EXPECT_FALSE(status.ok()) << "bit " << bit;
  }
}

TEST(FrameParser, DeliversWhatCameBeforeTheFault) {
  std::string bytes = three_frames();
  append_frame(bytes, frame_type::responses, "damaged");
  bytes.back() = 'D';
  frame_parser parser;
  std::vector<frame> frames;
  EXPECT_EQ(parser.push(bytes, frames).code(), absl::StatusCode::kDataLoss);
  expect_three(frames);
}

TEST(FrameParser, NamesBothVersions) {
  std::string bytes = three_frames();
  bytes[5] = 9;
  frame_parser parser;
  std::vector<frame> frames;
  const auto status = parser.push(bytes, frames);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_NE(status.message().find("version 9"), absl::string_view::npos) << status;
  EXPECT_NE(status.message().find("version 1"), absl::string_view::npos) << status;
}

TEST(FrameParser, RefusesATypeThatItDoesNotKnow) {
  std::string bytes;
  append_frame(bytes, static_cast<frame_type>(99), "news");
  frame_parser parser;
  std::vector<frame> frames;
  const auto status = parser.push(bytes, frames);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_NE(status.message().find("type 99"), absl::string_view::npos) << status;
}

TEST(FrameParser, RefusesAFrameThatIsTooLongAtItsFirstBytes) {
  const std::string one_too_many("\x01\x00\x00\x04", 4);  // 64 MiB + 1
  frame_parser parser;
  std::vector<frame> frames;
  EXPECT_EQ(parser.push(one_too_many, frames).code(), absl::StatusCode::kDataLoss);
  frame_parser fine;
  EXPECT_TRUE(fine.push(std::string("\x00\x00\x00\x04", 4), frames).ok());
}

TEST(FrameParser, NamesForeignProtocols) {
  const std::pair<std::string, const char*> rows[] = {
      {"GET / HTTP/1.1\r\n", "HTTP"},
      {"POST /v1", "HTTP"},
      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP"},
      {"HTTP/1.1 400 Bad Request\r\n", "HTTP"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "SSH"},
      {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), "TLS"},
      {std::string("\x16\x03\x01", 3), "TLS"},
      {std::string("\x15\x03\x03\x00\x02\x02\x28", 7), "TLS"},
  };
  for (const auto& [bytes, name] : rows) {
    frame_parser parser;
    std::vector<frame> frames;
    const auto status = parser.push(bytes, frames);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bytes;
    EXPECT_NE(status.message().find(name), absl::string_view::npos) << status;
  }
}

TEST(FrameParser, SeesNoForeignProtocolBehindTheFirstFrame) {
  // A frame of 66326 bytes begins like a TLS record; so does, by two bytes only, one of 790.
  for (const std::size_t size : {0x316U, 0x10316U}) {
    std::string bytes;
    append_frame(bytes, frame_type::client_hello, "hello");
    append_frame(bytes, frame_type::requests, std::string(size, 'x'));
    frame_parser parser;
    std::vector<frame> frames;
    ASSERT_TRUE(parser.push(bytes, frames).ok());
    EXPECT_EQ(frames.size(), 2U);
  }
}

TEST(FrameParser, CarriesABigFrameOverManyReads) {
  std::string bytes;
  append_frame(bytes, frame_type::raft_message, std::string(frame_bytes_max, 'x'));
  append_frame(bytes, frame_type::responses, "behind");
  frame_parser parser;
  std::vector<frame> frames;
  // In pieces of an Ethernet packet: copying everything on each of the 46000 reads never ends.
  for (std::string_view rest = bytes; !rest.empty();) {
    const auto size = std::min<std::size_t>(rest.size(), 1448);
    ASSERT_TRUE(parser.push(rest.substr(0, size), frames).ok());
    rest.remove_prefix(size);
  }
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0].payload.size(), frame_bytes_max);
  EXPECT_EQ(frames[1].payload.view(), "behind");
}

TEST(FrameParser, RandomBytesNeverCrash) {
  rc::check("an error or nothing", [](const std::string& bytes) {
    frame_parser parser;
    std::vector<frame> frames;
    const auto status = parser.push(bytes, frames);
    RC_ASSERT(frames.empty());
    RC_TAG(status.ok());
  });
}

}  // namespace
}  // namespace atomix::net
