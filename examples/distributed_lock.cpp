// SPDX-License-Identifier: Apache-2.0
// A client that acquires a lock and keeps it until it ends. Start two: the second one waits.
//
//   distributed_lock localhost:5000,localhost:5001,localhost:5002
#include <atomix/client.hpp>
#include <atomix/lock.hpp>

#include <iostream>
#include <string>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: distributed_lock HOST:PORT,...\n";
    return 2;
  }
  const auto client = atomix::client::connect(argv[1]);
  if (!client.ok()) {
    std::cerr << client.status().message() << "\n";
    return 1;
  }
  std::cout << "Client started!" << std::endl;
  const auto lock = client->get<atomix::lock>("lock");
  const auto grant = lock.acquire().get();
  if (!grant.ok()) {
    std::cerr << grant.status().message() << "\n";
    return 1;
  }
  // Give the token to whatever the lock protects: it refuses smaller ones than it has seen.
  std::cout << "Lock acquired! Token " << grant->token.value() << std::endl;
  std::cout << "Enter releases it." << std::endl;
  std::string line;
  std::getline(std::cin, line);
  return lock.release(*grant).get().value_or(false) ? 0 : 1;
}
