// SPDX-License-Identifier: Apache-2.0
#include "sim/objection.hpp"

#include <absl/strings/str_cat.h>

#include <utility>

namespace atomix::sim {

objection objection_to_call(
    const history& book, std::string check, std::size_t position, const std::string& reason) {
  const recorded_call& call = book.calls()[position];
  const std::string told =
      call.ok()
          ? absl::StrCat(", told index ", call.index.value(), " at ", show_time(call.returned_at))
          : "";
  return {
      std::move(check),
      absl::StrCat(
          call.is_query ? "a query of " : "a command to ",
          call.resource.name,
          ", called at ",
          show_time(call.called),
          told,
          ": ",
          reason),
      book.client_of(call),
      position};
}

}  // namespace atomix::sim
