// SPDX-License-Identifier: Apache-2.0
// The machine of maps against the simplest thing that could be one: keys to values and deadlines.
#include "resources/map/machine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>

#include "tests/resources/machine_fixture.hpp"

namespace atomix::resources::map {
namespace {

// The same cases each time, unless the caller of the program wants others.
[[maybe_unused]] const int seeded = setenv("RC_PARAMS", "seed=20160301 max_success=300", 0);

struct model_entry {
  std::string value;
  std::uint64_t deadline = ~std::uint64_t{0};
};

struct model {
  std::map<std::string, model_entry> entries;
  std::uint64_t now = 0;

  void advance(std::uint64_t ms) {
    now += ms;
    std::erase_if(entries, [&](const auto& e) { return e.second.deadline <= now; });
  }
  void write(const std::string& key, const std::string& value, std::uint64_t ttl) {
    entries[key] = {value, ttl == 0 ? ~std::uint64_t{0} : now + ttl};
  }
  proto::Found find(const std::string& key) const {
    proto::Found found;
    if (entries.contains(key)) found.set_value(entries.at(key).value);
    return found;
  }
  bool holds(const std::string& key, const std::string& value) const {
    return entries.contains(key) && entries.at(key).value == value;
  }
};

/// What an operation writes.
struct drawn {
  std::string key = *rc::gen::element<std::string>("a", "b", "c");
  std::string value = *rc::gen::element<std::string>("", "1", "2");
  std::string expect = *rc::gen::element<std::string>("", "1", "2");
  std::uint64_t ttl = *rc::gen::element<std::uint64_t>(0, 0, 1, 10, 25);

  template <class Op>
  [[nodiscard]] Op op() const {
    Op made;
    made.set_key(key);
    if constexpr (requires { made.set_update(value); })
      made.set_update(value);
    else if constexpr (requires { made.set_value(value); })
      made.set_value(value);
    if constexpr (requires { made.set_expect(expect); }) made.set_expect(expect);
    if constexpr (requires { made.set_ttl_ms(ttl); }) made.set_ttl_ms(ttl);
    return made;
  }
};

void same(const proto::Found& got, const proto::Found& wanted) {
  RC_ASSERT(got.has_value() == wanted.has_value());
  RC_ASSERT(got.value() == wanted.value());
}

void write_both(machine_fixture<machine>& run, model& m, int kind) {
  const drawn d;
  const bool present = m.entries.contains(d.key);
  if (kind == 0) {
    auto op = d.op<proto::Put>();
    op.set_return_previous(true);
    same(run.ask<proto::Found>(1, op), m.find(d.key));
    m.write(d.key, d.value, d.ttl);
  } else if (kind == 1) {
    same(run.ask<proto::Found>(1, d.op<proto::PutIfAbsent>()), m.find(d.key));
    if (!present) m.write(d.key, d.value, d.ttl);
  } else if (kind == 2) {
    same(run.ask<proto::Found>(1, d.op<proto::Replace>()), m.find(d.key));
    if (present) m.write(d.key, d.value, d.ttl);
  } else {
    const bool matches = m.holds(d.key, d.expect);
    RC_ASSERT(run.ask<proto::Answer>(1, d.op<proto::ReplaceIf>()).yes() == matches);
    if (matches) m.write(d.key, d.value, d.ttl);
  }
}

void remove_both(machine_fixture<machine>& run, model& m, int kind) {
  const drawn d;
  if (kind == 4) {
    same(run.ask<proto::Found>(1, d.op<proto::Remove>()), m.find(d.key));
    m.entries.erase(d.key);
  } else if (kind == 5) {
    const bool matches = m.holds(d.key, d.value);
    RC_ASSERT(run.ask<proto::Answer>(1, d.op<proto::RemoveIf>()).yes() == matches);
    if (matches) m.entries.erase(d.key);
  } else {
    RC_ASSERT(run.command(1, proto::Clear{}).ok());
    m.entries.clear();
  }
}

void same_entries(machine_fixture<machine>& run, const model& m) {
  proto::Scan scan;
  scan.set_keys(true);
  scan.set_values(true);
  const auto got = run.look<proto::Scanned>(1, scan);
  RC_ASSERT(static_cast<std::size_t>(got.keys_size()) == m.entries.size());
  int i = 0;
  for (const auto& [key, entry] : m.entries) {
    RC_ASSERT(got.keys(i) == key);
    RC_ASSERT(got.values(i) == entry.value);
    ++i;
  }
}

/// What a listener would make of the events alone.
void follow(std::map<std::string, std::string>& copy, const std::vector<std::string>& events) {
  for (const std::string& bytes : events) {
    const auto e = decode_as<machine::events, proto::Changed>(bytes);
    if (!e) {
      copy.clear();
      continue;
    }
    const auto old = copy.find(e->key());
    RC_ASSERT(e->has_old_value() == (old != copy.end()));
    RC_ASSERT((!e->has_old_value() || e->old_value() == old->second));
    if (e->has_new_value()) copy[e->key()] = e->new_value();
    if (!e->has_new_value()) copy.erase(e->key());
  }
}

RC_GTEST_PROP(map_model, a_map_is_a_map_and_its_events_tell_all, ()) {
  machine_fixture<machine> run;
  model m;
  std::map<std::string, std::string> copy;
  RC_ASSERT(run.command(2, proto::Listen{}).ok());
  const int steps = *rc::gen::inRange(1, 60);
  for (int i = 0; i < steps; ++i) {
    const int kind = *rc::gen::inRange(0, 10);
    if (kind < 4) {
      write_both(run, m, kind);
    } else if (kind < 7) {
      remove_both(run, m, kind);
    } else {
      const auto ms = *rc::gen::inRange<std::uint64_t>(0, 15);
      run.advance(ms);
      m.advance(ms);
    }
    same_entries(run, m);
    follow(copy, run.take_events(2));
    RC_ASSERT(copy.size() == m.entries.size());
    for (const auto& [key, value] : copy)
      RC_ASSERT(m.holds(key, value));
  }
}

}  // namespace
}  // namespace atomix::resources::map
