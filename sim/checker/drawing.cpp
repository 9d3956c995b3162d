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

/// The last that had returned before the failing one was called. What failed changed nothing.
std::vector<std::size_t> last_before(const history& h, const operation& failing) {
  std::vector<std::size_t> before;
  for (std::size_t i = 0; i < h.operations.size(); ++i) {
    const operation& op = h.operations[i];
    if (op.key == failing.key && op.known == certainty::ok && op.ret < failing.call)
      before.push_back(i);
  }
  std::sort(before.begin(), before.end(), [&](std::size_t a, std::size_t b) {
    return h.operations[a].ret > h.operations[b].ret;
  });
  before.resize(std::min(before.size(), context));
  return before;
}

/// What an operation that was still open was needed for: the one behind it in the order.
std::string use_of(const history& h, const part_report& part, std::size_t open) {
  if (h.operations[open].ret != operation::never) return {};
  auto i = std::find(part.order.begin(), part.order.end(), open);
  i = std::find_if(i, part.order.end(), [&h](std::size_t other) {
    return h.operations[other].ret != operation::never;
  });
  return i == part.order.end() ? std::string{} : "   needed for the " + describe(h.operations[*i]);
}

/// The failing one, those that its explanation names, the last that had returned before, and of
/// those that were open first what earlier results need, then the latest.
std::vector<std::size_t> shown(const history& h, const part_report& part) {
  std::vector<std::size_t> chosen{*part.failing};
  const auto choose = [&](std::size_t i) {
    if (chosen.size() < most && std::find(chosen.begin(), chosen.end(), i) == chosen.end())
      chosen.push_back(i);
  };
  std::for_each(part.named.begin(), part.named.end(), choose);
  const auto before = last_before(h, h.operations[*part.failing]);
  std::for_each(before.begin(), before.end(), choose);
  std::for_each(part.concurrent.rbegin(), part.concurrent.rend(), [&](std::size_t i) {
    if (!use_of(h, part, i).empty()) choose(i);
  });
  std::for_each(part.concurrent.rbegin(), part.concurrent.rend(), choose);
  std::sort(chosen.begin(), chosen.end());
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
        i == *part.failing ? "   <- impossible" : use_of(h, part, i),
        "\n");
  }
  return text;
}

}  // namespace atomix::checker
