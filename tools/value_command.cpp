// SPDX-License-Identifier: Apache-2.0
// `atomix value VERB NAME ...`
#include "resources/value/value.hpp"

#include "tools/arguments.hpp"
#include "tools/commands.hpp"
#include "tools/follow.hpp"

namespace atomix::tools {
namespace {

struct arguments : follow_arguments {
  std::string value;
  std::string expect;
  bool expect_unset = false;
  std::chrono::milliseconds ttl{0};
  consistency level = consistency::atomic;
};
using shared_arguments = std::shared_ptr<arguments>;

value<> handle_of(const client& c, const arguments& a) {
  return c.get<value<>>(a.name);
}

field or_null(const std::string& key, const std::optional<std::string>& text) {
  return text ? field{key, *text} : field{key, {}};
}

void add_get(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, "get", "Print the value; exit code 1 if it is unset", *a);
  add_consistency(verb, a->level);
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    return finish(args, handle_of(c, args).get(args.level));
  });
}

void add_set(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, "set", "Replace the value", *a);
  verb.add_option("VALUE", a->value, "The new value")->required();
  add_ttl(verb, a->ttl);
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    return finish(args, handle_of(c, args).set(args.value, args.ttl));
  });
}

void add_get_and_set(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, "get-and-set", "Replace the value and print the one before", *a);
  verb.add_option("VALUE", a->value, "The new value")->required();
  add_ttl(verb, a->ttl);
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    const auto before = await(handle_of(c, args).get_and_set(args.value, args.ttl), args.timeout);
    // It was set either way: an absent value before is no failure.
    if (!before.ok() || *before) return show(args, before);
    print_record(args.output, {or_null("value", *before)});
    return static_cast<int>(exit_ok);
  });
}

void add_cas(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb =
      add_verb(noun, "cas", "Set VALUE if the value is EXPECT; exit code 1 if it is not", *a);
  verb.add_option("EXPECT", a->expect, "What the value must be now")->required();
  verb.add_option("VALUE", a->value, "The new value")->required();
  verb.add_flag("--expect-unset", a->expect_unset, "It must be unset (EXPECT is ignored)");
  add_ttl(verb, a->ttl);
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    const auto expect = args.expect_unset ? std::nullopt : std::optional<std::string>{args.expect};
    return finish(args, handle_of(c, args).compare_and_set(expect, args.value, args.ttl));
  });
}

void add_unset(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, "unset", "Forget the value; listeners stay", *a);
  on_call<arguments>(verb, a, exit_code, [](const client& c, const arguments& args) {
    return finish(args, handle_of(c, args).unset());
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
    return handle_of(c, a).on_change([print](const value_change<std::string>& change) {
      print(
          {{"index", change.index.value()},
           or_null("old", change.old_value),
           or_null("new", change.new_value)});
    });
  });
}

void add_watch(CLI::App& noun, int& exit_code) {
  const auto a = std::make_shared<arguments>();
  CLI::App& verb = add_verb(noun, "watch", "Print each change: log index, old, new value", *a);
  verb.add_option("--count", a->count, "End after this many changes; 0: never");
  verb.callback([a, &exit_code] { exit_code = watch(*a); });
}

}  // namespace

void add_value_command(CLI::App& app, int& exit_code) {
  CLI::App& noun = add_noun(app, "value", "One replicated value");
  add_get(noun, exit_code);
  add_set(noun, exit_code);
  add_cas(noun, exit_code);
  add_get_and_set(noun, exit_code);
  add_unset(noun, exit_code);
  add_delete(noun, exit_code);
  add_watch(noun, exit_code);
}

}  // namespace atomix::tools
