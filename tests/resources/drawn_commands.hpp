// SPDX-License-Identifier: Apache-2.0
/// \file Commands for each resource of the catalog, drawn by RapidCheck from few keys, values and
/// times, so that they meet; some of them of an enemy.
#pragma once

#include "resources/catalog.hpp"

#include <rapidcheck.h>

#include <cstdint>
#include <limits>
#include <string>

namespace atomix::resources {

inline std::uint64_t small_number() {
  return *rc::gen::inRange<std::uint64_t>(0, 3);
}

template <class Commands, class Op>
std::string about_listening() {
  Op op;
  op.set_listener(small_number());
  if constexpr (requires { op.set_key(""); })
    if (*rc::gen::arbitrary<bool>()) op.set_key(*rc::gen::element<std::string>("a", "b"));
  return encode_op<Commands>(op);
}

inline std::string draw_lock() {
  namespace proto = lock::proto;
  using commands = lock::machine::commands;
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
      return encode_op<commands>(proto::Withdraw{});
    case 1:
      return *rc::gen::arbitrary<std::string>();  // of an enemy
    case 2:
    case 3:
    case 4: {
      proto::Release op;
      op.set_handle(small_number());
      // Few tokens are in use: mostly this one is not.
      if (*rc::gen::inRange(0, 4) == 0) op.set_token(*rc::gen::inRange<std::uint64_t>(10, 40));
      return encode_op<commands>(op);
    }
    default: {
      proto::Acquire op;
      op.set_handle(small_number());
      op.set_wait_forever(*rc::gen::arbitrary<bool>());
      op.set_wait_ms(*rc::gen::element<std::uint64_t>(0, 1, 5, 20, 60));
      return encode_op<commands>(op);
    }
  }
}

inline std::string draw_election() {
  namespace proto = election::proto;
  using commands = election::machine::commands;
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
    case 1: {
      proto::Resign op;
      op.set_handle(small_number());
      return encode_op<commands>(op);
    }
    case 2:
    case 3:
      return about_listening<commands, proto::Listen>();
    case 4:
      return about_listening<commands, proto::Unlisten>();
    case 5:
      return *rc::gen::arbitrary<std::string>();
    default: {
      proto::Run op;
      op.set_handle(small_number());
      op.set_candidate(*rc::gen::element<std::string>("a", "b"));
      return encode_op<commands>(op);
    }
  }
}

/// A command about one key, with whatever else it wants.
template <class Op>
std::string about_a_key() {
  Op op;
  op.set_key(*rc::gen::element<std::string>("a", "b", "c"));
  const auto text = [] {
    return *rc::gen::element<std::string>("", "1", "2");
  };
  if constexpr (requires { op.set_update(""); })
    op.set_update(text());
  else if constexpr (requires { op.set_value(""); })
    op.set_value(text());
  if constexpr (requires { op.set_expect(""); }) op.set_expect(text());
  if constexpr (requires { op.set_ttl_ms(1); })
    op.set_ttl_ms(*rc::gen::element<std::uint64_t>(0, 1, 5, 20, 60));
  if constexpr (requires { op.set_return_previous(true); })
    op.set_return_previous(*rc::gen::arbitrary<bool>());
  return encode_op<map::machine::commands>(op);
}

inline std::string draw_map() {
  namespace proto = map::proto;
  switch (*rc::gen::inRange(0, 11)) {
    case 0:
      return about_a_key<proto::PutIfAbsent>();
    case 1:
      return about_a_key<proto::Replace>();
    case 2:
      return about_a_key<proto::ReplaceIf>();
    case 3:
      return about_a_key<proto::Remove>();
    case 4:
      return about_a_key<proto::RemoveIf>();
    case 5:
      return encode_op<map::machine::commands>(proto::Clear{});
    case 6:
      return about_listening<map::machine::commands, proto::Listen>();
    case 7:
      return about_listening<map::machine::commands, proto::Unlisten>();
    case 8:
      return *rc::gen::arbitrary<std::string>();
    default:
      return about_a_key<proto::Put>();
  }
}

inline std::string draw_value() {
  namespace proto = value::proto;
  using commands = value::machine::commands;
  const auto content = [](auto& op) {
    if (*rc::gen::arbitrary<bool>()) op.set_value(*rc::gen::element<std::string>("", "1", "2"));
    op.set_ttl_ms(*rc::gen::element<std::uint64_t>(0, 1, 5, 20, 60));
    return encode_op<commands>(op);
  };
  proto::Set set;
  proto::GetAndSet get_and_set;
  proto::CompareAndSet swap;
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      return about_listening<commands, proto::Listen>();
    case 1:
      return about_listening<commands, proto::Unlisten>();
    case 2:
      return *rc::gen::arbitrary<std::string>();
    case 3:
    case 4:
      return content(set);
    case 5:
      return content(get_and_set);
    default:
      if (*rc::gen::arbitrary<bool>()) swap.set_expect(*rc::gen::element<std::string>("", "1"));
      if (*rc::gen::arbitrary<bool>()) swap.set_update(*rc::gen::element<std::string>("", "1"));
      swap.set_ttl_ms(*rc::gen::element<std::uint64_t>(0, 1, 20));
      return encode_op<commands>(swap);
  }
}

inline std::string draw_counter() {
  namespace proto = counter::proto;
  using commands = counter::machine::commands;
  const auto number = [] {
    constexpr std::int64_t last = std::numeric_limits<std::int64_t>::max();
    return *rc::gen::element<std::int64_t>(0, 1, 2, -1, last, -last - 1);
  };
  proto::Set set;
  proto::Add add;
  proto::CompareAndSet swap;
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      return about_listening<commands, proto::Listen>();
    case 1:
      return about_listening<commands, proto::Unlisten>();
    case 2:
      return *rc::gen::arbitrary<std::string>();
    case 3:
      set.set_value(number());
      return encode_op<commands>(set);
    case 4:
      add.set_delta(number());
      return encode_op<commands>(add);
    default:
      swap.set_expect(number());
      swap.set_update(number());
      return encode_op<commands>(swap);
  }
}

}  // namespace atomix::resources
