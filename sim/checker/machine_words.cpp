// SPDX-License-Identifier: Apache-2.0
#include "sim/checker/machine_words.hpp"

#include "sim/checker/cat.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace atomix::checker {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string with_dashes(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

value number(std::uint64_t n) {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return n <= most ? value{static_cast<std::int64_t>(n)} : value{std::to_string(n)};
}

value list_of(const Message& m, const FieldDescriptor& field) {
  std::vector<value> items;
  for (int i = 0; i < m.GetReflection()->FieldSize(m, &field); ++i) {
    // Only messages and texts occur in lists of replies; others are told by their count.
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      items.push_back(value_of(m.GetReflection()->GetRepeatedMessage(m, &field, i)));
    } else if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      items.emplace_back(m.GetReflection()->GetRepeatedString(m, &field, i));
    } else {
      items.emplace_back(i);
    }
  }
  return value::of(std::move(items));
}

value field_of(const Message& m, const FieldDescriptor& field) {
  const auto& r = *m.GetReflection();
  if (field.is_repeated()) return list_of(m, field);
  if (field.has_presence() && !r.HasField(m, &field)) return {};
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return std::int64_t{r.GetInt32(m, &field)};
    case FieldDescriptor::CPPTYPE_INT64:
      return r.GetInt64(m, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return number(r.GetUInt32(m, &field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return number(r.GetUInt64(m, &field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return value::data{r.GetDouble(m, &field)};
    case FieldDescriptor::CPPTYPE_FLOAT:
      return value::data{double{r.GetFloat(m, &field)}};
    case FieldDescriptor::CPPTYPE_BOOL:
      return r.GetBool(m, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return value::word(with_dashes(r.GetEnum(m, &field)->name()));
    case FieldDescriptor::CPPTYPE_STRING:
      return r.GetString(m, &field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return value_of(r.GetMessage(m, &field));
  }
  return {};
}

bool set_number(Message& m, const FieldDescriptor& field, std::int64_t n) {
  const auto& r = *m.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      if (n != static_cast<std::int32_t>(n)) return false;
      r.SetInt32(&m, &field, static_cast<std::int32_t>(n));
      return true;
    case FieldDescriptor::CPPTYPE_INT64:
      r.SetInt64(&m, &field, n);
      return true;
    case FieldDescriptor::CPPTYPE_UINT32:
      if (n != static_cast<std::uint32_t>(n)) return false;
      r.SetUInt32(&m, &field, static_cast<std::uint32_t>(n));
      return true;
    case FieldDescriptor::CPPTYPE_UINT64:
      if (n < 0) return false;
      r.SetUInt64(&m, &field, static_cast<std::uint64_t>(n));
      return true;
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_ENUM:
    case FieldDescriptor::CPPTYPE_STRING:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return false;
  }
  return false;
}

bool set(Message& m, const FieldDescriptor& field, const value& v) {
  if (v.is_nil()) return true;  // as if it were not there
  if (field.is_repeated()) return false;
  if (const auto* n = v.as<std::int64_t>()) return set_number(m, field, *n);
  if (const auto* b = v.as<bool>()) {
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_BOOL) return false;
    m.GetReflection()->SetBool(&m, &field, *b);
    return true;
  }
  const auto* text = v.as<std::string>();
  if (text == nullptr || field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return false;
  m.GetReflection()->SetString(&m, &field, *text);
  return true;
}

absl::Status refused(const Message& m, std::string_view field, const value& v) {
  return absl::InvalidArgumentError(
      cat("'", word_of(m), "' cannot take ", to_text(v), " as its '", field, "'."));
}

absl::Status fill_named(Message& m, const dictionary& named) {
  for (const auto& [key, v] : named.entries) {
    const auto* name = key.as<keyword>();
    const FieldDescriptor* found = nullptr;
    for (int i = 0; name != nullptr && i < m.GetDescriptor()->field_count(); ++i) {
      if (with_dashes(m.GetDescriptor()->field(i)->name()) == name->name)
        found = m.GetDescriptor()->field(i);
    }
    if (found == nullptr || !set(m, *found, v)) return refused(m, to_text(key), v);
  }
  return absl::OkStatus();
}

}  // namespace

std::string word_of(const Message& operation) {
  std::string word;
  for (const char c : operation.GetDescriptor()->name()) {
    const bool capital = c >= 'A' && c <= 'Z';
    if (capital && !word.empty()) word += '-';
    word += capital ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return word;
}

value value_of(const Message& reply) {
  const auto& fields = *reply.GetDescriptor();
  if (fields.field_count() == 1) return field_of(reply, *fields.field(0));
  std::vector<std::pair<value, value>> named;
  for (int i = 0; i < fields.field_count(); ++i) {
    const FieldDescriptor& field = *fields.field(i);
    named.emplace_back(value::word(with_dashes(field.name())), field_of(reply, field));
  }
  return named.empty() ? value{} : value::map_of(std::move(named));
}

absl::Status fill(Message& operation, const value& argument) {
  if (argument.is_nil()) return absl::OkStatus();
  if (const auto* named = argument.as<dictionary>()) return fill_named(operation, *named);
  const auto* many = argument.items();
  const std::vector<value> values = many != nullptr ? *many : std::vector<value>{argument};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (static_cast<int>(i) >= operation.GetDescriptor()->field_count())
      return refused(operation, cat("field ", i + 1), values[i]);
    const FieldDescriptor& field = *operation.GetDescriptor()->field(static_cast<int>(i));
    if (!set(operation, field, values[i])) return refused(operation, field.name(), values[i]);
  }
  return absl::OkStatus();
}

}  // namespace atomix::checker
