// SPDX-License-Identifier: Apache-2.0
#include "sim/pages.hpp"

#include "raft/base/zeros.hpp"

#include <algorithm>

namespace atomix::sim {
namespace {

bool all_zeros(std::string_view data) {
  return size_without_zeros(data) == 0;
}

}  // namespace

pages::page& pages::own(std::size_t i) {
  std::shared_ptr<page>& p = pages_[i];
  if (p == nullptr) {
    p = std::make_shared<page>();
    p->fill('\0');
  } else if (p.use_count() > 1) {
    p = std::make_shared<page>(*p);
  }
  return *p;
}

void pages::write(std::uint64_t offset, std::string_view data) {
  const std::uint64_t end = offset + data.size();
  size_ = std::max(size_, end);
  pages_.resize(static_cast<std::size_t>((size_ + page_bytes - 1) / page_bytes));
  while (!data.empty()) {
    const auto i = static_cast<std::size_t>(offset / page_bytes);
    const auto in_page = static_cast<std::size_t>(offset % page_bytes);
    const std::string_view part = data.substr(0, page_bytes - in_page);
    if (pages_[i] != nullptr && part.size() == page_bytes && all_zeros(part)) {
      pages_[i] = nullptr;
    } else if (pages_[i] != nullptr || !all_zeros(part)) {
      std::copy(part.begin(), part.end(), own(i).data() + in_page);
    }
    offset += part.size();
    data.remove_prefix(part.size());
  }
}

void pages::truncate(std::uint64_t size) {
  size_ = size;
  pages_.resize(static_cast<std::size_t>((size + page_bytes - 1) / page_bytes));
  const auto used = static_cast<std::ptrdiff_t>(size % page_bytes);
  if (used == 0 || pages_.back() == nullptr) return;
  page& last = own(pages_.size() - 1);
  std::fill(last.begin() + used, last.end(), '\0');
}

std::string pages::read(std::uint64_t offset, std::size_t size) const {
  if (offset >= size_) return {};
  std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - offset)), '\0');
  std::size_t done = 0;
  while (done < out.size()) {
    const auto i = static_cast<std::size_t>((offset + done) / page_bytes);
    const auto in_page = static_cast<std::size_t>((offset + done) % page_bytes);
    const std::size_t part = std::min(page_bytes - in_page, out.size() - done);
    if (const page* p = at(i)) std::copy_n(p->data() + in_page, part, out.data() + done);
    done += part;
  }
  return out;
}

bool pages::may_differ(const pages& other, std::size_t i) const {
  return at(i) != other.at(i);
}

void pages::take_sector(const pages& other, std::size_t i, std::size_t sector) {
  const std::size_t start = sector * sector_bytes;
  const page* source = other.at(i);
  const std::string_view bytes = source == nullptr
                                     ? std::string_view{}
                                     : std::string_view(source->data() + start, sector_bytes);
  if (!bytes.empty()) return write(i * page_bytes + start, bytes);
  if (at(i) == nullptr) return;
  page& mine = own(i);
  std::fill_n(mine.begin() + static_cast<std::ptrdiff_t>(start), sector_bytes, '\0');
}

}  // namespace atomix::sim
