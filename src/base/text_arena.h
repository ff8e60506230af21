#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace stanch {

// Keeps copies of text, and lists of what refers to it, at addresses that do not move until
// clear() or destruction, so that views of them stay valid. Not thread-safe.
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

  template <typename T>
  std::span<const T> store(std::span<const T> list) {
    T* to = reserve_list<T>(list.size());
    std::uninitialized_copy_n(list.data(), list.size(), to);
    return {to, list.size()};
  }

  // A list of `size` values, each as T() is.
  template <typename T>
  std::span<T> make_list(size_t size) {
    T* to = reserve_list<T>(size);
    std::uninitialized_value_construct_n(to, size);
    return {to, size};
  }

  // Uninitialised room for `size` bytes.
  char* reserve(size_t size) {
    if (blocks_.empty() || blocks_.back().size < used_ + size) add_block(size);
    char* at = blocks_.back().bytes.get() + used_;
    used_ += size;
    return at;
  }

  // Of what was reserved last, gives back everything from `end` on.
  void give_back(const char* end) { used_ = static_cast<size_t>(end - blocks_.back().bytes.get()); }

  // Forgets everything; keeps one block of memory for the next.
  void clear() {
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);
    used_ = 0;
    used_before_ = 0;
  }

  // How much is kept.
  size_t bytes() const { return used_before_ + used_; }

 private:
  static constexpr size_t kBlockBytesMin = 512;
  static constexpr size_t kBlockBytesMax = size_t{64} << 10;

  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };

  template <typename T>
  T* reserve_list(size_t size) {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignof(std::max_align_t));
    if (const size_t over = used_ % alignof(T); over != 0) used_ += alignof(T) - over;
    return reinterpret_cast<T*>(reserve(size * sizeof(T)));
  }

  void add_block(size_t at_least) {
    size_t size = blocks_.empty() ? kBlockBytesMin : blocks_.back().size * 2;
    if (size > kBlockBytesMax) size = kBlockBytesMax;
    if (size < at_least) size = at_least;
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    used_before_ += used_;
    used_ = 0;
  }

  std::vector<Block> blocks_;
  size_t used_ = 0;         // of the last block
  size_t used_before_ = 0;  // of those before it
};

}  // namespace stanch
