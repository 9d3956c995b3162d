// SPDX-License-Identifier: Apache-2.0
// A client that sets a value each second, and prints what it reads back.
//
//   distributed_value localhost:5000,localhost:5001,localhost:5002 [ROUNDS]
#include <atomix/client.hpp>
#include <atomix/value.hpp>

#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <string>

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: distributed_value HOST:PORT,... [ROUNDS]\n";
    return 2;
  }
  const long rounds = argc > 2 ? std::stol(argv[2]) : -1;
  const auto client = atomix::client::connect(argv[1]);
  if (!client.ok()) {
    std::cerr << client.status().message() << "\n";
    return 1;
  }
  const auto value = client->get<atomix::value<std::string>>("value");
  std::mutex mutex;
  std::condition_variable never;
  for (long round = 0; round != rounds; ++round) {
    const absl::Status written = value.set("round " + std::to_string(round)).get();
    const auto read = value.get().get();
    if (!written.ok() || !read.ok()) {
      std::cerr << (written.ok() ? read.status() : written).message() << "\n";
      return 1;
    }
    std::cout << "Value is: " << read->value_or("unset") << std::endl;
    if (round + 1 == rounds) break;
    std::unique_lock lock{mutex};
    never.wait_for(lock, std::chrono::seconds{1});
  }
  return 0;
}
