#pragma once

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace stanch {

// Keeps copies of text at addresses that do not move until clear() or
// destruction, so that string_views into them stay valid. Not thread-safe.
class TextArena {
 public:
  TextArena() = default;
  TextArena(TextArena&&) = default;
  TextArena& operator=(TextArena&&) = default;

  std::string_view store(std::string_view text) {
    if (text.empty()) return {};
    char* to = reserve(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  // Uninitialised room for `size` bytes.
  char* reserve(size_t size) {
    if (blocks_.empty() || blocks_.back().size - used_ < size) add_block(size);
    char* at = blocks_.back().bytes.get() + used_;
    used_ += size;
    return at;
  }

  // Forgets all texts; keeps one block of memory for the next.
  void clear() {
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    used_ = 0;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };

  void add_block(size_t at_least) {
    size_t size = blocks_.empty() ? 512 : blocks_.back().size * 2;
    if (size > (size_t{1} << 20)) size = size_t{1} << 20;
    if (size < at_least) size = at_least;
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    used_ = 0;
  }

  std::vector<Block> blocks_;
  size_t used_ = 0;  // of the last block
};

}  // namespace stanch
