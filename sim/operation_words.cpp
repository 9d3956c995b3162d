// SPDX-License-Identifier: Apache-2.0
#include "sim/operation_words.hpp"

#include "sim/report/escape.hpp"

#include "resources/counter/machine.hpp"
#include "resources/election/machine.hpp"
#include "resources/lock/machine.hpp"
#include "resources/map/machine.hpp"
#include "resources/value/machine.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace atomix::sim {
namespace {

namespace r = atomix::resources;

std::string number(std::int64_t n) {
  return std::to_string(n);
}
std::string number(std::uint64_t n) {
  return std::to_string(n);
}

/// Decimal numbers as numbers, everything else as text: different bytes stay different.
std::string content(std::string_view bytes) {
  std::int64_t n = 0;
  const char* const end = bytes.data() + bytes.size();
  const auto parsed = std::from_chars(bytes.data(), end, n);
  const bool plain = parsed.ec == std::errc{} && parsed.ptr == end && std::to_string(n) == bytes;
  return plain ? std::string(bytes) : edn_string(bytes);
}

template <class Message>
std::string maybe(const Message& m) {
  return m.has_value() ? content(m.value()) : "nil";
}

template <class Message>
Message parsed(std::string_view bytes) {
  Message m;
  if (!m.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) m.Clear();
  return m;
}

/// The name of an operation that nobody describes: `CompareAndSet` is "compare-and-set".
std::string dashed(const google::protobuf::MessageLite& m) {
  const std::string full = m.GetTypeName();
  std::string name;
  for (const char c : full.substr(full.rfind('.') + 1)) {
    const bool capital = c >= 'A' && c <= 'Z';
    if (capital && !name.empty()) name += '-';
    name += capital ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return name;
}

// --- Questions ---------------------------------------------------------------------------------

struct asks_value {
  spoken_call& said;
  // What ends by itself is beyond the models.
  void operator()(const r::value::proto::Set& m) const {
    if (m.ttl_ms() == 0) said.model = "cas-register";
    said.f = "write";
    said.argument = maybe(m);
  }
  void operator()(const r::value::proto::CompareAndSet& m) const {
    if (m.ttl_ms() == 0) said.model = "cas-register";
    said.f = "cas";
    said.argument = "[" + (m.has_expect() ? content(m.expect()) : "nil") + " "
                    + (m.has_update() ? content(m.update()) : "nil") + "]";
  }
  void operator()(const r::value::proto::Get&) const {
    said.model = "cas-register";
    said.f = "read";
  }
  void operator()(const google::protobuf::MessageLite& m) const { said.f = dashed(m); }
};

struct asks_counter {
  spoken_call& said;
  void operator()(const r::counter::proto::Add& m) const {
    said.model = "counter";
    said.f = "add-and-get";
    said.argument = number(std::int64_t{m.delta()});
  }
  void operator()(const r::counter::proto::Get&) const {
    said.model = "counter";
    said.f = "read";
  }
  void operator()(const google::protobuf::MessageLite& m) const { said.f = dashed(m); }
};

struct asks_map {
  spoken_call& said;
  void key(const char* f, const std::string& key) const {
    said.model = "map";
    said.f = f;
    said.object += " " + key;
  }
  void operator()(const r::map::proto::Put& m) const {
    key("put", m.key());
    if (m.ttl_ms() != 0) said.model.clear();
    said.argument = content(m.value());
  }
  void operator()(const r::map::proto::Remove& m) const { key("delete", m.key()); }
  void operator()(const r::map::proto::Get& m) const { key("get", m.key()); }
  void operator()(const google::protobuf::MessageLite& m) const { said.f = dashed(m); }
};

struct asks_lock {
  spoken_call& said;
  void operator()(const r::lock::proto::Acquire&) const {
    said.model = "lock";
    said.f = "acquire";
  }
  void operator()(const r::lock::proto::Release& m) const {
    if (m.has_token()) said.model = "lock";
    said.f = "release";
    if (m.has_token()) said.argument = number(std::uint64_t{m.token()});
  }
  void operator()(const r::lock::proto::Check& m) const {
    said.f = "check";
    said.argument = number(std::uint64_t{m.token()});
  }
  void operator()(const google::protobuf::MessageLite& m) const { said.f = dashed(m); }
};

struct asks_election {
  spoken_call& said;
  void operator()(const r::election::proto::Run&) const {
    said.model = "election";
    said.f = "run";
  }
  // Of a leadership or of a candidacy: who knows what was held says so.
  void operator()(const r::election::proto::Resign&) const { said.f = "resign"; }
  void operator()(const r::election::proto::IsLeader& m) const {
    said.f = "is-leader";
    said.argument = number(std::uint64_t{m.epoch()});
  }
  void operator()(const google::protobuf::MessageLite& m) const { said.f = dashed(m); }
};

template <class Machine, class Asks>
void ask(bool is_query, std::string_view operation, Asks asks) {
  const bool known = is_query ? r::decode_op(typename Machine::queries{}, operation, asks)
                              : r::decode_op(typename Machine::commands{}, operation, asks);
  if (!known) asks.said.f = "unknown";
}

spoken_call speak_unknown(
    const resource_name& resource,
    bool is_query,
    std::string_view operation,
    const more_words& more) {
  if (more) {
    if (auto said = more(resource, is_query, operation)) return *std::move(said);
  }
  spoken_call said;
  said.object = resource.name;
  said.f = is_query ? "query" : "command";
  return said;
}

// --- Answers -----------------------------------------------------------------------------------

call_outcome done_if(bool yes) {
  return yes ? call_outcome::ok : call_outcome::fail;
}

spoken_answer asked(std::uint64_t granted, std::uint64_t waits) {
  if (granted != 0) return {call_outcome::ok, number(granted), 0};
  return {call_outcome::fail, {}, waits};
}

}  // namespace

spoken_call speak(
    const resource_name& resource,
    bool is_query,
    std::string_view operation,
    const more_words& more) {
  spoken_call said;
  said.object = resource.name;
  if (!is_query && operation.empty()) {
    said.f = "delete";
  } else if (resource.type == r::value::machine::type_name) {
    ask<r::value::machine>(is_query, operation, asks_value{said});
  } else if (resource.type == r::counter::machine::type_name) {
    ask<r::counter::machine>(is_query, operation, asks_counter{said});
  } else if (resource.type == r::map::machine::type_name) {
    ask<r::map::machine>(is_query, operation, asks_map{said});
  } else if (resource.type == r::lock::machine::type_name) {
    ask<r::lock::machine>(is_query, operation, asks_lock{said});
  } else if (resource.type == r::election::machine::type_name) {
    ask<r::election::machine>(is_query, operation, asks_election{said});
  } else {
    return speak_unknown(resource, is_query, operation, more);
  }
  return said;
}

spoken_answer speak_answer(
    const resource_name& resource,
    bool is_query,
    std::string_view operation,
    std::string_view answer) {
  const spoken_call said = speak(resource, is_query, operation);
  if (said.f == "delete") return {};
  const std::string& type = resource.type;
  if (type == r::value::machine::type_name) {
    if (said.f == "read")
      return {call_outcome::ok, maybe(parsed<r::value::proto::Current>(answer))};
    if (said.f == "cas") return {done_if(parsed<r::value::proto::Swapped>(answer).swapped()), {}};
  } else if (type == r::counter::machine::type_name) {
    if (said.f == "read") {
      return {
          call_outcome::ok,
          number(std::int64_t{parsed<r::counter::proto::Current>(answer).value()})};
    }
    if (said.f == "add-and-get") {
      return {
          call_outcome::ok, number(std::int64_t{parsed<r::counter::proto::Moved>(answer).after()})};
    }
  } else if (type == r::map::machine::type_name) {
    if (said.f == "get") return {call_outcome::ok, maybe(parsed<r::map::proto::Found>(answer))};
  } else if (type == r::lock::machine::type_name) {
    if (said.f == "acquire") {
      const auto got = parsed<r::lock::proto::Asked>(answer);
      return asked(got.token(), got.request());
    }
    if (said.f == "release" || said.f == "withdraw")
      return {done_if(parsed<r::lock::proto::Answer>(answer).yes()), {}};
    if (said.f == "check")
      return {call_outcome::ok, parsed<r::lock::proto::Answer>(answer).yes() ? "true" : "false"};
    const auto state = parsed<r::lock::proto::State>(answer);
    return {
        call_outcome::ok,
        "[" + number(std::uint64_t{state.token()}) + " " + number(std::uint64_t{state.waiting()})
            + "]"};
  } else if (type == r::election::machine::type_name) {
    if (said.f == "run") {
      const auto got = parsed<r::election::proto::Entered>(answer);
      return asked(got.epoch(), got.candidacy());
    }
    if (said.f == "resign") return {done_if(parsed<r::election::proto::Answer>(answer).yes()), {}};
    if (said.f == "is-leader") {
      return {
          call_outcome::ok, parsed<r::election::proto::Answer>(answer).yes() ? "true" : "false"};
    }
    const auto leader = parsed<r::election::proto::Leader>(answer);
    return {call_outcome::ok, leader.session() == 0 ? "nil" : content(leader.candidate())};
  }
  return {};
}

namespace {

struct ends_lock {
  spoken_event& end;
  void operator()(const r::lock::proto::Granted& m) const {
    end = {m.request(), call_outcome::ok, number(std::uint64_t{m.token()})};
  }
  void operator()(const r::lock::proto::TimedOut& m) const {
    end = {m.request(), call_outcome::fail, {}};
  }
  void operator()(const r::lock::proto::Deleted& m) const {
    end = {m.request(), call_outcome::fail, {}};
  }
  void operator()(const r::lock::proto::Withdrawn& m) const {
    end = {m.request(), call_outcome::fail, {}};
  }
  void operator()(const google::protobuf::MessageLite&) const {}
};

struct ends_election {
  spoken_event& end;
  void operator()(const r::election::proto::Elected& m) const {
    end = {m.candidacy(), call_outcome::ok, number(std::uint64_t{m.epoch()})};
  }
  void operator()(const r::election::proto::Resigned& m) const {
    end = {m.candidacy(), call_outcome::fail, {}};
  }
  void operator()(const r::election::proto::Deleted& m) const {
    end = {m.candidacy(), call_outcome::fail, {}};
  }
  void operator()(const google::protobuf::MessageLite&) const {}
};

}  // namespace

spoken_event speak_event(std::string_view type, std::string_view event) {
  spoken_event end;
  if (type == r::lock::machine::type_name) {
    static_cast<void>(r::decode_op(r::lock::machine::events{}, event, ends_lock{end}));
  } else if (type == r::election::machine::type_name) {
    static_cast<void>(r::decode_op(r::election::machine::events{}, event, ends_election{end}));
  }
  return end;
}

}  // namespace atomix::sim
