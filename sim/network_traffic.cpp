// SPDX-License-Identifier: Apache-2.0
// How bytes travel: leaving at the end of a moment, harmed on the way, cut into frames on arrival.
#include "sim/network.hpp"
#include "sim/recorder.hpp"

#include "raft/base/crc32c.hpp"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace atomix::sim {
namespace {

constexpr std::uint64_t million = 1'000'000;

/// Size of the frame that `bytes` begins with. Frames are sent whole.
std::size_t first_frame_size(std::string_view bytes) {
  std::uint32_t length = 0;
  if (bytes.size() < net::frame_header_bytes) return bytes.size();
  for (unsigned i = 0; i < 4; ++i)
    length |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return std::min<std::size_t>(net::frame_header_bytes + length, bytes.size());
}

void flip_a_bit(std::string& frame, prng& chance) {
  // Every other time in the header, where a parser has the least to go by.
  const std::size_t header = std::min(net::frame_header_bytes, frame.size());
  const std::size_t at = chance.below(chance.chance(1, 2) ? header : frame.size());
  const auto bit = static_cast<unsigned>(chance.below(8));
  frame[at] = static_cast<char>(static_cast<unsigned char>(frame[at]) ^ (1U << bit));
}

}  // namespace

void network::send(endpoint& owner, net::connection_id id, std::string frames) {
  const end_ref from = ref_of(id);
  side* const sender = find_open(from);
  if (sender == nullptr || sender->owner != &owner) return;
  if (sender->outgoing.empty()) {
    sender->outgoing = std::move(frames);
  } else {
    sender->outgoing += frames;
  }
  if (sender->flush_posted) return;
  sender->flush_posted = true;
  // Actors run before events: whatever else is sent at this moment leaves in the same write.
  world_.at(world_.now(), sender->process, [this, id] { flush(ref_of(id)); });
}

void network::flush(end_ref from) {
  side* const sender = find_open(from);
  if (sender == nullptr) return;
  sender->flush_posted = false;
  if (sender->outgoing.empty() || sender->is_dialling) return;
  transmit(from, std::exchange(sender->outgoing, {}));
}

void network::transmit(end_ref from, std::string bytes) {
  const side& sender = *find(from);
  side& receiver = *find(from.other());
  if (!links_.passes(sender.host, receiver.host)) {
    ++counts_.writes_swallowed;
    ++links_.counts(sender.host, receiver.host).swallowed;
    receiver.misses = true;
    draw_dropped(from.other(), bytes, message_fate::swallowed);
    watch_for_break(from);
    return;
  }
  ++links_.counts(sender.host, receiver.host).carried;
  if (links_.quality(sender.host, receiver.host).harms_frames()) {
    send_frames_apart(from, bytes);
    return;
  }
  const sim_time arrival = world_.now() + links_.delay(sender.host, receiver.host);
  receiver.next_delivery = std::max(receiver.next_delivery, arrival);
  post_delivery(from.other(), receiver.next_delivery, std::move(bytes), message_fate::arrived);
}

void network::send_frames_apart(end_ref from, std::string_view bytes) {
  const side& sender = *find(from);
  side& receiver = *find(from.other());
  const link_quality& quality = links_.quality(sender.host, receiver.host);
  // Frames that take a way of their own still come after the opening of the connection.
  const sim_time opening = receiver.next_delivery;
  std::string in_order;
  while (!bytes.empty()) {
    std::string frame{bytes.substr(0, first_frame_size(bytes))};
    bytes.remove_prefix(frame.size());
    prng chance = links_.noise(sender.host, receiver.host);
    const std::uint64_t corrupt = chance.below(million);
    const std::uint64_t repeated = chance.below(million);
    const std::uint64_t lost = chance.below(million);
    const std::uint64_t reordered = chance.below(million);
    if (corrupt < quality.corrupt_ppm || repeated < quality.repeated_ppm || lost < quality.lost_ppm
        || reordered < quality.reordered_ppm)
      ++links_.counts(sender.host, receiver.host).harmed;
    if (corrupt < quality.corrupt_ppm) {
      ++counts_.frames_corrupted;
      draw_dropped(from.other(), frame, message_fate::corrupted);
      flip_a_bit(frame, chance);
      receiver.altered = true;
    }
    if (repeated < quality.repeated_ppm) {
      ++counts_.frames_repeated;
      const sim_duration wait = links_.delay(sender.host, receiver.host, chance) * 2;
      post_delivery(
          from.other(), std::max(opening, world_.now() + wait), frame, message_fate::repeated);
    }
    if (lost < quality.lost_ppm) {
      ++counts_.frames_lost;
      draw_dropped(from.other(), frame, message_fate::lost);
      continue;
    }
    if (reordered < quality.reordered_ppm) {
      ++counts_.frames_reordered;
      const sim_duration wait = links_.delay(sender.host, receiver.host, chance) * 3;
      post_delivery(
          from.other(),
          std::max(opening, world_.now() + wait),
          std::move(frame),
          message_fate::arrived);
      continue;
    }
    in_order += frame;
  }
  if (in_order.empty()) return;
  const sim_time arrival = world_.now() + links_.delay(sender.host, receiver.host);
  receiver.next_delivery = std::max(receiver.next_delivery, arrival);
  post_delivery(from.other(), receiver.next_delivery, std::move(in_order), message_fate::arrived);
}

