// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/queue_outlook.hpp"

#include <algorithm>

namespace atomix::checker {

queue_outlook::queue_outlook(const part& p, const value& initial) : studied_(true) {
  for (const value& v : *initial.items())
    passages_[v].ins += 2;  // nothing is concluded about these
  for (std::size_t i = 0; i < p.size(); ++i) {
    const operation& op = p.at(i);
    const bool found_nothing = op.known == certainty::ok && op.f != "enqueue" && op.result.is_nil();
    empty_until_.push_back(found_nothing ? op.ret : 0);
    enters_.push_back(op.f == "enqueue" ? &passages_[op.argument] : nullptr);
    if (op.f == "enqueue") {
      passage_times& way = passages_[op.argument];
      ++way.ins;
      way.in_call = op.call;
    } else if (op.known == certainty::unknown) {
      lost_dequeues_.push_back(op.call);
    } else if (op.known == certainty::ok && !op.result.is_nil()) {
      passage_times& way = passages_[op.result];
      ++way.outs;
      way.out_call = op.call;
      way.out_ret = op.ret;
    }
  }
  for (auto& [v, way] : passages_)
    if (way.ins == 1 && way.outs == 1) by_return_.push_back(&way);
  std::sort(
      by_return_.begin(), by_return_.end(), [](const passage_times* a, const passage_times* b) {
        return a->out_ret < b->out_ret;
      });
}

const queue_outlook::passage_times* queue_outlook::find(const value& v) const {
  const auto found = passages_.find(v);
  return found == passages_.end() ? nullptr : &found->second;
}

const value queue_outlook::untaken = value::word("untaken");

const value& queue_outlook::stored(const value& v) const {
  const passage_times* way = studied_ ? find(v) : nullptr;
  return way != nullptr && way->outs == 0 ? untaken : v;
}

std::size_t queue_outlook::rank(const operation& op) const {
  if (op.f != "enqueue") return 0;
  const passage_times* way = find(op.argument);
  return way == nullptr ? operation::never : way->out_call;
}

bool queue_outlook::promised(const value& front) const {
  const passage_times* way = studied_ ? find(front) : nullptr;
  return way != nullptr && way->once() && way->outs == 1;
}

bool queue_outlook::refuses(const std::vector<value>& items, const operation& enqueue) const {
  const passage_times* mine = studied_ ? find(enqueue.argument) : nullptr;
  if (mine == nullptr) return false;
  if (mine->outs == 0) return enqueue.known == certainty::unknown;  // nobody would miss it
  if (!mine->once()) return false;
  std::size_t stay = 0;
  for (const value& v : items) {
    if (v == untaken) ++stay;
    const passage_times* before = find(v);
    if (before != nullptr && before->once() && before->outs == 1
        && before->out_call > mine->out_ret)
      return true;
  }
  const auto late = std::upper_bound(lost_dequeues_.begin(), lost_dequeues_.end(), mine->out_ret);
  return stay > static_cast<std::size_t>(late - lost_dequeues_.begin());
}

bool queue_outlook::refutes(const std::vector<value>& items, const outlook& now) const {
  passages inside;
  bool stays = false;
  for (const value& v : items) {
    const passage_times* way = find(v);
    if (way != nullptr && way->once() && way->outs == 1) inside.push_back(way);
    stays = stays || (v == untaken && lost_dequeues_.empty());
  }
  return never_empty(inside, stays, now) || overtaken(inside, now);
}

bool queue_outlook::never_empty(const passages& inside, bool stays, const outlook& now) const {
  return std::any_of(now.waiting.begin(), now.waiting.end(), [&](std::uint32_t i) {
    const std::size_t until = empty_until_[i];
    if (until == 0) return false;
    return stays || std::any_of(inside.begin(), inside.end(), [until](const passage_times* way) {
             return way->out_call > until;
           });
  });
}

bool queue_outlook::overtaken(const passages& inside, const outlook& now) const {
  std::size_t last_out = 0;
  for (const passage_times* way : inside)
    last_out = std::max(last_out, way->out_call);
  passages known{inside};
  std::sort(known.begin(), known.end());
  passages entering;
  for (const std::uint32_t i : now.waiting)
    entering.push_back(enters_[i]);
  const auto first =
      std::partition_point(by_return_.begin(), by_return_.end(), [&now](const passage_times* way) {
        return way->out_ret < now.position;
      });
  const auto end =
      std::partition_point(first, by_return_.end(), [last_out](const passage_times* way) {
        return way->out_ret < last_out;
      });
  return std::any_of(first, end, [&](const passage_times* way) {
    const bool outside = way->out_call > now.position || way->in_call > now.position
                         || std::find(entering.begin(), entering.end(), way) != entering.end();
    return outside && !std::binary_search(known.begin(), known.end(), way);
  });
}

}  // namespace atomix::checker
