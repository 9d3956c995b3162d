// SPDX-License-Identifier: Apache-2.0
#include "tools/local_cluster.hpp"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <optional>
#include <thread>
#include <utility>

#include "tools/child_process.hpp"

namespace atomix::tools {
namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

// Addresses that nobody listens at now. All are taken before the first is given back, so that they
// differ.
absl::StatusOr<std::vector<std::string>> free_addresses(std::size_t count) {
  std::vector<int> sockets;
  std::vector<std::string> found;
  for (std::size_t i = 0; i < count; ++i) {
    const int one = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockets.push_back(one);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* const raw = reinterpret_cast<sockaddr*>(&at);
    if (::bind(one, raw, size) != 0 || ::getsockname(one, raw, &size) != 0) break;
    found.push_back(absl::StrCat("127.0.0.1:", ntohs(at.sin_port)));
  }
  const int error = errno;
  for (const int one : sockets)
    ::close(one);
  if (found.size() < count) return absl::ErrnoToStatus(error, "No free port on 127.0.0.1");
  return found;
}

absl::StatusOr<std::string> temporary_directory() {
  std::string path = std::filesystem::current_path() / "atomix-local-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr)
    return absl::ErrnoToStatus(errno, absl::StrCat("Cannot make '", path, "'; give --dir DIR"));
  return path;
}

// The end of the process, for as long as `patience`.
bool wait_for_end(pid_t pid, milliseconds patience) {
  const auto deadline = steady::now() + patience;
  while (::waitpid(pid, nullptr, WNOHANG) == 0) {
    if (steady::now() > deadline) return false;
    std::this_thread::sleep_for(milliseconds{5});
  }
  return true;
}

void end_process(pid_t pid) {
  ::kill(pid, SIGCONT);
  ::kill(pid, SIGTERM);
  if (wait_for_end(pid, milliseconds{5000})) return;
  ::kill(pid, SIGKILL);
  wait_for_end(pid, milliseconds{5000});
}

}  // namespace

absl::StatusOr<std::unique_ptr<local_cluster>> local_cluster::start(
    const local_cluster_options& options) {
  auto cluster = std::make_unique<local_cluster>();
  cluster->options_ = options;
  if (options.directory.empty()) {
    absl::StatusOr<std::string> made = temporary_directory();
    if (!made.ok()) return made.status();
    cluster->options_.directory = *made;
    cluster->directory_is_ours_ = true;
  }
  const absl::StatusOr<std::vector<std::string>> addresses = free_addresses(options.members);
  if (!addresses.ok()) return addresses.status();
  for (std::size_t i = 0; i < options.members; ++i)
    cluster->members_.push_back({absl::StrCat("n", i + 1), (*addresses)[i], 0, {}});
  for (member& m : cluster->members_) {
    std::error_code ignored;
    std::filesystem::remove_all(absl::StrCat(cluster->options_.directory, "/", m.name), ignored);
    std::filesystem::create_directories(cluster->options_.directory, ignored);
    if (absl::Status started = cluster->launch(m); !started.ok()) return started;
  }
  return cluster;
}

local_cluster::~local_cluster() {
  stop();
  if (keeps_files_) return;
  std::error_code ignored;
  for (const member& m : members_)
    std::filesystem::remove_all(absl::StrCat(options_.directory, "/", m.name), ignored);
  if (directory_is_ours_) std::filesystem::remove_all(options_.directory, ignored);
}

void local_cluster::stop() {
  for (const member& m : members_)
    if (m.pid != 0) ::kill(m.pid, SIGTERM);
  for (member& m : members_)
    if (m.pid != 0) end_process(std::exchange(m.pid, 0));
}

absl::Status local_cluster::launch(member& m) {
  child_setup setup;
  setup.command = options_.command;
  if (setup.command.empty())
    setup.command = {std::filesystem::read_symlink("/proc/self/exe"), "server"};
  std::vector<std::string> members;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const std::string& at = options_.fronts.empty() ? members_[i].address : options_.fronts.at(i);
    members.push_back(absl::StrCat(members_[i].name, "=", at));
  }
  const std::vector<std::string> arguments{
      "--id",
      m.name,
      "--cluster",
      absl::StrJoin(members, ","),
      "--listen",
      m.address,
      "--data",
      absl::StrCat(options_.directory, "/", m.name)};
  setup.command.insert(setup.command.end(), arguments.begin(), arguments.end());
  setup.command.insert(setup.command.end(), options_.flags.begin(), options_.flags.end());
  setup.output = log_of(m);
  // A Ctrl-C is for this process, which then stops them.
  setup.own_group = true;
  // Sockets of this process that a server held too would never end for the other side.
  setup.keeps_no_files = true;
  const absl::StatusOr<pid_t> started = start_child(setup);
  if (!started.ok()) return started.status();
  m.pid = *started;
  m.exit_code.reset();
  return absl::OkStatus();
}

std::string local_cluster::log_of(const member& m) const {
  return absl::StrCat(options_.directory, "/", m.name, ".log");
}

std::string local_cluster::data_of(std::size_t place) const {
  return absl::StrCat(options_.directory, "/", members_.at(place).name);
}

std::string local_cluster::servers() const {
  return absl::StrJoin(members_, ",", [](std::string* out, const member& m) { *out += m.address; });
}

std::vector<pid_t> local_cluster::pids() const {
  std::vector<pid_t> all;
  for (const member& m : members_)
    all.push_back(m.pid);
  return all;
}

absl::StatusOr<std::size_t> local_cluster::leader_in_sync() const {
  std::optional<std::size_t> leader;
  std::optional<member_status> first;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const auto answer = client::status_of(members_[i].address, milliseconds{500});
    if (!answer.ok()) return answer.status();
    if (answer->role == "leader") leader = i;
    if (!first) first = *answer;
    if (answer->term != first->term || answer->last != first->last)
      return absl::UnavailableError(absl::StrCat(members_[i].name, " is behind"));
  }
  if (!leader) return absl::UnavailableError("nobody leads");
  return *leader;
}

absl::StatusOr<std::size_t> local_cluster::wait_until_in_sync(milliseconds patience) {
  const auto deadline = steady::now() + patience;
  std::string doubt;
  while (steady::now() < deadline) {
    auto leader = leader_in_sync();
    if (leader.ok()) return leader;
    doubt = std::string(leader.status().message());
    std::this_thread::sleep_for(milliseconds{20});
  }
  return absl::DeadlineExceededError(absl::StrCat(
      "The local cluster is not ready: ",
      doubt,
      ". Its members' logs are ",
      options_.directory,
      "/*.log"));
}

void local_cluster::signal(std::size_t place, int signal) const {
  if (members_.at(place).pid != 0) ::kill(members_.at(place).pid, signal);
}

absl::Status local_cluster::restart(std::size_t place) {
  member& m = members_.at(place);
  if (m.pid != 0 && !wait_for_end(m.pid, milliseconds{5000}))
    return absl::InternalError(absl::StrCat(m.name, " was killed and does not end."));
  m.pid = 0;
  return launch(m);
}

std::optional<int> local_cluster::exit_code(std::size_t place) {
  member& m = members_.at(place);
  int status = 0;
  if (m.pid == 0 || ::waitpid(m.pid, &status, WNOHANG) != m.pid) return m.exit_code;
  m.pid = 0;
  return m.exit_code = exit_code_of(status);
}

}  // namespace atomix::tools
