// SPDX-License-Identifier: Apache-2.0
/// \file What the load generators for other systems share: options, and the book-keeping of a
/// closed loop. A closed loop keeps a fixed number of operations outstanding: each completion
/// starts the next.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace atomix::peers {

/// What to load, how, and for how long.
struct options {
  std::string op = "write";  ///< write, read (linearizable), read-local, fill (each key once)
  std::vector<std::string>
      endpoints;              ///< "host:port"; connection i goes to endpoint i modulo their number
  unsigned outstanding = 64;  ///< operations in flight, over all connections
  unsigned connections = 8;
  unsigned keys = 10000;
  std::size_t value_bytes = 256;
  double seconds = 5;     ///< measured
  double warmup = 1;      ///< before that, not measured
  std::vector<int> pids;  ///< the servers, for their CPU time
};

/// Reads the command line; ends the process on --help and on mistakes. Also bounds the life of the
/// process, should the servers never answer.
options parse_options(int argc, char** argv, const std::string& description);

/// Nanoseconds of a clock that never goes back.
std::int64_t now_ns();

/// Counts of durations in logarithmic buckets of at most 1.6 % width.
class histogram {
 public:
  void add(std::int64_t nanoseconds);
  [[nodiscard]] double quantile_us(double q) const;
  [[nodiscard]] double max_us() const { return static_cast<double>(max_) / 1000; }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  std::vector<std::uint64_t> buckets_ = std::vector<std::uint64_t>(4096);
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
};

/// One run: warm-up, then the measured time, then the rest of what is in flight.
class measurement {
 public:
  explicit measurement(const options& o);

  /// The next key to use, "/bench/k00000042"; random unless the run fills.
  std::string next_key();
  [[nodiscard]] const std::string& value() const { return value_; }

  /// Books one completion. Says whether another operation shall be started in its place.
  bool completed(std::int64_t started_ns, bool ok);
  /// Whether operations remain to be started.
  [[nodiscard]] bool wants_more() const;

  /// One line of JSON.
  [[nodiscard]] std::string report(const std::string& system) const;

 private:
  enum class phase { warming_up, measuring, done };
  void advance(std::int64_t now);

  options options_;
  std::string value_;
  std::uint64_t chance_ = 0x9e3779b97f4a7c15;
  unsigned keys_used_ = 0;
  phase phase_ = phase::warming_up;
  std::int64_t begin_ns_ = 0;
  std::int64_t end_ns_ = 0;
  double cpu_begin_ = 0;
  double cpu_end_ = 0;
  std::uint64_t errors_ = 0;
  histogram latencies_;
};

}  // namespace atomix::peers
