// SPDX-License-Identifier: Apache-2.0
#include "tools/call.hpp"

#include <absl/strings/str_cat.h>

#include "tools/quantities.hpp"

namespace atomix::tools {
namespace {

int show_failure(const absl::Status& why) {
  std::string sentence{why.message()};
  if (certainty_of(why) == certainty::unknown)
    absl::StrAppend(&sentence, " It is unknown whether the call took effect.");
  return fail(sentence);
}

}  // namespace

absl::StatusOr<client> open_client(const call_arguments& a) {
  client_options options;
  options.servers = split_list(a.servers);
  options.cluster = a.cluster;
  options.connect_timeout = a.timeout;
  options.session_timeout = a.session_timeout;
  return client::connect(options);
}

int with_client(const call_arguments& a, const std::function<int(const client&)>& body) {
  const absl::StatusOr<client> opened = open_client(a);
  if (!opened.ok()) return fail(opened.status());
  return body(*opened);
}

absl::Status no_answer(std::chrono::milliseconds waited) {
  return unknown_outcome(absl::DeadlineExceededError(absl::StrCat(
      "No answer within ",
      to_text(waited),
      ". Is a majority of the members up (`atomix status`)? A longer --timeout waits longer.")));
}

int show(const call_arguments& a, const absl::Status& done) {
  if (!done.ok()) return show_failure(done);
  print_record(
      a.output,
      {a.output == output_format::json ? field{"ok", true} : field{"ok", std::string("ok")}});
  return exit_ok;
}

int show(const call_arguments& a, const absl::StatusOr<bool>& answer) {
  if (!answer.ok()) return show_failure(answer.status());
  print_record(a.output, {{"result", *answer}});
  return *answer ? exit_ok : exit_failed;
}

int show(const call_arguments& a, const absl::StatusOr<std::int64_t>& number) {
  if (!number.ok()) return show_failure(number.status());
  print_record(a.output, {{"value", *number}});
  return exit_ok;
}

int show(const call_arguments& a, const absl::StatusOr<std::uint64_t>& number) {
  if (!number.ok()) return show_failure(number.status());
  print_record(a.output, {{"value", *number}});
  return exit_ok;
}

int show(const call_arguments& a, const absl::StatusOr<std::optional<std::string>>& found) {
  if (!found.ok()) return show_failure(found.status());
  if (!*found) {
    if (a.output == output_format::json) print_record(a.output, {{"value", {}}});
    return exit_failed;
  }
  print_record(a.output, {{"value", **found}});
  return exit_ok;
}

}  // namespace atomix::tools
