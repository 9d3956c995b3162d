// SPDX-License-Identifier: Apache-2.0
// `atomix check`: is this history linearizable?
#include "sim/checker/check.hpp"
#include "sim/checker/drawing.hpp"
#include "sim/checker/edn.hpp"
#include "sim/checker/read_history.hpp"
#include "sim/checker/self_described.hpp"

#include <CLI/CLI.hpp>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tools/simulator_commands.hpp"
#include "tools/stopwatch.hpp"

namespace atomix::tools {
namespace {

using checker::verdict;

// As Jepsen's.
constexpr int exit_valid = 0;
constexpr int exit_invalid = 1;
constexpr int exit_unknown = 2;
constexpr int exit_bad_arguments = 254;

struct check_flags {
  std::vector<std::string> files;
  std::string model;
  std::string init;
  std::string nil;
  bool independent = false;
  double seconds = 60;
  std::string output = "text";
  bool order = false;
};

int complain(const std::string& sentence) {
  std::cerr << "atomix check: " << sentence << "\n";
  return exit_bad_arguments;
}

const char* name_of(verdict v) {
  switch (v) {
    case verdict::valid:
      return "valid";
    case verdict::invalid:
      return "invalid";
    case verdict::unknown:
      return "unknown";
  }
  return "unknown";
}

int code_of(verdict v) {
  switch (v) {
    case verdict::valid:
      return exit_valid;
    case verdict::invalid:
      return exit_invalid;
    case verdict::unknown:
      return exit_unknown;
  }
  return exit_unknown;
}

// Invalid is worse than unknown, and that worse than valid.
int worse(int one, int other) {
  const auto rank = [](int code) {
    return code == exit_bad_arguments ? 3 : code == exit_invalid ? 2 : code == exit_unknown ? 1 : 0;
  };
  return rank(one) >= rank(other) ? one : other;
}

bool read_text(const std::string& path, std::string& text) {
  if (path == "-") {
    text.assign(std::istreambuf_iterator<char>{std::cin}, {});
    return true;
  }
  std::ifstream file{path, std::ios::binary};
  if (!file) return false;
  text.assign(std::istreambuf_iterator<char>{file}, {});
  return !file.bad();
}

std::string show_text(
    const checker::history& h, const checker::check_report& report, double seconds, bool order) {
  const auto count = [](std::size_t n, const char* noun) {
    return absl::StrCat(n, " ", noun, n == 1 ? "" : "s");
  };
  std::string text = absl::StrFormat(
      "%s: %s (%s, %s, %s, %.2f ms)\n",
      h.source,
      name_of(report.answer),
      count(h.operations.size(), "operation"),
      count(report.parts.size(), "object"),
      report.configurations == 0 ? "decided without a search"
                                 : count(report.configurations, "configuration"),
      seconds * 1000);
  const checker::part_report* const bad = report.first(verdict::invalid);
  if (bad != nullptr) {
    if (bad->key) absl::StrAppend(&text, "  object ", checker::to_text(*bad->key), "\n");
    absl::StrAppend(&text, "  ", bad->explanation, "\n");
    if (bad->failing) absl::StrAppend(&text, checker::draw(h, *bad));
  } else if (report.answer == verdict::unknown) {
    absl::StrAppend(
        &text, "  A limit was reached before the search ended: raise it with --time-limit.\n");
  }
  if (!order || report.answer != verdict::valid) return text;
  for (const checker::part_report& part : report.parts) {
    if (part.key) absl::StrAppend(&text, "  object ", checker::to_text(*part.key), ":\n");
    for (const std::size_t i : part.order)
      absl::StrAppend(&text, "    ", checker::describe(h.operations[i]), "\n");
  }
  return text;
}

nlohmann::ordered_json show_json(
    const checker::history& h, const checker::check_report& report, double seconds) {
  nlohmann::ordered_json j;
  j["file"] = h.source;
  j["verdict"] = name_of(report.answer);
  j["operations"] = h.operations.size();
  j["objects"] = report.parts.size();
  j["configurations"] = report.configurations;
  j["seconds"] = seconds;
  const checker::part_report* const bad = report.first(verdict::invalid);
  if (bad == nullptr) return j;
  if (bad->key) j["object"] = checker::to_text(*bad->key);
  j["explanation"] = bad->explanation;
  if (bad->failing) j["operation"] = checker::describe(h.operations[*bad->failing]);
  return j;
}

int check_by(const check_flags& flags, const checker::history& h, const std::string& name) {
  std::optional<checker::value> initial;
  if (!flags.init.empty()) {
    auto parsed = checker::edn_reader{flags.init}.next();
    if (!parsed.ok())
      return complain(absl::StrCat("--init: ", std::string{parsed.status().message()}));
    initial = *std::move(parsed);
  }
  const auto model = checker::make_model(name, initial);
  if (!model.ok()) return complain(std::string{model.status().message()});
  const stopwatch watch;
  checker::search_limits limits;
  limits.configurations = ~std::size_t{0};
  limits.stop = [&] {
    return watch.seconds() > flags.seconds;
  };
  const auto report = checker::check(h, **model, limits);
  if (!report.ok()) return complain(std::string{report.status().message()});
  if (flags.output == "json") {
    std::cout << show_json(h, *report, watch.seconds()).dump() << "\n";
  } else {
    std::cout << show_text(h, *report, watch.seconds(), flags.order);
  }
  return code_of(report->answer);
}

// Each operation says what it is to be checked by; those that do not are of no concern.
int check_self_described(const check_flags& flags, const checker::history& h) {
  const auto parts = checker::split_by_model(h);
  if (parts.empty()) {
    return complain(absl::StrCat(
        h.source,
        ": --model is needed: no operation says by which model it is to be checked, as in "
        ":model :map"));
  }
  int code = exit_valid;
  for (const checker::modelled_part& part : parts)
    code = worse(code, check_by(flags, part.operations, part.model));
  return code;
}

int check_one(const check_flags& flags, const std::string& path) {
  std::string text;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return complain(absl::StrCat(path, " is a folder: name the files in it"));
  if (!read_text(path, text)) return complain(absl::StrCat("cannot read ", path));
  checker::read_options reading;
  reading.independent = flags.independent;
  if (flags.nil == "observed") reading.nil = checker::nil_result::observed;
  if (flags.nil == "unobserved") reading.nil = checker::nil_result::unobserved;
  const std::string source = path == "-" ? "standard input" : path;
  // Who names models tells what was seen, nil included.
  if (flags.model.empty() && !reading.nil) reading.nil = checker::nil_result::observed;
  const auto h = checker::read_history(text, source, reading);
  if (!h.ok()) return complain(std::string{h.status().message()});
  if (flags.model.empty()) return check_self_described(flags, *h);
  return check_by(flags, *h, flags.model);
}

}  // namespace

void add_check_command(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<check_flags>();
  CLI::App* const command = app.add_subcommand(
      "check",
      "Check histories for linearizability: Jepsen's EDN (vectors, or a map a line) and the text "
      "of its "
      "console log.\nExit codes: 0 valid, 1 invalid, 2 unknown (a limit was reached), 254 wrong "
      "arguments "
      "or a file that cannot be read; of several files the worst.");
  command->add_option("FILE", flags->files, "Histories; - is standard input")->required();
  command
      ->add_option(
          "--model",
          flags->model,
          "What the object does, one at a time; not needed for the history of a report of atomix "
          "sim")
      ->check(CLI::IsMember(checker::model_names()));
  command->add_option("--init", flags->init, "What it holds at first, as EDN: 0, \"x\", [1 2]");
  command->add_option("--nil", flags->nil, "The result nil of a read: observed or unobserved")
      ->check(CLI::IsMember({"observed", "unobserved"}));
  command->add_flag("--independent", flags->independent, "Values are pairs [key value]");
  command->add_option("--time-limit", flags->seconds, "Seconds for each file; then unknown")
      ->capture_default_str();
  command->add_option("-o,--output", flags->output, "text, or json: one object a file")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_flag("--order", flags->order, "Print the order found");
  command->callback([flags, &exit_code] {
    exit_code = exit_valid;
    for (const std::string& file : flags->files)
      exit_code = worse(exit_code, check_one(*flags, file));
  });
}

}  // namespace atomix::tools
