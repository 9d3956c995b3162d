// SPDX-License-Identifier: Apache-2.0
// The real disk: the same promises, in a temporary directory.
#include "raft/storage/posix_file_system.hpp"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/raft/storage_lab.hpp"

namespace {

std::atomic<int> full_syncs = 0;
std::atomic<int> data_syncs = 0;

}  // namespace

// Stand in front of the C library's, to count: the kernel does what it is asked for.
extern "C" int fsync(int fd) {
  ++full_syncs;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
extern "C" int fdatasync(int fd) {
  ++data_syncs;
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace atomix::raft::lab {
namespace {

class posix : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    root_ = absl::StrCat(testing::TempDir(), "atomix_", test->name(), "_", ::getpid());
    std::filesystem::remove_all(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  [[nodiscard]] std::string in(const std::string& name) const { return root_ + "/" + name; }
  [[nodiscard]] log_options options() const {
    log_options o = options_for_tests();
    o.directory = in("data");
    return o;
  }

  std::string root_;
  std::unique_ptr<file_system> files_ = posix_file_system();
};

TEST_F(posix, writes_and_reads_back) {
  ASSERT_TRUE(files_->make_directory(in("a/b")).ok());
  ASSERT_TRUE(files_->make_directory(in("a/b")).ok()) << "again is fine";
  auto f = files_->open(in("a/b/f"), open_mode::create);
  ASSERT_TRUE(f.ok()) << f.status();
  ASSERT_TRUE((*f)->write(5, "world").ok());
  ASSERT_TRUE((*f)->write(0, "hello").ok());
  ASSERT_TRUE((*f)->sync().ok());
  EXPECT_EQ(*(*f)->read(0, 100), "helloworld");
  EXPECT_EQ(*(*f)->read(8, 1), "l");
  EXPECT_EQ(*(*f)->read(50, 1), "");
  ASSERT_TRUE((*f)->truncate(3).ok());
  EXPECT_EQ(*(*f)->size(), 3U);
  ASSERT_TRUE(files_->rename(in("a/b/f"), in("a/b/g")).ok());
  EXPECT_EQ(*files_->list(in("a/b")), std::vector<std::string>{"g"});
  ASSERT_TRUE(files_->sync_directory(in("a/b")).ok());
  ASSERT_TRUE(files_->remove(in("a/b/g")).ok());
  EXPECT_TRUE(files_->list(in("a/b"))->empty());
}

TEST_F(posix, says_what_is_wrong_with_which_path) {
  ASSERT_TRUE(files_->make_directory(root_).ok());
  const auto missing = files_->open(in("none"), open_mode::existing).status();
  EXPECT_TRUE(absl::IsNotFound(missing));
  EXPECT_NE(missing.message().find(in("none")), std::string::npos) << missing;
  { ASSERT_TRUE(files_->open(in("f"), open_mode::create).ok()); }
  EXPECT_TRUE(absl::IsAlreadyExists(files_->open(in("f"), open_mode::create).status()));
  EXPECT_FALSE(files_->make_directory(in("f")).ok()) << "a file is no directory";
  EXPECT_TRUE(absl::IsNotFound(files_->list(in("none")).status()));
  EXPECT_TRUE(absl::IsNotFound(files_->remove(in("none"))));
}

TEST_F(posix, a_full_disk_is_resource_exhausted) {
  auto full = files_->open("/dev/full", open_mode::existing);
  if (!full.ok()) GTEST_SKIP() << "no /dev/full here";
  const auto status = (*full)->write(0, "x");
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_NE(status.message().find("/dev/full"), std::string::npos);
}

TEST_F(posix, locks_a_directory_and_names_the_holder) {
  ASSERT_TRUE(files_->make_directory(root_).ok());
  {
    const auto held = files_->lock(root_);
    ASSERT_TRUE(held.ok()) << held.status();
    const auto refused = files_->lock(root_).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused));
    EXPECT_NE(refused.message().find(absl::StrCat("process ", ::getpid())), std::string::npos)
        << refused;
  }
  EXPECT_TRUE(files_->lock(root_).ok());
}

TEST_F(posix, keeps_a_log) {
  model expected;
  for (std::uint64_t life = 0; life < 3; ++life) {
    const opened o = open_log(*files_, options());
    ASSERT_TRUE(o.writer.ok()) << o.writer.status();
    ASSERT_EQ(model_of(o.found.recovered), expected);
    for (std::uint64_t i = 0; i < 40; ++i) {
      const std::uint64_t next = expected.entries.size() + 1;
      const save_batch b = entries_of(life + 1, next, next + 2, 100);
      ASSERT_TRUE(append_one(**o.writer, b).ok());
      expected.take(b);
    }
  }
  EXPECT_TRUE(verify_log(*files_, options().directory).ok());
}

// The inode's journal makes fsync twice to four times as dear: it is for files that grow.
TEST_F(posix, a_batch_on_blocks_filled_ahead_costs_one_fdatasync) {
  const opened o = open_log(*files_, options());
  ASSERT_TRUE(o.writer.ok()) << o.writer.status();
  ASSERT_TRUE((*o.writer)->prepare().ok());
  full_syncs = data_syncs = 0;
  for (std::uint64_t i = 1; i <= 5; ++i)
    ASSERT_TRUE(append_one(**o.writer, entries_of(1, i, i)).ok());
  EXPECT_EQ(full_syncs, 0);
  EXPECT_EQ(data_syncs, 5);
}

TEST_F(posix, a_file_that_grew_is_synced_with_its_size) {
  ASSERT_TRUE(files_->make_directory(root_).ok());
  auto f = files_->open(in("f"), open_mode::create);
  ASSERT_TRUE(f.ok()) << f.status();
  full_syncs = data_syncs = 0;
  ASSERT_TRUE((*f)->write(0, "hello").ok());
  ASSERT_TRUE((*f)->sync().ok());
  EXPECT_EQ(full_syncs, 1);
  ASSERT_TRUE((*f)->write(1, "a").ok());
  ASSERT_TRUE((*f)->sync().ok());
  EXPECT_EQ(full_syncs, 1);
  EXPECT_EQ(data_syncs, 1);
}

TEST_F(posix, is_read_and_prepared_while_it_is_appended_to) {
  const opened o = open_log(*files_, options());
  ASSERT_TRUE(o.writer.ok()) << o.writer.status();
  log& tested = **o.writer;
  constexpr std::uint64_t count = 300;
  std::atomic<std::uint64_t> written = 0;
  std::thread preparing([&] {
    while (written < count)
      EXPECT_TRUE(tested.prepare().ok());
  });
  std::thread reading([&] {
    while (written < count) {
      const std::uint64_t last = written;
      if (last == 0) continue;
      const auto part = tested.read(index_t{last / 2 + 1}, 500);
      ASSERT_TRUE(part.ok()) << part.status();
      ASSERT_FALSE(part->empty());
      EXPECT_EQ(part->front(), entry_of(1, last / 2 + 1, 64));
    }
  });
  for (std::uint64_t i = 1; i <= count; ++i) {
    EXPECT_TRUE(append_one(tested, entries_of(1, i, i, 64)).ok());
    written = i;
  }
  preparing.join();
  reading.join();
}

}  // namespace
}  // namespace atomix::raft::lab
