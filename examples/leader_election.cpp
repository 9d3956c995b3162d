// SPDX-License-Identifier: Apache-2.0
// A replica that stands for election: start one per member, stop the leader, see another take over.
//
//   leader_election logs/server1 localhost:5000 localhost:5001 localhost:5002
//   leader_election logs/server2 localhost:5001 localhost:5000 localhost:5002
//   leader_election logs/server3 localhost:5002 localhost:5000 localhost:5001
#include <atomix/election.hpp>
#include <atomix/replica.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() < 2) {
    std::cerr << "usage: leader_election LOGDIR SELF [PEER...]\n";
    return 2;
  }
  atomix::replica_options options;
  options.directory = arguments[0];
  options.name = arguments[1];
  options.members.assign(arguments.begin() + 1, arguments.end());
  std::sort(options.members.begin(), options.members.end());

  auto replica = atomix::replica::start(options);
  if (!replica.ok()) {
    std::cerr << replica.status().message() << "\n";
    return 1;
  }
  const auto election = replica->get<atomix::election>("election");
  const absl::Status entered =
      election
          .run(options.name, [](atomix::index_t) { std::cout << "Elected leader!" << std::endl; })
          .get();
  if (!entered.ok()) {
    std::cerr << entered.message() << "\n";
    return 1;
  }
  return replica->wait().ok() ? 0 : 1;
}
