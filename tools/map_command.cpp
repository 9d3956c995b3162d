// SPDX-License-Identifier: Apache-2.0
// `atomix map VERB NAME ...`
#include "resources/map/map.hpp"

#include "tools/arguments.hpp"
#include "tools/commands.hpp"
#include "tools/follow.hpp"

namespace atomix::tools {
namespace {

struct arguments : follow_arguments {
  std::string key;
  std::string value;
  std::optional<std::string> expect;
  std::chrono::milliseconds ttl{0};
  consistency level = consistency::atomic;
};
using shared_arguments = std::shared_ptr<arguments>;
using table = map<>;
using map_body = int (*)(const table&, const arguments&);

field or_null(const std::string& key, const std::optional<std::string>& text) {
  return text ? field{key, *text} : field{key, {}};
}

// What a verb takes besides the name of the map.
struct shape {
  bool key = false;
  bool value = false;
  bool ttl = false;
  bool query = false;
};

CLI::App& add(
    CLI::App& noun,
    int& exit_code,
    const char* name,
    const char* description,
    std::pair<shape, map_body> how) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, name, description, *a);
  if (how.first.key) verb.add_option("KEY", a->key, "Key")->required();
  if (how.first.value) verb.add_option("VALUE", a->value, "Value")->required();
  if (how.first.ttl) add_ttl(verb, a->ttl);
  if (how.first.query) add_consistency(verb, a->level);
  verb.add_option("--if", a->expect, "Only if the value is this now")->group("");
  on_call<arguments>(
      verb, a, exit_code, [body = how.second](const client& c, const arguments& args) {
        return body(c.get<table>(args.name), args);
      });
  return verb;
}

// Shows the value before a write; its absence is no failure.
int show_before(const arguments& a, const absl::StatusOr<std::optional<std::string>>& before) {
  if (!before.ok() || *before) return show(a, before);
  print_record(a.output, {or_null("value", *before)});
  return exit_ok;
}

int put(const table& m, const arguments& a) {
  return finish(a, m.set(a.key, a.value, a.ttl));
}

int get_and_put(const table& m, const arguments& a) {
  return show_before(a, await(m.put(a.key, a.value, a.ttl), a.timeout));
}

int put_if_absent(const table& m, const arguments& a) {
  const auto there = await(m.put_if_absent(a.key, a.value, a.ttl), a.timeout);
  if (!there.ok()) return show(a, there.status());
  return show(a, absl::StatusOr<bool>{!there->has_value()});
}

int get(const table& m, const arguments& a) {
  return finish(a, m.get(a.key, a.level));
}

int remove(const table& m, const arguments& a) {
  if (a.expect) return finish(a, m.remove(a.key, *a.expect));
  return finish(a, m.remove(a.key));
}

int replace(const table& m, const arguments& a) {
  if (a.expect) return finish(a, m.replace(a.key, *a.expect, a.value, a.ttl));
  return finish(a, m.replace(a.key, a.value, a.ttl));
}

int keys(const table& m, const arguments& a) {
  const auto all = await(m.keys(a.level), a.timeout);
  if (!all.ok()) return show(a, all.status());
  std::vector<record> lines;
  for (const std::string& key : *all)
    lines.push_back({{"key", key}});
  print_table(a.output, {"key"}, lines);
  return exit_ok;
}

int entries(const table& m, const arguments& a) {
  const auto all = await(m.entries(a.level), a.timeout);
  if (!all.ok()) return show(a, all.status());
  std::vector<record> lines;
  for (const auto& [key, value] : *all)
    lines.push_back({{"key", key}, {"value", value}});
  print_table(a.output, {"key", "value"}, lines);
  return exit_ok;
}

void add_queries(CLI::App& noun, int& exit_code) {
  add(noun,
      exit_code,
      "get",
      "Print the value of a key; exit code 1 if there is none",
      {{.key = true, .query = true}, get});
  add(noun,
      exit_code,
      "contains",
      "Whether a key is there; exit code 1 if not",
      {{.key = true, .query = true}, [](const table& m, const arguments& a) {
         return finish(a, m.contains_key(a.key, a.level));
       }});
  add(noun,
      exit_code,
      "size",
      "Print the number of entries",
      {{.query = true}, [](const table& m, const arguments& a) {
         return finish(a, m.size(a.level));
       }});
  add(noun,
      exit_code,
      "keys",
      "Print all keys, in the order of their bytes",
      {{.query = true}, keys});
  add(noun, exit_code, "entries", "Print all keys with their values", {{.query = true}, entries});
}

void add_writes(CLI::App& noun, int& exit_code) {
  const shape write{.key = true, .value = true, .ttl = true};
  add(noun, exit_code, "put", "Write an entry", {write, put});
  add(noun,
      exit_code,
      "get-and-put",
      "Write an entry and print the value before",
      {write, get_and_put});
  add(noun,
      exit_code,
      "put-if-absent",
      "Write an entry unless the key is there; exit code 1 if it is",
      {write, put_if_absent});
  CLI::App& replacing =
      add(noun,
          exit_code,
          "replace",
          "Write an entry if the key is there, and print the value before",
          {write, replace});
  CLI::App& removing =
      add(noun,
          exit_code,
          "remove",
          "Remove an entry and print its value; exit code 1 if there was none",
          {{.key = true}, remove});
  for (CLI::App* conditional : {&replacing, &removing})
    conditional->get_option("--if")->group("Options")->type_name("VALUE");
  add(noun, exit_code, "clear", "Remove all entries", {{}, [](const table& m, const arguments& a) {
                                                         return finish(a, m.clear());
                                                       }});
  add(noun,
      exit_code,
      "delete",
      "Delete the resource with its listeners",
      {{}, [](const table& m, const arguments& a) {
         return finish(a, m.remove());
       }});
}

const char* kind_of(map_change kind, bool expired) {
  switch (kind) {
    case map_change::added:
      return "added";
    case map_change::updated:
      return "updated";
    case map_change::removed:
      return expired ? "expired" : "removed";
    case map_change::cleared:
      return "cleared";
  }
  return "changed";
}

int watch(const arguments& a) {
  return follow(a, [&](const client& c, const line_sink& print) {
    const auto hear = [print](const table::event& e) {
      print(
          {{"index", e.index.value()},
           {"change", std::string(kind_of(e.kind, e.expired))},
           or_null("key", e.key),
           or_null("old", e.old_value),
           or_null("new", e.new_value)});
    };
    const auto m = c.get<table>(a.name);
    return a.key.empty() ? m.on_change(hear) : m.on_change(a.key, hear);
  });
}

void add_watch(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb =
      add_verb(noun, "watch", "Print each change: log index, kind, key, old, new value", *a);
  verb.add_option("KEY", a->key, "Only changes of this key");
  verb.add_option("--count", a->count, "End after this many changes; 0: never");
  verb.callback([a, &exit_code] { exit_code = watch(*a); });
}

}  // namespace

void add_map_command(CLI::App& app, int& exit_code) {
  CLI::App& noun = add_noun(app, "map", "A replicated map");
  add_queries(noun, exit_code);
  add_writes(noun, exit_code);
  add_watch(noun, exit_code);
}

}  // namespace atomix::tools
