// SPDX-License-Identifier: Apache-2.0
#include "actors/status_probe.hpp"

#include "actors/session_answers.hpp"

#include "net/wire.pb.h"

#include <utility>

namespace atomix::actors {
namespace {

std::string name_of(const wire::StatusReply& r, std::uint64_t id) {
  for (const auto& m : r.members())
    if (m.id() == id) return m.name();
  return "";
}

member_status translate(const wire::StatusReply& r) {
  member_status s;
  s.cluster = r.cluster();
  s.name = r.name();
  s.role = r.role();
  s.leader = name_of(r, r.leader());
  s.version = r.version();
  s.term = r.term();
  s.commit = r.commit();
  s.applied = r.applied();
  s.last = r.last();
  s.log_time_ms = r.log_time_ms();
  s.sessions = r.sessions();
  s.resources = r.resources();
  for (const auto& m : r.members())
    s.members.push_back({m.name(), m.address(), m.match(), m.active()});
  return s;
}

class status_probe final : public net::connection_handler {
 public:
  status_probe(net::transport& network, const net::address& server, status_result done)
      : network_(network), done_(std::move(done)) {
    connection_ = network_.dial(server, *this);
  }
  ~status_probe() override { network_.close(connection_); }

  void opened(net::connection_id connection, const std::string&) override {
    std::string bytes;
    net::append_frame(
        bytes, net::frame_type::client_hello, wire::ClientHello{}.SerializeAsString());
    wire::RequestBatch batch;
    batch.add_requests()->mutable_status();
    net::append_frame(bytes, net::frame_type::requests, batch.SerializeAsString());
    network_.send(connection, std::move(bytes));
  }
  void received(net::connection_id, std::vector<net::frame> frames) override {
    for (const auto& f : frames) {
      if (f.type == net::frame_type::refusal) refused(f);
      if (f.type != net::frame_type::responses) continue;
      wire::ResponseBatch batch;
      const auto bytes = f.payload.view();
      if (!batch.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) continue;
      for (const auto& r : batch.responses())
        if (r.has_status()) tell(translate(r.status()));
    }
  }
  void closed(net::connection_id, const absl::Status& why) override { tell(why); }

 private:
  void refused(const net::frame& f) {
    wire::Refusal refusal;
    const auto bytes = f.payload.view();
    if (refusal.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
      tell(status_from_wire(refusal.code(), refusal.message()));
  }
  void tell(absl::StatusOr<member_status> result) {
    if (auto done = std::exchange(done_, {})) done(std::move(result));
  }

  net::transport& network_;
  status_result done_;
  net::connection_id connection_;
};

}  // namespace

std::shared_ptr<void> probe_status(
    net::transport& network, const net::address& server, status_result done) {
  return std::make_shared<status_probe>(network, server, std::move(done));
}

}  // namespace atomix::actors
