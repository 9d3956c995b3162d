// SPDX-License-Identifier: Apache-2.0
/// \file Closed-loop load on etcd through its gRPC interface: one thread, one completion queue,
/// each channel a TCP connection of its own.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>

#include "etcd_kv.grpc.pb.h"
#include "tools/peers/load.hpp"

namespace {

namespace peers = atomix::peers;
using etcdserverpb::KV;

std::shared_ptr<grpc::Channel> open_channel(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  // Otherwise gRPC lets equal channels share one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
}

/// One operation in flight, used again and again.
struct slot {
  KV::Stub* stub = nullptr;
  std::int64_t started_ns = 0;
  std::optional<grpc::ClientContext> context;
  grpc::Status status;
  etcdserverpb::PutResponse put_response;
  etcdserverpb::RangeResponse range_response;
  std::unique_ptr<grpc::ClientAsyncResponseReader<etcdserverpb::PutResponse>> put;
  std::unique_ptr<grpc::ClientAsyncResponseReader<etcdserverpb::RangeResponse>> range;
};

class generator {
 public:
  explicit generator(const peers::options& o)
      : options_{o}, writes_{o.op == "write" || o.op == "fill"} {
    put_request_.set_value(run_.value());
    range_request_.set_serializable(o.op == "read-local");
  }

  bool connect() {
    const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds{10};
    for (unsigned i = 0; i < options_.connections; ++i) {
      auto channel = open_channel(options_.endpoints[i % options_.endpoints.size()]);
      if (!channel->WaitForConnected(deadline)) return false;
      stubs_.push_back(KV::NewStub(channel));
    }
    return true;
  }

  void run() {
    std::vector<slot> slots(options_.outstanding);
    for (std::size_t i = 0; i < slots.size() && run_.wants_more(); ++i) {
      slots[i].stub = stubs_[i % stubs_.size()].get();
      issue(slots[i]);
    }
    void* tag = nullptr;
    bool ok = false;
    while (in_flight_ > 0 && queue_.Next(&tag, &ok))
      finish(*static_cast<slot*>(tag));
  }

  [[nodiscard]] std::string report() const { return run_.report("etcd"); }

 private:
  void issue(slot& s) {
    ++in_flight_;
    s.context.emplace();
    s.started_ns = peers::now_ns();
    if (writes_) {
      put_request_.set_key(run_.next_key());
      s.put = s.stub->AsyncPut(&*s.context, put_request_, &queue_);
      s.put->Finish(&s.put_response, &s.status, &s);
    } else {
      range_request_.set_key(run_.next_key());
      s.range = s.stub->AsyncRange(&*s.context, range_request_, &queue_);
      s.range->Finish(&s.range_response, &s.status, &s);
    }
  }

  void finish(slot& s) {
    --in_flight_;
    const bool ok = s.status.ok() && (writes_ || s.range_response.count() == 1);
    if (!ok && !complained_) {
      complained_ = true;
      std::fprintf(
          stderr,
          "first error: %s\n",
          s.status.ok() ? "no such key" : s.status.error_message().c_str());
    }
    s.put.reset();
    s.range.reset();
    s.context.reset();
    s.range_response.Clear();
    if (run_.completed(s.started_ns, ok)) issue(s);
  }

  peers::options options_;
  bool writes_;
  bool complained_ = false;
  unsigned in_flight_ = 0;
  peers::measurement run_{options_};
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<KV::Stub>> stubs_;
  etcdserverpb::PutRequest put_request_;
  etcdserverpb::RangeRequest range_request_;
};

}  // namespace

int main(int argc, char** argv) {
  const auto options = peers::parse_options(argc, argv, "Closed-loop load on etcd");
  generator load{options};
  if (!load.connect()) {
    std::fprintf(stderr, "etcd_load: not all of the endpoints accept connections\n");
    return 1;
  }
  load.run();
  std::puts(load.report().c_str());
  return 0;
}
