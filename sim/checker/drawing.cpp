// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/drawing.hpp"

#include "sim/checker/cat.hpp"

#include <algorithm>
#include <vector>

namespace atomix::checker {
namespace {

constexpr std::size_t width = 60;
constexpr std::size_t most = 12;    // lines
constexpr std::size_t context = 4;  // operations before the failing one

struct stretch {
  std::size_t from = 0;
  std::size_t to = 0;
  [[nodiscard]] std::size_t column(std::size_t position) const {
    const std::size_t inside = std::clamp(position, from, to) - from;
    return inside * (width - 1) / std::max<std::size_t>(1, to - from);
  }
};

std::size_t end_of(const operation& op, std::size_t otherwise) {
  return op.ret == operation::never ? otherwise : op.ret;
}

/// The failing one, those open at the same time, and the last that were complete before.
std::vector<std::size_t> shown(const history& h, const part_report& part) {
  const operation& failing = h.operations[*part.failing];
  std::vector<std::size_t> chosen = part.concurrent;
  std::vector<std::size_t> before;
  for (const std::size_t i : part.order)
    if (h.operations[i].ret < failing.call) before.push_back(i);
  std::sort(before.begin(), before.end(), [&](std::size_t a, std::size_t b) {
    return h.operations[a].ret > h.operations[b].ret;
  });
  before.resize(std::min(before.size(), context));
  chosen.insert(chosen.end(), before.begin(), before.end());
  std::erase(chosen, *part.failing);
  chosen.resize(std::min(chosen.size(), most - 1));
  chosen.push_back(*part.failing);
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

std::string bar(const operation& op, const stretch& whole) {
  std::string line(width, ' ');
  const std::size_t begin = whole.column(op.call);
  const std::size_t end = std::max(begin, whole.column(end_of(op, whole.to)));
  std::fill(
      line.begin() + static_cast<std::ptrdiff_t>(begin),
      line.begin() + static_cast<std::ptrdiff_t>(end + 1),
      '=');
  line[begin] = '|';
  line[end] = op.ret == operation::never ? '>' : '|';
  return line;
}

}  // namespace

std::string draw(const history& h, const part_report& part) {
  if (!part.failing) return {};
  const auto chosen = shown(h, part);
  stretch whole{h.operations[chosen.front()].call, h.operations[*part.failing].call};
  for (const std::size_t i : chosen) {
    const operation& op = h.operations[i];
    whole.from = std::min(whole.from, op.call);
    whole.to = std::max(whole.to, end_of(op, op.call + 1));
  }
  std::string text;
  for (const std::size_t i : chosen) {
    const operation& op = h.operations[i];
    append(
        text,
        i == *part.failing ? "  ! " : "    ",
        bar(op, whole),
        "  ",
        short_text(op),
        " by process ",
        to_text(op.process),
        i == *part.failing ? "   <- impossible\n" : "\n");
  }
  return text;
}

}  // namespace atomix::checker
