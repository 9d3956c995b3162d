// SPDX-License-Identifier: Apache-2.0
#include "sim/wire_words.hpp"

#include "net/frame.hpp"
#include "net/wire.pb.h"
#include "net/wire_codec.hpp"
#include "resources/session.pb.h"

#include "raft/core/describe.hpp"

#include <absl/strings/str_cat.h>

#include <variant>
#include <vector>

namespace atomix::sim {
namespace {

constexpr std::size_t parts_max = 8;  // of one write; more are counted

/// Joins what there is, up to a limit.
class listed {
 public:
  void add(const std::string& text) {
    if (++count_ <= parts_max) absl::StrAppend(&text_, text_.empty() ? "" : ", ", text);
  }
  [[nodiscard]] std::string text() const {
    return count_ <= parts_max ? text_ : absl::StrCat(text_, " and ", count_ - parts_max, " more");
  }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

std::string data_words(const std::string& bytes, const more_words& more) {
  log::Entry e;
  if (!e.ParseFromString(bytes)) return "(damaged)";
  switch (e.body_case()) {
    case log::Entry::kOpenSession:
      return "opens a session";
    case log::Entry::kCommand: {
      const log::Command& c = e.command();
      if (c.operation().empty()) return absl::StrCat("deletes ", c.resource());
      const spoken_call said = speak({c.resource(), c.type()}, false, c.operation(), more);
      return absl::StrCat(
          "session ", c.session(), " #", c.sequence(), ": ", said.object, " ", said.text());
    }
    case log::Entry::kKeepAlive:
      return absl::StrCat("session ", e.keep_alive().session(), " lives");
    case log::Entry::kCloseSession:
      return absl::StrCat("session ", e.close_session().session(), " closes");
    case log::Entry::BODY_NOT_SET:
      break;
  }
  return "nothing";
}

std::string request_words(const wire::Request& r, const more_words& more) {
  switch (r.body_case()) {
    case wire::Request::kOpenSession:
      return "opens a session";
    case wire::Request::kAttach:
      return absl::StrCat("takes up session ", r.attach().session());
    case wire::Request::kCommand:
      return data_words(r.command().entry(), more);
    case wire::Request::kQuery: {
      log::Query q;
      if (!q.ParseFromString(r.query().query())) return "query";
      const spoken_call said = speak({q.resource(), q.type()}, true, q.operation(), more);
      return absl::StrCat(
          "session ",
          r.query().session(),
          " query ",
          r.query().id(),
          ": ",
          said.object,
          " ",
          said.text());
    }
    case wire::Request::kKeepAlive:
      return absl::StrCat("session ", r.keep_alive().session(), " lives");
    case wire::Request::kCloseSession:
      return absl::StrCat("session ", r.close_session().session(), " closes");
    case wire::Request::kStatus:
      return "status?";
    case wire::Request::kPing:
      return "ping";
    case wire::Request::BODY_NOT_SET:
      break;
  }
  return "nothing";
}

std::string response_words(const wire::Response& r) {
  const auto failed = [](std::uint32_t code) {
    return code == 0 ? std::string{} : absl::StrCat(" failed, code ", code);
  };
  switch (r.body_case()) {
    case wire::Response::kSessionOpened:
      return absl::StrCat("session ", r.session_opened().session(), " is open");
    case wire::Response::kAttached:
      return absl::StrCat("session ", r.attached().session(), " is taken up");
    case wire::Response::kReply:
      return absl::StrCat(
          "reply to #",
          r.reply().sequence(),
          ", index ",
          r.reply().index(),
          failed(r.reply().code()));
    case wire::Response::kQueryReply:
      return absl::StrCat(
          "reply to query ",
          r.query_reply().id(),
          ", index ",
          r.query_reply().index(),
          failed(r.query_reply().code()));
    case wire::Response::kEvent:
      return absl::StrCat(
          "event ",
          r.event().number(),
          " of ",
          r.event().resource(),
          ", index ",
          r.event().index());
    case wire::Response::kSessionKept:
      return absl::StrCat("session ", r.session_kept().session(), " is kept");
    case wire::Response::kSessionGone:
      return absl::StrCat("session ", r.session_gone().session(), " is gone");
    case wire::Response::kRedirect:
      return absl::StrCat("elsewhere: term ", r.redirect().leadership().term());
    case wire::Response::kOutOfOrder:
      return absl::StrCat("send again from #", r.out_of_order().expected());
    case wire::Response::kStatus:
      return "status";
    case wire::Response::kPong:
      return "pong";
    case wire::Response::BODY_NOT_SET:
      break;
  }
  return "nothing";
}

template <class Batch, class Words>
std::string batch_words(const net::frame& f, Batch batch, Words words) {
  if (!batch.ParseFromArray(f.payload.view().data(), static_cast<int>(f.payload.size())))
    return "(damaged)";
  listed all;
  if constexpr (std::is_same_v<Batch, wire::RequestBatch>) {
    for (const wire::Request& r : batch.requests())
      all.add(words(r));
  } else {
    for (const wire::Response& r : batch.responses())
      all.add(words(r));
  }
  return all.text();
}

std::string frame_words(const net::frame& f, const more_words& more) {
  switch (f.type) {
    case net::frame_type::peer_hello:
    case net::frame_type::client_hello:
      return "hello";
    case net::frame_type::server_hello:
      return "hello back";
    case net::frame_type::refusal:
      return "refusal";
    case net::frame_type::raft_message: {
      const auto m = net::decode_raft_message(f.payload);
      return m.ok() ? message_words(*m, more) : "(damaged)";
    }
    case net::frame_type::requests:
      return batch_words(
          f, wire::RequestBatch{}, [&](const wire::Request& r) { return request_words(r, more); });
    case net::frame_type::responses:
      return batch_words(f, wire::ResponseBatch{}, response_words);
  }
  return "?";
}

}  // namespace

std::string content_words(const raft::entry& e, const more_words& more) {
  if (e.kind == raft::entry_kind::command) return data_words(std::string(e.data.view()), more);
  return raft::describe(e).substr(raft::describe(e.id).size() + 1);
}

std::string place_words(const raft::entry_id& id) {
  return absl::StrCat("term ", id.term.value(), " index ", id.index.value());
}

std::string entry_words(const raft::entry& e, const more_words& more) {
  return absl::StrCat(raft::describe(e.id), " ", content_words(e, more));
}

std::string message_words(const raft::message& m, const more_words& more) {
  const auto* const append = std::get_if<raft::append_request>(&m);
  if (append == nullptr) return raft::describe(m);
  listed entries;
  for (const raft::entry& e : append->entries)
    entries.add(entry_words(e, more));
  return absl::StrCat(
      "append term=",
      append->term.value(),
      " previous=",
      raft::describe(append->previous),
      " commit=",
      append->commit.value(),
      " [",
      entries.text(),
      "]");
}

std::string write_words(std::string_view bytes, const more_words& more) {
  net::frame_parser parser;
  std::vector<net::frame> frames;
  const absl::Status parsed = parser.push(bytes, frames);
  listed all;
  for (const net::frame& f : frames)
    all.add(frame_words(f, more));
  if (!parsed.ok() || frames.empty()) all.add(absl::StrCat(bytes.size(), " bytes"));
  return all.text();
}

}  // namespace atomix::sim
