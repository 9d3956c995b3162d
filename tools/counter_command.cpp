// SPDX-License-Identifier: Apache-2.0
// `atomix counter VERB NAME ...`
#include "resources/counter/counter.hpp"

#include "tools/arguments.hpp"
#include "tools/commands.hpp"
#include "tools/follow.hpp"

namespace atomix::tools {
namespace {

struct arguments : follow_arguments {
  std::int64_t number = 0;
  std::int64_t expect = 0;
  consistency level = consistency::atomic;
};

counter handle_of(const client& c, const arguments& a) {
  return c.get<counter>(a.name);
}

using number_call = future<std::int64_t> (*)(const counter&, std::int64_t);

// Verbs that change the number by an operand, and print one.
void add_arithmetic(
    CLI::App& noun,
    int& exit_code,
    const std::string& name,
    const std::string& description,
    number_call call) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, name, description, *a);
  verb.add_option("NUMBER", a->number, "The operand")->required();
  on_call<arguments>(verb, a, exit_code, [call](const client& c, const arguments& args) {
    return finish(args, call(handle_of(c, args), args.number));
  });
}

void add_step(
    CLI::App& noun,
    int& exit_code,
    const std::string& name,
    const std::string& description,
    number_call call) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, name, description, *a);
  on_call<arguments>(verb, a, exit_code, [call](const client& c, const arguments& args) {
    return finish(args, call(handle_of(c, args), 1));
  });
}

void add_get(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, "get", "Print the number", *a);
  add_consistency(verb, a->level);
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    return finish(args, handle_of(c, args).get(args.level));
  });
}

void add_set(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, "set", "Replace the number", *a);
  verb.add_option("NUMBER", a->number, "The new number")->required();
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    return finish(args, handle_of(c, args).set(args.number));
  });
}

void add_cas(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb =
      add_verb(noun, "cas", "Set NUMBER if it is EXPECT now; exit code 1 if it is not", *a);
  verb.add_option("EXPECT", a->expect, "What it must be now")->required();
  verb.add_option("NUMBER", a->number, "The new number")->required();
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    return finish(args, handle_of(c, args).compare_and_set(args.expect, args.number));
  });
}

void add_delete(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, "delete", "Delete the resource with its listeners", *a);
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    return finish(args, handle_of(c, args).remove());
  });
}

int watch(const arguments& a) {
  return follow(a, [&](const client& c, const line_sink& print) {
    return handle_of(c, a).on_change([print](const counter_change& change) {
      print(
          {{"index", change.index.value()}, {"old", change.old_value}, {"new", change.new_value}});
    });
  });
}

void add_watch(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, "watch", "Print each change: log index, old, new number", *a);
  verb.add_option("--count", a->count, "End after this many changes; 0: never");
  verb.callback([a, &exit_code] { exit_code = watch(*a); });
}

}  // namespace

void add_counter_command(CLI::App& app, int& exit_code) {
  CLI::App& noun = add_noun(app, "counter", "One replicated 64-bit number, 0 at first");
  add_get(noun, exit_code);
  add_set(noun, exit_code);
  add_cas(noun, exit_code);
  add_arithmetic(
      noun, exit_code, "add", "Add NUMBER and print the sum", [](const counter& c, std::int64_t n) {
        return c.add_and_get(n);
      });
  add_arithmetic(
      noun,
      exit_code,
      "get-and-add",
      "Add NUMBER and print what was there before",
      [](const counter& c, std::int64_t n) { return c.get_and_add(n); });
  add_arithmetic(
      noun,
      exit_code,
      "get-and-set",
      "Replace the number and print the one before",
      [](const counter& c, std::int64_t n) { return c.get_and_set(n); });
  add_step(
      noun,
      exit_code,
      "increment",
      "Add 1 and print the sum",
      [](const counter& c, std::int64_t n) { return c.add_and_get(n); });
  add_step(
      noun,
      exit_code,
      "decrement",
      "Subtract 1 and print what remains",
      [](const counter& c, std::int64_t n) { return c.add_and_get(-n); });
  add_delete(noun, exit_code);
  add_watch(noun, exit_code);
}

}  // namespace atomix::tools
