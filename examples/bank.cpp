// SPDX-License-Identifier: Apache-2.0
// Replicas of a cluster that knows a resource of its own, and clients that use it.
//
//   bank serve data/1 127.0.0.1:5001 127.0.0.1:5001,127.0.0.1:5002,127.0.0.1:5003   (and 2, and 3)
//   bank deposit  127.0.0.1:5001,127.0.0.1:5002,127.0.0.1:5003 alice 100
//   bank transfer 127.0.0.1:5001,127.0.0.1:5002,127.0.0.1:5003 alice bob 30
//   bank balance  127.0.0.1:5001,127.0.0.1:5002,127.0.0.1:5003 alice
#include "bank.hpp"

#include <atomix/client.hpp>
#include <atomix/machine_registry.hpp>
#include <atomix/replica.hpp>

#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace {

int complain(const absl::Status& status) {
  std::cerr << status.message() << "\n";
  return 1;
}

int serve(const std::vector<std::string>& words) {
  atomix::replica_options options;
  options.directory = words[1];
  options.name = words[2];
  std::istringstream members{words[3]};
  for (std::string member; std::getline(members, member, ',');)
    options.members.push_back(member);
  // Every member must know the same types.
  auto machines = atomix::resources::builtin_machines();
  machines.add<bank::machine>();
  options.machines = std::make_shared<const atomix::resources::machine_registry>(machines);
  const auto replica = atomix::replica::start(options);
  if (!replica.ok()) return complain(replica.status());
  std::cout << "Serving at " << replica->address() << std::endl;
  return replica->wait().ok() ? 0 : 1;
}

int call(const std::vector<std::string>& words) {
  const auto client = atomix::client::connect(words[1]);
  if (!client.ok()) return complain(client.status());
  const auto savings = client->get<bank::handle>("savings");
  const std::string& account = words[0] == "transfer" ? words[3] : words[2];
  const auto cents = words[0] == "deposit" ? savings.deposit(account, std::stoll(words[3]))
                     : words[0] == "transfer"
                         ? savings.transfer(words[2], account, std::stoll(words[4]))
                         : savings.balance(account);
  if (!cents.get().ok()) return complain(cents.get().status());
  std::cout << account << ": " << *cents.get() << std::endl;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const std::string verb = words.empty() ? "" : words[0];
  const std::size_t wanted = verb == "transfer" ? 5 : verb == "balance" ? 3 : 4;
  const bool known = verb == "serve" || verb == "deposit" || wanted != 4;
  if (known && words.size() == wanted) return verb == "serve" ? serve(words) : call(words);
  std::cerr << "usage: bank serve DIRECTORY SELF MEMBERS | deposit SERVERS ACCOUNT CENTS |\n"
               "       transfer SERVERS FROM TO CENTS | balance SERVERS ACCOUNT\n";
  return 2;
}
