// SPDX-License-Identifier: Apache-2.0
// A client that counts words in a replicated map, safe against others that do the same.
//
//   distributed_map localhost:5000,localhost:5001,localhost:5002 one two two
#include <atomix/client.hpp>
#include <atomix/map.hpp>

#include <iostream>
#include <string>

namespace {

using words = atomix::map<std::string, int>;

// Compare and set: whoever loses the race tries again.
absl::Status count(const words& map, const std::string& word) {
  while (true) {
    const auto before = map.put_if_absent(word, 1).get();
    if (!before.ok() || !before->has_value()) return before.status();
    const auto done = map.replace(word, **before, **before + 1).get();
    if (!done.ok() || *done) return done.status();
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: distributed_map HOST:PORT,... WORD...\n";
    return 2;
  }
  const auto client = atomix::client::connect(argv[1]);
  if (!client.ok()) {
    std::cerr << client.status().message() << "\n";
    return 1;
  }
  const auto map = client->get<words>("words");
  absl::Status status;
  for (int i = 2; i < argc && status.ok(); ++i)
    status = count(map, argv[i]);
  const auto entries = map.entries().get();
  if (!status.ok() || !entries.ok()) {
    std::cerr << (status.ok() ? entries.status() : status).message() << "\n";
    return 1;
  }
  for (const auto& [word, times] : *entries)
    std::cout << word << ": " << times << std::endl;
  return 0;
}
