// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/history.hpp"

#include "sim/checker/cat.hpp"

#include "raft/base/check.hpp"

#include <absl/strings/str_format.h>

namespace atomix::checker {
namespace {

constexpr std::size_t text_max = 48;

std::string cut(std::string text) {
  if (text.size() <= text_max) return text;
  const std::size_t tail = text_max / 2;
  return cat(text.substr(0, tail), "...", text.substr(text.size() - tail));
}

std::string when(std::int64_t time_ns, std::size_t line, std::size_t position) {
  if (time_ns != operation::no_time)
    return absl::StrFormat("%.3f s", static_cast<double>(time_ns) / 1e9);
  return line == 0 ? cat("event ", position) : cat("line ", line);
}

bool tells_more(const operation& op) {
  return op.known == certainty::ok && !op.result.is_nil() && op.result != op.argument;
}

}  // namespace

std::size_t recorder::begin(operation op) {
  op.call = position_++;
  op.ret = operation::never;
  op.known = certainty::unknown;
  history_.operations.push_back(std::move(op));
  return history_.operations.size() - 1;
}

operation& recorder::end(std::size_t number, certainty known, value result) {
  ATOMIX_CHECK(known != certainty::unknown, "an unknown end is no end: the call stays open");
  operation& op = history_.operations.at(number);
  op.known = known;
  op.result = std::move(result);
  op.ret = position_++;
  return op;
}

std::string short_text(const operation& op) {
  std::string text = op.f;
  if (op.key) append(text, " ", cut(to_text(*op.key)));
  if (!op.argument.is_nil()) append(text, " ", cut(to_text(op.argument)));
  if (tells_more(op) || (op.known == certainty::ok && op.argument.is_nil()))
    append(text, " -> ", cut(to_text(op.result)));
  if (op.known == certainty::failed) text += " (failed)";
  if (op.known == certainty::unknown) text += " (unknown)";
  return text;
}

std::string called_at(const operation& op) {
  return when(op.call_time_ns, op.call_line, op.call);
}

std::string describe(const operation& op) {
  const std::string key = op.key ? " on " + cut(to_text(*op.key)) : "";
  const std::string argument = op.argument.is_nil() ? "" : " " + cut(to_text(op.argument));
  std::string text = cat(op.f, argument, key, " by process ", to_text(op.process));
  if (tells_more(op) || (op.known == certainty::ok && op.argument.is_nil()))
    append(text, " that returned ", cut(to_text(op.result)));
  if (op.known == certainty::failed) text += " that failed";
  append(text, " (", called_at(op));
  if (op.ret == operation::never) return text + ", never returned)";
  return cat(text, " to ", when(op.return_time_ns, op.return_line, op.ret), ")");
}

}  // namespace atomix::checker