std::uint64_t network::draw(end_ref to, sim_time at, std::string_view bytes) {
  recorder* const record = world_.recording();
  if (record == nullptr) return 0;
  return record->sent(find(to.other())->host, find(to)->host, at, bytes);
}

void network::draw_end(std::uint64_t arrow, message_fate fate) {
  if (recorder* const record = world_.recording()) record->met(arrow, fate);
}

void network::draw_dropped(end_ref to, std::string_view bytes, message_fate fate) {
  if (world_.recording() != nullptr) draw_end(draw(to, world_.now(), bytes), fate);
}

void network::post_delivery(end_ref to, sim_time at, std::string bytes, message_fate fate) {
  const std::uint64_t arrow = draw(to, at, bytes);
  // Owned by the receiving process if it is still there. If it is not, its host answers.
  const side& receiver = *find(to);
  const process_id owner = receiver.owner == nullptr ? process_id{} : receiver.process;
  const process_id judge = world_.is_alive(receiver.process) ? owner : process_id{};
  world_.at(at, judge, [this, to, content = std::move(bytes), arrow, fate] {
    arrive(to, content, arrow, fate);
  });
}

void network::arrive(end_ref to, const std::string& bytes, std::uint64_t arrow, message_fate fate) {
  side* const receiver = find(to);
  if (receiver == nullptr) return;
  const side& sender = *find(to.other());
  if (!links_.passes(sender.host, receiver->host)) {
    ++counts_.writes_swallowed;
    ++links_.counts(sender.host, receiver->host).swallowed;
    receiver->misses = true;
    draw_end(arrow, message_fate::swallowed);
    return;
  }
  if (receiver->owner == nullptr) {
    if (half_open_.contains(to.connection)) ++counts_.half_open_met;
    end_other(to, absl::UnavailableError("The other side does not know this connection."), 0);
    return;
  }
  ++counts_.deliveries;
  if (receiver->misses) gaps_.insert({sender.host, receiver->host});
  draw_end(arrow, fate);
  world_.note(trace_kind::frames, receiver->process, crc32c(bytes), [&] {
    return absl::StrCat(
        bytes.size(), " bytes from host ", sender.host, " on connection ", to.id().value());
  });
  // One time in eight several reads find the parts of what was one write.
  prng chance = links_.noise(sender.host, receiver->host);
  std::string_view rest = bytes;
  std::uint64_t cuts = links_.calm() || !chance.chance(1, 8) ? 0 : chance.between(1, 4);
  for (; cuts > 0 && rest.size() > 1; --cuts) {
    const std::size_t cut = chance.between(1, rest.size() - 1);
    hand_over(to, rest.substr(0, cut));
    if (find_open(to) == nullptr) return;
    rest.remove_prefix(cut);
  }
  hand_over(to, rest);
}

void network::hand_over(end_ref to, std::string_view bytes) {
  side& receiver = *find(to);
  std::vector<net::frame> frames;
  const absl::Status parsed = receiver.parser.push(bytes, frames);
  net::connection_handler* const handler = receiver.handler;
  const bool hello = std::any_of(frames.begin(), frames.end(), [](const net::frame& f) {
    return f.type == net::frame_type::peer_hello;
  });
  if (hello && !receiver.greeted) receiver.greeted = world_.now();
  if (!frames.empty()) handler->received(to.id(), std::move(frames));
  if (parsed.ok()) return;
  if (!receiver.altered) {
    findings_.add(
        "framing",
        absl::StrCat("bytes that nothing altered were not understood: ", parsed.message()),
        world_.name_of(receiver.process));
  }
  ++counts_.connections_broken;
  receiver.owner = nullptr;
  end_other(to, absl::UnavailableError("The other side did not understand."), 0);
  forget_if_over(to.connection);
  handler->closed(to.id(), parsed);
}

void network::watch_for_break(end_ref from) {
  side& sender = *find(from);
  if (sender.breaking) return;
  sender.breaking = true;
  const host_id to = find(from.other())->host;
  prng chance = links_.noise(sender.host, to);
  const sim_duration wait = chance.between(1'000, 3'000) * millisecond;
  const bool patient = chance.chance(1, 2);
  world_.after(wait, sender.process, [this, from, to, patient] {
    side* const waiting = find_open(from);
    if (waiting == nullptr) return;
    waiting->breaking = false;
    // Every other time the kernel is more patient than we are, and the connection stays.
    if (links_.passes(waiting->host, to) || patient) return;
    ++counts_.connections_broken;
    tell_closed(from, 0, absl::UnavailableError("The other side does not answer any more."));
  });
}

}  // namespace atomix::sim
