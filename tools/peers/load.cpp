// SPDX-License-Identifier: Apache-2.0
#include "tools/peers/load.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace atomix::peers {
namespace {

constexpr unsigned sub_buckets = 64;  // per power of two
constexpr unsigned sub_bits = 6;

std::size_t bucket_of(std::uint64_t value) {
  if (value < sub_buckets) return value;
  const auto exponent = static_cast<std::size_t>(std::bit_width(value)) - 1;
  const auto below = (value >> (exponent - sub_bits)) & (sub_buckets - 1);
  return (exponent - sub_bits + 1) * sub_buckets + below;
}

std::uint64_t middle_of(std::size_t bucket) {
  if (bucket < sub_buckets) return bucket;
  const auto shift = bucket / sub_buckets - 1;
  const auto lowest = (sub_buckets + bucket % sub_buckets) << shift;
  return lowest + ((std::uint64_t{1} << shift) >> 1);
}

/// User and system time of a process so far, in seconds: fields 14 and 15 of its stat file.
double cpu_seconds(int pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields{line.substr(name_end + 1)};
  std::string skipped;
  for (int i = 3; i < 14; ++i)
    fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double cpu_seconds(const std::vector<int>& pids) {
  double sum = 0;
  for (const int pid : pids)
    sum += cpu_seconds(pid);
  return sum;
}

std::int64_t nanoseconds(double seconds) {
  return static_cast<std::int64_t>(seconds * 1e9);
}

}  // namespace

options parse_options(int argc, char** argv, const std::string& description) {
  options o;
  CLI::App app{description};
  app.add_option("--op", o.op)->check(CLI::IsMember({"write", "read", "read-local", "fill"}));
  app.add_option("--endpoints", o.endpoints)->delimiter(',')->required();
  app.add_option("--outstanding", o.outstanding)->check(CLI::Range(1U, 1U << 20));
  app.add_option("--connections", o.connections)->check(CLI::Range(1U, 1024U));
  app.add_option("--keys", o.keys)->check(CLI::Range(1U, 100'000'000U));
  app.add_option("--value-bytes", o.value_bytes);
  app.add_option("--seconds", o.seconds);
  app.add_option("--warmup", o.warmup);
  app.add_option("--pids", o.pids, "server processes, for their CPU time")->delimiter(',');
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    std::exit(app.exit(e) == 0 ? 0 : 2);
  }
  alarm(static_cast<unsigned>(o.warmup + o.seconds) + 60);
  return o;
}

std::int64_t now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

void histogram::add(std::int64_t nanoseconds) {
  const auto bucket = bucket_of(static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 0)));
  ++buckets_[std::min(bucket, buckets_.size() - 1)];
  ++count_;
  max_ = std::max(max_, nanoseconds);
}

double histogram::quantile_us(double q) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(count_ - 1)) + 1;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) return static_cast<double>(middle_of(i)) / 1000;
  }
  return max_us();
}

measurement::measurement(const options& o) : options_{o} {
  // Letters that do not compress to nothing, should a server try.
  for (std::size_t i = 0; i < o.value_bytes; ++i)
    value_.push_back(static_cast<char>('a' + (i * i * 7 + i / 3) % 26));
  begin_ns_ = now_ns() + (o.op == "fill" ? 0 : nanoseconds(o.warmup));
  end_ns_ = begin_ns_ + nanoseconds(o.seconds);
  advance(now_ns());
}

std::string measurement::next_key() {
  std::uint64_t number = keys_used_++;
  if (options_.op != "fill") {
    chance_ ^= chance_ << 13;
    chance_ ^= chance_ >> 7;
    chance_ ^= chance_ << 17;
    number = chance_ % options_.keys;
  }
  char text[32];
  std::snprintf(text, sizeof text, "/bench/k%08llu", static_cast<unsigned long long>(number));
  return text;
}

void measurement::advance(std::int64_t now) {
  if (phase_ == phase::warming_up && now >= begin_ns_) {
    phase_ = phase::measuring;
    cpu_begin_ = cpu_seconds(options_.pids);
    begin_ns_ = now;
    end_ns_ = now + nanoseconds(options_.seconds);
  }
  const bool over =
      options_.op == "fill" ? latencies_.count() + errors_ == options_.keys : now >= end_ns_;
  if (phase_ == phase::measuring && over) {
    phase_ = phase::done;
    cpu_end_ = cpu_seconds(options_.pids);
    end_ns_ = now;
  }
}

bool measurement::completed(std::int64_t started_ns, bool ok) {
  const auto now = now_ns();
  if (phase_ == phase::measuring) {
    if (ok) {
      latencies_.add(now - started_ns);
    } else {
      ++errors_;
    }
  }
  advance(now);
  return wants_more();
}

bool measurement::wants_more() const {
  if (options_.op == "fill") return keys_used_ < options_.keys;
  return phase_ != phase::done;
}

std::string measurement::report(const std::string& system) const {
  const auto seconds = static_cast<double>(end_ns_ - begin_ns_) / 1e9;
  const auto ops = static_cast<double>(latencies_.count());
  const auto cpu = (cpu_end_ - cpu_begin_) * 1e6;
  const nlohmann::ordered_json line = {
      {"system", system},
      {"op", options_.op},
      {"outstanding", options_.outstanding},
      {"ops", latencies_.count()},
      {"errors", errors_},
      {"seconds", seconds},
      {"rate", ops / seconds},
      {"p50_us", latencies_.quantile_us(0.5)},
      {"p90_us", latencies_.quantile_us(0.9)},
      {"p99_us", latencies_.quantile_us(0.99)},
      {"p999_us", latencies_.quantile_us(0.999)},
      {"max_us", latencies_.max_us()},
      {"server_cpu_us_per_op", ops > 0 ? cpu / ops : 0}};
  return line.dump();
}

}  // namespace atomix::peers
